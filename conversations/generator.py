"""Makes conversations in bulk for measuring: always the same ones from one seed, with no resident behind them.

They go in by bulk inserts past the stores, which would take hours, and are judged by the same function
(`conversations.attention.summarise`), so that the inbox holds what it would hold.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine, Table, func, insert, select, text
from sqlalchemy.orm import Session

from conversations.attention import summarise
from conversations.inbox_entry import mark_rows
from conversations.inbox_text import make_terms
from conversations.question_schema import QuestionRow
from conversations.questions import question_values
from conversations.records import NewMessage, current_moment
from conversations.review_schema import InboxMarkRow, InboxRow, InboxTextRow, ReviewRow
from conversations.schema import Base, ConversationRow, FeedbackRow, HandoffRow, MessageRow, RatingRow
from knowledge.engine import for_writing
from knowledge.languages import Language

SEED = 20
DAYS = 90
TURNS = (1, 7)
_BATCH = 2000
_TAGS = ("callback", "language", "training", "unclear")
_STATUSES = (("new", 40), ("in_review", 5), ("resolved", 55))
_OUTCOMES = (("sure", 70), ("between", 9), ("unsure", 12), ("payload", 7), ("safety", 1), ("foreign", 1))
_VERDICTS = (*("right",) * 8, "wrong", "missing")
_TOPICS = tuple(f"topic-{number}" for number in range(80))
_OPENERS: dict[Language, tuple[str, ...]] = {
    "sv": ("hej, ", "", "en fråga: ", "jag undrar ", "god dag, ", "kan ni säga "),
    "fi": ("hei, ", "", "kysymys: ", "haluaisin tietää ", "päivää, ", "osaatteko sanoa "),
}
_ASKED: dict[Language, tuple[str, ...]] = {
    "sv": ("var får jag {}", "hur söker jag {}", "vad kostar {}", "när öppnar {}", "vem beslutar om {}", "{}?"),
    "fi": ("mistä saan {}", "miten haen {}", "mitä maksaa {}", "milloin aukeaa {}", "kuka päättää {}", "{}?"),
}
_THINGS: dict[Language, tuple[str, ...]] = {
    "sv": (
        *("hemvård", "tandläkare", "färdtjänst", "närståendevård", "rådgivning", "barnrådgivningen", "vaccination"),
        *("utkomststöd", "skuldrådgivning", "mentalvård", "rehabilitering", "trygghetstelefon", "laboratoriet"),
        *("hälsovårdscentralen", "jouren", "familjecentret", "hörapparat", "rullstol", "avgiftstak", "läkartid"),
    ),
    "fi": (
        *("kotihoitoa", "hammaslääkäri", "kuljetuspalvelu", "omaishoidon tukea", "neuvontaa", "lastenneuvola"),
        *("toimeentulotukea", "velkaneuvontaa", "mielenterveyspalvelu", "kuntoutusta", "turvapuhelin", "rokotus"),
        *("terveysasema", "päivystys", "perhekeskus", "kuulokoje", "pyörätuoli", "maksukatto", "lääkäriaika"),
    ),
}
_WHO: dict[Language, tuple[str, ...]] = {
    "sv": (
        "till mamma",
        "till ett barn",
        "i Karleby",
        "nära mig",
        "nästa vecka",
        "för min make",
        "mitt nummer [phone]",
    ),
    "fi": ("äidille", "lapselle", "Kokkolassa", "lähellä", "ensi viikolla", "puolisolle", "numeroni [phone]"),
}


class DatabaseNotEmpty(Exception):
    """There are conversations already; somebody's own must not be mixed with made ones."""


@dataclass
class _Batch:
    """Rows by table, in the order in which they are inserted."""

    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, row: type[Base], **values: Any) -> None:
        table = row.__table__
        assert isinstance(table, Table)  # noqa: S101 (for the type checker)
        self.rows.setdefault(table, []).append(values)


