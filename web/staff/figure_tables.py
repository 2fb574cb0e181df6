"""The tables of the page of figures: what is counted, in the reader's words, without what could point at somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from gettext import NullTranslations

from conversations.figures.report import Report
from conversations.figures.statistics import Share
from conversations.figures.tallies import Tally, TopicTally
from knowledge.languages import LANGUAGES, Language
from web.locales import load_catalogue
from web.staff.figure_cells import FEW, HIDDEN, Cell, Column, Few, Table, protect, text
from web.staff.topics import Topics

TOP = 15
"""Topics in a ranking."""
_STARS = (5, 4, 3, 2, 1)
Translate = Callable[[str], str]


class FigureTables:
    """The tables of one report in one language."""

    def __init__(self, report: Report, topics: Topics, language: Language) -> None:
        """Prepare them.

        Args:
            report: The figures.
            topics: The titles of the topics.
            language: The reader's.
        """
        self._catalogue: NullTranslations = load_catalogue(language)
        self._report, self._topics, self._language = report, topics, language
        self._names = {"sv": self._catalogue.gettext("Swedish"), "fi": self._catalogue.gettext("Finnish")}

    def all(self) -> list[Table]:
        """Return every table."""
        return [
            *(self.summary(), self.days(), self.topics(), self.failed(), self.precision()),
            *(self.waiting(), self.ratings(), self.calibration()),
        ]

    def summary(self) -> Table:
        """Return the measures of both languages side by side, and whether they differ."""
        _ = self._catalogue.gettext
        total, languages = self._report.total, self._report.languages
        columns = [Column("measure", _("Measure"), False), Column("all", _("All"))]
        columns += [Column(code, self._names[code]) for code in LANGUAGES]
        columns += [Column("difference", _("Difference, percentage points")), Column("verdict", _("Verdict"), False)]
        counts: list[tuple[str, Callable[[Tally], Cell]]] = [
            (_("Conversations"), lambda tally: self._count(tally.conversations)),
            (_("Questions"), lambda tally: self._count(tally.questions)),
            (_("Emergencies"), lambda tally: Cell(protect(tally.results["emergency"]))),
            (_("Median waiting time"), lambda tally: self._seconds(tally, 0.5)),
            (_("Stars, mean"), lambda tally: Cell(self._base(tally.mean_stars, tally.stars.total()), "number")),
        ]
        shares: list[tuple[str, Callable[[Tally], Share]]] = [
            (_("Answered"), lambda tally: tally.share("answered")),
            (_("Asked which topic"), lambda tally: tally.share("clarified")),
            (_("Lotsi did not know"), lambda tally: tally.share("dont_know")),
            (_("Conversations with a request for a human"), lambda tally: tally.handoff_share),
            (_("Thumbs up among thumbs"), lambda tally: tally.thumbs_up),
            (_("Right among reviewed answers"), lambda tally: tally.precision),
        ]
        tallies = [total, *(languages[code] for code in LANGUAGES)]
        nothing = (Cell(None, "points"), text(""))
        rows = [(text(name), *map(measure, tallies), *nothing) for name, measure in counts]
        for name, share in shares:
            found = [share(tally) for tally in tallies]
            rows.append((text(name), *map(self._share, found), *self._compare(found[1], found[2])))
        note = _("A difference counts as one when it is larger than chance would make it, with 95 per cent certainty.")
        return Table("summary", _("Both languages side by side"), tuple(columns), tuple(rows), note)

    def days(self) -> Table:
        """Return the counts of each day."""
        _ = self._catalogue.gettext
        columns = (
            *(Column("day", _("Day"), False), Column("conversations", _("Conversations"))),
            *(Column(f"conversations_{code}", f"{_('Conversations')}: {self._names[code]}") for code in LANGUAGES),
            *(Column("questions", _("Questions")), Column("answered", _("Answered"))),
            *(Column("clarified", _("Asked which topic")), Column("dont_know", _("Lotsi did not know"))),
            *(Column("human", _("A counsellor answered")), Column("emergency", _("Emergencies"))),
            *(Column("other", _("Other")), Column("handoffs", _("Requests for a human"))),
            *(Column("median_wait", _("Median waiting time")), Column("callbacks", _("Call-backs asked for"))),
            *(Column("thumbs_up", _("Thumbs up")), Column("thumbs_down", _("Thumbs down"))),
            Column("stars", _("Stars, mean")),
        )
        by_day, rows = self._report.by_day, []
        for day, tally in self._report.days.items():
            spoken = [by_day.get((day, code), Tally()).conversations for code in LANGUAGES]
            done = [tally.results[name] for name in ("answered", "clarified", "dont_know", "human")]
            rows.append(
                (
                    Cell(day, "day"),
                    *map(self._count, (tally.conversations, *spoken, tally.questions, *done)),
                    Cell(protect(tally.results["emergency"])),
                    *map(self._count, (tally.results["other"], tally.handoffs)),
                    self._seconds(tally, 0.5),
                    *map(self._count, (tally.callbacks, tally.thumbs["up"], tally.thumbs["down"])),
                    Cell(self._base(tally.mean_stars, tally.stars.total()), "number"),
                )
            )
        return Table("days", _("Day by day"), columns, tuple(rows))

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

    def waiting(self) -> Table:
        """Return how long residents waited for a human being."""
        _ = self._catalogue.gettext
        columns = (
            *(Column("language", _("Language"), False), Column("handoffs", _("Requests for a human"))),
            *(Column("taken", _("Taken over")), Column("gone", _("Ended before that"))),
            *(Column("median", _("Median waiting time")), Column("p90", _("Nine of ten waited at most"))),
            *(Column("callbacks", _("Call-backs asked for")), Column("called", _("Called back"))),
            Column("in_time", _("Called back in time")),
        )
        rows = [
            (
                text(name),
                *map(self._count, (tally.handoffs, len(tally.waits), tally.gone)),
                *(self._seconds(tally, share) for share in (0.5, 0.9)),
                *map(self._count, (tally.callbacks, tally.called, tally.called_in_time)),
            )
            for name, tally in self._by_language()
        ]
        return Table("waiting", _("The way to a human being"), columns, tuple(rows))

    def ratings(self) -> Table:
        """Return what residents thought."""
        _ = self._catalogue.gettext
        tallies = self._by_language()
        ids = ("all", *LANGUAGES)
        columns = (
            Column("rating", _("Rating"), False),
            *(Column(id, name) for id, (name, _tally) in zip(ids, tallies, strict=True)),
        )
        rows = [
            (text(self._stars(stars)), *(self._count(tally.stars[stars]) for _name, tally in tallies))
            for stars in _STARS
        ]
        for value, name in (("up", _("Thumbs up")), ("down", _("Thumbs down"))):
            rows.append((text(name), *(self._count(tally.thumbs[value]) for _name, tally in tallies)))
        return Table("ratings", _("What residents thought"), columns, tuple(rows))

    def calibration(self) -> Table:
        """Return confidence against what was right."""
        _ = self._catalogue.gettext
        columns = (
            *(Column("confidence", _("Confidence"), False), Column("mean", _("Confidence, mean"))),
            *(Column("right", _("Right")), Column("judged", _("Reviewed")), Column("share", _("Right, share"))),
            *(Column("low", _("At least")), Column("high", _("At most"))),
        )
        found = self._report.calibration
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

    def _by_language(self) -> list[tuple[str, Tally]]:
        languages = self._report.languages
        return [
            (self._catalogue.gettext("All"), self._report.total),
            *((self._names[code], languages[code]) for code in LANGUAGES),
        ]

    def _stars(self, stars: int) -> str:
        return (
            self._catalogue.gettext("1 star")
            if stars == 1
            else self._catalogue.gettext("{number} stars").format(number=stars)
        )

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

    def _count(self, count: int) -> Cell:
        """A count; within a topic it tells what somebody asked about, and is protected."""
        return Cell(protect(count) if self._report.scope.topic else count)

    def _base(self, value: float | None, count: int) -> float | Few | None:
        return HIDDEN if self._report.scope.topic and 0 < count < FEW else value

    def _seconds(self, tally: Tally, share: float) -> Cell:
        return Cell(self._base(tally.wait(share), len(tally.waits)), "seconds")

    def _share(self, share: Share) -> Cell:
        return Cell(self._base(share.value, share.whole), "share")

    def _compare(self, one: Share, other: Share) -> tuple[Cell, Cell]:
        differs = one.differs(other)
        if differs is None or one.value is None or other.value is None or min(one.whole, other.whole) < FEW:
            return Cell(None, "points"), text(self._catalogue.gettext("Too few to tell"))
        words = self._catalogue.gettext("A real difference") if differs else self._catalogue.gettext("May be chance")
        return Cell(one.value - other.value, "points"), text(words)


def _interval_cells(share: Share) -> tuple[Cell, ...]:
    low, high = share.interval
    return (Cell(share.part), Cell(share.whole), *(Cell(value, "share") for value in (share.value, low, high)))
