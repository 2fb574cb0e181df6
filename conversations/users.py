"""The store of the members of staff: who may sign in, in which roles. Signing in itself is `conversations.sign_in`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.errors import PasswordWeak, UserExists, UserNotFound
from conversations.passwords import Passwords, find_problems
from conversations.records import current_moment
from conversations.staff import (
    User,
    check_display_name,
    check_name,
    check_preference,
    check_roles,
    end_sessions,
    fold_name,
    get_user,
    to_user,
)
from conversations.staff_schema import UserRow
from knowledge.engine import for_writing


class UserStore:
    """The users of one database."""

    def __init__(self, engine: Engine, passwords: Passwords | None = None) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            passwords: How passwords are hashed.
        """
        self._engine = engine
        self._writer = for_writing(engine)
        self._passwords = passwords or Passwords()

    def insert(
        self,
        name: str,
        display_name: str,
        roles: Collection[str],
        language: str = "sv",
        password: str | None = None,
        must_change_password: bool = False,
        identity: tuple[str, str] | None = None,
    ) -> User:
        """Add a user.

        Args:
            name: What is typed to sign in; kept in lower case.
            display_name: What colleagues and residents read.
            roles: Of `ROLES`.
            language: `sv` or `fi`.
            password: None for one who signs in by the county's directory.
            must_change_password: Whether nothing else can be done before the password is changed.
            identity: Issuer and subject of one who signs in by the county's directory.

        Raises:
            UserInvalid: A value cannot be used; says what would.
            PasswordWeak: The password is too easily guessed.
            UserExists: There is a user of that name already.
        """
        name, display_name = check_name(name), check_display_name(display_name)
        check_preference(language, None)
        if password is not None:
            _check_password(password, name, display_name)
        issuer, subject = identity or (None, None)
        row = UserRow(
            id=uuid4().hex,
            name=name,
            display_name=display_name,
            roles=check_roles(roles),
            language=language,
            theme="auto",
            password_hash=None if password is None else self._passwords.hash(password),
            must_change_password=must_change_password,
            disabled=False,
            recovery_codes=[],
            issuer=issuer,
            subject=subject,
            created_at=current_moment(),
        )
        try:
            with Session(self._writer) as session, session.begin():
                session.add(row)
                session.flush()
                return to_user(row)
        except IntegrityError as error:
            raise UserExists(f"there is a user '{name}' already") from error

    def fetch(self, id: str) -> User:
        """Return a user.

        Raises:
            UserNotFound: There is none of that id.
        """
        with Session(self._engine) as session:
            return to_user(get_user(session, id))

    def fetch_by_name(self, name: str) -> User:
        """Return a user by the name that is typed to sign in.

        Raises:
            UserNotFound: There is none of that name.
        """
        with Session(self._engine) as session:
            row = session.scalars(select(UserRow).where(UserRow.name == fold_name(name))).one_or_none()
            if row is None:
                raise UserNotFound(f"there is no user '{name}'")
            return to_user(row)

    def fetch_all(self) -> list[User]:
        """Return all users by name."""
        with Session(self._engine) as session:
            return [to_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]

    def change_roles(self, id: str, roles: Collection[str]) -> User:
        """Give a user other roles; sessions end where they differ, so that nobody goes on in an old role.

        Raises:
            UserNotFound: There is none of that id.
            UserInvalid: A role is none of ours, or there is none.
        """
        checked = check_roles(roles)
        with self.changing(id) as (session, row):
            if row.roles != checked:
                row.roles = checked
                end_sessions(session, id)
            return to_user(row)

    def change_display_name(self, id: str, name: str) -> User:
        """Give a user another name for others to read.

        Raises:
            UserNotFound: There is none of that id.
            UserInvalid: It is no such name.
        """
        with self.changing(id) as (_, row):
            row.display_name = check_display_name(name)
            return to_user(row)

    def disable(self, id: str, disabled: bool = True) -> User:
        """Let a user not sign in any more, or again; sessions end.

        Raises:
            UserNotFound: There is none of that id.
        """
        with self.changing(id) as (session, row):
            row.disabled = disabled
            end_sessions(session, id)
            return to_user(row)

    def change_password(self, id: str, password: str, must_change: bool = False, keep: str | None = None) -> User:
        """Give a user another password; sessions end.

        Args:
            id: The user's id.
            password: The new one.
            must_change: Whether it must be changed at the next sign-in.
            keep: A session that goes on: the one in which the user does it.

        Raises:
            UserNotFound: There is none of that id.
            PasswordWeak: The password is too easily guessed.
        """
        user = self.fetch(id)
        _check_password(password, user.name, user.display_name)
        hashed = self._passwords.hash(password)  # outside of the transaction: it takes its time
        with self.changing(id) as (session, row):
            row.password_hash = hashed
            row.must_change_password = must_change
            end_sessions(session, id, keep)
            return to_user(row)

    def check_password(self, id: str, password: str) -> bool:
        """Say whether a password is the user's; for what a signed-in user must confirm.

        Raises:
            UserNotFound: There is none of that id.
        """
        with Session(self._engine) as session:
            return self._passwords.verify(get_user(session, id).password_hash, password)

    def change_preferences(self, id: str, language: str | None = None, theme: str | None = None) -> User:
        """Set how the console looks to a user.

        Raises:
            UserNotFound: There is none of that id.
            UserInvalid: There is no such language or theme.
        """
        check_preference(language, theme)
        with self.changing(id) as (_, row):
            row.language = language or row.language
            row.theme = theme or row.theme
            return to_user(row)

    @contextmanager
    def changing(self, id: str) -> Iterator[tuple[Session, UserRow]]:
        """Give a transaction in which nobody else changes the user.

        Raises:
            UserNotFound: There is none of that id.
        """
        with Session(self._writer) as session, session.begin():
            yield session, get_user(session, id, lock=True)


def _check_password(password: str, *names: str) -> None:
    problems = find_problems(password, *names)
    if problems:
        raise PasswordWeak(problems)
