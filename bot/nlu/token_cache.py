"""Keeps the tokens of training examples from one training for the next: what a few new examples do not change.

To split 36,000 texts and look their words up takes ten times as long as to read what came out of it the last time. The
file holds the texts of one training: an example that is taken out leaves it with the next.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.nlu.tokenizers.tokenizer import Token

from knowledge.cache import cache_folder, describe_making, keep_file, make_cache_folder

_CODE = ("bot/nlu/tokenizer.py", "knowledge/lemmas.py", "knowledge/dictionaries.py")
_PACKAGES = ("simplemma", "spacy")


def describe_tokenizer(**options: Any) -> str:
    """Return a hash of all that tokens depend on besides the text: our code, the packages, the options."""
    return describe_making(_CODE, _PACKAGES, **options)


class TokenCache:
    """Tokens by language and text, in a file that counts as empty where it cannot be read or was made otherwise."""

    def __init__(self, made_by: str, folder: Path | None = None) -> None:
        """Open the cache.

        Args:
            made_by: What `describe_tokenizer` says.
            folder: Where the file lies; `cache_folder` if left out.
        """
        self._path = (folder or cache_folder()) / "tokens.json"
        self._made_by = made_by
        self._known: dict[str, list[list[Any]]] = {}
        self._used: dict[str, list[list[Any]]] = {}
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(stored, dict) and stored.get("made_by") == made_by:
                self._known = dict(stored["texts"])
        except (OSError, ValueError, KeyError, TypeError):
            pass

    def find(self, language: str, text: str) -> list[Token] | None:
        """Return the tokens of a text, made anew from what is kept; None if nothing is."""
        kept = self._known.get(f"{language} {text}")
        if kept is None:
            return None
        self._used[f"{language} {text}"] = kept
        return [Token(word, start, lemma=lemma, data={"parts": tuple(parts)}) for word, start, lemma, parts in kept]

    def add(self, language: str, text: str, tokens: list[Token]) -> None:
        """Remember the tokens of a text."""
        self._used[f"{language} {text}"] = [
            [token.text, token.start, token.lemma, list(token.get("parts", ()))] for token in tokens
        ]

    def save(self) -> None:
        """Write what was found or added, in one step, if that is not what the file holds.

        A folder that cannot be written to costs the next training time.
        """
        if self._used.keys() == self._known.keys():
            return
        # Written at once: piece by piece takes three times as long.
        content = json.dumps({"made_by": self._made_by, "texts": self._used}, ensure_ascii=False)
        make_cache_folder(self._path.parent)
        keep_file(self._path, lambda scratch: scratch.write_text(content, encoding="utf-8"))
