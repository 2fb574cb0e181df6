"""Opens what signing in works with: users, sessions, throttle, second factor, audit log, the county's directory."""

from __future__ import annotations

import datetime as dt

from aiohttp import web
from sqlalchemy import Engine

from conversations.audit import AuditLog
from conversations.encryption import Cipher
from conversations.second_factor import SecondFactor
from conversations.sessions import SessionStore
from conversations.sign_in import SignIn
from conversations.throttle import SignInThrottle
from conversations.users import UserStore
from web import keys
from web.auth.directory import Directory
from web.settings import Settings


def open_staff_stores(app: web.Application, settings: Settings, engine: Engine, cipher: Cipher) -> None:
    """Put the stores of staff into the application.

    Args:
        app: Gets them.
        settings: The values in force.
        engine: A migrated conversations database.
        cipher: Encrypts second factors and the entrance's cookie.

    Raises:
        SettingInvalid: The directory's secret cannot be read.
    """
    users = UserStore(engine)
    app[keys.USERS] = users
    app[keys.SESSIONS] = SessionStore(
        engine,
        idle=dt.timedelta(minutes=settings.session_idle_minutes),
        longest=dt.timedelta(hours=settings.session_hours),
    )
    app[keys.SIGN_IN] = SignIn(engine, users)
    app[keys.SECOND_FACTOR] = SecondFactor(users, cipher)
    app[keys.THROTTLE] = SignInThrottle(engine)
    app[keys.AUDIT] = AuditLog(engine)
    app[keys.CIPHER] = cipher
    app[keys.DIRECTORY] = Directory(settings) if settings.oidc_issuer else None
