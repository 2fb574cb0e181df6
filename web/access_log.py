"""The access log: what was asked for by route, not by address, so that no query, id, token or client gets into it."""

from __future__ import annotations

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

_QUIET = ("/health/", "/metrics", "/static/")
_log = structlog.get_logger("lotsi.access")


class AccessLogger(AbstractAccessLogger):
    """Logs a line a request: method, route as it is declared, status, milliseconds."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log one answered request."""
        route = find_route(request)
        write = _log.debug if route.startswith(_QUIET) else _log.info
        write(
            "web.request.answered",
            method=name_method(request),
            route=route,
            status=response.status,
            milliseconds=round(time * 1000),
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def name_method(request: web.BaseRequest) -> str:
    """Return a request's method; one that nobody knows may hold anything, and is `other`."""
    return request.method if request.method in _METHODS else "other"


def find_route(request: web.BaseRequest) -> str:
    """Return the route that a request came to, such as `/api/v1/conversations/{id}`; "unknown" where there is none."""
    match = getattr(request, "match_info", None)
    resource = match.route.resource if match is not None else None
    return resource.canonical if resource is not None else "unknown"
