"""Tables of the staff: users, their sessions, failed sign-ins, and the audit log; on the same `Base` as the rest.

Personal-data decision, column by column: `name`, `display_name` and `subject` are staff's, kept for as long as the
audit log names them; `password_hash` and `recovery_codes` cannot be turned back; `totp_secret` and `totp_pending` are
encrypted (`conversations.encryption`); a session holds its token's hash and the browser's kind, no address; `key` of a
failed sign-in is a hash of an account's name or of an address, and gone a day later. Nothing here is a resident's.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from conversations.schema import Base


class UserRow(Base):
    """A member of staff. `issuer` and `subject` name one who signs in by the county's directory."""

    __tablename__ = "staff_user"
    __table_args__ = (
        UniqueConstraint("name", name="staff_user_name"),
        UniqueConstraint("issuer", "subject", name="staff_user_subject"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    display_name: Mapped[str]
    roles: Mapped[list[str]]
    language: Mapped[str]
    theme: Mapped[str]
    password_hash: Mapped[str | None]
    must_change_password: Mapped[bool]
    disabled: Mapped[bool]
    totp_secret: Mapped[str | None]
    totp_pending: Mapped[str | None]
    totp_step: Mapped[int | None]
    recovery_codes: Mapped[list[str]]
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    signed_in_at: Mapped[dt.datetime | None]


class SessionRow(Base):
    """A session on the server. `stage`: `second_factor` (the password was right, the code is awaited) or `full`."""

    __tablename__ = "staff_session"
    __table_args__ = (
        UniqueConstraint("token_hash", name="staff_session_token"),
        Index("staff_session_user", "user_id"),
        Index("staff_session_expires", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    stage: Mapped[str]
    method: Mapped[str]
    agent: Mapped[str]
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]


class SignInFailureRow(Base):
    """How often signing in has failed lately, by account and by address."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("sign_in_failure_last", "last_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[dt.datetime]
    blocked_until: Mapped[dt.datetime]


class AuditRow(Base):
    """One entry of the audit log; the database itself refuses to change or delete it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_object", "object_kind", "object_id"),
        Index("audit_entry_actor", "actor", "position"),
    )

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor: Mapped[str]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]
