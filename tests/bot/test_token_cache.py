"""Tokens that were kept are those that would be made; what was made otherwise is made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.keys import LANGUAGE
from bot.nlu.token_cache import TokenCache, describe_tokenizer
from bot.nlu.tokenizer import BilingualTokenizer

EXAMPLES = [
    ("sv", "Var finns närmaste tandläkarmottagning? 😀"),
    ("fi", "missä on hammaslääkäripäivystys"),
    ("sv", "missä on hammaslääkäripäivystys"),
    ("fi", "…"),
]


def tokenise() -> list[list[tuple[object, ...]]]:
    data = TrainingData([Message(data={TEXT: text, LANGUAGE: language}) for language, text in EXAMPLES])
    BilingualTokenizer(BilingualTokenizer.get_default_config()).process_training_data(data)
    return [
        [
            (token.text, token.start, token.end, token.lemma, token.get("parts", ()))
            for token in example.get("text_tokens")
        ]
        for example in data.training_examples
    ]


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSI_CACHE", str(tmp_path))


def test_kept_tokens_are_those_that_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tokenise()
    monkeypatch.setattr(BilingualTokenizer, "_split", lambda self, text, language: pytest.fail(f"'{text}' split again"))
    assert tokenise() == made


def test_the_language_of_a_text_tells_it_apart() -> None:
    tokenise()
    _, finnish, swedish, _ = tokenise()
    assert [item[3] for item in finnish] != [item[3] for item in swedish]


def test_tokens_of_another_tokeniser_are_not_taken(tmp_path: Path) -> None:
    kept = TokenCache("one", tmp_path)
    kept.add("sv", "hej", [])
    kept.save()
    assert TokenCache("one", tmp_path).find("sv", "hej") == []
    assert TokenCache("another", tmp_path).find("sv", "hej") is None


def test_an_example_that_is_taken_out_leaves_the_file(tmp_path: Path) -> None:
    tokenise()
    assert "tandläkarmottagning" in (tmp_path / "tokens.json").read_text(encoding="utf-8")
    data = TrainingData([Message(data={TEXT: "missä on labra", LANGUAGE: "fi"})])
    BilingualTokenizer(BilingualTokenizer.get_default_config()).process_training_data(data)
    assert "tandläkarmottagning" not in (tmp_path / "tokens.json").read_text(encoding="utf-8")


def test_options_make_another_tokeniser() -> None:
    assert describe_tokenizer(compounds=True) != describe_tokenizer(compounds=False)
    assert describe_tokenizer(compounds=True) == describe_tokenizer(compounds=True)


@pytest.mark.parametrize("content", ["", "[]", '{"made_by": "x"}', '{"made_by": "x", "texts": []}'])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokens.json").write_text(content)
    assert TokenCache("x", tmp_path).find("sv", "hej") is None


def test_a_folder_that_cannot_be_written_to_is_borne(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LOTSI_CACHE", str(tmp_path / "file"))
    assert tokenise() == tokenise()
