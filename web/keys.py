"""What the application holds, by typed key; there are no module globals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import Engine

from bot.assistant import Assistant
from conversations.audit import AuditLog
from conversations.callback_desk import CallbackDesk
from conversations.callbacks import Callbacks
from conversations.closing_time import ClosingTime
from conversations.desk import Desk
from conversations.encryption import Cipher
from conversations.feedback import FeedbackStore
from conversations.figures.report import Figures
from conversations.handoffs import Handoffs
from conversations.inbox import Inbox
from conversations.learning import Learning
from conversations.presence import Presence
from conversations.reviews import Reviews
from conversations.saved_views import SavedViews
from conversations.second_factor import SecondFactor
from conversations.sessions import SessionStore, StaffSession
from conversations.sign_in import SignIn
from conversations.staff import User
from conversations.store import ConversationStore
from conversations.throttle import SignInThrottle
from conversations.transfers import Transfers
from conversations.users import UserStore
from knowledge.store import Knowledge
from studio.assembly import Studio
from studio.review import Reminders
from studio.services import ServiceStore
from studio.shadow import ShadowRuns
from studio.topics import TopicStore
from web.deployment import Deployment
from web.live import Live
from web.rate import RateLimiter
from web.settings import Settings

if TYPE_CHECKING:
    from web.admin.bench import Bench
    from web.admin.checking import CheckCache
    from web.admin.reminders import ReminderCache
    from web.auth.directory import Directory
    from web.chat.turns import TurnTaker
    from web.metrics.counters import Metrics
    from web.service_hours import ServiceHours
    from web.shadow import Shadow
    from web.swapping import Swapper

SETTINGS = web.AppKey("settings", Settings)
DEPLOYMENT = web.AppKey("deployment", Deployment)
KNOWLEDGE = web.AppKey("knowledge", Knowledge)
CONVERSATIONS = web.AppKey("conversations", ConversationStore)
ASSISTANT = web.AppKey("assistant", Assistant)
ENGINE = web.AppKey("engine", Engine)
LOADING: web.AppKey[asyncio.Task[None]] = web.AppKey("loading")
HANDOFFS = web.AppKey("handoffs", Handoffs)
CIPHER = web.AppKey("cipher", Cipher)
CALLBACKS = web.AppKey("callbacks", Callbacks)
FEEDBACK = web.AppKey("feedback", FeedbackStore)
SERVICE_HOURS: web.AppKey[ServiceHours] = web.AppKey("service_hours")
LIVE = web.AppKey("live", Live)
MESSAGE_RATE = web.AppKey("message_rate", RateLimiter)
ACTION_RATE = web.AppKey("action_rate", RateLimiter)
TYPING_RATE = web.AppKey("typing_rate", RateLimiter)
CONVERSATION_RATE = web.AppKey("conversation_rate", RateLimiter)
TURNS: web.AppKey[TurnTaker] = web.AppKey("turns")
METRICS: web.AppKey[Metrics] = web.AppKey("metrics")
AUDIT = web.AppKey("audit", AuditLog)
USERS = web.AppKey("users", UserStore)
SESSIONS = web.AppKey("sessions", SessionStore)
SIGN_IN = web.AppKey("sign_in", SignIn)
SECOND_FACTOR = web.AppKey("second_factor", SecondFactor)
THROTTLE = web.AppKey("throttle", SignInThrottle)
CIPHER = web.AppKey("cipher", Cipher)
DIRECTORY: web.AppKey[Directory | None] = web.AppKey("directory")
INBOX = web.AppKey("inbox", Inbox)
REVIEWS = web.AppKey("reviews", Reviews)
LEARNING = web.AppKey("learning", Learning)
STUDIO = web.AppKey("studio", Studio)
SWAPPER: web.AppKey[Swapper] = web.AppKey("swapper")
SHADOW: web.AppKey[Shadow] = web.AppKey("shadow")
BENCH: web.AppKey[Bench] = web.AppKey("bench")
SHADOW_RUNS = web.AppKey("shadow_runs", ShadowRuns)
SAVED_VIEWS = web.AppKey("saved_views", SavedViews)
DESK = web.AppKey("desk", Desk)
PRESENCE = web.AppKey("presence", Presence)
TRANSFERS = web.AppKey("transfers", Transfers)
CLOSING_TIME = web.AppKey("closing_time", ClosingTime)
CALLBACK_DESK = web.AppKey("callback_desk", CallbackDesk)
FIGURES = web.AppKey("figures", Figures)
TOPICS = web.AppKey("topics", TopicStore)
SERVICE_DRAFTS = web.AppKey("service_drafts", ServiceStore)
CHECKS: web.AppKey[CheckCache] = web.AppKey("checks")
REMINDERS: web.AppKey[ReminderCache] = web.AppKey("reminders")

USER = web.RequestKey("user", User)
"""Who is signed in; on every request whose route `@requires` somebody."""
SESSION = web.RequestKey("session", StaffSession)
FORM_TOKEN = web.RequestKey("form_token", str)
"""What a form of this page must send back as `csrf`, a script as `X-CSRF-Token`."""
WAITING = web.RequestKey("waiting", int)
"""How many residents wait for a human being, for the navigation of a counsellor's page."""
DUE = web.RequestKey("due", Reminders)
"""How many facts are due for review, for the navigation of an admin's page."""
