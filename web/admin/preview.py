"""An answer as a resident sees it, before it is public: text, source, next questions, ways to a service."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.dates import check_date, format_date
from knowledge.languages import Language
from knowledge.reader import render_blocks
from studio.checkout import Checkout
from studio.content import Content


@dataclass(frozen=True)
class Preview:
    """A bubble of the chat: `lead` and `blocks` are paragraphs, a list's items stand on lines of one."""

    language: Language
    title: str
    lead: str
    blocks: tuple[str, ...]
    source: str
    date: str
    buttons: tuple[str, ...]
    channels: tuple[str, ...]


def make_preview(content: Content, language: Language, titles: dict[str, str], checkout: Checkout) -> Preview:
    """Return how a topic would look.

    Args:
        content: The topic.
        language: The resident's language.
        titles: The other topics' titles in that language.
        checkout: Holds the service records.
    """
    side = content.sides[language]
    lead, details = render_blocks(side.answer)
    try:
        check_date(content.published)
        date = format_date(content.published, language)
    except ValueError:
        date = content.published
    services = (checkout.services[id] for id in content.services if id in checkout.services)
    return Preview(
        language,
        side.title,
        lead,
        tuple(filter(None, details.split("\n\n"))),
        ", ".join(filter(None, [side.source_title, side.publisher])),
        date,
        tuple(titles[id] for id in content.related if id in titles),
        tuple(service.names[language] for service in services),
    )
