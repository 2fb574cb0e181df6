"""Thumbs and stars, through the API."""

from __future__ import annotations

import pytest
from residents import begin

from conversations.feedback import FeedbackStore, Rating
from knowledge.engine import open_engine, sqlite_url


@pytest.fixture
def feedback(server):
    engine = open_engine(sqlite_url(server.data / "conversations.db"))
    yield FeedbackStore(engine)
    engine.dispose()


async def marks(resident) -> list[str | None]:
    return [message["feedback"] for message in (await resident.call("GET", "/messages"))["messages"]]


async def test_a_thumb_is_given_turned_and_taken_back(resident, feedback):
    id = (await resident.send("112"))["messages"][0]["id"]
    path = f"/messages/{id}/feedback"
    for body, mark in (({"value": "up"}, "up"), ({"value": "down", "reason": "fel"}, "down"), ({"value": None}, None)):
        assert await resident.call("POST", path, **body) == {"value": mark}
        assert await marks(resident) == [None, None, None, mark]
        assert feedback.fetch_reason(id) == body.get("reason")


async def test_reason_and_comment_are_masked_and_cleaned(resident, feedback):
    id = (await resident.send("112"))["messages"][0]["id"]
    said = "min\x00 kod är 131052-308T, ring 040 765 4321 eller 116117"
    kept = "min  kod är [identity_code], ring [phone] eller 116117"
    await resident.call("POST", f"/messages/{id}/feedback", value="down", reason=said)
    await resident.call("POST", "/rating", stars=1, comment=said)
    assert feedback.fetch_reason(id) == kept
    assert feedback.fetch_rating(resident.id) == Rating(1, kept)


@pytest.mark.parametrize("blank", ["", "  ", "\u200b", None])
async def test_a_reason_without_words_is_none(resident, feedback, blank):
    await resident.call("POST", "/rating", stars=3, comment=blank)
    assert feedback.fetch_rating(resident.id) == Rating(3, None)


async def test_only_answers_of_the_own_conversation_are_judged(caller, resident):
    other = await begin(caller)
    foreign = (await other.send("112"))["messages"][0]["id"]
    own = (await resident.send("112"))["sent"]["id"]
    for id in (foreign, own, "nothing", "%00"):
        error = (await resident.call("POST", f"/messages/{id}/feedback", 404, value="up"))["error"]
        assert error["code"] == "message_not_found"


@pytest.mark.parametrize("value", ["left", "", 1, True, ["up"]], ids=repr)
async def test_another_value_is_refused(resident, value):
    id = (await resident.call("GET", "/messages"))["messages"][0]["id"]
    error = (await resident.call("POST", f"/messages/{id}/feedback", 400, value=value))["error"]
    assert "'value'" in error["details"]["problems"][0]


@pytest.mark.parametrize("stars", [0, 6, -1, 4.5, "5", True, None, [5]], ids=repr)
async def test_stars_go_from_one_to_five(resident, stars):
    error = (await resident.call("POST", "/rating", 400, stars=stars))["error"]
    assert "'stars'" in error["details"]["problems"][0]


async def test_a_novel_is_too_long(resident):
    for path, body in (("/rating", {"stars": 1, "comment": "a" * 1001}),):
        error = (await resident.call("POST", path, 413, **body))["error"]
        assert error["details"] == {"limit": 1000, "length": 1001}
