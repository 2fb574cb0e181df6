"""What the application holds, by typed key; there are no module globals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import Engine

from bot.assistant import Assistant
from conversations.callbacks import Callbacks
from conversations.feedback import FeedbackStore
from conversations.handoffs import Handoffs
from conversations.store import ConversationStore
from knowledge.store import Knowledge
from web.deployment import Deployment
from web.live import Live
from web.rate import RateLimiter
from web.settings import Settings

if TYPE_CHECKING:
    from web.chat.turns import TurnTaker
    from web.service_hours import ServiceHours

SETTINGS = web.AppKey("settings", Settings)
DEPLOYMENT = web.AppKey("deployment", Deployment)
KNOWLEDGE = web.AppKey("knowledge", Knowledge)
CONVERSATIONS = web.AppKey("conversations", ConversationStore)
ASSISTANT = web.AppKey("assistant", Assistant)
ENGINE = web.AppKey("engine", Engine)
LOADING: web.AppKey[asyncio.Task[None]] = web.AppKey("loading")
HANDOFFS = web.AppKey("handoffs", Handoffs)
CALLBACKS = web.AppKey("callbacks", Callbacks)
FEEDBACK = web.AppKey("feedback", FeedbackStore)
SERVICE_HOURS: web.AppKey[ServiceHours] = web.AppKey("service_hours")
LIVE = web.AppKey("live", Live)
MESSAGE_RATE = web.AppKey("message_rate", RateLimiter)
ACTION_RATE = web.AppKey("action_rate", RateLimiter)
CONVERSATION_RATE = web.AppKey("conversation_rate", RateLimiter)
TURNS: web.AppKey[TurnTaker] = web.AppKey("turns")
