"""Full-text search over conversations: what residents and counsellors wrote, a document a conversation.

The database's own index is used, FTS5 on SQLite and `tsvector` on PostgreSQL, over folded words, lemmas and parts of
compounds (`knowledge.lemmas`). Every text is indexed, and every word asked for, in both languages: residents mix them,
and which one a message is in is known only after it is stored.
"""

from __future__ import annotations

import functools
import re
import sqlite3

from sqlalchemy import Connection, text

from knowledge.languages import LANGUAGES
from knowledge.lemmas import fold, index_terms, lemmatize_word, normalise

INDEX_OBJECTS = "inbox_text_index"
"""Name, and beginning of the names, of what the databases hold for the index beside the tables of the schema."""

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_MOST_WORDS = 12
_SECURE_DELETE = (3, 42)
"""SQLite from this version takes the terms of a deleted text out of the index at once; before, merging does."""

_SQLITE_CREATE = (
    f"CREATE VIRTUAL TABLE {INDEX_OBJECTS} USING fts5(terms, content = 'inbox_text', content_rowid = 'number',"
    " detail = none, columnsize = 0, tokenize = \"unicode61 remove_diacritics 0 tokenchars '-'\")",
    "CREATE TRIGGER inbox_text_inserted AFTER INSERT ON inbox_text BEGIN"
    f" INSERT INTO {INDEX_OBJECTS} (rowid, terms) VALUES (new.number, new.terms); END",
    "CREATE TRIGGER inbox_text_deleted AFTER DELETE ON inbox_text BEGIN"
    f" INSERT INTO {INDEX_OBJECTS} ({INDEX_OBJECTS}, rowid, terms) VALUES ('delete', old.number, old.terms); END",
    "CREATE TRIGGER inbox_text_updated AFTER UPDATE OF terms ON inbox_text BEGIN"
    f" INSERT INTO {INDEX_OBJECTS} ({INDEX_OBJECTS}, rowid, terms) VALUES ('delete', old.number, old.terms);"
    f" INSERT INTO {INDEX_OBJECTS} (rowid, terms) VALUES (new.number, new.terms); END",
)
_POSTGRESQL_CREATE = (f"CREATE INDEX {INDEX_OBJECTS} ON inbox_text USING gin (to_tsvector('simple', terms))",)
_SQLITE_MATCH = f"SELECT rowid AS number FROM {INDEX_OBJECTS} WHERE {INDEX_OBJECTS} MATCH :words"
_POSTGRESQL_MATCH = "SELECT number FROM inbox_text WHERE to_tsvector('simple', terms) @@ to_tsquery('simple', :words)"


def create_text_index(connection: Connection) -> None:
    """Make the index, inside the caller's transaction."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_CREATE if sqlite else _POSTGRESQL_CREATE:
        connection.execute(text(statement))
    if sqlite and sqlite3.sqlite_version_info >= _SECURE_DELETE:
        connection.execute(text(f"INSERT INTO {INDEX_OBJECTS} ({INDEX_OBJECTS}, rank) VALUES ('secure-delete', 1)"))


def drop_text_index(connection: Connection) -> None:
    """Take the index away."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"DROP INDEX {INDEX_OBJECTS}"))
        return
    for trigger in ("inserted", "deleted", "updated"):
        connection.execute(text(f"DROP TRIGGER inbox_text_{trigger}"))
    connection.execute(text(f"DROP TABLE {INDEX_OBJECTS}"))


def match_statement(dialect: str) -> str:
    """Return the query that gives the `number` of each conversation in which `:words` are found."""
    return _SQLITE_MATCH if dialect == "sqlite" else _POSTGRESQL_MATCH


def make_terms(said: str) -> str:
    """Return the terms under which a text is found, each once."""
    terms = (term for language in LANGUAGES for term in index_terms(said, language))
    return " ".join(dict.fromkeys(part for term in terms for part in _WORD.findall(term)))


def make_query(asked: str, dialect: str) -> str:
    """Return what is searched for, as the database wants it written: all words, each in any of its forms.

    Args:
        asked: As it was typed, in either language.
        dialect: `sqlite` or `postgresql`.

    Returns:
        The query; empty where no word was asked for.
    """
    both, either, quote = (" AND ", " OR ", '"{}"') if dialect == "sqlite" else (" & ", " | ", "'{}'")
    words = dict.fromkeys(_WORD.findall(normalise(asked).lower()))
    groups = [either.join(quote.format(form) for form in _forms(word)) for word in list(words)[:_MOST_WORDS]]
    return both.join(f"({group})" for group in groups)


@functools.lru_cache(maxsize=10_000)
def _forms(word: str) -> tuple[str, ...]:
    lemmas = (fold(lemmatize_word(word, language)) for language in LANGUAGES)
    return tuple(dict.fromkeys(form for term in (fold(word), *lemmas) for form in _WORD.findall(term)))
