"""Where results lie that cost time and depend on content alone; to delete the folder costs time and nothing else."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

CACHE_VARIABLE = "LOTSI_CACHE"
_PROJECT_FOLDER = Path(__file__).resolve().parent.parent


def cache_folder() -> Path:
    """Return the folder that `LOTSI_CACHE` names, or `.cache` of the checkout."""
    return Path(os.environ.get(CACHE_VARIABLE) or _PROJECT_FOLDER / ".cache")


def make_cache_folder(folder: Path | None = None) -> None:
    """Make the folder, where it can be made; a server makes none, since its state lies in its data folder alone.

    Args:
        folder: `cache_folder` if left out.
    """
    with suppress(OSError):
        (folder or cache_folder()).mkdir(parents=True, exist_ok=True)


def describe_making(code: Iterable[str], packages: Iterable[str], **options: object) -> str:
    """Return a hash of all that a result depends on besides its input.

    Args:
        code: Our modules, as paths from the top of the checkout.
        packages: Distributions whose version matters.
        options: What they are told.
    """
    digest = hashlib.sha256(json.dumps(options, sort_keys=True, default=str).encode())
    for name in code:
        digest.update((_PROJECT_FOLDER / name).read_bytes())
    for name in packages:
        digest.update(importlib.metadata.version(name).encode())
    return digest.hexdigest()


def keep_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file of the cache in one step; one that cannot be written costs the next time, and no error.

    Args:
        path: Where it is to lie.
        write: Writes it to the path that it is given, beside the other and with the same ending.
    """
    scratch = path.with_suffix(f".{os.getpid()}{path.suffix}")
    try:
        write(scratch)
        scratch.replace(path)
    except OSError:
        with suppress(OSError):
            scratch.unlink()
