"""Checks a topic as the editor asks for it: by itself, and its new examples beside all others and the live model."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.assistant import Assistant, ModelMissing
from conversations.studio_schema import StudioTopicRow
from knowledge.languages import LANGUAGES, Language
from studio.checks import check_content
from studio.content import Content
from studio.example_checks import ExampleChecks
from studio.findings import Finding
from studio.topics import Topic, TopicStore
from web import keys

EXAMPLES_AT_ONCE = 200
"""New examples that are compared while somebody types; the others are when the topic is saved."""


class CheckCache:
    """The index of all examples, made anew when a draft has changed."""

    def __init__(self, store: TopicStore) -> None:
        """Begin without an index.

        Args:
            store: The topics.
        """
        self._store = store
        self._lock = threading.Lock()
        self._made: tuple[tuple[Any, ...], ExampleChecks] | None = None

    def get(self, topics: Mapping[str, Topic]) -> ExampleChecks:
        """Return the index; takes seconds if it must be made."""
        with Session(self._store.engine) as session:
            state = tuple(session.execute(select(func.count(), func.sum(StudioTopicRow.version))).one())
        with self._lock:
            if self._made is None or self._made[0] != state:
                self._made = state, ExampleChecks(self._store.checkout, topics)
            return self._made[1]


def check_topic(app: web.Application, id: str, content: Content, saved: Content | None) -> list[Finding]:
    """Return everything about a topic; blocks for seconds at the first call.

    Args:
        app: The application.
        id: The topic's id, empty for a new one.
        content: The topic as it would be.
        saved: The topic as it is; its examples have been compared already.
    """
    store = app[keys.TOPICS]
    topics = store.fetch_all()
    checkout = store.checkout
    found = check_content(content, set(checkout.services), set(topics), checkout.texts)
    checks = app[keys.CHECKS].get(topics)
    seen = {(finding.field, finding.line) for finding in found}
    compared = 0
    for language in LANGUAGES:
        old = set(saved.sides[language].examples) if saved else set()
        for line, example in enumerate(content.sides[language].examples, start=1):
            if example in old or (f"examples_{language}", line) in seen or compared >= EXAMPLES_AT_ONCE:
                continue
            compared += 1
            found += checks.check(example, language, id, line, lambda text, spoken: understand(app, text, spoken))
    return found


def understand(app: web.Application, text: str, language: Language) -> tuple[str | None, float]:
    """Return the topic that the live model would answer with at once, and how sure it is."""
    assistant: Assistant = app[keys.ASSISTANT]
    try:
        found = assistant.parse_sync(text, language)
    except ModelMissing:
        return None, 0.0
    known = found.outcome == "sure" and found.predicted in app[keys.TOPICS].checkout.topics
    return (found.predicted if known else None), found.confidence
