"""What is counted for a day, a language, or a period, and for a topic; tallies can be added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from conversations.figures.statistics import Share, find_quantile


@dataclass
class Tally:
    """Counts of a day and language, or of several.

    Attributes:
        conversations: Those in which a resident said something.
        results: Questions by what became of them (`conversations.questions.RESULTS`).
        handoffs: Requests for a human being in the chat.
        waits: Seconds until a counsellor took over, for each that was taken.
        gone: Requests that ended before anybody took over.
        callbacks: Requests to be called back.
        called: Those that are done.
        called_in_time: Those that were done when they were due.
        thumbs: `up` and `down`.
        stars: Ratings by their number of stars.
        judged: Answers that counsellors judged.
        right: Those that were right.
    """

    conversations: int = 0
    results: Counter[str] = field(default_factory=Counter)
    handoffs: int = 0
    waits: list[float] = field(default_factory=list)
    gone: int = 0
    callbacks: int = 0
    called: int = 0
    called_in_time: int = 0
    thumbs: Counter[str] = field(default_factory=Counter)
    stars: Counter[int] = field(default_factory=Counter)
    judged: int = 0
    right: int = 0

    @property
    def questions(self) -> int:
        """All questions."""
        return self.results.total()

    def share(self, result: str) -> Share:
        """Return the share of questions with a result."""
        return Share(self.results[result], self.questions)

    @property
    def handoff_share(self) -> Share:
        """Requests for a human being by conversation; who asks twice counts once at the most in the share."""
        return Share(min(self.handoffs, self.conversations), self.conversations)

    @property
    def thumbs_up(self) -> Share:
        """Thumbs up among thumbs."""
        return Share(self.thumbs["up"], self.thumbs.total())

    @property
    def precision(self) -> Share:
        """Right ones among the judged answers."""
        return Share(self.right, self.judged)

    @property
    def mean_stars(self) -> float | None:
        """The mean rating; None without one."""
        count = self.stars.total()
        return sum(stars * number for stars, number in self.stars.items()) / count if count else None

    def wait(self, share: float) -> float | None:
        """Return the seconds within which so large a share was taken over."""
        return find_quantile(self.waits, share)

    @classmethod
    def sum(cls, tallies: Iterable[Tally]) -> Tally:
        """Return several as one."""
        total = cls()
        for tally in tallies:
            for name in cls.__dataclass_fields__:
                setattr(total, name, getattr(total, name) + getattr(tally, name))
        return total


@dataclass
class TopicTally:
    """Counts of a topic.

    Attributes:
        answered: Questions that were answered about it.
        clarified: Questions that Lotsi asked back upon, with it as the likeliest topic.
        thumbs: `up` and `down` for answers about it.
        handoffs: Requests for a human being in conversations with a question about it.
        judged: Answers about it that counsellors judged.
        right: Those that were right.
        failed: Questions that failed: clarified, with a thumb down, or judged as anything but right; each once.
    """

    answered: int = 0
    clarified: int = 0
    thumbs: Counter[str] = field(default_factory=Counter)
    handoffs: int = 0
    judged: int = 0
    right: int = 0
    failed: int = 0

    @property
    def questions(self) -> int:
        """All questions about it."""
        return self.answered + self.clarified

    @property
    def precision(self) -> Share:
        """Right ones among the judged answers."""
        return Share(self.right, self.judged)

    @property
    def failures(self) -> Share:
        """Failed ones among the questions."""
        return Share(self.failed, self.questions)

    @classmethod
    def sum(cls, tallies: Iterable[TopicTally]) -> TopicTally:
        """Return several as one."""
        total = cls()
        for tally in tallies:
            for name in cls.__dataclass_fields__:
                setattr(total, name, getattr(total, name) + getattr(tally, name))
        return total
