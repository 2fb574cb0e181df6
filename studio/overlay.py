"""Writes what admins have changed as an overlay (`knowledge.overlay`): the folder that training and build read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine


@dataclass(frozen=True)
class Overlay:
    """A snapshot as it was written.

    Attributes:
        fingerprint: Hash of what a model is trained from; empty if the drafts change nothing of it.
        topics: Ids of the topics whose sections and examples the overlay brings.
        retired: Topics that are no more, each with the topic that has taken its place, or None.
        left_out: Drafts that are not complete, with the reasons; their last published version stands instead.
    """

    fingerprint: str
    topics: tuple[str, ...]
    retired: Mapping[str, str | None] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def write_overlay(engine: Engine, folder: Path) -> Overlay:
    """Write a deterministic snapshot of the drafts into `folder`, which is replaced in one step.

    `folder/manifest.json` holds the version of each draft, for `studio.publish.publish`.

    Args:
        engine: A migrated conversations database.
        folder: Where to; made if it is not there.
    """
    raise NotImplementedError
