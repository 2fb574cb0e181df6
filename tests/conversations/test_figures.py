"""Figures hold against data that was counted by hand. On both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from conversations.callbacks import Callbacks, Caller
from conversations.database import migrate
from conversations.feedback import FeedbackStore
from conversations.figures.report import Figures, Report
from conversations.figures.scope import Period, Scope
from conversations.figures.statistics import Share, calibrate, find_quantile
from conversations.figures.unanswered import fetch_unanswered, group_questions
from conversations.generator import Generator
from conversations.handoffs import Handoffs
from conversations.question_schema import QuestionRow
from conversations.questions import RESULTS, local_day
from conversations.reviews import Reviews
from conversations.schema import CallbackRow, HandoffRow, MessageRow, RatingRow
from conversations.store import ConversationStore, NewMessage

FINLAND = ZoneInfo("Europe/Helsinki")
MONDAY = dt.date(2026, 11, 2)
TUESDAY = dt.date(2026, 11, 3)
WEEK = Period(MONDAY, MONDAY + dt.timedelta(days=6))


@dataclass
class Desk:
    """Talks with residents on days of its own choice, and counts."""

    engine: Engine

    def __post_init__(self) -> None:
        self.store, self.feedback = ConversationStore(self.engine), FeedbackStore(self.engine)
        self.handoffs, self.reviews = Handoffs(self.engine), Reviews(self.engine)

    def ask(self, outcome: str, topic: str | None = None, **values: Any) -> tuple[str, str, str]:
        """A question with its answer; return the ids of conversation, question and answer."""
        language, day = values.pop("language", "sv"), values.pop("day", MONDAY)
        id = values.pop("id", None) or self.store.insert_conversation(language)[0].id
        sender, emergency = values.pop("sender", "bot"), values.pop("emergency", False)
        (asked,) = self.store.insert_messages(id, [NewMessage("resident", values.pop("text", "var"), language)])
        self.store.update_understanding(asked.id, outcome=outcome, **values)
        (answer,) = self.store.insert_messages(
            id, [NewMessage(sender, "Svar.", language, topic=topic, emergency=emergency)]
        )
        self.move(QuestionRow, QuestionRow.message_id == asked.id, day=day)
        return id, asked.id, answer.id

    def move(self, row: Any, condition: Any, **values: Any) -> None:
        """Let something have happened at another time."""
        with Session(self.engine) as session, session.begin():
            session.execute(update(row).where(condition).values(**values))

    def count(self, **values: Any) -> Report:
        return Figures(self.engine).count(Scope(**{"period": WEEK, **values}))


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def at(day: dt.date, hour: int = 12, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=FINLAND)


def results(report: Report) -> dict[str, int]:
    return dict(report.total.results)


class TestQuestions:
    """What became of each question."""

    @pytest.mark.parametrize(
        ("outcome", "topic", "values", "result"),
        [
            ("sure", "dental", {}, ("answered", "dental")),
            ("payload", "dental", {}, ("answered", "dental")),
            ("unsure", "dental", {}, ("answered", "dental")),
            ("between", None, {"predicted": "dental"}, ("clarified", "dental")),
            ("unsure", None, {"predicted": "dental"}, ("dont_know", None)),
            ("sure", None, {"intent": "out_of_scope"}, ("dont_know", None)),
            ("sure", None, {"intent": "greet"}, ("other", None)),
            ("sure", None, {"intent": "human_handoff"}, ("other", None)),
            ("foreign", None, {}, ("other", None)),
            ("safety", "crisis", {"trigger": "danger_life"}, ("emergency", None)),
            ("unsure", None, {"emergency": True}, ("emergency", None)),
            (None, None, {"sender": "human"}, ("human", None)),
        ],
    )
    def test_each_has_one_result(self, desk: Desk, outcome, topic, values, result) -> None:
        desk.ask(outcome, topic, **values)
        with Session(desk.engine) as session:
            (row,) = session.scalars(select(QuestionRow))
            assert (row.result, row.topic) == result
        assert result[0] in RESULTS

    def test_it_changes_with_what_is_said_later(self, desk: Desk) -> None:
        begun, _ = desk.store.insert_conversation("sv")
        desk.store.insert_messages(begun.id, [NewMessage("bot", "Hej!", "sv"), NewMessage("resident", "var", "sv")])
        today = Period.ending(local_day(dt.datetime.now(FINLAND)), 2)
        assert results(desk.count(period=today)) == {"other": 1}
        desk.store.insert_messages(begun.id, [NewMessage("bot", "Där.", "sv", topic="dental")])
        assert results(desk.count(period=today)) == {"answered": 1}

    def test_erased_conversations_are_not_counted(self, desk: Desk) -> None:
        id, asked, answer = desk.ask("sure", "dental")
        desk.feedback.write_feedback(id, answer, "up")
        desk.reviews.write_review(id, asked, "desk", "right")
        desk.store.delete_conversation(id)
        report = desk.count()
        assert (report.total.questions, report.topics, report.total.judged) == (0, {}, 0)
        with Session(desk.engine) as session:
            assert session.scalar(select(func.count()).select_from(QuestionRow)) == 0

    def test_a_day_begins_at_midnight_in_finland(self) -> None:
        utc = dt.timezone.utc
        assert local_day(dt.datetime(2026, 7, 1, 20, 59, tzinfo=utc)) == dt.date(2026, 7, 1)
        assert local_day(dt.datetime(2026, 7, 1, 21, 0, tzinfo=utc)) == dt.date(2026, 7, 2)
        assert local_day(dt.datetime(2026, 12, 1, 21, 30, tzinfo=utc)) == dt.date(2026, 12, 1)
        assert Period(dt.date(2026, 10, 25), dt.date(2026, 10, 25)).begin.utcoffset() == dt.timedelta(hours=3)
        assert Period(dt.date(2026, 10, 25), dt.date(2026, 10, 25)).end.utcoffset() == dt.timedelta(hours=2)

    def test_a_migration_fills_in_what_was_asked_before_it(self, engine: Engine) -> None:
        Generator().fill(engine, 1000)
        with Session(engine) as session, session.begin():
            made = _stored(session.scalars(select(QuestionRow)))
            session.execute(delete(QuestionRow))
        _downgrade(engine, "0005")
        migrate(engine)
        with Session(engine) as session:
            assert _stored(session.scalars(select(QuestionRow))) == made
        assert len(made) > 300


def _stored(rows: Iterable[QuestionRow]) -> list[tuple[Any, ...]]:
    columns = [column.key for column in QuestionRow.__table__.columns]
    return sorted(tuple(str(getattr(row, name)) for name in columns) for row in rows)


def _downgrade(engine: Engine, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    from conversations import database
    from knowledge.engine import for_writing

    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    with for_writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


class TestDays:
    """By day and language."""

    def test_conversations_and_questions_are_counted_by_day_and_language(self, desk: Desk) -> None:
        id, _, _ = desk.ask("sure", "dental")
        desk.ask("between", predicted="dental", id=id)
        desk.ask("unsure", id=id, day=TUESDAY)
        desk.ask("sure", "clinic", language="fi", day=TUESDAY)
        desk.ask("sure", "clinic", day=MONDAY - dt.timedelta(days=1))
        desk.ask("sure", "clinic", day=WEEK.last + dt.timedelta(days=1))
        report = desk.count()
        days = {day: (tally.conversations, dict(tally.results)) for day, tally in report.days.items()}
        assert days.pop(MONDAY) == (1, {"answered": 1, "clarified": 1})
        assert days.pop(TUESDAY) == (1, {"dont_know": 1, "answered": 1})
        assert len(days) == 5 and set(map(str, days.values())) == {"(0, {})"}
        assert {code: tally.questions for code, tally in report.languages.items()} == {"sv": 3, "fi": 1}
        assert report.total.share("answered") == Share(2, 4)
        assert desk.count(language="fi").total.questions == 1

    def test_a_topics_conversations_count_with_any_of_their_questions(self, desk: Desk) -> None:
        id, _, _ = desk.ask("sure", "clinic")
        for _ in range(2):
            desk.ask("sure", "dental", id=id)
        total = desk.count(topic="dental").total
        assert (total.conversations, total.questions) == (1, 2)

    def test_an_empty_period_has_figures_too(self, desk: Desk) -> None:
        total = desk.count().total
        assert (total.questions, total.wait(0.5), total.mean_stars, total.precision.value) == (0, None, None, None)

    @pytest.mark.parametrize(("first", "last"), [(TUESDAY, MONDAY), (dt.date(2020, 1, 1), MONDAY)])
    def test_a_period_ends_after_it_begins_and_has_an_end(self, first: dt.date, last: dt.date) -> None:
        with pytest.raises(ValueError, match="period"):
            Period(first, last)


class TestPeople:
    """Waiting, calling back, rating."""

    def test_waiting_times_are_those_of_the_taken(self, desk: Desk) -> None:
        for place, minutes in enumerate((1, 2, 3, 4, 50, None, None)):
            id, _, _ = desk.ask("sure", "dental", language="fi" if place == 0 else "sv")
            desk.handoffs.request(id, [])
            asked = at(MONDAY, 10)
            values = {"requested_at": asked}
            if minutes is not None:
                values["taken_at"] = asked + dt.timedelta(minutes=minutes)
            desk.move(HandoffRow, HandoffRow.conversation_id == id, **values)
        desk.handoffs.leave(id, [])
        report = desk.count()
        total = report.total
        assert (total.handoffs, len(total.waits), total.gone) == (7, 5, 1)
        assert (total.wait(0.5), total.wait(0.9)) == (180, 3000)
        assert report.languages["fi"].wait(0.5) == 60
        assert report.topics["dental"].handoffs == 7
        assert total.handoff_share == Share(7, 7)
        assert desk.count(topic="clinic").total.handoffs == 0
        assert desk.count(topic="dental", language="fi").total.handoffs == 1

    def test_call_backs_are_done_in_time_or_late(self, desk: Desk, callbacks: Callbacks) -> None:
        due = at(TUESDAY, 16)
        for called in (at(TUESDAY, 15), at(TUESDAY, 17), None):
            id, _, _ = desk.ask("sure", "dental")
            callbacks.request(id, Caller("040 1234567"), due, [])
            values = {"requested_at": at(MONDAY), "closed_at": called, "status": "done" if called else "open"}
            desk.move(CallbackRow, CallbackRow.conversation_id == id, **values)
        tally = desk.count().days[MONDAY]
        assert (tally.callbacks, tally.called, tally.called_in_time) == (3, 2, 1)

    def test_stars_count_on_their_day_and_thumbs_on_the_questions(self, desk: Desk) -> None:
        id, _, answer = desk.ask("sure", "dental")
        opening = desk.store.insert_messages(id, [NewMessage("bot", "Något mer?", "sv")])[0].id
        desk.ask("sure", "clinic", id=id)
        other, _, good = desk.ask("sure", "dental", language="fi", day=TUESDAY)
        desk.feedback.write_feedback(id, answer, "down")
        desk.feedback.write_feedback(id, opening, "down")
        desk.feedback.write_feedback(other, good, "up")
        for place, stars in ((id, 5), (other, 2)):
            desk.feedback.write_rating(place, stars)
            desk.move(RatingRow, RatingRow.conversation_id == place, created_at=at(TUESDAY))
        report = desk.count()
        assert report.days[MONDAY].thumbs == {"down": 2}
        assert report.days[TUESDAY].thumbs == {"up": 1}
        assert report.total.mean_stars == 3.5
        assert report.languages["fi"].stars == {2: 1}
        dental = report.topics["dental"]
        assert (dental.thumbs, dental.failed, dental.failures) == ({"up": 1, "down": 2}, 1, Share(1, 2))
        assert "clinic" in report.topics and not report.topics["clinic"].thumbs
        assert desk.count(topic="clinic").total.stars == {5: 1}


class TestQuality:
    """What counsellors judged."""

    def test_precision_is_right_among_judged_answers(self, desk: Desk) -> None:
        for verdict, topic, confidence in (
            ("right", "dental", 0.95),
            ("right", "dental", 0.85),
            ("wrong", "dental", 0.81),
            ("unsafe", "clinic", 0.55),
        ):
            id, asked, answer = desk.ask("sure", topic, confidence=confidence)
            desk.reviews.write_review(id, asked, "desk", verdict)
            if verdict == "wrong":
                desk.feedback.write_feedback(id, answer, "down")
        id, asked, _ = desk.ask("unsure")
        desk.reviews.write_review(id, asked, "desk", "right")
        id, asked, _ = desk.ask("payload", "dental")
        desk.reviews.write_review(id, asked, "desk", "right")
        report = desk.count()
        assert report.total.precision == Share(3, 5)
        assert report.topics["dental"].precision == Share(3, 4)
        assert report.topics["clinic"].precision == Share(0, 1)
        assert (report.topics["dental"].failed, report.topics["clinic"].failed) == (1, 1)
        bins = [(item.low, item.right.part, item.right.whole) for item in report.calibration.bins]
        assert bins == [(0.5, 0, 1), (0.8, 1, 2), (0.9, 1, 1)]
        # |0.55 - 0| + |0.83 - 0.5| * 2 + |0.95 - 1|, over four
        assert report.calibration.error == pytest.approx((0.55 + 0.66 + 0.05) / 4)

    def test_clarified_questions_fail_once(self, desk: Desk) -> None:
        id, _, answer = desk.ask("between", predicted="dental")
        desk.feedback.write_feedback(id, answer, "down")
        assert desk.count().topics["dental"].failed == 1

    def test_wilsons_interval_is_that_of_the_textbook(self) -> None:
        low, high = Share(8, 10).interval
        assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
        assert Share(0, 0).interval == (0.0, 1.0)
        assert Share(10, 10).interval[1] == pytest.approx(1.0)

    def test_shares_differ_where_newcombes_interval_leaves_out_nothing(self) -> None:
        assert Share(56, 70).differs(Share(48, 80)) is True  # 0.0524 to 0.3339, Newcombe 1998, table II (a)
        assert Share(9, 10).differs(Share(3, 10)) is True
        assert Share(9, 10).differs(Share(7, 10)) is False
        assert Share(9, 10).differs(Share(0, 0)) is None

    def test_quantiles_are_values_that_occurred(self) -> None:
        assert [find_quantile([5, 1, 3], share) for share in (0.5, 0.9, 0.0)] == [3, 5, 1]
        assert find_quantile([], 0.5) is None

    def test_a_confidence_of_one_has_a_bin(self) -> None:
        assert [item.low for item in calibrate([(1.0, True), (0.0, False)]).bins] == [0.0, 0.9]
        assert calibrate([]).error is None


class TestUnanswered:
    """What was asked and is not in the documents."""

    SWEDISH = (
        *("var får jag en rullstol", "hur lånar man rullstol till mamma", "hej, rullstolen är trasig", "rullstolar?"),
        *("vad kostar en hörapparat", "horapparat batteri", "hörapparaten piper på [phone]", "?", "[phone]", "hej"),
    )
    FINNISH = ("mistä saan pyörätuolin", "pyorätuolin huolto", "onko kirjasto auki", "kirjaston aukioloajat")

    def test_questions_that_are_alike_are_grouped_in_both_languages(self) -> None:
        groups = group_questions(self.SWEDISH, "sv")
        assert [(group.size, group.word) for group in groups] == [(4, "rullstol"), (3, ""), (3, "hörapparat")]
        assert all(1 <= len(group.examples) <= 3 for group in groups)
        groups = group_questions(self.FINNISH, "fi")
        assert [(group.size, group.word) for group in groups] == [(2, "kirjasto"), (2, "pyörätuoli")]

    def test_the_same_questions_make_the_same_groups(self) -> None:
        assert group_questions(self.SWEDISH[::-1], "sv") == group_questions(self.SWEDISH, "sv")

    @pytest.mark.parametrize(("texts", "sizes"), [([], []), (["var är biblioteket"], [1]), (["?"], [1])])
    def test_few_questions_are_grouped_too(self, texts: list[str], sizes: list[int]) -> None:
        assert [group.size for group in group_questions(texts, "sv")] == sizes

    def test_only_what_was_not_known_in_the_scope_is_shown(self, desk: Desk) -> None:
        desk.ask("unsure", text="var ligger biblioteket")
        desk.ask("unsure", text="bibliotekets öppettider")
        desk.ask("unsure", text="kirjasto", language="fi")
        desk.ask("unsure", text="simhallen", day=WEEK.last + dt.timedelta(days=1))
        desk.ask("sure", "dental", text="tandläkare")
        found = fetch_unanswered(desk.engine, Scope(WEEK))
        assert (found.asked, found.compared) == (3, 3)
        assert [(group.language, group.size, group.word) for group in found.groups] == [
            ("sv", 2, "bibliotek"),
            ("fi", 1, "kirjasto"),
        ]
        assert {group.language for group in fetch_unanswered(desk.engine, Scope(WEEK, "fi")).groups} == {"fi"}


def test_made_conversations_have_the_figures_of_their_messages(engine: Engine) -> None:
    Generator().fill(engine, 1000)
    report = Figures(engine).count(Scope(Period.ending(local_day(dt.datetime.now(FINLAND)), 120)))
    with Session(engine) as session:
        asked = select(func.count()).select_from(MessageRow).where(MessageRow.sender == "resident")
        assert report.total.questions == session.scalar(asked)
    assert sum(tally.questions for tally in report.topics.values()) == sum(
        report.total.results[result] for result in ("answered", "clarified")
    )
