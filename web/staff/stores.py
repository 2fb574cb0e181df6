"""Opens what the console's pages work with beside signing in."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import Engine

from conversations.callback_desk import CallbackDesk
from conversations.closing_time import ClosingTime
from conversations.desk import Desk
from conversations.encryption import Cipher
from conversations.figures.report import Figures
from conversations.inbox import Inbox
from conversations.learning import Learning
from conversations.presence import Presence
from conversations.reviews import Reviews
from conversations.saved_views import SavedViews
from conversations.transfers import Transfers
from web import keys


def open_review_stores(app: web.Application, engine: Engine) -> None:
    """Put the stores of inbox, reviews and figures into the application.

    Args:
        app: Gets them.
        engine: A migrated conversations database.
    """
    app[keys.INBOX] = Inbox(engine)
    app[keys.REVIEWS] = Reviews(engine)
    app[keys.LEARNING] = Learning(engine)
    app[keys.SAVED_VIEWS] = SavedViews(engine)
    app[keys.FIGURES] = Figures(engine)


def open_desk_stores(app: web.Application, engine: Engine, cipher: Cipher) -> None:
    """Put the stores of the live side into the application.

    Args:
        app: Gets them.
        engine: A migrated conversations database.
        cipher: Decrypts whom to call back.
    """
    app[keys.DESK] = Desk(engine)
    app[keys.PRESENCE] = Presence(engine)
    app[keys.TRANSFERS] = Transfers(engine)
    app[keys.CLOSING_TIME] = ClosingTime(engine)
    app[keys.CALLBACK_DESK] = CallbackDesk(engine, cipher)
