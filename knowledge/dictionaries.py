"""simplemma's dictionaries, read where a word is looked up instead of being unpacked into memory.

simplemma keeps a dictionary as one compressed stream. Its frugal reader (`StreamMap`) looks a word up in the stream,
helped by an index of every 32nd word; to make that index takes as long as to unpack everything. Here the index is kept
in a file: 4.5 million words are at hand after a third of a second, in a fifth of the memory.
"""

from __future__ import annotations

import importlib.metadata
import marshal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simplemma.strategies.dictionaries.dictionary_factory import CachingDictionaryFactory, _read_decompressed
from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamMap

from knowledge.cache import cache_folder, keep_file

_SLOTS = tuple(name for name in StreamMap.__slots__ if name != "_data")


class IndexedDictionaryFactory(CachingDictionaryFactory):  # type: ignore[misc]
    """Opens a dictionary by its kept index; makes one where there is none, and keeps it if there is a cache folder."""

    def _get_dictionary_uncached(self, lang: str) -> Mapping[str, str]:
        path = cache_folder() / f"words-{lang}-{importlib.metadata.version('simplemma')}.idx"
        opened: Mapping[str, str] | None = _open(path, lang)
        if opened is None:
            opened = StreamMap(lang)
            index = marshal.dumps(tuple(getattr(opened, name) for name in _SLOTS))
            keep_file(path, lambda scratch: scratch.write_bytes(index))
        return opened


def _open(path: Path, lang: str) -> StreamMap | None:
    """Return the dictionary if its index can be read."""
    try:
        # marshal makes nothing but numbers, strings and lists of them.
        values: Any = marshal.loads(path.read_bytes())  # noqa: S302
        if not isinstance(values, tuple) or len(values) != len(_SLOTS):
            return None
    except (OSError, ValueError, EOFError, TypeError):
        return None
    opened = StreamMap.__new__(StreamMap)
    opened._data = _read_decompressed(lang)
    for name, value in zip(_SLOTS, values, strict=True):
        setattr(opened, name, value)
    return opened
