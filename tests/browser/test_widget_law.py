"""Section 6 a of act 306/2019, point by point, as a resident meets it; numbered as in docs/law-306-2019.md."""

from __future__ import annotations

import re
from typing import Any

import pytest
from chats import DESKTOP, EMERGENCY, PHONE, QUESTION, Browsing, Chat
from playwright.sync_api import expect
from residents import Counsellor

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
both = pytest.mark.parametrize("language", ["sv", "fi"])
sizes = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
AUTOMATION = {"sv": re.compile(r"automat", re.I), "fi": re.compile(r"automaat", re.I)}
NO_DECISIONS = {"sv": "fattar inga beslut", "fi": "eikä tee päätöksiä"}
QUALITY = {"sv": "Samtal läses varje vecka.", "fi": "Keskusteluja luetaan joka viikko."}
HEADINGS = {
    "privacy": {"sv": "Dataskyddsbeskrivning", "fi": "Tietosuojaseloste"},
    "accessibility": {"sv": "Tillgänglighetsutlåtande", "fi": "Saavutettavuusseloste"},
    "about": {"sv": "Om Lotsi", "fi": "Tietoa Lotsista"},
}


def disclosed(chat: Chat) -> None:
    """What must be in view in every state: automation, no decisions, 112."""
    duty = chat.page.locator(".duty")
    expect(duty).to_be_in_viewport(ratio=1)
    expect(duty).to_contain_text(AUTOMATION[chat.language])
    expect(duty).to_contain_text(NO_DECISIONS[chat.language])
    expect(duty.locator("a[href='tel:112']")).to_be_visible()


def offered(chat: Chat) -> None:
    """A human being is offered, and the offer leads somewhere."""
    button = chat.page.locator(".human-button")
    expect(button).to_be_in_viewport(ratio=1)
    expect(button).to_have_text(chat.say("human"))
    button.click()
    sheet = chat.page.locator("[data-sheet=human]")
    expect(sheet.locator("a[href^='tel:']").first).to_be_visible()
    expect(sheet.locator(".call-back")).to_be_visible()
    disclosed(chat)
    chat.button("back").click()


