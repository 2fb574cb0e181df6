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


class ConversationEnded(ConversationError):
    """The conversation has been ended; nothing more is said in it."""


class MessageNotFound(ConversationError):
    """The conversation has no such answer."""


class HandoffNotFound(ConversationError):
    """There is no such place in the queue, or it is closed."""


class HandoffTaken(ConversationError):
    """Another counsellor has taken the conversation over."""


class HandoffNotTaken(ConversationError):
    """The counsellor has not taken this conversation over, or not any more."""


class SecretKeyInvalid(ConversationError):
    """The key that call-back requests are encrypted with is missing or cannot be used; says which file."""
