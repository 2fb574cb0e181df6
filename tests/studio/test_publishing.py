"""Publishing: an answer at once, a topic with the model that knows it, and everything or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ferry import TOPIC, make_ferry
from sqlalchemy import Engine

from conversations.audit import AuditLog
from conversations.store import ConversationStore
from knowledge.build import build_knowledge, ensure_built, fingerprint_folder
from knowledge.engine import open_engine, sqlite_url
from knowledge.store import Knowledge
from studio.overlay import write_overlay
from studio.publish import publish, published_overlay, restore_published
from studio.services import ServiceStore
from studio.topics import TopicStore

ADMIN = "0" * 32


class Public:
    """What residents can read, and the drafts."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.store = TopicStore(engine)
        self.folder = folder / "data"
        self.knowledge = Knowledge(open_engine(sqlite_url(folder / "data" / "knowledge.db")))
        ensure_built(self.knowledge)

    def publish(self, snapshot: Path | None = None) -> tuple[str, ...]:
        return publish(self.engine, self.knowledge.engine, self.folder, ADMIN, snapshot).topics

    def snapshot(self, name: str) -> Path:
        write_overlay(self.engine, self.folder / name)
        return self.folder / name

    def lead(self, topic: str) -> str | None:
        answer = self.knowledge.fetch_answer(topic, "sv")
        return answer.lead if answer else None

    def answer(self, topic: str, text: str) -> None:
        found = self.store.fetch(topic)
        content = found.content.with_side("sv", answer=text).with_side("fi", answer=text)
        self.store.save(topic, content, found.version, ADMIN)


@pytest.fixture
def public(one_engine: Engine, tmp_path: Path) -> Iterator[Public]:
    found = Public(one_engine, tmp_path)
    yield found
    found.knowledge.engine.dispose()


def test_a_changed_answer_is_public_at_once(public: Public) -> None:
    public.answer("vision", "Nytt svar.")
    assert public.lead("vision") != "Nytt svar."
    assert public.publish() == ("vision",)
    assert public.lead("vision") == "Nytt svar."
    assert public.store.fetch("vision").state == "published"


def test_a_new_topic_waits_for_a_model_that_knows_it(public: Public) -> None:
    public.store.add(TOPIC, make_ferry(), ADMIN)
    done = publish(public.engine, public.knowledge.engine, public.folder, ADMIN)
    assert (done.topics, done.waiting, public.lead(TOPIC)) == ((), (TOPIC,), None)
    assert public.publish(public.snapshot("first")) == (TOPIC,)
    assert public.lead(TOPIC) == "Färjan till Tankar går klockan 10."


def test_going_back_to_an_older_model_takes_topics_away_that_it_does_not_know(public: Public) -> None:
    before = public.snapshot("before")
    public.store.add(TOPIC, make_ferry(), ADMIN)
    public.store.retire("vision", 0, ADMIN)
    public.publish(public.snapshot("after"))
    assert public.lead("vision") is None
    public.answer("mission", "Nyare svar.")
    public.publish()
    assert set(public.publish(before)) == {TOPIC, "vision"}
    assert (public.lead(TOPIC), public.store.fetch(TOPIC).state) == (None, "draft")
    assert public.lead("vision") is not None
    assert public.lead("mission") == "Nyare svar."


def test_a_newer_answer_outlives_a_model_from_before_it(public: Public) -> None:
    public.answer("vision", "Första.")
    snapshot = public.snapshot("first")
    public.answer("vision", "Andra.")
    public.publish()
    public.publish(snapshot)
    assert public.lead("vision") == "Andra."


def test_a_model_of_the_checkout_alone_has_no_snapshot(public: Public) -> None:
    public.store.add(TOPIC, make_ferry(), ADMIN)
    public.publish(public.snapshot("first"))
    public.publish(public.folder / "no_such")
    assert public.lead(TOPIC) is None


def test_an_unfinished_draft_leaves_the_published_answer_alone(public: Public) -> None:
    public.answer("vision", "Nytt svar.")
    public.publish()
    public.answer("vision", "")
    done = publish(public.engine, public.knowledge.engine, public.folder, ADMIN)
    assert (done.topics, set(done.left_out)) == ((), {"vision"})
    assert public.lead("vision") == "Nytt svar."


def test_what_is_public_can_be_made_anew_from_the_database(public: Public) -> None:
    public.answer("vision", "Nytt svar.")
    public.publish()
    public.answer("vision", "Nyare utkast.")
    before = fingerprint_folder(overlay=published_overlay(public.folder))
    shutil.rmtree(public.folder / "overlay")
    folder = restore_published(public.engine, public.folder)
    assert fingerprint_folder(overlay=folder) == before == public.knowledge.fetch_build_hash()


def test_without_anything_published_the_checkout_alone_is_public(public: Public) -> None:
    public.answer("vision", "Utkast.")
    assert restore_published(public.engine, public.folder) is None


def test_a_service_that_is_edited_is_public_at_once(public: Public) -> None:
    services = ServiceStore(public.engine)
    draft = services.fetch("counselling")
    record = {**draft.record, "channels": [{**draft.record["channels"][0], "number": "06 826 4500"}]}
    assert services.save("counselling", record, 0, ADMIN).version == 1
    public.publish()
    assert "06 826 4500" in public.knowledge.fetch_numbers()
    assert services.fetch("counselling").published_version == 1


def test_an_overlay_that_the_database_knows_nothing_of_is_not_public(public: Public) -> None:
    public.answer("vision", "Nytt svar.")
    public.publish()
    with public.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE studio_topic SET published_version = 0")
    assert fingerprint_folder(overlay=restore_published(public.engine, public.folder)) == fingerprint_folder()


def test_while_the_knowledge_is_built_residents_can_write(public: Public, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ConversationStore(public.engine)

    def build(*arguments: object) -> object:
        store.insert_conversation("sv")  # would wait for the lock, and fail
        return build_knowledge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("studio.publish.build_knowledge", build)
    public.answer("vision", "Nytt svar.")
    assert public.publish() == ("vision",)


def test_two_who_publish_at_once_lose_nothing_of_each_other(public: Public) -> None:
    public.answer("vision", "Ett.")
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(public.publish) for _ in range(2)]
        public.answer("mission", "Två.")
        assert {id for item in done for id in item.result()} >= {"vision"}
    public.publish()
    assert (public.lead("vision"), public.lead("mission")) == ("Ett.", "Två.")
    assert fingerprint_folder(overlay=published_overlay(public.folder)) == public.knowledge.fetch_build_hash()


def test_publishing_is_in_the_audit_log(public: Public) -> None:
    public.answer("vision", "Nytt svar.")
    public.publish()
    entry = AuditLog(public.engine).fetch_entries(object_kind="knowledge")[0]
    assert (entry.action, entry.actor, entry.details["topics"]) == ("knowledge.published", ADMIN, ["vision"])


def test_a_reader_sees_the_old_answer_until_the_new_one_is_there(public: Public) -> None:
    build_knowledge(public.knowledge.engine)
    with public.knowledge.engine.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM knowledge_section").scalar()
        public.answer("vision", "Nytt svar.")
        public.publish()
        old = reader.exec_driver_sql("SELECT lead FROM knowledge_section WHERE topic='vision' AND language='sv'")
        assert old.scalar() != "Nytt svar."
    assert public.lead("vision") == "Nytt svar."
