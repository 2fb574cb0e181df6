"""Full-text search over the sections: candidates by the database's own index, then one score for every database.

A hit's score is the share of the question's weight that the section covers, between 0 and 1: each term weighs
its inverse document frequency (Robertson & Spärck Jones 1976), a term found in title or aliases counts whole, one
found in the body alone counts `BODY_WEIGHT`. Being a share, it can be held against a fixed bar.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import spacy
from sqlalchemy import Connection, Engine, select, text

from knowledge.languages import Language
from knowledge.lemmas import fold, lemmatize_word, split_compound, tokenize
from knowledge.schema import BuildRow, SectionRow

BODY_WEIGHT = 0.6
_CANDIDATES = 40

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
_POSTGRESQL_CREATE = (f"CREATE INDEX knowledge_section_vector ON knowledge_section USING gin (({_POSTGRESQL_VECTOR}))",)
_POSTGRESQL_MATCH = (
    f"SELECT id FROM knowledge_section WHERE ({_POSTGRESQL_VECTOR}) @@ to_tsquery('simple', :query)"
    f" AND language = :language ORDER BY ts_rank_cd(({_POSTGRESQL_VECTOR}), to_tsquery('simple', :query)) DESC, id"
    " LIMIT :limit"
)


@dataclass(frozen=True)
class Hit:
    """A section near a question; `score` lies between 0 and 1."""

    section_id: int
    topic: str
    title: str
    score: float


def create_index(connection: Connection) -> None:
    """Make the full-text index anew from the section table, inside the caller's transaction."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_CREATE if sqlite else _POSTGRESQL_CREATE:
        connection.execute(text(statement))


@functools.lru_cache(maxsize=2)
def _stop_words(language: Language) -> frozenset[str]:
    words: set[str] = set(spacy.blank(language).Defaults.stop_words)
    return frozenset(words | {lemmatize_word(word, language) for word in words})


def query_terms(question: str, language: Language) -> list[tuple[str, ...]]:
    """Return a question's content words, each as the terms that may stand for it.

    Args:
        question: A resident's words.
        language: Their language.

    Returns:
        One tuple a word: its lemma, the word itself, and the parts of a compound; function words left out.
    """
    terms: list[tuple[str, ...]] = []
    for word in tokenize(question, language):
        lemma = lemmatize_word(word, language)
        if word in _stop_words(language) or lemma in _stop_words(language) or len(word) < 2:
            continue
        terms.append(tuple(dict.fromkeys(fold(term) for term in (lemma, word, *split_compound(lemma, language)))))
    return terms


def search_sections(engine: Engine, question: str, language: Language, today: dt.date, limit: int = 3) -> list[Hit]:
    """Return the sections nearest to a question, best first, one a topic.

    Args:
        engine: The knowledge database.
        question: A resident's words.
        language: Which language's sections are searched.
        today: A topic with a section that holds today is not answered by its older sections.
        limit: How many hits at the most.
    """
    words = query_terms(question, language)
    if not words:
        return []
    with engine.connect() as connection:
        candidates = _match(connection, words, language)
        weights = _term_weights(engine, _content_hash(connection), language)
        rows = connection.execute(
            select(SectionRow.id, SectionRow.topic, SectionRow.title, SectionRow.title_terms, SectionRow.body_terms)
            .where(SectionRow.id.in_(candidates))
            .order_by(SectionRow.id)
        ).all()
    best: dict[str, Hit] = {}
    for row in rows:
        score = _score(words, frozenset(row.title_terms.split()), frozenset(row.body_terms.split()), weights)
        if row.topic not in best or score > best[row.topic].score:
            best[row.topic] = Hit(row.id, row.topic, row.title, score)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.section_id))[:limit]


def _match(connection: Connection, words: Sequence[tuple[str, ...]], language: Language) -> list[int]:
    sqlite = connection.dialect.name == "sqlite"
    quote = '"{}"' if sqlite else "'{}'"
    flat = dict.fromkeys(term.replace('"', "").replace("'", "").replace("\\", "") for terms in words for term in terms)
    query = (" OR " if sqlite else " | ").join(quote.format(term) for term in flat if term.strip())
    if not query:
        return []
    statement = text(_SQLITE_MATCH if sqlite else _POSTGRESQL_MATCH)
    parameters = {"query": query, "language": language, "limit": _CANDIDATES}
    return list(connection.execute(statement, parameters).scalars())


def _content_hash(connection: Connection) -> str:
    return str(connection.execute(select(BuildRow.content_hash)).scalar_one())


@functools.lru_cache(maxsize=8)
def _term_weights(engine: Engine, content_hash: str, language: Language) -> dict[str, float]:
    """Return the inverse document frequency of every term; cached by the content's hash."""
    del content_hash
    with engine.connect() as connection:
        rows = connection.execute(
            select(SectionRow.title_terms, SectionRow.body_terms).where(SectionRow.language == language)
        ).all()
    counts: dict[str, int] = {}
    for row in rows:
        for term in {*row.title_terms.split(), *row.body_terms.split()}:
            counts[term] = counts.get(term, 0) + 1
    unseen = math.log(1 + len(rows))
    weights = {term: math.log(1 + len(rows) / (1 + count)) for term, count in counts.items()}
    weights[""] = unseen
    return weights


def _score(
    words: Sequence[tuple[str, ...]], title: frozenset[str], body: frozenset[str], weights: dict[str, float]
) -> float:
    total = found = 0.0
    for terms in words:
        weight = max((weights[term] for term in terms if term in weights), default=weights[""])
        total += weight
        if title.intersection(terms):
            found += weight
        elif body.intersection(terms):
            found += weight * BODY_WEIGHT
    return found / total if total else 0.0