class Generator:
    """Makes conversations; the same ones for the same seed, but for the day that they end on."""

    def __init__(self, seed: int = SEED, now: dt.datetime | None = None) -> None:
        """Begin.

        Args:
            seed: Of all choices.
            now: When the newest conversation may have ended; the present moment if left out.
        """
        self._random = random.Random(seed)  # noqa: S311 (nothing is kept secret by it)
        self._staff = random.Random(seed + 1)  # noqa: S311 (apart, so that what residents say stays the same)
        self._now = now or current_moment()
        self._number = 0

    def fill(self, engine: Engine, messages: int, report: Callable[[int], object] = lambda _: None) -> int:
        """Fill an empty database.

        Args:
            engine: A migrated conversations database.
            messages: How many messages at least.
            report: Is told now and then how many there are.

        Returns:
            How many there are.

        Raises:
            DatabaseNotEmpty: There are conversations in it.
        """
        with Session(engine) as session:
            if session.scalar(select(func.count()).select_from(ConversationRow)):
                raise DatabaseNotEmpty("the database holds conversations already; give an empty one")
        made = 0
        while made < messages:
            batch = _Batch()
            for _ in range(_BATCH):
                made += self._make_conversation(batch)
                if made >= messages:
                    break
            with for_writing(engine).begin() as connection:
                for table, rows in batch.rows.items():
                    connection.execute(insert(table), rows)
            report(made)
        self._finish(engine)
        return made

    def _finish(self, engine: Engine) -> None:
        """Set the next number, and let the planner know what there is, as a database does by itself over the days."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(text("ANALYZE"))
                return
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('inbox', 'number'), {self._number})"))
            connection.execute(text("VACUUM ANALYZE"))

    def _make_conversation(self, batch: _Batch) -> int:
        choose = self._random
        self._number += 1
        id = f"{choose.getrandbits(128):032x}"
        language: Language = choose.choice(("sv", "fi"))
        ended = self._now - dt.timedelta(seconds=choose.randrange(DAYS * 86400))
        began = ended - dt.timedelta(minutes=choose.randint(1, 30))
        messages = list(self._say(language))
        base = {"id": id, "language": language, "created_at": began, "updated_at": ended}
        batch.add(ConversationRow, **base, token_hash="", state="ended", channel="web")
        stored = [self._message_row(id, position, message, ended) for position, message in enumerate(messages)]
        for row in stored:
            batch.add(MessageRow, **row)
        self._judge(batch, stored)
        thumbs, stars = self._rate(batch, id, messages, ended)
        asked = choose.random() < 0.05
        if asked:
            taken = ended + dt.timedelta(seconds=self._staff.randrange(1200))
            moments = {"requested_at": ended, "taken_at": taken, "taken_by": "nobody", "closed_at": taken}
            batch.add(HandoffRow, id=id, conversation_id=id, language=language, **moments, outcome="ended")
        summary = summarise(messages, thumbs, stars, asked)
        if summary is None:
            raise ValueError("a made conversation has a question")
        number = self._number
        batch.add(
            InboxRow,
            **{"number": number, "conversation_id": id, "attention": summary.attention, "excerpt": summary.excerpt},
            **{"reasons": list(summary.reasons), "questions": summary.questions, "language": language},
            **{"confidence": summary.confidence, "status": self._weighted(_STATUSES), "assigned_to": self._somebody()},
            **{"version": 1, "updated_at": ended},
        )
        tags = {("tag", choose.choice(_TAGS))} if choose.random() < 0.1 else set()
        for mark in mark_rows(number, summary.attention, ended, summary.marks | tags):
            batch.add(InboxMarkRow, **mark)
        terms = " ".join(_terms(message.text) for message in messages if message.sender == "resident")
        batch.add(InboxTextRow, number=number, position=len(messages) - 1, terms=terms)
        return len(messages)

    def _say(self, language: Language) -> Iterator[NewMessage]:
        choose = self._random
        yield NewMessage("bot", "[greeting]", language)
        for _ in range(choose.randint(*TURNS)):
            spoken: Language = language if choose.random() < 0.98 else ("fi" if language == "sv" else "sv")
            outcome = self._weighted(_OUTCOMES)
            topic = _TOPICS[min(int(choose.expovariate(1 / 14)), len(_TOPICS) - 1)]
            confidence = round(1 - choose.random() ** 2 * (0.6 if outcome == "sure" else 0.9), 4)
            words = self._ask(spoken)
            yield NewMessage(
                "resident",
                words,
                spoken,
                payload=f"/{topic}" if outcome == "payload" else None,
                masked=("phone",) if "[phone]" in words else (),
                intent="nlu_fallback" if outcome == "unsure" else topic,
                predicted=topic,
                confidence=confidence,
                outcome=outcome,
                ranking=(
                    {"intent": topic, "confidence": confidence},
                    {"intent": choose.choice(_TOPICS), "confidence": round((1 - confidence) * choose.random(), 4)},
                ),
                trigger="danger_life" if outcome == "safety" else None,
                model="made",
            )
            answered = topic if outcome in ("sure", "payload") else None
            yield NewMessage(
                "bot", f"[answer {topic}]", spoken, topic=answered, model="made", emergency=outcome == "safety"
            )

    def _ask(self, language: Language) -> str:
        choose = self._random
        opener, asked = choose.choice(_OPENERS[language]), choose.choice(_ASKED[language])
        who = choose.choice(_WHO[language]) if choose.random() < 0.6 else ""
        return f"{opener}{asked.format(choose.choice(_THINGS[language]))} {who}".strip()

    def _message_row(self, id: str, position: int, message: NewMessage, at: dt.datetime) -> dict[str, Any]:
        values = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(message).items()}
        number = f"{self._random.getrandbits(128):032x}"
        return {**values, "id": number, "conversation_id": id, "position": position, "created_at": at}

    def _judge(self, batch: _Batch, stored: Sequence[dict[str, Any]]) -> None:
        """Write down what became of each question, and let a counsellor judge some."""
        for values in question_values(SimpleNamespace(**row) for row in stored):
            batch.add(QuestionRow, **values)
            if self._staff.random() < 0.01:
                ids = {name: values[name] for name in ("message_id", "conversation_id")}
                verdict, at = self._staff.choice(_VERDICTS), stored[0]["created_at"]
                batch.add(ReviewRow, **ids, verdict=verdict, topic=None, reviewer="nobody", reviewed_at=at, version=1)

    def _rate(
        self, batch: _Batch, id: str, messages: Sequence[NewMessage], at: dt.datetime
    ) -> tuple[list[str], int | None]:
        choose, thumbs, stars = self._random, [], None
        if choose.random() < 0.12:
            thumbs = [choose.choice(("up", "up", "down"))]
            table = MessageRow.__table__
            assert isinstance(table, Table)  # noqa: S101 (for the type checker)
            answer = batch.rows[table][-1]["id"]
            batch.add(FeedbackRow, message_id=answer, conversation_id=id, value=thumbs[0], created_at=at)
        if choose.random() < 0.08:
            stars = choose.choice((1, 2, 3, 4, 4, 5, 5, 5))
            batch.add(RatingRow, conversation_id=id, stars=stars, created_at=at)
        return thumbs, stars

    def _weighted(self, choices: Sequence[tuple[str, int]]) -> str:
        return self._random.choices([name for name, _ in choices], [weight for _, weight in choices])[0]

    def _somebody(self) -> str | None:
        return f"counsellor-{self._random.randrange(12)}" if self._random.random() < 0.3 else None


@functools.lru_cache(maxsize=200_000)
def _terms(said: str) -> str:
    return make_terms(said)
