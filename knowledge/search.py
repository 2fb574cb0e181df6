"""Full-text search over the sections: candidates by the database's own index, then one score for every database.

A hit's score is the share of the question's weight that the section covers, between 0 and 1: each term weighs
its inverse document frequency (Robertson & Spärck Jones 1976), a term found in title or aliases counts whole, one
found in the body alone counts `BODY_WEIGHT`; where a part of a compound alone is found (*läkare* of *tandläkare*),
`PART_WEIGHT` of that. Being a share, it can be held against a fixed bar.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import spacy
from sqlalchemy import Connection, Engine, select, text

from knowledge.languages import Language
from knowledge.lemmas import fold, lemmatize_word, split_compound, tokenize
from knowledge.reader import Validity
from knowledge.schema import BuildRow, SectionRow

BODY_WEIGHT = 0.6
PART_WEIGHT = 0.5
_CANDIDATES = 40
_R = TypeVar("_R")
_UNQUOTABLE = re.compile(r"[\"'\\\s]")
_WEIGHTS: WeakKeyDictionary[Engine, dict[Language, tuple[str, dict[str, float]]]] = WeakKeyDictionary()
"""The term weights of each open database, by language, with the hash of the content that they were counted in."""

_SQLITE_CREATE = (
    "DROP TABLE IF EXISTS knowledge_index",
    "CREATE VIRTUAL TABLE knowledge_index USING fts5(title_terms, body_terms, language UNINDEXED,"
    " tokenize = \"unicode61 remove_diacritics 0 tokenchars '-'\")",
    "INSERT INTO knowledge_index (rowid, title_terms, body_terms, language)"
    " SELECT id, title_terms, body_terms, language FROM knowledge_section",
)
_SQLITE_MATCH = (
    "SELECT rowid FROM knowledge_index WHERE knowledge_index MATCH :query AND language = :language"
    " ORDER BY bm25(knowledge_index, 3.0, 1.0), rowid LIMIT :limit"
)
_POSTGRESQL_VECTOR = (
    "setweight(to_tsvector('simple', title_terms), 'A') || setweight(to_tsvector('simple', body_terms), 'C')"
)
_POSTGRESQL_CREATE = (
    f"CREATE INDEX IF NOT EXISTS knowledge_section_vector ON knowledge_section USING gin (({_POSTGRESQL_VECTOR}))",
)
_POSTGRESQL_MATCH = (
    f"SELECT id FROM knowledge_section WHERE ({_POSTGRESQL_VECTOR}) @@ to_tsquery('simple', :query)"
    f" AND language = :language ORDER BY ts_rank_cd(({_POSTGRESQL_VECTOR}), to_tsquery('simple', :query)) DESC, id"
    " LIMIT :limit"
)


@dataclass(frozen=True)
class QueryWord:
    """A content word of a question, folded: the word and its lemma, and the parts of a compound."""

    word: str
    whole: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms that may stand for the word."""
        return (*self.whole, *self.parts)


@dataclass(frozen=True)
class Hit:
    """A section near a question; `score` lies between 0 and 1."""

    section_id: int
    topic: str
    title: str
    score: float


