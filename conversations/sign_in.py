"""Who somebody is: by name and password, or by the county's directory."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.errors import UserExists, UserNotFound
from conversations.passwords import Passwords
from conversations.staff import User, fold_name, is_name, to_user
from conversations.staff_schema import UserRow
from conversations.users import UserStore


class SignIn:
    """Finds the user who proves to be one."""

    def __init__(self, engine: Engine, users: UserStore, passwords: Passwords | None = None) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
            users: Its users.
            passwords: How passwords are hashed.
        """
        self._engine = engine
        self._users = users
        self._passwords = passwords or Passwords()

    def check_password(self, name: str, password: str) -> User | None:
        """Return the user if name and password are right and the account is in use; the work is the same otherwise."""
        statement = select(UserRow).where(UserRow.name == (fold_name(name) if is_name(name) else ""))
        with Session(self._engine) as session:
            row = session.scalars(statement).one_or_none()
        hash = row.password_hash if row else None
        if not self._passwords.verify(hash, password) or row is None or row.disabled:
            return None
        if hash is not None and self._passwords.is_outdated(hash):
            self._rehash(row.id, hash, password)
        return to_user(row)

    def _rehash(self, id: str, old: str, password: str) -> None:
        """Strengthen a hash that was made with other parameters, now that the password is known."""
        new = self._passwords.hash(password)
        with self._users.changing(id) as (_, row):
            if row.password_hash == old:
                row.password_hash = new

    def take_directory_user(
        self, issuer: str, subject: str, name: str, display_name: str, roles: Collection[str], language: str
    ) -> User:
        """Return the user whom the county's directory vouches for, added at the first time.

        Args:
            issuer: The directory.
            subject: Whom it means, for ever. A user is never found by name: a name can be given to another person.
            name: What the directory calls the user; where a local user has the name, the directory's host is added.
            display_name: What colleagues read.
            roles: Those of today; the directory decides anew at each sign-in.
            language: The console's language at the first time.

        Raises:
            UserInvalid: The directory's values cannot be used.
            UserExists: Even the name with the directory's host is another user's.
        """
        try:
            known = self._fetch_identity(issuer, subject)
        except UserNotFound:
            return self._add(issuer, subject, name, display_name, roles, language)
        self._users.change_display_name(known.id, display_name)
        return self._users.change_roles(known.id, roles)

    def _add(
        self, issuer: str, subject: str, name: str, display_name: str, roles: Collection[str], language: str
    ) -> User:
        host = urlsplit(issuer).hostname or "directory"
        try:
            return self._users.insert(name, display_name, roles, language, identity=(issuer, subject))
        except UserExists:
            return self._users.insert(f"{name}@{host}", display_name, roles, language, identity=(issuer, subject))

    def _fetch_identity(self, issuer: str, subject: str) -> User:
        statement = select(UserRow).where(UserRow.issuer == issuer, UserRow.subject == subject)
        with Session(self._engine) as session:
            row = session.scalars(statement).one_or_none()
            if row is None:
                raise UserNotFound(subject)
            return to_user(row)
