"""Calling residents back, as a browser without a screen sees it; the store has tests of its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from conversations.callbacks import Caller
from web import keys

NUMBER = "0407776543"


@pytest.fixture
async def counsellor(console):
    await console.sign_in()
    return console


def ask(console: Any, hours: int = 2) -> str:
    """A call-back that is due in some hours; return its id."""
    conversation = console.app[keys.CONVERSATIONS].insert_conversation("fi")[0].id
    due = dt.datetime.now(dt.timezone.utc) + dt.timedelta(hours=hours)
    console.app[keys.CALLBACKS].request(conversation, Caller(NUMBER, "Åke", "iltapäivällä"), due, [])
    return next(item.id for item in console.app[keys.CALLBACK_DESK].fetch_due() if item.conversation_id == conversation)


async def act(console: Any, id: str, path: str, **values: str) -> Any:
    return await console.send(f"/staff/callbacks/{id}", f"/staff/callbacks/{id}/{path}", **values)


async def test_the_list_says_when_and_not_whom(counsellor):
    assert "Ingen ska ringas upp." in (await counsellor.get("/staff/callbacks")).text
    late, later = ask(counsellor, -1), ask(counsellor)
    page = await counsellor.get("/staff/callbacks")
    assert page.text.index(late) < page.text.index(later)
    assert ("Försenad" in page.text, NUMBER in page.text) == (True, False)
    assert "Försenade: 1" in (await counsellor.get("/staff/queue")).text
    assert "callback.read" not in counsellor.actions()


async def test_the_number_is_read_one_by_one_and_each_time_recorded(counsellor):
    id = ask(counsellor)
    for count in (1, 2):
        page = await counsellor.get(f"/staff/callbacks/{id}")
        assert all(text in page.text for text in (f"tel:{NUMBER}", "Åke", "iltapäivällä"))
        assert counsellor.actions().count("callback.read") == count


async def test_a_call_is_claimed_and_another_sees_whose_it_is(counsellor):
    id = ask(counsellor)
    page = await act(counsellor, id, "claim")
    assert page.location == f"/staff/callbacks/{id}?done=claimed"
    counsellor.add("helper")
    other = counsellor.another()
    await other.sign_in("helper")
    assert "Rådgivare Ett" in (await other.get("/staff/callbacks")).text
    for path in ("claim", "report"):
        page = await act(other, id, path, outcome="reached")
        assert (page.status, "Rådgivare Ett ringer" in page.text) == (409, True)
    await act(counsellor, id, "release")
    assert (await act(other, id, "claim")).status == 303
    await other.close()


async def test_an_outcome_is_kept_masked_and_the_call_back_is_gone(counsellor):
    id = ask(counsellor)
    page = await act(counsellor, id, "report", outcome="reached", note="även 050 111 2222")
    assert page.location == "/staff/callbacks?done=reported"
    assert id not in (await counsellor.get(page.location)).text
    page = await counsellor.get(f"/staff/callbacks/{id}")
    assert (page.status, "avklarad" in page.text, NUMBER in page.text) == (404, True, False)


async def test_who_was_not_reached_is_called_again_or_no_more(counsellor):
    id = ask(counsellor)
    again = (dt.datetime.now() + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert (await act(counsellor, id, "report", outcome="not_reached", again=again, note="svarade inte")).status == 303
    page = await counsellor.get(f"/staff/callbacks/{id}")
    assert ("svarade inte" in page.text, "Ringda samtal" in page.text) == (True, True)
    assert (await act(counsellor, id, "report", outcome="not_reached", again=again, close="1")).status == 303
    assert (await counsellor.get(f"/staff/callbacks/{id}")).status == 404


@pytest.mark.parametrize(
    "form",
    [
        {"outcome": ""},
        {"outcome": "nothing"},
        {"outcome": "not_reached"},
        {"outcome": "not_reached", "again": "soon"},
        {"outcome": "not_reached", "again": "2020-01-01T10:00"},
        {"outcome": "reached", "note": "a" * 1001},
    ],
    ids=str,
)
async def test_what_cannot_be_reported_is_said_and_the_note_kept(counsellor, form):
    id = ask(counsellor)
    page = await act(counsellor, id, "report", **{"note": "en anteckning", **form})
    assert (page.status, 'role="alert"' in page.text, form.get("note", "en anteckning") in page.text) == (
        422,
        True,
        True,
    )


async def test_what_has_gone_with_its_conversation_is_said_to_be_gone(counsellor):
    id = ask(counsellor)
    csrf = (await counsellor.get("/staff/callbacks/" + id)).csrf
    (due,) = counsellor.app[keys.CALLBACK_DESK].fetch_due()
    counsellor.app[keys.CONVERSATIONS].delete_conversation(due.conversation_id)
    for path in ("claim", "release", "report"):
        page = await counsellor.post(f"/staff/callbacks/{id}/{path}", {"csrf": csrf, "outcome": "reached"})
        assert (page.status, "raderat" in page.text) == (404, True)
