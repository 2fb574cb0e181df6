"""What is looked up when metrics are asked for: the queue, call-backs, the model, whether the database answers."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.assistant import Assistant
from conversations.records import current_moment
from conversations.schema import CallbackRow, HandoffRow
from knowledge.languages import LANGUAGES


class States(Collector):
    """Looks at an application's database and assistant."""

    def __init__(self, engine: Engine, assistant: Assistant) -> None:
        """Watch them.

        Args:
            engine: A migrated conversations database.
            assistant: With or without a model.
        """
        self._engine, self._assistant = engine, assistant

    def describe(self) -> list[Metric]:
        """Return nothing: asked for when registering, while nothing should be looked up yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the states."""
        info = GaugeMetricFamily("lotsi_build_info", "Lotsi's version.", labels=["version"])
        info.add_metric([version("lotsi")], 1)
        yield info
        yield GaugeMetricFamily("lotsi_model_ready", "Whether a model is loaded.", value=int(self._assistant.ready))
        model = GaugeMetricFamily("lotsi_model_info", "The live model.", labels=["model"])
        if self._assistant.ready:
            model.add_metric([self._assistant.model], 1)
        yield model
        try:
            found = list(self._look_up())
        except SQLAlchemyError:
            found = []
        yield GaugeMetricFamily("lotsi_database_up", "Whether the database answered.", value=int(bool(found)))
        yield from found

    def _look_up(self) -> Iterator[Metric]:
        now = current_moment()
        waiting = GaugeMetricFamily("lotsi_handoffs_waiting", "Residents who wait for a human.", labels=["language"])
        age = GaugeMetricFamily(
            "lotsi_handoff_oldest_seconds", "How long the first one has waited.", labels=["language"]
        )
        with Session(self._engine) as session:
            rows = session.execute(
                select(HandoffRow.language, func.count(), func.min(HandoffRow.requested_at))
                .where(HandoffRow.closed_at.is_(None), HandoffRow.taken_at.is_(None))
                .group_by(HandoffRow.language)
            )
            queue = {str(language): (count, since) for language, count, since in rows}
            is_open = CallbackRow.status == "open"
            overdue = func.count().filter(CallbackRow.due_at < now)
            callbacks, late = session.execute(select(func.count(), overdue).where(is_open)).one()
        for language in LANGUAGES:
            count, since = queue.get(language, (0, now))
            waiting.add_metric([language], count)
            age.add_metric([language], max(0.0, (now - since).total_seconds()))
        yield waiting
        yield age
        yield GaugeMetricFamily("lotsi_callbacks_open", "Requests to be called back that are open.", value=callbacks)
        yield GaugeMetricFamily("lotsi_callbacks_overdue", "Those of them that are overdue.", value=late)
