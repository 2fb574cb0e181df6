"""The way to a human being: the queue, the counsellor's answers as they come, and a call back outside service hours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from chats import DESKTOP, OTHER_QUESTION, PHONE, QUESTION, Browsing
from playwright.sync_api import expect
from residents import Counsellor

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])
pairs = pytest.mark.parametrize(
    ("language", "viewport"), [("sv", PHONE), ("fi", DESKTOP)], ids=["sv-phone", "fi-desktop"]
)
QUEUE = re.compile(r"/handoff$")


@pairs
def test_a_counsellor_takes_over_answers_live_and_hands_back(
    open_chat: Browsing, counsellor: Counsellor, language: str, viewport: dict[str, int]
) -> None:
    chat = open_chat.in_corner(language, viewport)
    chat.ask(QUESTION[language])
    chat.join_queue()
    line = chat.page.locator(".queue-text")
    expect(line).to_have_text(re.compile(r"\d"))
    expect(line).to_have_attribute("role", "status")
    expect(chat.ask(OTHER_QUESTION[language]).locator(".source")).to_be_visible()

    id = chat.kept()["id"]
    counsellor.take(id, language)
    chat.reach("human")
    expect(line).to_have_text(chat.say("with_human"))
    counsellor.write(id, "Hej! Ring 116117 om det är bråttom.")
    human = chat.page.locator(".human")
    expect(human.locator(".text")).to_contain_text("Hej!")
    expect(human.locator(".sender")).to_contain_text(chat.say("counsellor_note"))
    expect(human.locator("a[href='tel:116117']")).to_be_visible()

    expect(chat.page.get_by_role("textbox", name=chat.say("to_counsellor"))).to_be_visible()
    answers = chat.page.locator(".bot").count()
    chat.send("tack")
    expect(chat.own().last).to_have_text("tack")
    counsellor.write(id, "Varsågod.")
    expect(human).to_have_count(2)
    expect(chat.page.locator(".bot")).to_have_count(answers)
    expect(chat.page.locator(".typing")).to_be_hidden()

    counsellor.hand_back(id)
    chat.reach("bot")
    expect(chat.page.locator(".queue-line")).to_be_hidden()
    expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()


@both
def test_the_place_in_the_queue_moves_up_as_others_are_taken(
    open_chat: Browsing, counsellor: Counsellor, language: str
) -> None:
    first, second = (open_chat(language) for _ in range(2))
    first.join_queue()
    second.join_queue()
    place = int(re.findall(r"\d+", second.page.locator(".queue-text").inner_text())[0])
    assert place >= 2
    counsellor.take(first.kept()["id"], language)
    expect(second.page.locator(".queue-text")).to_have_text(second.say("waiting", place=place - 1))


@both
def test_the_queue_can_be_left(open_chat: Browsing, language: str) -> None:
    chat = open_chat(language)
    chat.join_queue()
    chat.page.locator(".human-button").click()
    expect(chat.page.locator(".sheet")).to_contain_text(chat.say("waiting_note"))
    chat.button("back").click()
    chat.page.locator(".queue-line").get_by_role("button", name=chat.say("leave_queue")).click()
    chat.reach("bot")
    expect(chat.page.get_by_role("status").filter(has_text=chat.say("left_queue"))).to_have_count(1)
    expect(chat.ask(QUESTION[language]).locator(".source")).to_be_visible()
    assert chat.call(path="/handoff")["state"] == "bot"


@both
def test_who_waits_at_closing_time_is_shown_the_ways_on_and_again_after_a_reload(
    open_chat: Browsing, counsellor: Counsellor, language: str
) -> None:
    chat = open_chat(language)
    chat.join_queue()
    counsellor.close_queue()
    chat.reach("bot")
    expect(chat.page.locator(".queue-line")).to_be_hidden()
    chat.page.reload()
    notice = chat.page.locator(".message", has=chat.page.locator(".notice")).last
    expect(notice).to_contain_text("8–16.")
    expect(notice.locator("a[href='tel:116117']")).to_be_visible()
    notice.get_by_role("button", name=chat.say("call_back")).click()
    expect(chat.page.locator(".sheet form.call-back")).to_be_visible()


def test_the_queue_outlives_a_reload(open_chat: Browsing, counsellor: Counsellor) -> None:
    chat = open_chat()
    chat.join_queue()
    chat.page.reload()
    chat.reach("waiting")
    expect(chat.page.locator(".queue-text")).to_have_text(re.compile(r"\d"))
    id = chat.kept()["id"]
    counsellor.take(id)
    counsellor.write(id, "Hej")
    expect(chat.page.locator(".human")).to_have_count(1)
    chat.page.reload()
    chat.reach("human")
    expect(chat.page.locator(".human")).to_have_count(1)


def test_a_closed_panel_shows_that_a_human_has_answered(open_chat: Browsing, counsellor: Counsellor) -> None:
    chat = open_chat.in_corner("sv", DESKTOP)
    chat.join_queue()
    chat.page.locator(".close").click()
    id = chat.kept()["id"]
    counsellor.take(id)
    counsellor.write(id, "Hej")
    expect(chat.page.locator(".launcher .unread")).to_contain_text(re.compile(r"\d"))
    expect(chat.page.locator(".launcher")).to_have_accessible_name(re.compile("Nya meddelanden"))
    chat.page.locator(".launcher").click()
    expect(chat.page.locator(".human")).to_be_visible()
    expect(chat.page.locator(".unread")).to_be_hidden()


def test_asking_twice_gives_one_place(open_chat: Browsing) -> None:
    chat = open_chat()
    chat.ask(QUESTION["sv"])
    chat.page.route(QUEUE, lambda route: (route.fetch(), route.abort()))
    chat.page.locator(".human-button").click()
    chat.button("join_queue").click()
    expect(chat.page.locator(".sheet-status").first).to_have_text(chat.say("not_sent"))
    chat.page.unroute(QUEUE)
    chat.button("join_queue").click()
    chat.reach("waiting")
    notices = [message for message in chat.stored() if message["sender"] == "system"]
    assert len(notices) == 1


def test_a_human_may_end_and_the_resident_can_begin_anew(open_chat: Browsing, counsellor: Counsellor) -> None:
    chat = open_chat("sv", DESKTOP)
    chat.join_queue()
    id = chat.kept()["id"]
    counsellor.take(id)
    chat.reach("human")
    counsellor.end(id)
    chat.reach("ended")
    chat.button("new_conversation").click()
    expect(chat.field()).to_be_focused()
    expect(chat.ask(QUESTION["sv"]).locator(".source")).to_be_visible()
    assert chat.kept()["id"] != id


class TestOutsideServiceHours:
    @pairs
    def test_hours_numbers_and_a_call_back(
        self, open_chat: Browsing, stated_server: Any, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat.in_corner(language, viewport, at=stated_server.url)
        chat.page.locator(".human-button").click()
        sheet = chat.page.locator(".sheet")
        expect(sheet).to_contain_text(chat.say("human_closed"))
        expect(sheet).to_contain_text(re.compile(chat.say("opens_at", time="@").split("@")[0]))
        expect(sheet.locator(".hours")).to_contain_text(re.compile(r"8.*16"))
        expect(chat.button("join_queue")).to_have_count(0)
        for number in ("112", "116117"):
            expect(sheet.locator(f"a[href='tel:{number}']")).to_be_visible()

        phone = sheet.get_by_label(chat.say("your_phone"))
        expect(phone).to_have_attribute("autocomplete", "tel")
        expect(sheet.get_by_label(chat.say("your_name"))).to_have_attribute("autocomplete", "name")
        phone.fill("ring mig")
        chat.button("send_call_back").click()
        expect(phone).to_be_focused()
        expect(phone).to_have_attribute("aria-invalid", "true")
        expect(phone).to_have_accessible_description(chat.say("phone_invalid"))

        phone.fill("040 123 4567")
        sheet.get_by_label(chat.say("your_name")).fill("Asiakas")
        sheet.get_by_label(chat.say("call_when")).fill("på morgonen")
        chat.button("send_call_back").click()
        expect(sheet.get_by_role("status").filter(has_text=chat.say("called_back"))).to_be_visible()
        chat.button("back").click()
        expect(chat.page.locator(".notice")).to_be_visible()
        assert "1234567" not in re.sub(r"\s", "", str(chat.stored()))

    def test_a_queue_that_closed_meanwhile_leads_to_the_call_back(
        self, open_chat: Browsing, stated_server: Any
    ) -> None:
        chat = open_chat(at=stated_server.url)
        chat.page.route(
            "**/api/v1/widget*",
            lambda route: route.fulfill(
                json=(answer := route.fetch().json()) | {"human": answer["human"] | {"open": True}}
            ),
        )
        chat.page.reload()
        chat.page.locator(".human-button").click()
        chat.button("join_queue").click()
        expect(chat.page.locator(".sheet .lead").first).to_have_text(chat.say("human_closed"))
        expect(chat.page.locator(".call-back")).to_be_visible()

    def test_an_ended_conversation_still_leads_to_a_call_back(self, open_chat: Browsing, stated_server: Any) -> None:
        chat = open_chat(at=stated_server.url)
        chat.ask(QUESTION["sv"])
        chat.end()
        chat.page.locator(".human-button").click()
        chat.page.get_by_label(chat.say("your_phone")).fill("+358 40 123 4567")
        chat.button("send_call_back").click()
        expect(chat.page.get_by_text(chat.say("called_back"))).to_be_visible()
