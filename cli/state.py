"""Opens what commands work on, the settings and the knowledge, and says in one line why it cannot be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.output import fail, print_problems

if TYPE_CHECKING:
    from conversations.audit import AuditLog
    from conversations.second_factor import SecondFactor
    from conversations.throttle import SignInThrottle
    from conversations.users import UserStore
    from knowledge.store import Knowledge
    from web.settings import Settings


@dataclass(frozen=True)
class Staff:
    """The stores of staff."""

    users: UserStore
    second_factor: SecondFactor
    throttle: SignInThrottle
    audit: AuditLog


def read_settings(**given: Any) -> Settings:
    """Return the settings in force; the data folder is there afterwards.

    Args:
        given: Values from the command line by the settings' names; None means not given.

    Raises:
        typer.Exit: A value cannot be used (status 2), or the data folder cannot be made (status 1).
    """
    from web.settings import SettingInvalid, load_settings

    try:
        settings = load_settings(given)
    except SettingInvalid as error:
        raise fail(str(error), 2) from error
    try:
        settings.data_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(f"cannot make the data folder {settings.data_folder}: {error.strerror}") from error
    return settings


def require_deployment(settings: Settings) -> None:
    """Name everything that is wrong with the organisation's facts at once, before anything is loaded.

    Raises:
        typer.Exit: The file cannot be used.
    """
    from web.deployment_reader import DeploymentInvalid, read_deployment

    try:
        read_deployment(settings.deployment_file)
    except DeploymentInvalid as error:
        count = print_problems(error.problems)
        raise fail(f"{count} problems in {settings.deployment_file}", 2) from error


@contextmanager
def database_errors() -> Iterator[None]:
    """Say in a line why a database cannot be used, and name all problems of the documents that it is built from.

    Raises:
        typer.Exit: In place of the error.
    """
    from sqlalchemy.exc import DBAPIError

    from knowledge.errors import KnowledgeInvalid

    try:
        yield
    except KnowledgeInvalid as error:
        count = print_problems(error.problems)
        raise fail(f"{count} problems; the database is as it was") from error
    except DBAPIError as error:
        raise fail(f"cannot use the database: {error.orig}") from error


def open_knowledge(settings: Settings) -> Knowledge:
    """Return the knowledge database, built if it was empty.

    Raises:
        typer.Exit: It cannot be used or built.
    """
    from knowledge.build import ensure_built
    from knowledge.store import Knowledge
    from studio.publish import published_overlay

    with database_errors():
        knowledge = Knowledge(settings.knowledge_database)
        ensure_built(knowledge, published_overlay(settings.data_folder))
    return knowledge


def open_staff(settings: Settings) -> Staff:
    """Return the stores of staff; the database is there and up to date afterwards.

    Raises:
        typer.Exit: The secret key cannot be used.
    """
    from conversations.audit import AuditLog
    from conversations.database import open_database
    from conversations.encryption import open_cipher
    from conversations.errors import SecretKeyInvalid
    from conversations.second_factor import SecondFactor
    from conversations.throttle import SignInThrottle
    from conversations.users import UserStore

    try:
        cipher = open_cipher(settings.secret_key_path, make=not settings.secret_key_file)
    except SecretKeyInvalid as error:
        raise fail(str(error)) from error
    engine = open_database(settings.conversations_database)
    users = UserStore(engine)
    return Staff(users, SecondFactor(users, cipher), SignInThrottle(engine), AuditLog(engine))
