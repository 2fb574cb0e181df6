"""A poor network: nothing is lost, nothing is sent twice, and what happens is said calmly with a way on."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from chats import DESKTOP, MEANWHILE, MESSAGES, OTHER_QUESTION, PHONE, QUESTION, Browsing, Chat
from playwright.sync_api import Locator, Route, expect
from relay import Relay
from residents import Counsellor

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])
pairs = pytest.mark.parametrize(
    ("language", "viewport"), [("sv", PHONE), ("fi", DESKTOP)], ids=["sv-phone", "fi-desktop"]
)
REVIVE = "() => window.dispatchEvent(new Event('online'))"
"""What a browser tells a page once a network is back; the widget then need not wait for its next try."""
TEXTS = "**/api/v1/widget*"


@pairs
def test_off_line_is_said_and_what_is_written_goes_once_it_is_back(
    open_chat: Browsing, language: str, viewport: dict[str, int]
) -> None:
    chat = open_chat.in_corner(language, viewport)
    chat.ask(QUESTION[language])
    chat.page.context.set_offline(True)
    expect(chat.page.locator(".offline")).to_have_text(chat.say("offline_notice"))
    expect(chat.page.get_by_role("status").filter(has_text=chat.say("offline_notice"))).to_have_count(1)
    chat.send("ett")
    chat.send("två")
    expect(chat.own()).to_have_count(3)
    chat.page.context.set_offline(False)
    expect(chat.page.locator(".offline")).to_be_hidden()
    expect(chat.page.locator(".failure:visible")).to_have_count(0)
    expect(chat.page.locator(".root[data-busy=false]")).to_have_count(1)
    assert chat.resident_texts() == [QUESTION[language], "ett", "två"]
    expect(chat.own()).to_have_count(3)


@both
def test_a_server_that_goes_and_comes_back_loses_nothing(open_chat: Browsing, relay: Relay, language: str) -> None:
    chat = open_chat(language, at=relay.url)
    chat.ask(QUESTION[language])
    relay.cut()
    failed = chat.ask(OTHER_QUESTION[language])
    expect(failed.locator(".failure")).to_contain_text(chat.say("offline"))
    expect(chat.page.locator(".human-button")).to_be_visible()
    expect(chat.page.locator(".duty-call")).to_be_visible()
    relay.mend()
    chat.page.evaluate(REVIVE)
    expect(chat.page.locator(".bot .source")).to_have_count(2)
    expect(chat.page.locator(".failure:visible")).to_have_count(0)
    assert chat.resident_texts() == [QUESTION[language], OTHER_QUESTION[language]]


@both
def test_a_chat_that_cannot_be_reached_gives_numbers_and_tries_again(
    open_chat: Browsing, relay: Relay, language: str
) -> None:
    chat = open_chat(language, at=relay.url, path="/demo")
    relay.cut()
    chat.page.locator(".launcher").click()
    expect(chat.page.locator(".unreachable")).to_contain_text(chat.say("unreachable"))
    for number in ("112", "116117"):
        expect(chat.page.locator(f".unreachable a[href='tel:{number}']")).to_be_visible()
    relay.mend()
    chat.button("retry").click()
    expect(chat.field()).to_be_visible()
    expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()


def test_while_it_cannot_be_reached_nothing_moves_under_the_residents_hand(open_chat: Browsing, relay: Relay) -> None:
    chat = open_chat("fi", DESKTOP, at=relay.url, path="/demo")
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url) if "/api/v1/widget" in request.url else None)

    def fails() -> AbstractContextManager[object]:
        return chat.page.expect_event("requestfailed", lambda request: "/api/v1/widget" in request.url)

    relay.cut()
    with fails():
        chat.page.locator(".launcher").hover()
    chat.page.wait_for_timeout(MEANWHILE)
    assert len(asked) < 4  # A pointer that rests there does not ask without end; the next tries take seconds.
    with fails():
        chat.page.locator(".launcher").click()
    call = chat.page.locator(".unreachable a[href='tel:112']")
    expect(call).to_be_visible()
    call.focus()
    with fails():
        pass
    chat.page.wait_for_timeout(MEANWHILE)
    expect(call).to_be_focused()


def test_a_lost_answer_is_fetched_by_itself_and_the_message_stored_once(open_chat: Browsing) -> None:
    chat = open_chat()
    keys = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    chat.page.route(MESSAGES, lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    chat.send(QUESTION["sv"])
    expect(chat.page.locator(".bot .source")).to_be_visible()
    expect(chat.page.locator(".failure:visible")).to_have_count(0)
    assert len(set(keys)) == 1
    assert len(keys) == 2
    assert chat.resident_texts() == [QUESTION["sv"]]


def test_pressing_twice_sends_once(open_chat: Browsing) -> None:
    chat = open_chat(viewport=DESKTOP)
    chat.field().fill(QUESTION["sv"])
    chat.page.locator(".send").dblclick()
    expect(chat.page.locator(".source")).to_be_visible()
    chat.page.locator(".chips button").first.dblclick()
    expect(chat.page.locator(".source").nth(1)).to_be_visible()
    expect(chat.page.locator(".root[data-busy=false]")).to_have_count(1)
    sent = chat.resident_texts()
    assert sent[0] == QUESTION["sv"]
    assert len(sent) == 2


@both
def test_a_hundred_messages_a_minute_are_slowed_down_calmly(
    open_chat: Browsing, stated_server: Any, language: str
) -> None:
    chat = open_chat(language, at=stated_server.url)
    chat.ask("hej")
    for number in range(100):
        chat.field().fill(f"meddelande {number}")
        chat.field().press("Enter")
    expect(chat.own()).to_have_count(101)
    failure = chat.page.locator(".resident .failure").first
    expect(failure).to_contain_text(chat.say("too_many"), timeout=60_000)
    expect(failure.get_by_role("button", name=chat.say("edit"))).to_be_visible()
    assert chat.resident_texts() == ["hej", *(f"meddelande {number}" for number in range(29))]
    chat.page.reload()
    expect(chat.page.locator(".human-button")).to_be_visible()


def test_a_dropped_event_stream_is_taken_up_where_it_broke(
    open_chat: Browsing, relay: Relay, counsellor: Counsellor
) -> None:
    chat = open_chat(at=relay.url)
    streams: list[str | None] = []
    chat.page.on(
        "request",
        lambda request: streams.append(request.headers.get("last-event-id")) if "/events" in request.url else None,
    )
    chat.join_queue()
    id = chat.kept()["id"]
    counsellor.take(id)
    counsellor.write(id, "nummer 0")
    expect(chat.page.locator(".human")).to_have_count(1)
    for number in range(1, 4):
        relay.drop()
        counsellor.write(id, f"nummer {number}")
        expect(chat.page.locator(".human")).to_have_count(number + 1)
    texts = chat.page.locator(".human .text").all_inner_texts()
    assert texts == [f"nummer {number}" for number in range(4)]
    positions = [int(known) for known in streams[1:] if known]
    assert positions == sorted(positions)
    assert len(streams) >= 4


def test_answers_given_while_the_server_was_gone_come_once_it_is_back(
    open_chat: Browsing, relay: Relay, counsellor: Counsellor
) -> None:
    chat = open_chat(at=relay.url)
    chat.join_queue()
    id = chat.kept()["id"]
    counsellor.take(id)
    chat.reach("human")
    relay.cut()
    expect(chat.page.locator(".offline")).to_be_visible()
    counsellor.write(id, "ett")
    counsellor.write(id, "två")
    relay.mend()
    expect(chat.page.locator(".human .text")).to_have_text(["ett", "två"], timeout=60_000)
    expect(chat.page.locator(".offline")).to_be_hidden()
    chat.page.reload()
    expect(chat.page.locator(".human .text")).to_have_text(["ett", "två"])


def test_what_was_not_sent_is_still_there_after_a_reload(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.page.route(MESSAGES, _refuse)
    expect(chat.ask(QUESTION["sv"]).locator(".failure")).to_contain_text(chat.say("failed"))
    chat.field().fill("ett utkast")
    chat.page.reload()
    expect(chat.field()).to_have_value("ett utkast")
    expect(chat.own()).to_have_text(QUESTION["sv"])
    chat.page.unroute(MESSAGES)
    chat.page.get_by_role("button", name=chat.say("retry")).click()
    expect(chat.page.locator(".source")).to_be_visible()
    assert chat.resident_texts() == [QUESTION["sv"]]


@both
def test_the_limit_is_shown_before_it_is_hit_and_said_when_it_is(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language)
    chat.field().fill("å" * 1900)
    expect(chat.page.locator(".counter")).to_have_text(chat.say("left", count=100))
    chat.field().fill("å" * 2003)
    chat.field().press("Enter")
    expect(chat.page.locator(".note")).to_have_text(f"{chat.say('too_long')} {chat.say('over', count=3)}")
    expect(chat.field()).to_have_attribute("aria-invalid", "true")
    expect(chat.field()).to_have_accessible_description(re.compile(re.escape(chat.say("over", count=3))))
    expect(chat.own()).to_have_count(0)
    chat.field().fill("å" * 1999)
    expect(chat.page.locator(".note")).to_have_text("")


def _refuse(route: Route) -> None:
    """Take no message."""
    if route.request.method == "POST":
        route.fulfill(status=400, body="{}")
    else:
        route.continue_()


def press_while_the_texts_arrive(chat: Chat, asks: Callable[[], None], pressed: Locator) -> None:
    """Press a button before what `asks` asks for is there, release it afterwards: a replaced one loses the click."""
    held: list[Route] = []
    chat.page.route(TEXTS, lambda route: held.append(route))
    with chat.page.expect_request(TEXTS):
        asks()
    pressed.hover()
    chat.page.mouse.down()
    with chat.page.expect_event("requestfinished"):
        held[0].continue_()
    chat.page.wait_for_timeout(MEANWHILE)
    chat.page.mouse.up()


@both
def test_a_press_on_the_launcher_opens_though_the_texts_arrive_meanwhile(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language, DESKTOP, path="/demo")
    launcher = chat.page.locator(".launcher")
    press_while_the_texts_arrive(chat, launcher.hover, launcher)
    expect(chat.field()).to_be_visible()
    expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()


def test_a_page_that_renames_the_chat_while_the_texts_arrive_has_one_chat(open_chat: Browsing) -> None:
    chat = open_chat("fi", DESKTOP, path="/demo")
    held: list[Route] = []
    chat.page.route(TEXTS, lambda route: route.continue_() if held else held.append(route))
    with chat.page.expect_request(TEXTS):
        chat.page.locator(".launcher").hover()
    chat.page.locator("lotsi-chat").evaluate("(element) => element.setAttribute('name', 'Majakka')")
    chat.open()
    held[0].continue_()
    chat.page.wait_for_timeout(MEANWHILE)
    expect(chat.page.locator(".panel")).to_have_count(1)
    expect(chat.page.locator(".panel .title")).to_have_text("Majakka")


@both
def test_a_press_on_the_way_to_a_human_counts_though_the_hours_arrive_meanwhile(
    open_chat: Browsing, language: str
) -> None:
    chat = open_chat(language, DESKTOP)
    chat.ask(QUESTION[language])
    press_while_the_texts_arrive(chat, chat.page.locator(".human-button").click, chat.button("join_queue"))
    chat.reach("waiting")
