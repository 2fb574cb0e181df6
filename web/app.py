"""Puts the application together: `create_app(settings)`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import yaml
from aiohttp import web

from bot.assistant import Assistant
from conversations.callbacks import Callbacks
from conversations.database import open_database
from conversations.encryption import open_cipher
from conversations.feedback import FeedbackStore
from conversations.handoffs import Handoffs
from conversations.store import ConversationStore
from conversations.trackers import TrackerEvents
from knowledge.build import ensure_built
from knowledge.engine import open_engine
from knowledge.store import Knowledge
from studio.assembly import open_studio
from studio.publish import restore_published
from studio.shadow import ShadowRuns
from web import keys, law_pages
from web.admin.bench import Bench
from web.admin.reminders import reminders_middleware
from web.admin.routes import ROUTES as ADMIN_ROUTES
from web.admin.stores import open_topic_stores
from web.admin.topic_routes import ROUTES as TOPIC_ROUTES
from web.auth.access import public
from web.auth.guard import guard_middleware
from web.auth.routes import ROUTES as AUTH_ROUTES
from web.auth.stores import open_staff_stores
from web.chat import api, events, export, feedback, handoff, page, rest_channel, typing, widget
from web.chat.turns import TurnTaker
from web.cors import add_cors_headers, preflight_middleware
from web.deployment_reader import read_deployment
from web.errors import error_middleware
from web.health import live, ready
from web.inbox_backfill import fill_inbox
from web.live import Live
from web.metrics.counters import Metrics, metrics_middleware
from web.metrics.page import show_metrics
from web.metrics.states import States
from web.pages import add_security_headers, static_file
from web.rate import RateLimiter
from web.readiness import follow_promotions, load_model
from web.retention import keep_retention
from web.service_hours import ServiceHours
from web.setting_values import is_always, parse_dates, parse_weekly_hours
from web.settings import Settings
from web.shadow import Shadow, keep_shadow
from web.staff.frame import staff_error_middleware
from web.staff.presence import waiting_middleware
from web.staff.queue_keeper import keep_queue
from web.staff.routes import ROUTES as STAFF_ROUTES
from web.staff.stores import open_desk_stores, open_review_stores
from web.studio_settings import read_folders, read_options
from web.swapping import Swapper
from web.training import keep_training
from web.widget_bundle import widget_script

OPENAPI_FILE = Path(__file__).resolve().parent / "openapi.yml"
_BODY_LIMIT = 64 * 1024
_MIDDLEWARES = [
    *(metrics_middleware, preflight_middleware, error_middleware),
    *(staff_error_middleware, guard_middleware, waiting_middleware, reminders_middleware),
]


def create_app(settings: Settings) -> web.Application:
    """Return the application; databases, knowledge and assistant open when it starts and close when it ends.

    Args:
        settings: The values in force.

    Raises:
        DeploymentInvalid: The file of the organisation's facts cannot be used.
    """
    app = web.Application(middlewares=_MIDDLEWARES, client_max_size=_BODY_LIMIT)
    app[keys.SETTINGS] = settings
    app[keys.METRICS] = Metrics()
    app[keys.DEPLOYMENT] = read_deployment(settings.deployment_file)
    app[keys.MESSAGE_RATE] = RateLimiter(settings.messages_per_minute)
    app[keys.CONVERSATION_RATE] = RateLimiter(settings.conversations_per_minute)
    app[keys.ACTION_RATE] = RateLimiter(settings.messages_per_minute)
    app[keys.TYPING_RATE] = RateLimiter(typing.SIGNALS_PER_MINUTE)
    app[keys.SERVICE_HOURS] = ServiceHours(
        parse_weekly_hours(settings.service_hours),
        parse_dates(settings.closed_days),
        is_always(settings.service_hours),
    )
    app.on_response_prepare.extend([add_security_headers, add_cors_headers])
    app.cleanup_ctx.extend([_databases, keep_retention, fill_inbox, _live, keep_queue, _assistant])
    app.cleanup_ctx.extend([keep_training, keep_shadow])
    app.on_shutdown.append(_end_streams)
    _add_routes(app)
    return app


def _add_routes(app: web.Application) -> None:
    conversation = "/api/v1/conversations/{id}"
    app.add_routes(
        [
            web.get("/", page.chat_page),
            web.get("/privacy", law_pages.privacy_page),
            web.get("/accessibility-statement", law_pages.accessibility_page),
            web.get("/about", law_pages.about_page),
            web.get("/demo", page.demo_page),
            web.get("/widget.js", widget_script),
            web.post("/api/v1/conversations", api.begin_conversation),
            web.post(f"{conversation}/messages", api.send_message),
            web.get(f"{conversation}/messages", api.read_messages),
            web.patch(conversation, api.change_language),
            web.delete(conversation, api.erase_conversation),
            web.get(f"{conversation}/events", events.stream_events, allow_head=False),
            web.post(f"{conversation}/handoff", handoff.request_handoff),
            web.get(f"{conversation}/handoff", handoff.read_handoff),
            web.delete(f"{conversation}/handoff", handoff.leave_queue),
            web.post(f"{conversation}/typing", typing.tell_typing),
            web.post(f"{conversation}/end", handoff.end_conversation),
            web.post(f"{conversation}/messages/{{message}}/feedback", feedback.write_feedback),
            web.post(f"{conversation}/rating", feedback.write_rating),
            web.get(f"{conversation}/export", export.export_conversation),
            web.get("/api/v1/widget", widget.widget_settings),
            web.get("/api/openapi.json", describe_api),
            web.get("/webhooks/rest", rest_channel.rest_status),
            web.post("/webhooks/rest/webhook", rest_channel.rest_webhook),
            web.get("/health/live", live),
            web.get("/health/ready", ready),
            web.get("/metrics", show_metrics),
            web.get("/static/{file}", static_file),
            *AUTH_ROUTES,
            *STAFF_ROUTES,
            *ADMIN_ROUTES,
            *TOPIC_ROUTES,
        ]
    )


@public
async def describe_api(request: web.Request) -> web.Response:
    """`/api/openapi.json`: the API's description."""
    return web.Response(text=json.dumps(load_openapi()), content_type="application/json")


