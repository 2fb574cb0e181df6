"""Real models with a planted fault, made of a real archive: what training on spoilt data would give, without training.

Two topics whose examples have been swapped give the same machines under each other's names. Emergency data that has
been emptied gives a model without triggers; the classifier's own second net stays.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import yaml

Change = Callable[[Path], None]


def doctor(archive: Path, target: Path, change: Change) -> None:
    """Write a copy of a model's archive with one thing changed.

    Args:
        archive: A real model's.
        target: Where to.
        change: Gets the folder of components.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        change(Path(folder) / "components")
        with tarfile.open(target, "w:gz", compresslevel=1) as packed:
            packed.add(folder, arcname="")


def swap_topics(first: str, second: str) -> Change:
    """Let two topics be taken for each other."""

    def _swap(components: Path) -> None:
        (path,) = components.glob("*LinearIntentClassifier*/classifier.joblib")
        model, detector = joblib.load(path)
        names = model.classes.copy()
        names[np.flatnonzero(model.classes == first)] = second
        names[np.flatnonzero(model.classes == second)] = first
        model.classes = names
        joblib.dump((model, detector), path, compress=1)

    return _swap


def empty_triggers(components: Path) -> None:
    """Take all phrases out of the triggers of danger."""
    (folder,) = components.glob("*SafetyTriggers*")
    for path in folder.glob("*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in content.values():
            for part in ("fires", "alone"):
                if isinstance(block, dict) and part in block:
                    block[part] = []
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def keep(components: Path) -> None:
    """Change nothing."""
