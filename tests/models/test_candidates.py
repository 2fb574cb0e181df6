"""Real models before the gate, through a real trainer: two planted faults are stopped, with the sentences named.

Nothing is trained: a model of the same data is there already each time, so that the trainer measures it at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from doctored import Change, doctor, empty_triggers, keep, swap_topics
from small_sets import write_small_set

from bot.assistant import Assistant
from bot.training.train import fingerprint_inputs
from conversations.database import open_database
from conversations.encryption import Cipher
from knowledge.build import build_knowledge
from knowledge.engine import open_engine, sqlite_url
from knowledge.store import Knowledge
from studio.assembly import Folders, Studio, open_studio
from studio.gate import Verdict
from studio.jobs import Job
from studio.model_errors import PromotionRefused
from studio.workshop import WorkshopOptions

TOPICS = ("oral_health", "mission")


class Laboratory:
    """A studio with a data folder of its own, in which the real model is live."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.model = model
        self.engine = open_database(sqlite_url(folder / "conversations.db"))
        self.knowledge = open_engine(sqlite_url(folder / "knowledge.db"))
        build_knowledge(self.knowledge)
        options = WorkshopOptions(write_small_set(folder / "sets", TOPICS), folder / "overlay" / "published", keep=9)
        cipher = Cipher([Fernet.generate_key()])
        folders = Folders(folder / "models", model, folder)
        self.studio: Studio = open_studio(self.engine, self.knowledge, cipher, folders, options, self.try_out)

    def try_out(self, archive: Path) -> None:
        assistant = Assistant(Knowledge(self.knowledge))
        try:
            assistant.prepare(archive)
        finally:
            assistant.close()

    def put(self, name: str, change: Change) -> None:
        """Put a doctored model into the studio, as if it had been trained from what there is now."""
        doctor(self.model, self.studio.models.archives.path(name), change)
        self.studio.models.register(name, "admin", fingerprint_inputs(), "", 89, 1.0)

    def measure(self, name: str, change: Change) -> tuple[Job, Verdict]:
        """Have the trainer measure a doctored model; return how that ended and what the gate says."""
        self.put(name, change)
        job = self.studio.workshop.run(self.studio.jobs.ask("admin", take=True))
        verdict = self.studio.promoter.judge(name)
        assert verdict is not None, job
        return job, verdict

    def close(self) -> None:
        self.engine.dispose()
        self.knowledge.dispose()


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> Iterator[Laboratory]:
    opened = Laboratory(tmp_path_factory.mktemp("laboratory"), model_path)
    yield opened
    opened.close()


def test_a_model_with_two_topics_swapped_is_stopped_and_its_sentences_are_named(laboratory: Laboratory) -> None:
    job, verdict = laboratory.measure("lotsi-swapped", swap_topics(*TOPICS))
    assert (job.state, job.model, job.unchanged) == ("done", "lotsi-swapped", True)
    reasons = {(reason.rule, reason.values.get("topic")): reason for reason in verdict.reasons}
    assert {("topic", topic) for topic in TOPICS} <= set(reasons)
    assert ("language", None) in reasons
    for topic, other in (TOPICS, TOPICS[::-1]):
        sentences = reasons["topic", topic].sentences
        assert sentences
        assert other in {sentence.after for sentence in sentences}
    with pytest.raises(PromotionRefused):
        laboratory.studio.promoter.promote("lotsi-swapped", "admin")


def test_a_model_without_emergency_data_is_stopped_whatever_an_admin_writes(laboratory: Laboratory) -> None:
    _, verdict = laboratory.measure("lotsi-silent", empty_triggers)
    assert verdict.safety
    named = [line.text for reason in verdict.reasons if reason.rule == "must_fire" for line in reason.sentences]
    assert named
    with pytest.raises(PromotionRefused) as refused:
        laboratory.studio.promoter.promote("lotsi-silent", "admin", "vi vill ha den ändå, snälla")
    assert refused.value.safety
    assert any(named[0] in line for line in refused.value.lines)
    assert laboratory.studio.models.live_name() == laboratory.model.name.removesuffix(".tar.gz")


def test_a_model_that_is_as_good_goes_live_and_comes_back(laboratory: Laboratory) -> None:
    _, verdict = laboratory.measure("lotsi-same", keep)
    assert verdict.passed, verdict.reasons
    before = laboratory.studio.models.live_name()
    laboratory.studio.promoter.promote("lotsi-same", "admin")
    assert laboratory.studio.models.live_name() == "lotsi-same"
    laboratory.studio.promoter.roll_back("admin")
    assert laboratory.studio.models.live_name() == before


def test_both_models_were_asked_the_same_and_their_answers_are_kept(laboratory: Laboratory) -> None:
    models = laboratory.studio.models
    found = [models.fetch_evaluation(name) for name in ("lotsi-same", models.live_name())]
    same, live = (item.evaluation for item in found if item is not None)
    assert same.set == live.set
    assert [(row.text, row.got) for row in same.utterances] == [(row.text, row.got) for row in live.utterances]
    assert same.latency and live.latency
    assert same.missed("reviewed") == []