def create_index(connection: Connection) -> None:
    """Make the full-text index from the section table, inside the caller's transaction."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_CREATE if sqlite else _POSTGRESQL_CREATE:
        connection.execute(text(statement))


@functools.lru_cache(maxsize=2)
def _stop_words(language: Language) -> frozenset[str]:
    words: set[str] = set(spacy.blank(language).Defaults.stop_words)
    return frozenset(words | {lemmatize_word(word, language) for word in words})


def query_words(question: str, language: Language) -> list[QueryWord]:
    """Return a question's content words, each once; function words are left out.

    Args:
        question: A resident's words.
        language: Their language.
    """
    words: list[QueryWord] = []
    for word in tokenize(question, language):
        lemma = lemmatize_word(word, language)
        if word in _stop_words(language) or lemma in _stop_words(language) or len(word) < 2:
            continue
        whole = tuple(dict.fromkeys((fold(lemma), fold(word))))
        parts = dict.fromkeys(fold(part) for part in split_compound(lemma, language))
        words.append(QueryWord(fold(word), whole, tuple(part for part in parts if part not in whole)))
    return list(dict.fromkeys(words))


def search_sections(engine: Engine, question: str, language: Language, today: dt.date, limit: int = 3) -> list[Hit]:
    """Return the sections nearest to a question, best first, one a topic.

    Args:
        engine: The knowledge database.
        question: A resident's words.
        language: Which language's sections are searched.
        today: A topic with a section that holds today is not answered by its older sections.
        limit: How many hits at the most.
    """
    words = query_words(question, language)
    if not words:
        return []
    with engine.connect() as connection:
        candidates = _match(connection, words, language)
        weights = _term_weights(connection, language)
        rows = connection.execute(
            select(SectionRow.id, SectionRow.topic, SectionRow.title, SectionRow.title_terms, SectionRow.body_terms)
            .where(SectionRow.id.in_(candidates))
            .order_by(SectionRow.id)
        ).all()
        ranked: dict[str, tuple[float, int, int]] = {}
        for row in rows:
            title, body = frozenset(row.title_terms.split()), frozenset(row.body_terms.split())
            # Of two with one score, the one that has the words as they were written: a lemma may be a wrong one.
            exact = sum(word.word in title for word in words)
            rank = (_score(words, title, body, weights), exact, -row.id)
            ranked[row.topic] = max(rank, ranked.get(row.topic, rank))
        topics = sorted(ranked, key=lambda topic: ranked[topic], reverse=True)[:limit]
        answering = _answering_sections(connection, topics, language, today)
    return [Hit(answering[topic].id, topic, answering[topic].title, ranked[topic][0]) for topic in topics]


def _answering_sections(
    connection: Connection, topics: Sequence[str], language: Language, today: dt.date
) -> dict[str, Any]:
    rows = connection.execute(
        select(
            *(SectionRow.id, SectionRow.topic, SectionRow.title),
            *(SectionRow.valid_from, SectionRow.valid_to, SectionRow.source_published),
        ).where(SectionRow.topic.in_(topics), SectionRow.language == language)
    ).all()
    return {topic: choose_section([row for row in rows if row.topic == topic], today)[0] for topic in topics}


def section_age(row: Any) -> tuple[dt.date, str]:
    """Return what a topic's sections are ordered by, from the oldest to the newest."""
    return (row.valid_from or dt.date.min, row.source_published)


def choose_section(rows: Sequence[_R], day: dt.date) -> tuple[_R, bool]:
    """Return the section of a topic that answers on `day`, and whether it is one of the past.

    The newest that holds answers; where none does, the newest of those that have begun.
    """
    held = [row for row in rows if Validity(row.valid_from, row.valid_to).covers(day)]  # type: ignore[attr-defined]
    begun = [row for row in rows if section_age(row)[0] <= day]
    return max(held or begun or rows, key=section_age), not held


def _match(connection: Connection, words: Sequence[QueryWord], language: Language) -> list[int]:
    sqlite = connection.dialect.name == "sqlite"
    quote = '"{}"' if sqlite else "'{}'"
    terms = dict.fromkeys(_UNQUOTABLE.sub("", term) for word in words for term in word.terms)
    query = (" OR " if sqlite else " | ").join(quote.format(term) for term in terms if term)
    if not query:
        return []
    statement = text(_SQLITE_MATCH if sqlite else _POSTGRESQL_MATCH)
    parameters = {"query": query, "language": language, "limit": _CANDIDATES}
    return list(connection.execute(statement, parameters).scalars())


def _content_hash(connection: Connection) -> str:
    return str(connection.execute(select(BuildRow.content_hash)).scalar_one())


def _term_weights(connection: Connection, language: Language) -> dict[str, float]:
    """Return the inverse document frequency of every term, kept until the content changes.

    It reads on the connection that the search holds: a search that took a second one could wait for ever for the
    searches that wait for it.
    """
    content_hash = _content_hash(connection)
    kept = _WEIGHTS.setdefault(connection.engine, {})
    known = kept.get(language)
    if known is None or known[0] != content_hash:
        known = kept[language] = (content_hash, _weigh_terms(connection, language))
    return known[1]


def _weigh_terms(connection: Connection, language: Language) -> dict[str, float]:
    rows = connection.execute(
        select(SectionRow.title_terms, SectionRow.body_terms).where(SectionRow.language == language)
    ).all()
    counts: dict[str, int] = {}
    for row in rows:
        for term in {*row.title_terms.split(), *row.body_terms.split()}:
            counts[term] = counts.get(term, 0) + 1
    weights = {term: math.log(1 + len(rows) / (1 + count)) for term, count in counts.items()}
    weights[""] = math.log(1 + len(rows))
    return weights


def _score(words: Sequence[QueryWord], title: frozenset[str], body: frozenset[str], weights: dict[str, float]) -> float:
    total = found = 0.0
    for word in words:
        weight = max((weights[term] for term in word.terms if term in weights), default=weights[""])
        total += weight
        found += weight * max(_coverage(word.whole, title, body), PART_WEIGHT * _coverage(word.parts, title, body))
    return found / total if total else 0.0


def _coverage(terms: Sequence[str], title: frozenset[str], body: frozenset[str]) -> float:
    if title.intersection(terms):
        return 1.0
    return BODY_WEIGHT if body.intersection(terms) else 0.0
