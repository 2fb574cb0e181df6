"""Every state of the widget held against axe-core, in light and dark, on a phone and on a desktop, in both languages.

With LOTSI_SCREENSHOTS set (`make screenshots`) the states are pictured into docs/screenshots on the way.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe import BEST_PRACTICE, find_violations
from chats import DESKTOP, EMERGENCY, MESSAGES, PHONE, QUESTION, Browsing, Chat
from pictures import FOLDER, WANTED, save_picture
from playwright.sync_api import Page, expect
from residents import Counsellor

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])
sizes = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])

LARGEST_PICTURE = 120_000
UNCLEAR = {"sv": "hur får jag vård", "fi": "hoito"}
"""So unclear that Lotsi asks what is meant."""
SAID = {
    "sv": "Hej, jag är rådgivare. Hur kan jag hjälpa dig?",
    "fi": "Hei, olen neuvoja. Miten voin auttaa?",
}
NOT_CHECKED = ("region",)
"""Best practice for whole pages: the widget in a corner stands beside the page's landmarks, as a dialog."""


def look(chat: Chat, state: str) -> None:
    """Nothing that axe-core finds in the widget, in light and in dark."""
    found = []
    for scheme in ("dark", "light"):
        chat.page.emulate_media(color_scheme=scheme)
        expect(chat.page.locator(f".root[data-theme={scheme}]")).to_have_count(1)
        found += [f"{state}, {scheme}: {line}" for line in find_violations(chat.page, "lotsi-chat", BEST_PRACTICE)]
        if scheme == "light" or state == "answer":
            picture(chat.page, f"{state}-{chat.language}" + ("-dark" if scheme == "dark" else ""))
    assert [line for line in found if line.split(": ")[1] not in NOT_CHECKED] == []


def picture(page: Page, name: str) -> None:
    """Picture what a phone shows, in few colours so that the repository stays small."""
    viewport = page.viewport_size
    if not WANTED or viewport != PHONE:
        return
    save_picture(page, FOLDER / f"{name}.png", LARGEST_PICTURE)


@both
@sizes
def test_closed_open_and_menu(open_chat: Browsing, language: str, viewport: dict[str, int]) -> None:
    chat = open_chat(language, viewport, path="/demo")
    look(chat, "closed")
    chat.open()
    look(chat, "open")
    chat.page.locator(".menu-button").click()
    look(chat, "menu")


@both
@sizes
def test_answer_clarify_masked_and_emergency(open_chat: Browsing, language: str, viewport: dict[str, int]) -> None:
    chat = open_chat.in_corner(language, viewport)
    chat.ask(QUESTION[language]).locator("summary").click()
    look(chat, "answer")
    chat.page.locator(".thumb").last.click()
    expect(chat.page.locator(".reason")).to_be_visible()
    look(chat, "feedback")
    expect(chat.ask(UNCLEAR[language]).locator(".chips button").nth(1)).to_be_visible()
    look(chat, "clarify")
    chat.ask("131052-308T")
    expect(chat.page.locator(".resident .masked")).to_be_visible()
    look(chat, "masked")
    chat.ask(EMERGENCY[language])
    look(chat, "emergency")


@both
@sizes
def test_error_too_long_and_off_line(open_chat: Browsing, language: str, viewport: dict[str, int]) -> None:
    chat = open_chat.in_corner(language, viewport)
    body = '{"error": {"code": "body_invalid", "message": "", "details": {}}}'
    chat.page.route(MESSAGES, lambda route: route.fulfill(status=400, body=body))
    expect(chat.ask(QUESTION[language]).locator(".failure")).to_be_visible()
    look(chat, "error")
    chat.page.unroute(MESSAGES)
    chat.send("å" * 2001)
    expect(chat.page.locator(".note")).to_be_visible()
    look(chat, "too-long")
    chat.field().fill("")
    chat.page.context.set_offline(True)
    expect(chat.page.locator(".offline")).to_be_visible()
    chat.send("hej")
    look(chat, "off-line")


@both
@sizes
def test_a_server_that_is_not_there(open_chat: Browsing, language: str, viewport: dict[str, int]) -> None:
    chat = open_chat(language, viewport, path="/demo")
    chat.page.route("**/api/**", lambda route: route.abort())
    chat.page.locator(".launcher").click()
    expect(chat.page.locator(".unreachable")).to_be_visible()
    look(chat, "unreachable")


@both
@sizes
def test_queue_human_and_ended(
    open_chat: Browsing, counsellor: Counsellor, language: str, viewport: dict[str, int]
) -> None:
    chat = open_chat.in_corner(language, viewport)
    chat.ask(QUESTION[language])
    chat.page.locator(".human-button").click()
    expect(chat.button("join_queue")).to_be_visible()
    look(chat, "handoff-open")
    chat.button("join_queue").click()
    expect(chat.page.locator(".queue-line")).to_be_visible()
    look(chat, "handoff-waiting")
    id = chat.kept()["id"]
    counsellor.take(id, language)
    chat.reach("human")
    counsellor.write(id, SAID[language])
    expect(chat.page.locator(".human")).to_be_visible()
    look(chat, "handoff-human")
    chat.menu("end")
    look(chat, "end")
    chat.page.locator(".sheet .primary").click()
    chat.reach("ended")
    look(chat, "ended")
    chat.menu("erase")
    look(chat, "erase")


@both
@sizes
def test_outside_service_hours(
    open_chat: Browsing, stated_server: Any, language: str, viewport: dict[str, int]
) -> None:
    chat = open_chat.in_corner(language, viewport, at=stated_server.url)
    chat.page.locator(".human-button").click()
    expect(chat.page.locator(".call-back")).to_be_visible()
    look(chat, "handoff-closed")
    chat.button("send_call_back").click()
    expect(chat.page.locator(".problem:visible")).to_be_visible()
    look(chat, "call-back-problem")


@both
@sizes
def test_a_page_of_its_own_is_whole(open_chat: Browsing, language: str, viewport: dict[str, int]) -> None:
    chat = open_chat(language, viewport)
    chat.ask(QUESTION[language])
    assert find_violations(chat.page, tags=BEST_PRACTICE) == []
