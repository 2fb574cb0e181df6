"""The one gate into storage for what somebody wrote: a text gets through it masked, or not at all.

`conversations.masking` judges what is personal. Here stands that nothing gets around it: a column for free text is
`Mapped[MaskedText]`, and the column itself masks a plain `str` on its way into the database, whichever store, console
or bulk insert it comes from. Forgetting to mask costs a published number, never a resident's.
"""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

from conversations.masking import MaskedText, mask_text


def as_masked(text: str) -> MaskedText:
    """Return `text` fit to be stored: as it is if it has been masked, else masked with no number kept."""
    return text if isinstance(text, MaskedText) else mask_text(text).text


def masked_or_none(text: str | None) -> MaskedText | None:
    """Return what `as_masked` returns, or None where there is no text."""
    return None if text is None else as_masked(text)


def own_words(text: str) -> MaskedText:
    """Return a text of our own as it is: an approved answer may hold the county's numbers and addresses.

    Args:
        text: From `knowledge`, `domain.yml` or a catalogue; never what a resident or a counsellor wrote.
    """
    return MaskedText(text)


class MaskedColumn(TypeDecorator[MaskedText]):
    """Text that masks itself on its way in, and is known to be masked on its way out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        """Store what has been masked; a plain `str` is masked now."""
        return None if value is None else str(as_masked(value))

    def process_result_value(self, value: str | None, dialect: object) -> MaskedText | None:
        """Give the text its kind."""
        return None if value is None else MaskedText(value)
