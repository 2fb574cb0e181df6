"""What the widget shows before a conversation begins."""

from __future__ import annotations

import pytest
from residents import begin

from knowledge.languages import LANGUAGES
from web.app import create_app
from web.settings import Settings
from web.widget_strings import STRINGS

PATH = "/api/v1/widget"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_comes_in_the_language(caller, language):
    async with caller.get(PATH, params={"language": language}) as response:
        widget = await response.json()
        assert response.headers["Content-Language"] == widget["language"] == language
    assert set(widget["strings"]) == set(STRINGS)
    assert not set(widget["strings"].values()) & set(STRINGS.values()), "nothing is left in English"
    opening = (await (await begin(caller, language)).call("GET", "/messages"))["messages"]
    assert [message["text"] for message in widget["greeting"]] == [message["text"] for message in opening]
    assert all(link.endswith(f"?lang={language}") for link in widget["links"].values())
    assert len(widget["starters"]) == 4
    assert [item["code"] for item in widget["languages"]] == list(LANGUAGES)


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [("language=fi", "sv", "fi"), ("lang=fi", "sv", "fi"), ("language=en", "fi", "fi"), ("", "fi,sv;q=0.5", "fi")],
)
async def test_the_query_comes_before_the_browser(caller, query, accepted, language):
    async with caller.get(f"{PATH}?{query}", headers={"Accept-Language": accepted}) as response:
        assert (await response.json())["language"] == language
        assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("language", "names"), [("sv", ["Jourhjälpen", "Nödnumret"]), ("fi", ["Päivystysapu", "Hätänumero"])]
)
async def test_numbers_come_from_the_knowledge_with_their_hours(caller, language, names):
    async with caller.get(PATH, params={"language": language}) as response:
        numbers = (await response.json())["human"]["numbers"]
    assert {item["number"]: item["name"] for item in numbers} == dict(zip(["116117", "112"], names, strict=True))
    assert {item["hours"] for item in numbers} == {{"sv": "dygnet runt", "fi": "ympäri vuorokauden"}[language]}


async def test_the_hours_are_those_of_the_setting(caller):
    async with caller.get(PATH, params={"language": "sv"}) as response:
        human = (await response.json())["human"]
    assert (human["open"], human["opens_at"], human["closes_at"], human["hours"]) == (True, None, None, "Dygnet runt.")


async def test_a_cache_keeps_it_for_a_while_and_asks_then(caller):
    async with caller.get(PATH, params={"language": "sv"}) as response:
        tag = response.headers["ETag"]
        assert response.headers["Cache-Control"] == "public, max-age=60"
    for known, status in ((tag, 304), (f'"other", W/{tag}', 304), ("*", 304), ('"other"', 200)):
        headers = {"If-None-Match": known}
        async with caller.get(PATH, params={"language": "sv"}, headers=headers) as response:
            assert (response.status, response.headers["ETag"]) == (status, tag)
    async with caller.get(PATH, params={"language": "fi"}) as response:
        assert response.headers["ETag"] != tag


async def test_without_a_model_there_is_no_greeting_and_no_cache_keeps_it(aiohttp_client, tmp_path, knowledge):
    settings = Settings(data=str(tmp_path / "data"), model=str(tmp_path), knowledge_url=str(knowledge.engine.url))
    client = await aiohttp_client(create_app(settings))
    async with client.get(PATH) as response:
        assert (response.status, (await response.json())["greeting"]) == (200, [])
        assert response.headers["Cache-Control"] == "no-store"
