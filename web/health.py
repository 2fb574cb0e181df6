"""`/health/live`: the process answers. `/health/ready`: it can answer residents."""

from __future__ import annotations

import asyncio

from aiohttp import web
from sqlalchemy import text

from knowledge.errors import KnowledgeMissing
from web import keys
from web.auth.access import public


@public
async def live(request: web.Request) -> web.Response:
    """Say that the process is alive."""
    return web.json_response({"status": "ok"})


@public
async def ready(request: web.Request) -> web.Response:
    """Say whether model, knowledge and database are there; 503 with the missing part if not."""
    checks = {
        "model": request.app[keys.ASSISTANT].ready,
        "knowledge": await asyncio.to_thread(_knowledge_answers, request.app),
        "database": await asyncio.to_thread(_database_answers, request.app),
    }
    good = all(checks.values())
    body = {"status": "ok" if good else "unavailable", "checks": checks, "model": request.app[keys.ASSISTANT].model}
    return web.json_response(body, status=200 if good else 503)


def _knowledge_answers(app: web.Application) -> bool:
    try:
        return bool(app[keys.KNOWLEDGE].fetch_build_hash())
    except KnowledgeMissing:
        return False


def _database_answers(app: web.Application) -> bool:
    try:
        with app[keys.ENGINE].connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one())
    except Exception:  # any driver's own error means the same here
        return False
