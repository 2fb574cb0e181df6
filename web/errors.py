"""Errors as HTTP: one shape everywhere, `{"error": {"code", "message", "details"}}`, mapped in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.exc import DBAPIError

from bot.assistant import ModelMissing, PayloadInvalid
from conversations.errors import (
    ConversationEnded,
    ConversationNotFound,
    HandoffNotTaken,
    KeyReused,
    MessageNotFound,
    TokenRejected,
)
from knowledge.errors import KnowledgeMissing

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = structlog.get_logger("lotsi.web")

ERRORS: dict[str, tuple[int, str]] = {
    "body_unreadable": (400, "The body is not packed or sent as its headers say; see Content-Encoding."),
    "body_not_json": (400, "The body is not JSON; send a JSON object in UTF-8."),
    "body_invalid": (400, "The body does not have the right fields."),
    "query_invalid": (400, "The address's query has a value that cannot be used."),
    "message_empty": (400, "The message is empty; write something in it."),
    "message_too_long": (413, "The message is too long; shorten it."),
    "body_too_large": (413, "The body is too large."),
    "payload_unknown": (400, "The payload is none that was offered in this conversation."),
    "token_missing": (401, "Send the conversation's token as 'Authorization: Bearer <token>'."),
    "token_rejected": (401, "The token does not belong to this conversation."),
    "sign_in_required": (401, "The session has ended or never was; sign in."),
    "forbidden": (403, "The user who is signed in has no role that may do this."),
    "form_rejected": (403, "The request does not come from a page of ours that is still valid; load the page anew."),
    "conversation_not_found": (404, "There is no such conversation; it may have been erased."),
    "message_not_found": (404, "There is no such answer in this conversation."),
    "not_found": (404, "There is nothing at this address."),
    "method_not_allowed": (405, "This address does not take that method."),
    "conversation_ended": (409, "The conversation has ended; begin a new one."),
    "human_closed": (409, "No human being is there now; see the hours, or ask to be called back."),
    "not_yours": (409, "This conversation is not yours, or not any more."),
    "key_reused": (422, "The Idempotency-Key was used with another body; use a new key."),
    "too_many_requests": (429, "Too many requests; wait a little."),
    "too_many_streams": (429, "This conversation is open in too many places; close one of them."),
    "not_ready": (503, "The assistant is not ready yet; try again in a little while."),
    "internal_error": (500, "Something went wrong here; try again."),
}


class ApiError(Exception):
    """An error with a code of `ERRORS`."""

    def __init__(
        self, code: str, message: str | None = None, headers: dict[str, str] | None = None, **details: Any
    ) -> None:
        """Make the error.

        Args:
            code: A key of `ERRORS`.
            message: In place of the code's own message.
            headers: Added to the response.
            details: Put under `details`, for programs.
        """
        self.code = code
        self.status, standard = ERRORS[code]
        self.message = message or standard
        self.headers = headers or {}
        self.details = details
        super().__init__(self.message)

    def to_response(self) -> web.Response:
        """Return the error as an HTTP response."""
        body = {"error": {"code": self.code, "message": self.message, "details": self.details}}
        return web.json_response(body, status=self.status, headers=self.headers)


def _translate(error: Exception) -> ApiError:
    """Return the HTTP form of any error of the rooms below."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ConversationNotFound):
        return ApiError("conversation_not_found")
    if isinstance(error, MessageNotFound):
        return ApiError("message_not_found")
    if isinstance(error, ConversationEnded):
        return ApiError("conversation_ended")
    if isinstance(error, HandoffNotTaken):
        return ApiError("not_yours")
    if isinstance(error, TokenRejected):
        return ApiError("token_rejected", headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, KeyReused):
        return ApiError("key_reused")
    if isinstance(error, PayloadInvalid):
        return ApiError("payload_unknown")
    if isinstance(error, (ModelMissing, KnowledgeMissing)):
        return ApiError("not_ready", headers={"Retry-After": "10"})
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return ApiError("body_too_large")
    if isinstance(error, web.HTTPMethodNotAllowed):
        return ApiError("method_not_allowed", headers={"Allow": ", ".join(sorted(error.allowed_methods))})
    if isinstance(error, (web.HTTPNotFound, web.HTTPForbidden)):
        return ApiError("not_found")
    return ApiError("internal_error")


def describe_error(request: web.Request, error: Exception) -> ApiError:
    """Return the HTTP form of any error; what nobody expected is logged without the request's content."""
    translated = _translate(error)
    if translated.code == "internal_error":
        # A database driver's message may quote the values of a statement, so the type alone is logged.
        trace = not isinstance(error, DBAPIError)
        resource = request.match_info.route.resource
        path = resource.canonical if resource else ""
        _log.error("web.request.failed", path=path, error=type(error).__name__, exc_info=trace)
    return translated


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into the one shape."""
    try:
        return await handler(request)
    except (web.HTTPRedirection, web.HTTPSuccessful):
        raise
    except Exception as error:
        return describe_error(request, error).to_response()
