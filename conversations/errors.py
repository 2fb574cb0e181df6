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
    """Another counsellor has taken the conversation over, or the call-back; `holder` is that user's id."""

    def __init__(self, holder: str) -> None:
        """Make the error.

        Args:
            holder: Who has it.
        """
        self.holder = holder
        super().__init__(holder)


class HandoffNotTaken(ConversationError):
    """The counsellor has not taken this conversation over, or not any more."""


class ColleagueAbsent(ConversationError):
    """The colleague who was to get a conversation is not there, is away, or is the one who has it."""


class CallbackNotFound(ConversationError):
    """There is no such call-back request, or it is done."""


class CallbackInvalid(ConversationError):
    """A call's outcome, note or next attempt cannot be used; says what would."""


class SecretKeyInvalid(ConversationError):
    """The key that call-back requests are encrypted with is missing or cannot be used; says which file."""


class UserNotFound(ConversationError):
    """There is no member of staff of that name or id."""


class UserExists(ConversationError):
    """The name is another user's already."""


class UserInvalid(ConversationError):
    """A user's name, roles or language cannot be used; says what would."""


class PasswordWeak(ConversationError):
    """The password is too easily guessed; `problems` names every reason by its code."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Make the error.

        Args:
            problems: Codes of `conversations.passwords.PROBLEMS`.
        """
        self.problems = problems
        super().__init__(", ".join(problems))


class AuditBroken(ConversationError):
    """The audit log is not what was written; says from which entry on."""


class ReviewInvalid(ConversationError):
    """A verdict, status, tag, note or view cannot be used; says what would."""


class ReviewChanged(ConversationError):
    """Somebody else has changed a review or its conversation's status since it was looked at."""


class ProposalNotFound(ConversationError):
    """There is no such example candidate or wish; it may have gone with its conversation."""


class ProposalDecided(ConversationError):
    """Somebody else has accepted or declined it already."""
