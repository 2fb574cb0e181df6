"""All figures of a scope, counted in one transaction, so that they fit together."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from conversations.figures import queries
from conversations.figures.scope import Scope
from conversations.figures.statistics import Calibration, calibrate
from conversations.figures.tallies import Tally, TopicTally
from conversations.questions import local_day
from knowledge.languages import LANGUAGES


@dataclass(frozen=True)
class Report:
    """The figures of a scope; days and languages in which nothing happened have empty tallies."""

    scope: Scope
    by_day: dict[tuple[dt.date, str], Tally]
    topics: dict[str, TopicTally]
    calibration: Calibration

    @property
    def days(self) -> dict[dt.date, Tally]:
        """Each day of the period, all languages together."""
        return {
            day: Tally.sum(self.by_day[day, language] for language in LANGUAGES if (day, language) in self.by_day)
            for day in self.scope.period.days
        }

    @property
    def languages(self) -> dict[str, Tally]:
        """Each language, all days together."""
        return {
            language: Tally.sum(tally for (_, spoken), tally in self.by_day.items() if spoken == language)
            for language in LANGUAGES
        }

    @property
    def total(self) -> Tally:
        """All days and languages together."""
        return Tally.sum(self.by_day.values())


class Figures:
    """The figures of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the tables of `engine`.

        Args:
            engine: A migrated conversations database.
        """
        self._engine = engine

    def count(self, scope: Scope) -> Report:
        """Return the figures of a scope."""
        with Session(self._engine) as session:
            return _Count(session, scope).report()


class _Count:
    """One count: takes the queries' rows apart into tallies."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self._session, self._scope = session, scope
        self._days: defaultdict[tuple[dt.date, str], Tally] = defaultdict(Tally)
        self._topics: defaultdict[str, TopicTally] = defaultdict(TopicTally)
        self._failed: defaultdict[str, set[str]] = defaultdict(set)
        self._confidences: list[tuple[float, bool]] = []

    def report(self) -> Report:
        """Count everything."""
        self._count_questions()
        self._count_thumbs()
        self._count_judgements()
        self._count_handoffs()
        self._count_events()
        for topic, tally in self._topics.items():
            tally.failed = tally.clarified + len(self._failed[topic])
        return Report(self._scope, dict(self._days), dict(self._topics), calibrate(self._confidences))

    def _count_questions(self) -> None:
        for day in queries.count_by_day(self._session, self._scope):
            tally = self._days[day.day, day.language]
            tally.results[day.result] += day.questions
            tally.conversations += day.first
        for found in queries.count_by_topic(self._session, self._scope):
            topic = self._topics[found.topic]
            if found.result == "answered":
                topic.answered += found.questions
            else:
                topic.clarified += found.questions

    def _count_thumbs(self) -> None:
        for thumb in queries.fetch_thumbs(self._session, self._scope):
            self._days[thumb.day, thumb.language].thumbs[thumb.value] += 1
            if thumb.topic:
                self._topics[thumb.topic].thumbs[thumb.value] += 1
                if thumb.value == "down" and thumb.result == "answered":
                    self._failed[thumb.topic].add(thumb.question)

    def _count_judgements(self) -> None:
        for found in queries.fetch_judgements(self._session, self._scope):
            if found.result != "answered" or not found.topic:
                continue
            right = found.verdict == "right"
            for tally in (self._days[found.day, found.language], self._topics[found.topic]):
                tally.judged += 1
                tally.right += right
            if not right:
                self._failed[found.topic].add(found.question)
            if found.outcome == "sure" and found.confidence is not None:
                self._confidences.append((found.confidence, right))

    def _count_handoffs(self) -> None:
        for row in queries.fetch_handoffs(self._session, self._scope):
            tally = self._days[local_day(row.requested_at), row.language]
            tally.handoffs += 1
            if row.taken_at is not None:
                tally.waits.append((row.taken_at - row.requested_at).total_seconds())
            elif row.closed_at is not None:
                tally.gone += 1
        for topic, count in queries.count_handoffs_by_topic(self._session, self._scope):
            if topic in self._topics:
                self._topics[topic].handoffs += count

    def _count_events(self) -> None:
        for row in queries.fetch_callbacks(self._session, self._scope):
            tally = self._days[local_day(row.requested_at), row.language]
            tally.callbacks += 1
            if row.closed_at is not None:
                tally.called += 1
                tally.called_in_time += row.closed_at <= row.due_at
        for at, language, stars in queries.fetch_ratings(self._session, self._scope):
            self._days[local_day(at), language].stars[stars] += 1
