"""`/metrics`: the metrics as Prometheus reads them, for whoever may."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress

from aiohttp import web
from prometheus_client import generate_latest

from web import keys
from web.auth.access import public
from web.errors import ApiError

_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@public
async def show_metrics(request: web.Request) -> web.Response:
    """Answer whoever brings the token of the setting; without one, this very machine alone."""
    await asyncio.to_thread(_check, request)
    body = await asyncio.to_thread(generate_latest, request.app[keys.METRICS].registry)
    return web.Response(body=body, headers={"Content-Type": _TYPE, "Cache-Control": "no-store"})


def _check(request: web.Request) -> None:
    """Refuse whoever may not read metrics.

    Raises:
        ApiError: No token or a wrong one, or where there is none, a request from elsewhere.
    """
    token = request.app[keys.SETTINGS].read_metrics_token()  # each time, so that a new one needs no restart
    if not token:
        if not _is_local(request):
            raise ApiError("not_found")
        return
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise ApiError(
            "token_rejected",
            "Send the token of LOTSI_METRICS_TOKEN_FILE as 'Authorization: Bearer <token>'.",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _is_local(request: web.Request) -> bool:
    """Say whether a request comes from this machine, and not through a proxy that stands on it."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
