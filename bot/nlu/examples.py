"""Which of the messages that Rasa hands a component for training are what: written, made, or kept for validation."""

from __future__ import annotations

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.keys import AUGMENTED, DANGEROUS, GROUP, VALIDATION

NEAR_DANGER_GROUP = "near_danger"
"""Name of the training files whose examples are harmless in a danger's words."""


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


def is_sentence(message: Message) -> bool:
    """Return whether a message is kept for fitting the detector of danger, and for nothing else."""
    return DANGEROUS in (message.get("metadata") or {})


def is_near_danger(message: Message) -> bool:
    """Return whether a message is a written example that is harmless in a danger's words."""
    return is_written(message) and (message.get("metadata") or {}).get(GROUP) == NEAR_DANGER_GROUP
