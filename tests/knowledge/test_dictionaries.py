"""Words looked up by a kept index are those of simplemma's own dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import simplemma
from simplemma.strategies.dictionaries import stream_dictionary_factory

from knowledge.dictionaries import IndexedDictionaryFactory
from knowledge.languages import LANGUAGES
from knowledge.lemmas import lemmatize_word

WORDS = {
    "sv": ["barnen", "tandläkare", "hälsostationerna", "gick", "bättre", "xyzzy", "åldringarnas", "öppettiderna"],
    "fi": ["lapsilla", "hammaslääkärin", "terveysasemilla", "menin", "paremmin", "xyzzy", "äidillemme", "auki"],
}


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LOTSI_CACHE", str(tmp_path))
    yield tmp_path


@pytest.mark.parametrize("language", LANGUAGES)
def test_lemmas_are_simplemmas_own(language: str) -> None:
    for word in WORDS[language]:
        assert lemmatize_word(word, language) == simplemma.lemmatize(word, lang=language).lower()  # type: ignore[arg-type]


def test_a_kept_index_finds_what_the_first_reading_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = IndexedDictionaryFactory().get_dictionary("sv")
    kept = list(tmp_path.glob("words-sv-*.idx"))
    assert len(kept) == 1
    monkeypatch.setattr(
        stream_dictionary_factory.StreamMap, "__init__", lambda self, lang: pytest.fail("the index was made again")
    )
    again = IndexedDictionaryFactory().get_dictionary("sv")
    assert len(again) == len(first)
    for word in [*WORDS["sv"], "Aaa", "ööö", ""]:
        assert again.get(word) == first.get(word)


@pytest.mark.parametrize("content", [b"", b"no index", b"\xa9\x02i\x00\x00"])
def test_a_damaged_index_is_made_again(tmp_path: Path, content: bytes) -> None:
    sound = IndexedDictionaryFactory().get_dictionary("sv")
    path = next(tmp_path.glob("words-sv-*.idx"))
    written = path.read_bytes()
    path.write_bytes(content)
    assert IndexedDictionaryFactory().get_dictionary("sv").get("barnen") == sound.get("barnen") == "barn"
    assert path.read_bytes() == written


def test_a_folder_that_cannot_be_written_to_is_borne(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LOTSI_CACHE", str(tmp_path / "file"))
    assert IndexedDictionaryFactory().get_dictionary("sv").get("barnen") == "barn"


def test_reading_words_makes_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSI_CACHE", str(tmp_path / "absent"))
    assert IndexedDictionaryFactory().get_dictionary("sv").get("barnen") == "barn"
    assert not (tmp_path / "absent").exists()
