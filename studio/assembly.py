"""Puts the rooms of the models together for whoever opens them: the server or the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from conversations.encryption import Cipher
from studio.archives import Archives
from studio.jobs import Jobs
from studio.models import Models
from studio.promotion import Promoter, TryOut
from studio.publish import publish
from studio.workshop import Workshop, WorkshopOptions


@dataclass(frozen=True)
class Studio:
    """Models, their trainings and their promotion, on one database."""

    models: Models
    jobs: Jobs
    workshop: Workshop
    promoter: Promoter


@dataclass(frozen=True)
class Folders:
    """Where models lie.

    Attributes:
        made: Those of the studio, with the drafts that each was trained with.
        base: The installation's own, an archive or a folder.
        data: The data folder, in which published answers lie.
    """

    made: Path
    base: Path
    data: Path


def open_studio(
    engine: Engine, knowledge: Engine, cipher: Cipher, folders: Folders, options: WorkshopOptions, try_out: TryOut
) -> Studio:
    """Open the rooms.

    Args:
        engine: A migrated conversations database.
        knowledge: The knowledge database, in which promoted answers become public.
        cipher: Holds the key that archives are signed with.
        folders: Where models lie.
        options: How trainings are done, and the gate's rules.
        try_out: Loads a model and asks it what every model must answer; raises where it fails.
    """
    models = Models(engine, Archives(folders.made, cipher), folders.base)
    jobs = Jobs(engine)

    def make_public(snapshot: Path, actor: str) -> None:
        publish(engine, knowledge, folders.data, actor, snapshot)

    promoter = Promoter(models, options.rules, try_out, make_public)
    return Studio(models, jobs, Workshop(engine, models, jobs, options), promoter)
