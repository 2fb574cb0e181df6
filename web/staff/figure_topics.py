"""The tables of topics, and of how far confidence can be trusted: what is asked most, what fails, what was right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from gettext import NullTranslations

from conversations.figures.report import Report
from conversations.figures.statistics import Calibration, Share
from conversations.figures.tallies import TopicTally
from knowledge.languages import Language
from web.locales import load_catalogue
from web.staff.figure_cells import FEW, Cell, Column, Table, text
from web.staff.topics import Topics

TOP = 15
"""Topics in a ranking."""


class TopicTables:
    """The tables of one report's topics; those with few questions are one row."""

    def __init__(self, report: Report, topics: Topics, language: Language) -> None:
        """Prepare them.

        Args:
            report: The figures.
            topics: The titles of the topics.
            language: The reader's.
        """
        self._catalogue: NullTranslations = load_catalogue(language)
        self._report, self._topics, self._language = report, topics, language

    def all(self) -> list[Table]:
        """Return every table."""
        return [self.topics(), self.failed(), self.precision()]

    def topics(self) -> Table:
        """Return all topics, those asked most first."""
        _ = self._catalogue.gettext
        columns = (
            *(
                Column("topic", _("Topic"), False),
                Column("questions", _("Questions")),
                Column("answered", _("Answered")),
            ),
            *(Column("clarified", _("Asked which topic")), Column("thumbs_up", _("Thumbs up"))),
            *(Column("thumbs_down", _("Thumbs down")), Column("handoffs", _("Requests for a human"))),
            *(Column("failed", _("Failed")), Column("failed_share", _("Failed, share"))),
        )
        rows = [
            (
                text(name),
                *(Cell(count) for count in (topic.questions, topic.answered, topic.clarified)),
                *(Cell(count) for count in (topic.thumbs["up"], topic.thumbs["down"], topic.handoffs, topic.failed)),
                Cell(topic.failures.value, "share"),
            )
            for name, topic in self._ranked(lambda topic: topic.questions)
        ]
        return Table("topics", _("Topics, those asked most first"), columns, tuple(rows), self._few_note())

    def failed(self) -> Table:
        """Return the topics that failed most often."""
        _ = self._catalogue.gettext
        columns = (
            *(Column("topic", _("Topic"), False), Column("failed", _("Failed")), Column("questions", _("Questions"))),
            Column("share", _("Failed, share")),
        )
        ranked = [(name, topic) for name, topic in self._ranked(lambda topic: topic.failed) if topic.failed][:TOP]
        rows = [
            (text(name), Cell(topic.failed), Cell(topic.questions), Cell(topic.failures.value, "share"))
            for name, topic in ranked
        ]
        note = _(
            "A question has failed when Lotsi asked which topic was meant, got a thumb down or was judged as not right."
        )
        return Table("failed", _("Topics that failed most often"), columns, tuple(rows), note)

    def precision(self) -> Table:
        """Return how many of the judged answers were right, by topic."""
        _ = self._catalogue.gettext
        columns = (
            *(Column("topic", _("Topic"), False), Column("right", _("Right")), Column("judged", _("Reviewed"))),
            *(Column("share", _("Right, share")), Column("low", _("At least")), Column("high", _("At most"))),
        )
        ranked = [(name, topic) for name, topic in self._ranked(lambda topic: topic.judged) if topic.judged]
        rows = [(text(name), *_interval_cells(topic.precision)) for name, topic in ranked]
        note = _(
            "At least and at most: the true share lies between them with 95 per cent certainty. Counsellors read the "
            "doubtful conversations first, so the share of all answers that are right is probably higher."
        )
        return Table("precision", _("Right among reviewed answers, by topic"), columns, tuple(rows), note)

    def _ranked(self, key: Callable[[TopicTally], int]) -> list[tuple[str, TopicTally]]:
        """Return the topics with their titles, the highest first; those with few questions are one row, the last."""
        known = [(self._topics.title(topic, self._language), tally) for topic, tally in self._report.topics.items()]
        shown = sorted(
            ((name, tally) for name, tally in known if tally.questions >= FEW),
            key=lambda item: (-key(item[1]), item[0]),
        )
        rest = [tally for _, tally in known if tally.questions < FEW]
        return shown + self._merge(rest)

    def _merge(self, rest: Iterable[TopicTally]) -> list[tuple[str, TopicTally]]:
        merged = TopicTally.sum(rest)
        # Where even together they are few, the row would tell what is hidden.
        return (
            [(self._catalogue.gettext("Topics with few questions, together"), merged)]
            if merged.questions >= FEW
            else []
        )

    def _few_note(self) -> str:
        note = self._catalogue.gettext(
            "Topics with fewer than %(few)d questions are counted together, so that nobody is recognised."
        )
        return note % {"few": FEW}


def make_calibration(found: Calibration, language: Language) -> Table:
    """Return confidence against what was right."""
    _ = load_catalogue(language).gettext
    columns = (
        *(Column("confidence", _("Confidence"), False), Column("mean", _("Confidence, mean"))),
        *(Column("right", _("Right")), Column("judged", _("Reviewed")), Column("share", _("Right, share"))),
        *(Column("low", _("At least")), Column("high", _("At most"))),
    )
    rows = [
        (
            text(f"{item.low * 100:.0f}–{item.high * 100:.0f}\u00a0%"),
            Cell(item.confidence, "share"),
            *_interval_cells(item.right),
        )
        for item in found.bins
    ]
    error = "–" if found.error is None else f"{found.error * 100:.1f}".replace(".", ",")
    note = _("Expected calibration error: %(error)s percentage points. At 0, confidence means what it says.")
    return Table("calibration", _("Confidence and what was right"), columns, tuple(rows), note % {"error": error})


def _interval_cells(share: Share) -> tuple[Cell, ...]:
    low, high = share.interval
    return (Cell(share.part), Cell(share.whole), *(Cell(value, "share") for value in (share.value, low, high)))
