"""Which facts want a look: a review that is due, a source that is old, an answer that has ended, two that disagree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from knowledge.check import check_knowledge
from knowledge.overlay import read_knowledge
from studio.checkout import Checkout
from studio.content import Content
from studio.findings import WARN, Finding
from studio.topics import Topic

OLD_YEARS = 2
SOON_DAYS = 30


def review_topics(topics: Mapping[str, Topic], today: dt.date) -> dict[str, list[Finding]]:
    """Return what is to be looked at, by topic; the most pressing first."""
    found = {id: list(_review(topic.content, today)) for id, topic in topics.items() if not topic.newest.retired}
    return dict(sorted(((id, items) for id, items in found.items() if items), key=lambda item: _rank(item[1])))


def _review(content: Content, today: dt.date) -> Iterator[Finding]:
    due = _day(content.review_by)
    if due and due <= today:
        yield Finding(WARN, "review_by", "the review was due on {day}", {"day": due.isoformat()})
    elif due and due <= today + dt.timedelta(days=SOON_DAYS):
        yield Finding(WARN, "review_by", "the review is due on {day}", {"day": due.isoformat()})
    end = _day(content.valid_to)
    if end and end < today:
        yield Finding(WARN, "valid_to", "the answer was valid until {day}", {"day": end.isoformat()})
    year = content.published[:4]
    if not due and year.isdigit() and int(year) < today.year - OLD_YEARS:
        yield Finding(WARN, "published", "the source is of {date}", {"date": content.published})


def _rank(findings: list[Finding]) -> tuple[int, str]:
    order = ("review_by", "valid_to", "published")
    first = min(findings, key=lambda item: order.index(item.field))
    return order.index(first.field), str(first.values)


def find_conflicts(checkout: Checkout, overlay: Path) -> list[str]:
    """Return what the knowledge check has against the drafts: facts that two sections state differently, and the like.

    Args:
        checkout: What the drafts change.
        overlay: The drafts as `studio.overlay.write_overlay` writes them.
    """
    documents, services, problems = read_knowledge(checkout.folder / "knowledge", overlay)
    return sorted(str(problem) for problem in [*problems, *check_knowledge(documents, services)])


def _day(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        return None
