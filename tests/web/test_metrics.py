"""`/metrics` as Prometheus reads it: what it counts, who may read it, and what is never in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from residents import begin
from sqlalchemy import update
from sqlalchemy.orm import Session

from conversations.callbacks import Caller
from conversations.schema import CallbackRow, HandoffRow
from conversations.store import NewMessage
from knowledge.store import Knowledge
from web import keys
from web.metrics.counters import OUTCOMES

SECRETS = ("131052-308T", "040 765 4321", "asiakas.yksi@example.org")
ROUTE = "/api/v1/conversations/{id}/messages"
LABELS = {
    *("method", "route", "status", "language", "outcome", "model", "version", "le"),
    *("implementation", "major", "minor", "patchlevel"),
}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parse(body: str) -> Samples:
    """The samples by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


async def scrape(session: Any) -> tuple[str, Samples]:
    async with session.get("/metrics") as response:
        body = await response.text()
        assert (response.status, response.content_type) == (200, "text/plain"), body
    return body, parse(body)


class TestCounts:
    """What a running server counts."""

    async def test_turns_are_counted_by_language_and_outcome_and_timed(self, server):
        async with ClientSession(server.url) as session:
            _, before = await scrape(session)
            resident = await begin(session, "fi")
            for words in ("palveluohjaus", "xyzzy blorb", "isä ei hengitä"):
                await resident.send(words)
            _, after = await scrape(session)

        def grown(name: str, **labels: str) -> float:
            return value(after, name, **labels) - value(before, name, **labels)

        assert grown("lotsi_turn_duration_seconds_count", language="fi") == 3
        assert grown("lotsi_turn_duration_seconds_sum", language="fi") > 0
        by_outcome = {name: grown("lotsi_turns_total", language="fi", outcome=name) for name in OUTCOMES}
        assert by_outcome["answered"] == 1
        assert by_outcome["other"] >= 1, "an emergency is counted among the others"
        assert sum(by_outcome.values()) == 3
        assert grown("lotsi_http_requests_total", method="POST", route=ROUTE, status="200") == 3
        assert value(after, "lotsi_model_ready") == 1
        assert [labels for name, labels in after if name == "lotsi_model_info"]
        assert value(after, "process_resident_memory_bytes") > 0

    async def test_nothing_of_a_person_and_no_topic_is_in_it(self, server, knowledge: Knowledge):
        async with ClientSession(server.url) as session:
            resident = await begin(session)
            for secret in SECRETS:
                await resident.send(f"rådgivning tack, {secret} är min uppgift")
                async with session.get(f"/{secret}?q={secret}", headers={"User-Agent": secret}):
                    pass
                async with session.request("GET", f"/api/v1/conversations/{secret}/messages"):
                    pass
            async with session.request("PROPFIND", "/"):
                pass
            body, samples = await scrape(session)
        for secret in (*SECRETS, resident.id, resident.token, "asiakas.yksi", "rådgivning", "emergency", "safety"):
            assert secret.lower() not in body.lower()
        assert {name for _, labels in samples for name, _ in labels} <= LABELS
        said = {word for name, labels in samples for key, word in labels if key not in ("route", "model", "le")}
        assert said.isdisjoint(knowledge.fetch_titles("sv"))
        assert any(("route", "unknown") in labels for _, labels in samples)
        assert any(("method", "other") in labels for _, labels in samples)


class TestStates:
    """What is looked up when it is asked for."""

    async def test_queue_and_call_backs(self, console):
        store, handoffs = console.app[keys.CONVERSATIONS], console.app[keys.HANDOFFS]
        now = dt.datetime.now(dt.timezone.utc)
        ids = [store.insert_conversation(language)[0].id for language in ("sv", "sv", "fi", "fi")]
        for id in ids:
            store.insert_messages(id, [NewMessage("resident", "hej", "sv")])
        for id in ids[:3]:
            handoffs.request(id, [])
        taken = next(item.id for item in handoffs.fetch_queue() if item.conversation_id == ids[2])
        handoffs.take(taken, "desk", [])
        with Session(console.app[keys.ENGINE]) as session, session.begin():
            long_ago = now - dt.timedelta(hours=1)
            session.execute(
                update(HandoffRow).where(HandoffRow.conversation_id == ids[0]).values(requested_at=long_ago)
            )
        for id, due in ((ids[0], now - dt.timedelta(minutes=1)), (ids[1], now + dt.timedelta(hours=1))):
            console.app[keys.CALLBACKS].request(id, Caller("040 765 4321"), due, [])
        body, samples = await scrape(console.client)
        assert value(samples, "lotsi_handoffs_waiting", language="sv") == 2
        assert value(samples, "lotsi_handoffs_waiting", language="fi") == 0
        assert value(samples, "lotsi_handoff_oldest_seconds", language="sv") >= 3600
        assert value(samples, "lotsi_callbacks_open") == 2
        assert value(samples, "lotsi_callbacks_overdue") == 1
        assert (value(samples, "lotsi_database_up"), value(samples, "lotsi_model_ready")) == (1, 0)
        assert "765" not in body

    async def test_a_database_that_does_not_answer_is_told_of(self, console):
        with Session(console.app[keys.ENGINE]) as session, session.begin():
            CallbackRow.__table__.drop(session.connection())
        _, samples = await scrape(console.client)
        assert (("lotsi_database_up", frozenset()) in samples, value(samples, "lotsi_database_up")) == (True, 0)

    async def test_each_application_counts_for_itself(self, open_console, tmp_path):
        one = await open_console(data=str(tmp_path / "one"))
        two = await open_console(data=str(tmp_path / "two"))
        await one.get("/privacy")
        _, samples = await scrape(two.client)
        assert value(samples, "lotsi_http_requests_total", method="GET", route="/privacy", status="200") == 0

    async def test_refused_requests_are_counted_by_their_status(self, console):
        await console.get("/staff/inbox")
        await console.get("/staff/nothing")
        _, samples = await scrape(console.client)
        name, get = "lotsi_http_requests_total", {"method": "GET"}
        assert value(samples, name, route="/staff/inbox", status="303", **get) == 1
        assert value(samples, name, route="unknown", status="404", **get) == 1


class TestAccess:
    """Who may read."""

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
    async def test_without_a_token_whoever_comes_through_a_proxy_finds_nothing(self, console, header):
        async with console.client.get("/metrics", headers={header: "127.0.0.1"}) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (404, "not_found")

    async def test_a_token_is_asked_for_where_one_is_set(self, open_console, tmp_path):
        path = tmp_path / "token"
        path.write_text("hemlighet åäö\n", encoding="utf-8")
        console = await open_console(metrics_token_file=str(path))
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "Bearer "},
            {"Authorization": "Basic x"},
        ):
            async with console.client.get("/metrics", headers=headers) as response:
                assert (response.status, "lotsi_" in await response.text()) == (401, False)
        path.write_text("new", encoding="utf-8")
        headers = {"Authorization": "Bearer new", "X-Forwarded-For": "192.0.2.1"}
        async with console.client.get("/metrics", headers=headers) as response:
            assert (response.status, "lotsi_http_requests_total" in await response.text()) == (200, True)
