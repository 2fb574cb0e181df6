"""The errors of the conversations room: one base, one subclass a cause; `web.errors` maps them to HTTP."""

from __future__ import annotations


class ConversationError(Exception):
    """Base of all errors of the conversations room."""


class ConversationNotFound(ConversationError):
    """There is no conversation of that id, or it has been erased."""


class TokenRejected(ConversationError):
    """The token does not belong to the conversation."""


class KeyReused(ConversationError):
    """An idempotency key came back with another body."""
