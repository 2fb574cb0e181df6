"""`lotsi benchmark nlu` measures every system on the same data, and says what is wrong with data it cannot use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.training.benchmark import score
from bot.training.corpus import CorpusInvalid, Sample, draw_samples, read_corpus

PROJECT = Path(__file__).resolve().parents[2]
INTENTS = {
    ("sv", "dentist"): ("tandläkare {}", "ont i tanden {}", "laga tänderna {}"),
    ("sv", "weather"): ("blir det regn {}", "vädret {}", "hur varmt är det {}"),
    ("fi", "dentist"): ("hammaslääkäri {}", "hammasta särkee {}", "paikata hampaat {}"),
    ("fi", "weather"): ("sataako {}", "sää {}", "kuinka lämmin on {}"),
}
WHEN = {"sv": ("i dag", "i morgon", "nu", "snart"), "fi": ("tänään", "huomenna", "nyt", "pian")}
ASKED = {"sv": "på fredag", "fi": "perjantaina"}
LOCALES = {"sv": "sv-SE", "fi": "fi-FI"}


def line(language: str, intent: str, text: str, partition: str) -> str:
    fields = {"id": "0", "locale": LOCALES[language], "partition": partition, "intent": intent, "utt": text}
    return json.dumps(fields, ensure_ascii=False)


@pytest.fixture
def massive(tmp_path: Path) -> Path:
    """A folder in MASSIVE's format: a file a locale, with the parts train and dev."""
    folder = tmp_path / "massive"
    folder.mkdir()
    for language, locale in LOCALES.items():
        lines = []
        for (of, intent), forms in INTENTS.items():
            if of == language:
                lines += [line(of, intent, form.format(when), "train") for form in forms for when in WHEN[of]]
                lines += [line(of, intent, form.format(ASKED[of]), "dev") for form in forms]
        (folder / f"{locale}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def run(*arguments: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "cli.main", "benchmark", "nlu", *map(str, arguments)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def test_every_system_is_trained_and_measured_on_the_same_data(massive, tmp_path):
    file = tmp_path / "figures.json"
    code, table, error = run("--train", massive, "--test", massive, "--embedding", "none", "--json", file)
    assert code == 0, error
    report = json.loads(file.read_text(encoding="utf-8"))
    assert (report["trained_on"], report["tested_on"], report["test_part"]) == (48, 12, "dev")
    assert report["test_utterances_also_in_train"] == 0
    assert [item["system"] for item in report["systems"]] == ["Lotsi, no embedding", "Rasa logistic regression"]
    for item in report["systems"]:
        assert item["system"] in table
        assert {name: scores["utterances"] for name, scores in item["languages"].items()} == {
            "sv": 6,
            "fi": 6,
            "all": 12,
        }
        # The words of each intent are its own, so that whatever learns anything has them right.
        assert item["languages"]["all"]["accuracy"] == 1.0
        assert 0 < item["p50_us"] <= item["p95_us"]
        assert min(item["training_mb"], item["serving_mb"], item["model_mb"]) > 0


def test_rasa_folders_are_read_as_well(tmp_path):
    for part, times in (("train", WHEN), ("test", {key: (value,) for key, value in ASKED.items()})):
        for language in LOCALES:
            lines = [f"# language: {language}", 'version: "3.1"', "nlu:"]
            for (of, intent), forms in INTENTS.items():
                if of == language:
                    lines += [f"- intent: {intent}", "  examples: |"]
                    lines += [f"    - {form.format(when)}" for form in forms for when in times[of]]
            (tmp_path / part / language).mkdir(parents=True)
            (tmp_path / part / language / "all.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    train, test = read_corpus(tmp_path / "train", ["train"]), read_corpus(tmp_path / "test", ["test", "dev"])
    assert (len(train), len(test)) == (48, 12)
    assert train[0] == Sample("tandläkare i dag", "dentist", "sv")


def test_the_test_part_is_preferred_to_the_dev_part(massive):
    with (massive / "more.jsonl").open("w", encoding="utf-8") as file:
        file.write(line("sv", "weather", "snö", "test"))
    assert [sample.text for sample in read_corpus(massive, ["test", "dev"])] == ["snö"]
    assert {sample.partition for sample in read_corpus(massive, ["train"])} == {"train"}


def test_few_examples_are_drawn_by_intent_and_language_with_a_seed(massive):
    samples = read_corpus(massive, ["train"])
    drawn = draw_samples(samples, 5, seed=1)
    assert sorted((sample.language, sample.intent) for sample in drawn) == sorted(
        key for key in INTENTS for _ in range(5)
    )
    assert drawn == draw_samples(samples, 5, seed=1)
    assert drawn != draw_samples(samples, 5, seed=2)


def test_figures_are_counted_by_language():
    test = [Sample("a", "x", "sv"), Sample("b", "y", "sv"), Sample("c", "x", "fi"), Sample("d", "y", "fi")]
    scores = score(test, ["x", "x", "x", "y"])
    assert [scores[name].accuracy for name in ("sv", "fi", "all")] == [0.5, 1.0, 0.75]
    assert scores["sv"].macro_f1 == pytest.approx((2 / 3 + 0) / 2, abs=1e-4)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ('{"locale": "sv-SE"', "is not valid JSON"),
        ("[1]", "is no JSON object"),
        ('{"locale": "sv-SE", "utt": "hej"}', "'intent' is missing"),
        ('{"locale": "sv-SE", "utt": 5, "intent": "x"}', "'utt' is missing or is no text"),
        ('{"locale": "de-DE", "utt": "hallo", "intent": "x"}', "the locale 'de-DE' is not served"),
    ],
)
def test_a_broken_line_is_named_with_its_place(massive, broken, what):
    file = massive / "zz.jsonl"
    file.write_text(line("sv", "weather", "hej", "train") + "\n" + broken + "\n", encoding="utf-8")
    code, _, error = run("--train", massive, "--test", massive)
    assert code == 1
    assert f"{file}:2: {what}" in error


def test_a_file_that_is_no_text_is_named(massive):
    (massive / "zz.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(CorpusInvalid, match=r"zz\.jsonl: is not UTF-8 text"):
        read_corpus(massive)


def test_a_missing_or_empty_folder_is_named(massive, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder, what in (("nowhere", "there is no such folder"), ("empty", "holds neither")):
        code, _, error = run("--train", tmp_path / folder, "--test", massive)
        assert code == 1
        assert what in error


def test_data_without_a_common_intent_is_refused(massive, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "sv.jsonl").write_text(line("sv", "music", "spela", "test"), encoding="utf-8")
    code, _, error = run("--train", massive, "--test", other)
    assert code == 1
    assert "no intent in common" in error


def test_a_part_that_is_not_there_is_named_with_those_that_are(massive):
    code, _, error = run("--train", massive, "--test", massive, "--partition", "test")
    assert code == 1
    assert "only of dev, train" in error


def test_an_embedding_that_cannot_be_used_is_named(massive):
    code, _, error = run("--train", massive, "--test", massive, "--embedding", "nothing.onnx")
    assert code == 1
    assert "nothing.onnx" in error
    assert "could not train" in error
