"""Files of arrays in the cache: one that cannot be read counts as absent, one that cannot be written is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from knowledge.cache import keep_file, make_cache_folder

_MADE_BY = "made_by"


def read_arrays(path: Path, names: Iterable[str], made_by: str | None = None) -> dict[str, NDArray[Any]] | None:
    """Return what `keep_arrays` wrote; None where there is no such file, it is damaged, or was made otherwise.

    Args:
        path: The file.
        names: Of the arrays.
        made_by: What the file must say of how it was made.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if made_by is not None and str(stored[_MADE_BY]) != made_by:
                return None
            return {name: stored[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile):
        return None


def keep_arrays(path: Path, content: Mapping[str, NDArray[Any]], made_by: str = "") -> None:
    """Write arrays in one step; where that is not possible, the next training takes longer.

    Args:
        path: The file; its folder is made.
        content: By name.
        made_by: How they were made (`knowledge.cache.describe_making`).
    """
    make_cache_folder(path.parent)
    keep_file(path, lambda scratch: np.savez(scratch, **{**content, _MADE_BY: np.array(made_by)}))
