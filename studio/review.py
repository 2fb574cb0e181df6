"""Which facts want a look: a review that is due, a source that is old, an answer that has ended, two that disagree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.check import check_knowledge
from knowledge.overlay import read_knowledge
from studio.checkout import Checkout
from studio.content import Content
from studio.findings import WARN, Finding, as_finding
from studio.services import ServiceDraft
from studio.topics import Topic

OLD_YEARS = 2
SOON_DAYS = 30


def review_topics(topics: Mapping[str, Topic], today: dt.date) -> dict[str, list[Finding]]:
    """Return what is to be looked at, by topic; the most pressing first."""
    found = {id: list(_review(topic.content, today)) for id, topic in topics.items() if not topic.newest.retired}
    return dict(sorted(((id, items) for id, items in found.items() if items), key=lambda item: _rank(item[1])))


def review_services(services: Mapping[str, ServiceDraft], today: dt.date) -> dict[str, list[Finding]]:
    """Return the service records whose review is due or will be soon, the most pressing first."""
    found = {id: list(_remind(_review_day(draft), today)) for id, draft in services.items()}
    return dict(sorted(((id, items) for id, items in found.items() if items), key=lambda item: _rank(item[1])))


@dataclass(frozen=True)
class Reminders:
    """How many facts, answers and service records, are to be reviewed: `overdue`, and later `this_month`."""

    overdue: int = 0
    this_month: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.overdue + self.this_month


def count_reminders(topics: Mapping[str, Topic], services: Mapping[str, ServiceDraft], today: dt.date) -> Reminders:
    """Return how many reviews were due before today, and how many are from today until the month's end."""
    days = [_day(topic.content.review_by) for topic in topics.values() if not topic.newest.retired]
    days += [_review_day(draft) for draft in services.values()]
    known = [day for day in days if day]
    month = (today.year, today.month)
    return Reminders(
        sum(day < today for day in known), sum(day >= today and (day.year, day.month) == month for day in known)
    )


def _review_day(draft: ServiceDraft) -> dt.date | None:
    value = draft.record.get("review")
    return _day(str(value)) if value else None


def _remind(due: dt.date | None, today: dt.date) -> Iterator[Finding]:
    if due and due <= today:
        yield Finding(WARN, "review_by", "the review was due on {day}", {"day": due.isoformat()})
    elif due and due <= today + dt.timedelta(days=SOON_DAYS):
        yield Finding(WARN, "review_by", "the review is due on {day}", {"day": due.isoformat()})


def _review(content: Content, today: dt.date) -> Iterator[Finding]:
    due = _day(content.review_by)
    yield from _remind(due, today)
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


def find_conflicts(checkout: Checkout, overlay: Path) -> list[Finding]:
    """Return what the knowledge check has against the drafts: facts that two sections state differently, and the like.

    Args:
        checkout: What the drafts change.
        overlay: The drafts as `studio.overlay.write_overlay` writes them.
    """
    documents, services, problems = read_knowledge(checkout.folder / "knowledge", overlay)
    return [as_finding(problem) for problem in sorted({*problems, *check_knowledge(documents, services)}, key=str)]


def _day(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        return None
