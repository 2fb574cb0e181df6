"""A member of staff as the rest of Lotsi sees one, and what every store does with the users' rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from conversations.errors import UserInvalid, UserNotFound
from conversations.roles import IMPLIED, ROLES
from conversations.staff_schema import SessionRow, UserRow
from knowledge.languages import LANGUAGES

THEMES = ("auto", "light", "dark")
_NAME = re.compile(r"[a-z0-9åäö][a-z0-9åäö._@+-]{1,63}")
_DISPLAY_LIMIT = 80


@dataclass(frozen=True)
class User:
    """A member of staff as the rest of Lotsi sees one: no hash and no secret."""

    id: str
    name: str
    display_name: str
    roles: tuple[str, ...]
    language: str
    theme: str
    disabled: bool
    must_change_password: bool
    has_password: bool
    has_second_factor: bool
    recovery_codes_left: int
    from_directory: bool
    created_at: dt.datetime
    signed_in_at: dt.datetime | None

    def may(self, *roles: str) -> bool:
        """Say whether the user has one of these roles; an admin may do what a counsellor may."""
        return not self.may_as.isdisjoint(roles)

    @property
    def may_as(self) -> frozenset[str]:
        """The roles that the user acts in, implied ones included."""
        return frozenset(role for own in self.roles for role in IMPLIED.get(own, {own}))


def get_user(session: Session, id: str, lock: bool = False) -> UserRow:
    """Return a user's row.

    Raises:
        UserNotFound: There is none of that id.
    """
    row = session.get(UserRow, id, with_for_update=True if lock else None)
    if row is None:
        raise UserNotFound(f"there is no user of the id '{id}'")
    return row


def end_sessions(session: Session, user: str, keep: str | None = None) -> None:
    """End a user's sessions.

    Args:
        session: The transaction of what they end for.
        user: The user's id.
        keep: The id of one that goes on.
    """
    statement = delete(SessionRow).where(SessionRow.user_id == user)
    session.execute(statement if keep is None else statement.where(SessionRow.id != keep))


def fold_name(name: str) -> str:
    """Return a name as it is stored: case and blanks around it do not count."""
    return name.strip().casefold()


def to_user(row: UserRow) -> User:
    """Return a row as a user."""
    return User(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=tuple(row.roles),
        language=row.language,
        theme=row.theme,
        disabled=row.disabled,
        must_change_password=row.must_change_password,
        has_password=row.password_hash is not None,
        has_second_factor=row.totp_secret is not None,
        recovery_codes_left=len(row.recovery_codes),
        from_directory=row.subject is not None,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
    )


def is_name(name: str) -> bool:
    """Say whether a user can have this name; nothing else need be asked of the database."""
    return _NAME.fullmatch(fold_name(name)) is not None


def check_name(name: str) -> str:
    """Return the name that is typed to sign in, as it is stored.

    Raises:
        UserInvalid: It is none.
    """
    folded = fold_name(name)
    if not is_name(name):
        raise UserInvalid(f"'{name}' is no name; write 2 to 64 letters, digits or . _ @ + -")
    return folded


def check_display_name(name: str) -> str:
    """Return the name that others read, without odd blanks.

    Raises:
        UserInvalid: It is none.
    """
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > _DISPLAY_LIMIT or not cleaned.isprintable():
        raise UserInvalid(f"'{name}' is no display name; write 1 to {_DISPLAY_LIMIT} characters")
    return cleaned


def check_roles(roles: Collection[str]) -> list[str]:
    """Return roles in the order of `ROLES`, each once.

    Raises:
        UserInvalid: One is none of ours, or there is none.
    """
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        wrong = f"'{', '.join(unknown)}' is no role of ours" if unknown else "there is no role"
        raise UserInvalid(f"{wrong}; choose among {', '.join(ROLES)}")
    return [role for role in ROLES if role in roles]


def check_preference(language: str | None, theme: str | None) -> None:
    """Refuse a language or a theme that is none of ours; None is no wish.

    Raises:
        UserInvalid: It is none.
    """
    if language is not None and language not in LANGUAGES:
        raise UserInvalid(f"'{language}' is no language of ours; write {' or '.join(LANGUAGES)}")
    if theme is not None and theme not in THEMES:
        raise UserInvalid(f"'{theme}' is no theme; write {', '.join(THEMES)}")
