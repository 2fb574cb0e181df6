"""Which of the messages that Rasa hands a component for training are what: written, made, or kept for validation."""

from __future__ import annotations

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.keys import AUGMENTED, VALIDATION


def is_validation(message: Message) -> bool:
    """Return whether nothing may be trained on a message but the confidence."""
    return bool((message.get("metadata") or {}).get(VALIDATION))


def is_augmented(message: Message) -> bool:
    """Return whether a message is a variant made by `bot.augmentation`."""
    return bool((message.get("metadata") or {}).get(AUGMENTED))


def is_written(message: Message) -> bool:
    """Return whether a message is an example as a person wrote it into a training file."""
    return not is_validation(message) and not is_augmented(message)


def origin(message: Message) -> str:
    """Return the words of the written example that a message is, or is a variant of."""
    return str((message.get("metadata") or {}).get(AUGMENTED) or message.get(TEXT))
