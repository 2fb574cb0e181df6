"""What figures are counted over: a period of days in Finland, perhaps one language, perhaps one topic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased

from conversations.question_schema import QuestionRow
from conversations.questions import FINLAND

LONGEST = 731
"""Days that a period has at the most: two years, one of which is a leap year."""


@dataclass(frozen=True)
class Period:
    """Days, both ends included.

    Raises:
        ValueError: It ends before it begins, or is longer than `LONGEST`.
    """

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        """Refuse what is none."""
        if not 0 <= (self.last - self.first).days < LONGEST:
            raise ValueError(f"a period has 1 to {LONGEST} days")

    @classmethod
    def ending(cls, last: dt.date, days: int) -> Period:
        """Return the period of so many days that ends with `last`."""
        return cls(last - dt.timedelta(days=days - 1), last)

    @property
    def days(self) -> Iterator[dt.date]:
        """Each day, in order."""
        return (self.first + dt.timedelta(days=number) for number in range((self.last - self.first).days + 1))

    def __contains__(self, day: dt.date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day <= self.last

    @property
    def begin(self) -> dt.datetime:
        """The moment at which it begins."""
        return _midnight(self.first)

    @property
    def end(self) -> dt.datetime:
        """The moment at which it is over."""
        return _midnight(self.last + dt.timedelta(days=1))


@dataclass(frozen=True)
class Scope:
    """What is counted; None is no wish.

    Attributes:
        period: The days.
        language: Only what was said in this one.
        topic: Only questions about this one, and of handoffs, call-backs and stars those of conversations with one.
    """

    period: Period
    language: str | None = None
    topic: str | None = None

    def questions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on rows of `question`."""
        return [QuestionRow.day >= self.period.first, QuestionRow.day <= self.period.last, *self.kinds()]

    def kinds(self) -> list[ColumnElement[bool]]:
        """Return the conditions on rows of `question` but for the days."""
        found = []
        if self.language:
            found.append(QuestionRow.language == self.language)
        if self.topic:
            found.append(QuestionRow.topic == self.topic)
        return found

    def covers(self, day: dt.date, language: str, topic: str | None) -> bool:
        """Say whether a question belongs to it."""
        return day in self.period and self.language in (None, language) and self.topic in (None, topic)

    def events(self, moment: Any, conversation: Any, language: Any) -> list[ColumnElement[bool]]:
        """Return the conditions on something that happened in a conversation.

        Args:
            moment: The column that says when.
            conversation: The column with the conversation's id.
            language: The column with the language.
        """
        found = [moment >= self.period.begin, moment < self.period.end]
        if self.language:
            found.append(language == self.language)
        if self.topic:
            about = aliased(QuestionRow)
            found.append(exists().where(about.conversation_id == conversation, about.topic == self.topic))
        return found


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=FINLAND)