def load_openapi() -> dict[str, object]:
    """Return the OpenAPI description."""
    return dict(yaml.safe_load(OPENAPI_FILE.read_text(encoding="utf-8")))


async def _databases(app: web.Application) -> AsyncIterator[None]:
    settings = app[keys.SETTINGS]
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    engine = await asyncio.to_thread(open_database, settings.conversations_database)
    knowledge = Knowledge(open_engine(settings.knowledge_database))
    overlay = await asyncio.to_thread(restore_published, engine, settings.data_folder)
    await asyncio.to_thread(ensure_built, knowledge, overlay)
    app[keys.ENGINE] = engine
    app[keys.CONVERSATIONS] = ConversationStore(engine)
    app[keys.HANDOFFS] = Handoffs(engine)
    app[keys.FEEDBACK] = FeedbackStore(engine)
    cipher = open_cipher(settings.secret_key_path, make=not settings.secret_key_file)
    app[keys.CIPHER] = cipher
    app[keys.CALLBACKS] = Callbacks(engine, cipher)
    open_staff_stores(app, settings, engine, cipher)
    open_review_stores(app, engine)
    open_desk_stores(app, engine, cipher)
    open_topic_stores(app, engine)
    app[keys.KNOWLEDGE] = knowledge
    yield
    engine.dispose()
    knowledge.engine.dispose()


async def _live(app: web.Application) -> AsyncIterator[None]:
    live = app[keys.LIVE] = Live(app[keys.SETTINGS].redis_url)
    listening = asyncio.create_task(live.run())
    yield
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await live.disconnect()


async def _end_streams(app: web.Application) -> None:
    app[keys.LIVE].close()


async def _assistant(app: web.Application) -> AsyncIterator[None]:
    assistant = Assistant(app[keys.KNOWLEDGE], TrackerEvents(app[keys.ENGINE]))
    app[keys.ASSISTANT] = assistant
    _open_studio(app, assistant)
    stores = (app[keys.CONVERSATIONS], app[keys.KNOWLEDGE], app[keys.LIVE])
    app[keys.TURNS] = TurnTaker(
        assistant, *stores, observe=app[keys.METRICS].observe_turn, overhear=app[keys.SHADOW].hear
    )
    app[keys.METRICS].registry.register(States(app[keys.ENGINE], assistant))
    app[keys.LOADING] = loading = asyncio.create_task(load_model(app))
    following = asyncio.create_task(follow_promotions(app))
    yield
    for task in (loading, following):
        task.cancel()
    await asyncio.gather(loading, following, return_exceptions=True)
    await asyncio.to_thread(app[keys.BENCH].close)
    await asyncio.to_thread(assistant.close)


def _open_studio(app: web.Application, assistant: Assistant) -> None:
    settings = app[keys.SETTINGS]
    studio = open_studio(
        app[keys.ENGINE],
        app[keys.KNOWLEDGE].engine,
        app[keys.CIPHER],
        read_folders(settings),
        read_options(settings),
        lambda archive: app[keys.SWAPPER].try_out(archive),
    )
    app[keys.STUDIO] = studio
    app[keys.SWAPPER] = Swapper(assistant, studio.models)
    app[keys.SHADOW_RUNS] = ShadowRuns(app[keys.ENGINE])
    app[keys.SHADOW] = Shadow(studio.models, app[keys.SHADOW_RUNS], app[keys.KNOWLEDGE])
    app[keys.BENCH] = Bench(studio.models, app[keys.KNOWLEDGE])