class TestPoint1NoDecisions:
    @both
    def test_it_is_said_that_no_decision_is_made(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat.in_corner(language)
        expect(chat.page.locator(".duty")).to_contain_text(NO_DECISIONS[language])


class TestPoint4Automation:
    @both
    @sizes
    def test_it_is_said_at_once_and_stays_in_view_in_every_state(
        self, open_chat: Browsing, counsellor: Counsellor, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat.in_corner(language, viewport)
        disclosed(chat)
        expect(chat.page.locator(".log")).to_contain_text(AUTOMATION[language])
        for text in (QUESTION[language], "asdfgh", EMERGENCY[language]):
            chat.ask(text)
            chat.page.locator(".body").evaluate("body => body.scrollTo(0, body.scrollHeight)")
            disclosed(chat)
        chat.page.context.set_offline(True)
        disclosed(chat)
        chat.page.context.set_offline(False)
        chat.join_queue()
        disclosed(chat)
        counsellor.take(chat.kept()["id"], language)
        chat.reach("human")
        disclosed(chat)
        chat.end()
        disclosed(chat)

    @both
    def test_it_is_said_while_the_server_is_gone(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language, path="/demo")
        chat.page.route("**/api/**", lambda route: route.abort())
        chat.page.locator(".launcher").click()
        expect(chat.page.locator(".unreachable")).to_be_visible()
        disclosed(chat)
        expect(chat.page.locator(".unreachable a[href^='tel:']")).to_have_count(2)

    @both
    def test_a_greeting_of_the_page_does_not_take_it_away(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat.in_corner(language)
        chat.page.evaluate("document.querySelector('lotsi-chat').setAttribute('greeting', 'Moi!')")
        expect(chat.page.locator(".log > *").first).to_contain_text("Moi!")
        disclosed(chat)

    @both
    def test_every_answer_says_who_gives_it(self, open_chat: Browsing, counsellor: Counsellor, language: str) -> None:
        chat = open_chat(language)
        expect(chat.ask(QUESTION[language]).locator(".sender")).to_contain_text("Lotsi")
        chat.join_queue()
        id = chat.kept()["id"]
        counsellor.take(id, language)
        counsellor.write(id, "Hej")
        expect(chat.page.locator(".human .sender")).to_contain_text(chat.say("counsellor"))
        expect(chat.page.locator(".human .sender")).to_contain_text(chat.say("counsellor_note"))


class TestPoint5Human:
    @both
    @sizes
    def test_a_human_is_offered_in_every_state(
        self, open_chat: Browsing, counsellor: Counsellor, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat.in_corner(language, viewport)
        offered(chat)
        for text in (QUESTION[language], "asdfgh", EMERGENCY[language]):
            chat.ask(text)
            offered(chat)
        chat.page.context.set_offline(True)
        offered(chat)
        chat.page.context.set_offline(False)
        chat.join_queue()
        offered(chat)
        counsellor.take(chat.kept()["id"], language)
        chat.reach("human")
        offered(chat)
        chat.end()
        offered(chat)

    @both
    def test_outside_service_hours_too(self, open_chat: Browsing, stated_server: Any, language: str) -> None:
        chat = open_chat.in_corner(language, at=stated_server.url)
        offered(chat)

    @both
    def test_a_question_without_an_answer_leads_to_a_human(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language)
        answer = chat.ask({"sv": "nyheter", "fi": "uutiset"}[language])
        answer.get_by_role("button", name=chat.say("human")).first.click()
        way = chat.page.locator(".bot").last.get_by_role("button", name=chat.say("human"))
        expect(way.or_(chat.page.locator("[data-sheet=human]")).first).to_be_visible()

    @both
    def test_without_javascript_the_numbers_stand_there(self, open_chat: Browsing, language: str) -> None:
        page = open_chat(language, java_script_enabled=False).page
        expect(page.locator(".fallback a[href='tel:112']")).to_be_visible()
        expect(page.locator(".fallback a[href='tel:116117']")).to_be_visible()


class TestPoint6Saving:
    @both
    def test_every_format_is_offered_during_and_after_the_conversation(
        self, open_chat: Browsing, language: str
    ) -> None:
        chat = open_chat.in_corner(language)
        chat.ask(QUESTION[language])
        for _ in range(2):
            chat.page.locator(".menu-button").click()
            formats = chat.page.locator(".menu [data-format]")
            assert [button.get_attribute("data-format") for button in formats.all()] == ["txt", "html", "pdf", "json"]
            chat.page.keyboard.press("Escape")
            if not chat.page.locator(".ended").count():
                chat.end()


class TestSubsection2Responsibility:
    @both
    def test_the_menu_names_who_is_responsible(self, open_chat: Browsing, stated_server: Any, language: str) -> None:
        chat = open_chat.in_corner(language, at=stated_server.url)
        chat.page.locator(".menu-button").click()
        responsible = chat.page.locator(".menu .links p")
        expect(responsible).to_contain_text({"sv": "Servicechefen", "fi": "Palvelupäällikkö"}[language])
        expect(responsible).to_contain_text({"sv": "Exempel", "fi": "Esimerkki"}[language])

    @both
    @pytest.mark.parametrize("name", list(HEADINGS))
    def test_the_menu_leads_to_the_page_in_the_residents_language(
        self, open_chat: Browsing, language: str, name: str
    ) -> None:
        chat = open_chat.in_corner(language)
        chat.page.locator(".menu-button").click()
        with chat.page.expect_popup() as waiting:
            chat.page.locator(".menu").get_by_role("link", name=chat.say(name)).click()
        page = waiting.value
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_contain_text(HEADINGS[name][language])

    @both
    def test_the_about_page_says_how_quality_is_watched(
        self, open_chat: Browsing, stated_server: Any, language: str
    ) -> None:
        chat = open_chat(language, at=stated_server.url)
        chat.page.goto(f"{chat.url}/about?lang={language}")
        main = chat.page.locator("main")
        expect(main).to_contain_text(QUALITY[language])
        expect(main).to_contain_text(AUTOMATION[language])

    @both
    def test_each_answer_can_be_judged(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language)
        answer = chat.ask(QUESTION[language])
        answer.get_by_role("button", name=chat.say("no_help")).click()
        answer.get_by_label(chat.say("reason")).fill("131052-308T saknas")
        answer.get_by_role("button", name=chat.say("send_reason")).click()
        expect(answer.get_by_text(chat.say("thanks"))).to_be_visible()
        assert chat.stored()[-1]["feedback"] == "down"
        emergency = chat.ask(EMERGENCY[language])
        expect(emergency.locator(".thumb")).to_have_count(0)


class TestSources:
    @both
    def test_every_answer_has_its_source_and_its_date(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language)
        for question in chat.page.locator(".starters button").all_inner_texts():
            answer = chat.ask(question)
            expect(answer.locator(".source time").first).to_have_attribute("datetime", re.compile(r"^\d{4}"))
