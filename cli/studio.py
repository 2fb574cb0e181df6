"""Opens the models and their trainings for commands, by the settings."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.output import fail, warn
from cli.progress import shown_steps
from cli.state import database_errors, open_knowledge

if TYPE_CHECKING:
    from studio.assembly import Studio
    from web.settings import Settings


def read_actor() -> str:
    """Return who uses the command, for the audit log."""
    return f"cli:{getpass.getuser()}"


@contextmanager
def opened_studio(settings: Settings) -> Iterator[Studio]:
    """Open the models; the databases are there and up to date afterwards.

    Raises:
        typer.Exit: A database or the secret key cannot be used.
    """
    from conversations.database import open_database
    from conversations.encryption import open_cipher
    from conversations.errors import SecretKeyInvalid
    from studio.assembly import open_studio
    from web.studio_settings import read_folders, read_options

    try:
        cipher = open_cipher(settings.secret_key_path, make=not settings.secret_key_file)
    except SecretKeyInvalid as error:
        raise fail(str(error)) from error
    with database_errors():
        engine = open_database(settings.conversations_database)
        knowledge = open_knowledge(settings)

        def try_out(archive: Path) -> None:
            with shown_steps("trying the model out"):
                from bot.assistant import Assistant

                assistant = Assistant(knowledge)
                try:
                    assistant.prepare(archive)
                finally:
                    assistant.close()

        try:
            yield open_studio(engine, knowledge.engine, cipher, read_folders(settings), read_options(settings), try_out)
        finally:
            engine.dispose()
            knowledge.engine.dispose()


def find_live_model(settings: Settings) -> Path:
    """Return the archive of the model that the servers of these settings answer with.

    Where the data folder knows of no promotion, or what was promoted cannot be used, it is the installation's own.

    Raises:
        typer.Exit: There is none.
    """
    from studio.model_errors import ModelError

    fallback = settings.model_path
    if settings.database_url or (settings.data_folder / "conversations.db").exists():
        with opened_studio(settings) as studio:
            try:
                return studio.models.find_live()
            except ModelError as error:
                if studio.models.newest_promotion():
                    warn(f"{error}; the installation's own model answers instead")
    require_model(fallback)
    return fallback


def require_model(path: Path) -> None:
    """Say at once that there is no model, and not after the seconds that it takes to import Rasa.

    Args:
        path: An archive or a folder with archives.

    Raises:
        typer.Exit: There is none.
    """
    if not path.is_file() and not any(path.glob("*.tar.gz")):
        raise fail(f"there is no trained model in {path}; train one with 'lotsi train'")
