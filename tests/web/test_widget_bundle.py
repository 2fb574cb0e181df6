"""`/widget.js`: small, whole, for any page, and with every text it shows in both languages."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping

import brotli
import pytest
from aiohttp import ClientSession

from conversations.masking import KINDS
from knowledge.languages import LANGUAGES
from web import widget_bundle
from web.locales import load_catalogue
from web.widget_strings import CORE, STRINGS

SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in widget_bundle.WIDGET_FOLDER.glob("*.js")}
LARGEST = 30_000
FORBIDDEN = (r"innerHTML", r"outerHTML", r"insertAdjacentHTML", r"\beval\(", r"new Function", r"document\.cookie")
KEY = re.compile(r'"([a-z][a-z0-9_]*)"')


def test_every_source_is_in_the_bundle_once() -> None:
    assert sorted(widget_bundle.ORDER) == sorted(SOURCES)


def test_no_top_level_name_is_taken_twice() -> None:
    pattern = re.compile(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)
    names = [name for source in SOURCES.values() for name in pattern.findall(source)]
    assert sorted(names) == sorted(set(names))


def test_the_script_is_one_function_without_imports() -> None:
    script = widget_bundle.build_script()
    assert script.startswith('(()=>{"use strict"')
    assert script.endswith("})();\n")
    assert re.findall(r"\b(?:import|export) ", script) == []


def test_is_small_enough_for_a_slow_phone() -> None:
    bundle = widget_bundle.load_bundle()
    assert {coding: len(body) for coding, body in bundle.packed.items() if len(body) > LARGEST} == {}


@pytest.mark.parametrize("name", SOURCES)
def test_no_source_makes_markup_out_of_text(name: str) -> None:
    assert [pattern for pattern in FORBIDDEN if re.search(pattern, SOURCES[name])] == []


def test_no_other_host_is_named() -> None:
    hosts = set(re.findall(r"https?://([\w.]+)", widget_bundle.build_script()))
    assert hosts <= {"www.w3.org"}  # The name space of SVG; nothing is fetched from it.


def test_lengths_follow_the_widgets_own_size() -> None:
    assert re.findall(r"\d(?:\.\d+)?rem\b", widget_bundle.build_styles()) == []
    assert "calc(var(--r)*2.75)" in widget_bundle.build_styles()


class TestStrings:
    def test_every_key_is_used_by_the_script(self) -> None:
        used = {key for source in SOURCES.values() for key in KEY.findall(source)} | set(KINDS)
        used |= set(re.findall(r'\b0: "(\w+)"|\d+: "(\w+)"', SOURCES["api"])[0])
        assert set(STRINGS) - used == set()

    def test_every_key_that_the_script_names_is_there(self) -> None:
        called = {key for source in SOURCES.values() for key in re.findall(r'\bt\("(\w+)"', source)}
        said = {key for source in SOURCES.values() for key in re.findall(r'\b(?:say|toast|forget)\("(\w+)"', source)}
        assert (called | said) - set(STRINGS) == set()

    def test_every_masked_kind_has_a_name(self) -> None:
        assert set(KINDS) <= set(STRINGS)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_script_carries_what_it_needs_before_the_server_answers(self, language: str) -> None:
        translate = load_catalogue(language).gettext  # type: ignore[arg-type]
        script = widget_bundle.build_script()
        assert set(CORE) <= set(STRINGS)
        assert [key for key in CORE if translate(STRINGS[key]) not in script] == []


class TestServing:
    """The route of a running server."""

    @staticmethod
    async def get(session: ClientSession, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        async with session.get("/widget.js", headers=headers) as response:
            return response.status, response.headers.copy(), await response.read()

    @pytest.fixture
    async def session(self, server):
        async with ClientSession(server.url, auto_decompress=False) as session:
            yield session

    @pytest.mark.parametrize(
        ("accepted", "coding"),
        [
            ("gzip, deflate, br", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("identity", ""),
            ("x;q=a", ""),
        ],
    )
    async def test_is_sent_as_the_client_takes_it(self, session, accepted: str, coding: str) -> None:
        status, headers, body = await self.get(session, **{"Accept-Encoding": accepted})
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[coding]
        assert status == 200
        assert headers.get("Content-Encoding", "") == coding
        assert unpack(body) == widget_bundle.load_bundle().plain
        assert headers["Content-Type"] == "text/javascript; charset=utf-8"

    async def test_any_site_may_use_it_and_no_cookie_comes_with_it(self, session) -> None:
        _, headers, _ = await self.get(session)
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Set-Cookie" not in headers

    async def test_a_cache_learns_that_it_has_the_newest(self, session) -> None:
        _, headers, _ = await self.get(session, **{"Accept-Encoding": "br"})
        assert headers["Cache-Control"] == "no-cache"
        assert "Accept-Encoding" in headers["Vary"]
        status, _, body = await self.get(session, **{"Accept-Encoding": "br", "If-None-Match": headers["ETag"]})
        assert (status, body) == (304, b"")
        status, _, _ = await self.get(session, **{"Accept-Encoding": "br", "If-None-Match": '"older"'})
        assert status == 200
