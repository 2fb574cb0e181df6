"""The tables of the page of figures: what is counted, in the reader's words, without what could point at somebody."""

from __future__ import annotations

from collections.abc import Callable
from gettext import NullTranslations

from conversations.figures.report import Report
from conversations.figures.statistics import Share
from conversations.figures.tallies import Tally
from knowledge.languages import LANGUAGES, Language
from web.locales import load_catalogue
from web.staff.figure_cells import FEW, Cell, Column, Table, protect, text
from web.staff.figure_guard import Guard
from web.staff.figure_topics import TopicTables, make_calibration
from web.staff.topics import Topics

_STARS = (5, 4, 3, 2, 1)
Count = Callable[[Tally], int]


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
        self._report, self._language, self._guard = report, language, Guard(report.scope)
        self._topic_tables = TopicTables(report, topics, language)
        self._names = {"sv": self._catalogue.gettext("Swedish"), "fi": self._catalogue.gettext("Finnish")}

    def all(self) -> list[Table]:
        """Return every table."""
        return [
            *(self.summary(), self.days(), *self._topic_tables.all()),
            *(self.waiting(), self.ratings(), make_calibration(self._report.calibration, self._language)),
        ]

    def summary(self) -> Table:
        """Return the measures of both languages side by side, and whether they differ."""
        _ = self._catalogue.gettext
        total, languages = self._report.total, self._report.languages
        columns = [Column("measure", _("Measure"), False), Column("all", _("All"))]
        columns += [Column(code, self._names[code]) for code in LANGUAGES]
        columns += [Column("difference", _("Difference, percentage points")), Column("verdict", _("Verdict"), False)]
        tallies = [total, *(languages[code] for code in LANGUAGES)]
        nothing = (Cell(None, "points"), text(""))
        counts: list[tuple[str, Count, bool]] = [
            (_("Conversations"), lambda tally: tally.conversations, False),
            (_("Questions"), lambda tally: tally.questions, False),
            (_("Emergencies"), lambda tally: tally.results["emergency"], True),
        ]
        rows = [
            (text(name), *self._guard.apart([count(tally) for tally in tallies], is_health), *nothing)
            for name, count, is_health in counts
        ]
        means: list[tuple[str, Callable[[Tally], Cell]]] = [
            (_("Median waiting time"), lambda tally: self._guard.wait(tally, 0.5)),
            (_("Stars, mean"), lambda tally: Cell(self._guard.mean(tally.mean_stars, tally.stars.total()), "number")),
        ]
        shares: list[tuple[str, Callable[[Tally], Share]]] = [
            (_("Answered"), lambda tally: tally.share("answered")),
            (_("Asked which topic"), lambda tally: tally.share("clarified")),
            (_("Lotsi did not know"), lambda tally: tally.share("dont_know")),
            (_("Conversations with a request for a human"), lambda tally: tally.handoff_share),
            (_("Thumbs up among thumbs"), lambda tally: tally.thumbs_up),
            (_("Right among reviewed answers"), lambda tally: tally.precision),
        ]
        rows += [(text(name), *map(measure, tallies), *nothing) for name, measure in means]
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
            *(Column("other", _("Other, emergencies too")), Column("handoffs", _("Requests for a human"))),
            *(Column("median_wait", _("Median waiting time")), Column("callbacks", _("Call-backs asked for"))),
            *(Column("thumbs_up", _("Thumbs up")), Column("thumbs_down", _("Thumbs down"))),
            Column("stars", _("Stars, mean")),
        )
        by_day, rows = self._report.by_day, []
        for day, tally in self._report.days.items():
            spoken = [by_day.get((day, code), Tally()).conversations for code in LANGUAGES]
            asked = [tally.questions, tally.results["answered"], tally.results["clarified"]]
            # Emergencies are among the others too: a difference of what is shown would tell how many there were.
            others = tally.results["other"] + tally.results["emergency"]
            rows.append(
                (
                    Cell(day, "day"),
                    *self._guard.apart([tally.conversations, *spoken]),
                    *self._guard.apart(asked),
                    *map(self._guard.count, (tally.results["dont_know"], tally.results["human"])),
                    Cell(protect(tally.results["emergency"])),
                    *map(self._guard.count, (others, tally.handoffs)),
                    self._guard.wait(tally, 0.5),
                    *map(self._guard.count, (tally.callbacks, tally.thumbs["up"], tally.thumbs["down"])),
                    Cell(self._guard.mean(tally.mean_stars, tally.stars.total()), "number"),
                )
            )
        return Table("days", _("Day by day"), columns, tuple(rows))

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
        tallies = self._by_language()
        measures: tuple[Count, ...] = (
            *(lambda tally: tally.handoffs, lambda tally: len(tally.waits), lambda tally: tally.gone),
            *(lambda tally: tally.callbacks, lambda tally: tally.called, lambda tally: tally.called_in_time),
        )
        counts = [self._guard.apart([measure(tally) for _name, tally in tallies]) for measure in measures]
        rows = [
            (
                text(name),
                *(column[place] for column in counts[:3]),
                *(self._guard.wait(tally, share) for share in (0.5, 0.9)),
                *(column[place] for column in counts[3:]),
            )
            for place, (name, tally) in enumerate(tallies)
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
            (text(self._stars(stars)), *self._guard.apart([tally.stars[stars] for _name, tally in tallies]))
            for stars in _STARS
        ]
        for value, name in (("up", _("Thumbs up")), ("down", _("Thumbs down"))):
            rows.append((text(name), *self._guard.apart([tally.thumbs[value] for _name, tally in tallies])))
        return Table("ratings", _("What residents thought"), columns, tuple(rows))

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

    def _share(self, share: Share) -> Cell:
        return Cell(self._guard.mean(share.value, share.whole), "share")

    def _compare(self, one: Share, other: Share) -> tuple[Cell, Cell]:
        differs = one.differs(other)
        if differs is None or one.value is None or other.value is None or min(one.whole, other.whole) < FEW:
            return Cell(None, "points"), text(self._catalogue.gettext("Too few to tell"))
        words = self._catalogue.gettext("A real difference") if differs else self._catalogue.gettext("May be chance")
        return Cell(one.value - other.value, "points"), text(words)
