"""Which other sites may call the API from a browser (CORS): the widget stands in pages of other origins.

No cookie is used and the token goes in a header, so a site can do nothing here in a reader's name that the reader
has not begun there. Source: WHATWG Fetch standard.
"""

from __future__ import annotations

from aiohttp import web

from web import keys
from web.errors import Handler
from web.setting_values import ANY_ORIGIN

_PREFIX = "/api/v1/"
_WIDGET = "/widget.js"
_METHODS = "GET, HEAD, POST, PATCH, DELETE"
_REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID"
_RESPONSE_HEADERS = "Content-Disposition, Idempotent-Replay, Location, Retry-After"
_PREFLIGHT_SECONDS = "7200"


@web.middleware
async def preflight_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a browser that asks beforehand whether a call from another site is allowed."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not (asks and _is_shared(request)):
        return await handler(request)
    headers = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _REQUEST_HEADERS,
        "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
    }
    return web.Response(status=204, headers=headers)


async def add_cors_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Say to a browser whether the calling site may read the response; errors and event streams included."""
    if not _is_shared(request):
        return
    if request.path == _WIDGET:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    allowed = request.app[keys.SETTINGS].origins
    response.headers["Access-Control-Expose-Headers"] = _RESPONSE_HEADERS
    if ANY_ORIGIN in allowed:
        response.headers["Access-Control-Allow-Origin"] = ANY_ORIGIN
        return
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin", "")
    if origin in allowed:
        response.headers["Access-Control-Allow-Origin"] = origin


def _is_shared(request: web.Request) -> bool:
    return request.path.startswith(_PREFIX) or request.path == _WIDGET
