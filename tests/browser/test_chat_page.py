"""The widget as a page of its own, in a real browser, against the real server: what a resident sees, and what happens
when things fail. Playwright's locators reach into the open shadow root.
"""

from __future__ import annotations

import contextlib
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chats import DESKTOP, EMERGENCY, MESSAGES, NARROW, PHONE, QUESTION, Browsing
from playwright.sync_api import Locator, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

SOURCE = {"sv": ("Källa och datum", "november 2023"), "fi": ("Lähde ja päiväys", "marraskuu 2023")}
RETRY = {"sv": "Försök igen", "fi": "Yritä uudelleen"}

LOW_CONTRAST = """() => {
  const parse = (color) => {
    const numbers = color.match(/[\\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
  };
  const over = (top, below) => top.rgb.map((value, index) => value * top.alpha + below[index] * (1 - top.alpha));
  const background = (element) => {
    if (!element) return [255, 255, 255];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own.alpha === 1 ? own.rgb : over(own, background(element.parentElement));
  };
  const luminance = (rgb) => rgb
    .map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const root = document.querySelector("lotsi-chat").shadowRoot.querySelector(".root");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const poor = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest(".spoken")) continue;
    const ground = background(element);
    const [dark, light] = [luminance(over(parse(getComputedStyle(element).color), ground)), luminance(ground)].sort();
    const ratio = (Math.max(dark, light) + 0.05) / (Math.min(dark, light) + 0.05);
    if (ratio < 4.5) poor.push(`${node.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

SMALL_TARGETS = """() => [...document.querySelector("lotsi-chat").shadowRoot
    .querySelectorAll("a, button, summary, textarea, input")]
  .filter((element) => element.checkVisibility() && !element.closest(".text, .channel-line"))
  .map((element) => [element.textContent.trim(), element.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""


@pytest.fixture(scope="module")
def strict_server(server: Any, tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> Iterator[Any]:
    """A server that takes one short message a minute."""
    running = type(server)(
        tmp_path_factory.mktemp("strict"), model_path, LOTSI_MESSAGES_PER_MINUTE="1", LOTSI_MESSAGE_LIMIT="60"
    ).wait()
    yield running
    running.stop()


both = pytest.mark.parametrize("language", ["sv", "fi"])
sizes = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])


class TestAnswers:
    @both
    @sizes
    def test_a_question_gets_an_answer_with_source_and_date(
        self, open_chat: Browsing, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat(language, viewport)
        turn = chat.ask(QUESTION[language])
        summary = turn.locator(".source summary")
        expect(turn.locator(".text")).to_contain_text("soite.fi")
        for text in SOURCE[language]:
            expect(summary).to_contain_text(text)
        expect(turn.locator("time")).to_have_attribute("datetime", "2023-11")
        summary.click()
        expect(turn.locator(".source li")).to_contain_text("Soite")
        assert chat.problems == []

    @both
    @sizes
    def test_an_emergency_shows_a_button_that_calls_112(
        self, open_chat: Browsing, language: str, viewport: dict[str, int]
    ) -> None:
        turn = open_chat(language, viewport).ask(EMERGENCY[language])
        call = turn.locator(".call-now")
        expect(call).to_be_in_viewport()
        expect(call).to_contain_text("112")
        expect(call).to_have_attribute("href", "tel:112")
        expect(turn.locator(".alarm")).to_be_visible()

    @both
    def test_a_common_question_is_sent_as_it_is_written(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language)
        button = chat.page.locator(".starters button").last
        question = button.inner_text()
        button.tap()
        expect(chat.page.locator(".bot .source")).to_be_visible()
        expect(chat.page.locator(".starters")).to_be_hidden()
        assert chat.resident_texts() == [question]

    @both
    def test_every_common_question_has_an_answer(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language)
        questions = chat.page.locator(".starters button").all_inner_texts()
        for question in questions:
            expect(chat.ask(question).locator(".source")).to_be_visible()
        topics = [message["topic"] for message in chat.stored() if message["topic"]]
        assert topics == ["counselling", "help_for_relative", "health_station", "help_button"]

    def test_a_suggestion_is_answered_and_reads_as_the_residents_words(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chip = chat.ask(QUESTION["sv"]).locator(".chips button").first
        title = chip.inner_text()
        chip.tap()
        expect(chat.own().last).to_have_text(title)
        expect(chat.page.locator(".bot .source")).to_have_count(2)

    @both
    def test_a_list_is_a_list_and_known_numbers_can_be_dialled(self, open_chat: Browsing, language: str) -> None:
        turn = open_chat(language).ask({"sv": "nödnumret", "fi": "hätänumero"}[language])
        expect(turn.locator(".text ul > li")).to_have_count(9)
        expect(turn.locator(".text a[href='tel:116117']")).to_have_text("116117")
        expect(turn.locator("a.card[href='tel:112']")).to_be_visible()
        assert "•" not in turn.inner_text()

    def test_a_way_to_a_human_is_always_at_hand(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chat.page.get_by_role("button", name="Tala med en människa").tap()
        expect(chat.page.get_by_role("heading", name="Tala med en människa")).to_be_focused()
        expect(chat.page.locator("a.card[href='tel:116117']")).to_be_visible()
        chat.page.get_by_role("button", name="Tillbaka till samtalet").tap()
        link = chat.ask("Tala med en människa").locator("a.card[href='https://soite.fi']")
        expect(link).to_have_attribute("rel", "noopener noreferrer")

    def test_html_is_shown_as_the_text_that_was_typed(self, open_chat: Browsing) -> None:
        chat = open_chat()
        typed = "<img src=x onerror=document.title='hit'><b>fet</b> & \"citat\""
        chat.ask(typed)
        expect(chat.own()).to_have_text(typed)
        chat.page.reload()
        expect(chat.own()).to_have_text(typed)
        expect(chat.page.locator(".log img, .log b")).to_have_count(0)
        assert chat.page.title() != "hit"

    def test_personal_data_vanishes_from_the_screen_too(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chat.ask("Min personbeteckning är 131052-308T, var bokar jag tid?")
        expect(chat.page.locator(".resident .masked")).to_be_visible()
        expect(chat.own()).to_contain_text("dolt: personbeteckning")
        assert "131052" not in chat.page.locator(".root").inner_html()
        assert "131052" not in chat.page.evaluate("JSON.stringify({...sessionStorage})")


class TestConversation:
    @both
    @sizes
    def test_a_reload_keeps_the_conversation(
        self, open_chat: Browsing, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat(language, viewport)
        chat.ask(QUESTION[language])
        shown = chat.page.locator(".log").inner_text()
        chat.page.reload()
        expect(chat.own()).to_have_text(QUESTION[language])
        assert chat.page.locator(".log").inner_text() == shown

    def test_the_language_switch_keeps_the_conversation_and_the_draft(self, open_chat: Browsing) -> None:
        chat = open_chat("sv")
        chat.ask(QUESTION["sv"])
        chat.field().fill("ett utkast")
        chat.page.get_by_role("button", name="Suomi").tap()
        expect(chat.page.locator("html")).to_have_attribute("lang", "fi")
        expect(chat.own()).to_have_text(QUESTION["sv"])
        expect(chat.field()).to_have_value("ett utkast")
        expect(chat.page.locator(".bot .text").last).to_have_attribute("lang", "sv")
        answer = chat.ask(QUESTION["fi"])
        expect(answer.locator("time")).to_have_text("marraskuu 2023")
        assert chat.kept()["told"] == "fi"
        assert chat.resident_texts() == [QUESTION["sv"], QUESTION["fi"]]

    def test_nothing_is_stored_before_the_first_message(self, open_chat: Browsing) -> None:
        chat = open_chat()
        calls: list[str] = []
        chat.page.on("request", lambda request: calls.append(request.url) if "/conversations" in request.url else None)
        chat.page.reload()
        expect(chat.page.locator(".bot")).to_have_count(2)
        assert calls == []

    def test_while_an_answer_is_awaited_the_next_message_waits_its_turn(self, open_chat: Browsing) -> None:
        chat = open_chat()
        held: list[Route] = []
        chat.page.route(MESSAGES, lambda route: route.continue_() if held else held.append(route))
        chat.field().fill(QUESTION["sv"])
        with chat.page.expect_request(MESSAGES):
            chat.field().press("Enter")
        expect(chat.page.locator(".typing")).to_be_visible()
        expect(chat.page.get_by_role("status").filter(has_text="Lotsi skriver")).to_have_count(1)
        chat.field().fill("hej")
        chat.field().press("Enter")
        expect(chat.own()).to_have_count(2)
        expect(chat.page.get_by_text("Väntar på att skickas")).to_be_visible()
        held[0].continue_()
        expect(chat.page.locator(".log > .bot")).to_have_count(4)
        expect(chat.page.locator(".typing")).to_be_hidden()
        assert chat.resident_texts() == [QUESTION["sv"], "hej"]

    def test_a_page_opened_before_the_model_was_ready_is_greeted_with_the_first_answer(
        self, open_chat: Browsing
    ) -> None:
        chat = open_chat()
        chat.page.route("**/api/v1/widget*", lambda route: _alter(route, greeting=[]))
        chat.page.reload()
        expect(chat.field()).to_be_visible()
        expect(chat.page.locator(".bot")).to_have_count(0)
        chat.ask(QUESTION["sv"])
        expect(chat.page.locator(".bot")).to_have_count(3)
        expect(chat.page.locator(".log > *").first).to_contain_text("Jag är Lotsi")

    def test_erasing_asks_first_and_then_leaves_nothing(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chat.ask(QUESTION["sv"])
        state = chat.kept()
        chat.menu("erase")
        chat.page.get_by_role("button", name="Behåll samtalet").tap()
        assert len(chat.resident_texts()) == 1
        chat.menu("erase")
        chat.page.locator(".sheet .danger").tap()
        expect(chat.page.locator(".notice")).to_have_text("Samtalet har raderats.")
        expect(chat.own()).to_have_count(0)
        request = urllib.request.Request(
            f"{chat.url}/api/v1/conversations/{state['id']}/messages",
            headers={"Authorization": f"Bearer {state['token']}"},
        )
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(request)

    def test_the_escape_key_does_not_erase(self, open_chat: Browsing) -> None:
        chat = open_chat(viewport=DESKTOP)
        chat.ask(QUESTION["sv"])
        chat.menu("erase")
        chat.page.locator(".sheet .danger").focus()
        chat.page.keyboard.press("Escape")
        expect(chat.page.locator(".sheet")).to_have_count(0)
        assert len(chat.resident_texts()) == 1

    def test_a_message_to_an_erased_conversation_begins_a_new_one(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chip = chat.ask(QUESTION["sv"]).locator(".chips button").first
        title = chip.inner_text()
        chat.page.evaluate("""async () => {
          const { id, token } = JSON.parse(sessionStorage.getItem(`lotsi:${location.origin}`));
          const headers = { Authorization: `Bearer ${token}` };
          await fetch(`/api/v1/conversations/${id}`, { method: "DELETE", headers });
        }""")
        chip.tap()
        expect(chat.page.locator(".notice")).to_be_visible()
        expect(chat.page.locator(".bot .source")).to_have_count(1)
        expect(chat.own()).to_have_text(title)
        assert chat.resident_texts() == [title]

    def test_a_reload_of_an_erased_conversation_starts_calmly_anew(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chat.page.evaluate("""sessionStorage.setItem(`lotsi:${location.origin}`, '{"id": "gone", "token": "gone"}')""")
        chat.page.reload()
        expect(chat.page.locator(".notice")).to_be_visible()
        expect(chat.page.locator(".starters")).to_be_visible()
        expect(chat.ask(QUESTION["sv"]).locator(".source")).to_be_visible()

    def test_works_where_the_browser_refuses_storage(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chat.page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('no'); };")
        chat.page.reload()
        expect(chat.ask(QUESTION["sv"]).locator(".source")).to_be_visible()


class TestFailures:
    @both
    @sizes
    def test_without_a_network_the_text_stays_and_the_retry_sends_it_once(
        self, open_chat: Browsing, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat(language, viewport)
        chat.page.route("**/api/**", lambda route: route.abort())
        turn = chat.ask(QUESTION[language])
        expect(turn.locator(".failure")).to_be_visible()
        expect(chat.own()).to_have_text(QUESTION[language])
        chat.page.unroute("**/api/**")
        _retry(turn, language)
        expect(chat.page.locator(".source")).to_be_visible()
        expect(chat.page.locator(".failure:visible")).to_have_count(0)
        assert chat.resident_texts() == [QUESTION[language]]

    def test_an_answer_lost_on_the_way_is_fetched_without_sending_twice(self, open_chat: Browsing) -> None:
        chat = open_chat()

        def lose_the_answer(route: Route) -> None:
            route.fetch()
            route.abort()

        chat.page.route(MESSAGES, lose_the_answer)
        turn = chat.ask(QUESTION["sv"])
        expect(turn.locator(".failure")).to_be_visible()
        chat.page.unroute(MESSAGES)
        _retry(turn)
        expect(chat.page.locator(".source")).to_be_visible()
        assert chat.resident_texts() == [QUESTION["sv"]]

    @pytest.mark.parametrize("arrives", [True, False], ids=["answer-lost", "never-sent"])
    def test_a_reload_sends_what_was_not_answered_once(self, open_chat: Browsing, arrives: bool) -> None:
        chat = open_chat()
        chat.ask("hej")

        def fail(route: Route) -> None:
            if arrives:
                route.fetch()
            route.abort()

        chat.page.route(MESSAGES, fail)
        chat.ask(QUESTION["sv"])
        chat.page.unroute(MESSAGES)
        chat.page.reload()
        expect(chat.page.locator(".source")).to_be_visible()
        expect(chat.own()).to_have_count(2)
        assert chat.resident_texts() == ["hej", QUESTION["sv"]]

    def test_a_failed_message_can_be_taken_back_and_changed(self, open_chat: Browsing) -> None:
        chat = open_chat()
        chat.page.route("**/api/**", lambda route: route.abort())
        chat.ask("Vad är Hjälp-knapen").get_by_role("button", name="Ändra").tap()
        expect(chat.field()).to_have_value("Vad är Hjälp-knapen")
        expect(chat.own()).to_have_count(0)

    @pytest.mark.parametrize(
        ("status", "body", "says"),
        [
            (500, '{"error": {"code": "internal_error", "message": "", "details": {}}}', "Något gick fel"),
            (503, '{"error": {"code": "not_ready", "message": "", "details": {}}}', "Lotsi startar"),
            (502, "<html>Bad Gateway</html>", "Något gick fel"),
            (200, "", "Det finns ingen förbindelse"),
        ],
        ids=["server", "not-ready", "proxy", "cut-off"],
    )
    def test_a_proxys_or_servers_error_is_said_calmly(
        self, open_chat: Browsing, status: int, body: str, says: str
    ) -> None:
        chat = open_chat()
        chat.page.route(MESSAGES, lambda route: route.fulfill(status=status, body=body))
        turn = chat.ask(QUESTION["sv"])
        expect(turn.locator(".failure")).to_contain_text(says)
        chat.page.unroute(MESSAGES)
        _retry(turn)
        expect(chat.page.locator(".source")).to_be_visible()

    def test_too_many_and_too_long_messages_are_kept(self, open_chat: Browsing, strict_server: Any) -> None:
        chat = open_chat(at=strict_server.url)
        chat.ask("hej")
        failed = chat.ask(QUESTION["sv"])
        expect(failed.locator(".failure")).to_contain_text("Vänta en stund")
        chat.page.route("**/api/v1/widget*", lambda route: _alter(route, message_limit=999))
        chat.page.reload()
        expect(chat.page.locator(".resident .failure")).to_be_visible()
        chat.page.get_by_role("button", name="Ändra").tap()
        long = "Jag undrar " * 10
        too_long = chat.ask(long)
        expect(too_long.locator(".failure")).to_contain_text("för långt")
        expect(too_long.locator(".text")).to_have_text(long.strip())

    def test_a_message_over_the_limit_is_not_sent_and_not_cut(self, open_chat: Browsing, strict_server: Any) -> None:
        chat = open_chat(at=strict_server.url)
        field, counter = chat.field(), chat.page.locator(".counter")
        field.fill("å" * 40)
        expect(counter).to_be_hidden()
        field.fill("🙂" * 58)
        expect(counter).to_have_text("Tecken kvar: 2")
        field.fill("å" * 63)
        expect(counter).to_have_text("Tecken för mycket: 3")
        field.press("Enter")
        expect(field).to_have_value("å" * 63)
        expect(chat.own()).to_have_count(0)


def _alter(route: Route, **values: Any) -> None:
    response = route.fetch()
    route.fulfill(response=response, json={**response.json(), **values})


def _retry(turn: Locator, language: str = "sv") -> None:
    """Ask for another try, unless one has begun by itself."""
    with contextlib.suppress(PlaywrightTimeout):
        turn.get_by_role("button", name=RETRY[language]).click(timeout=3000)


class TestAccess:
    @both
    def test_a_conversation_needs_nothing_but_a_keyboard(self, open_chat: Browsing, language: str) -> None:
        chat = open_chat(language, DESKTOP)
        press, kind = chat.page.keyboard.press, chat.page.keyboard.type
        chat.page.locator(".human-button").focus()
        press("Tab")
        expect(chat.field()).to_be_focused()
        kind("första raden")
        press("Shift+Enter")
        kind("andra raden")
        expect(chat.field()).to_have_value("första raden\nandra raden")
        press("Control+A")
        kind(QUESTION[language])
        press("Enter")
        expect(chat.page.locator(".source")).to_be_visible()
        expect(chat.field()).to_be_focused()
        for _ in range(6):
            press("Shift+Tab")
            if chat.page.evaluate("document.activeElement.shadowRoot.activeElement.matches('.chips button')"):
                break
        press("Enter")
        expect(chat.own()).to_have_count(2)
        expect(chat.field()).to_be_focused()

    @both
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_all_text_has_enough_contrast(self, open_chat: Browsing, language: str, scheme: str) -> None:
        chat = open_chat(language, color_scheme=scheme)
        assert chat.page.evaluate(LOW_CONTRAST) == []
        chat.ask(QUESTION[language]).locator("summary").tap()
        chat.ask(EMERGENCY[language])
        chat.page.route("**/api/**", lambda route: route.abort())
        chat.ask("hej")
        chat.field().fill("å" * 2001)
        assert chat.page.evaluate(LOW_CONTRAST) == []
        chat.page.locator(".menu-button").tap()
        assert chat.page.evaluate(LOW_CONTRAST) == []
        chat.page.keyboard.press("Escape")
        chat.page.locator(".human-button").tap()
        assert chat.page.evaluate(LOW_CONTRAST) == []

    @both
    @sizes
    def test_everything_to_touch_is_large_enough(
        self, open_chat: Browsing, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat(language, viewport)
        assert chat.page.evaluate(SMALL_TARGETS) == []
        chat.ask({"sv": "nödnumret", "fi": "hätänumero"}[language]).locator("summary").click()
        chat.ask(EMERGENCY[language])
        assert chat.page.evaluate(SMALL_TARGETS) == []

    @both
    @pytest.mark.parametrize("text_size", ["100%", "200%"])
    def test_nothing_scrolls_sideways_on_a_narrow_screen(
        self, open_chat: Browsing, language: str, text_size: str
    ) -> None:
        chat = open_chat(language, NARROW)
        chat.page.evaluate("size => document.documentElement.style.fontSize = size", text_size)
        chat.ask(EMERGENCY[language])
        chat.ask({"sv": "Tala med en människa", "fi": "Puhu ihmisen kanssa"}[language])
        chat.ask("a" * 200)
        chat.ask(QUESTION[language]).locator("summary").tap()
        assert chat.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        wide = "[...document.querySelector('lotsi-chat').shadowRoot.querySelectorAll('.panel, .body, .foot')]"
        assert chat.page.evaluate(f"Math.max(...{wide}.map(part => part.scrollWidth))") <= NARROW["width"]
        assert chat.page.evaluate("visualViewport.scale") == 1

    @both
    @sizes
    def test_the_duty_to_inform_is_in_view_wherever_one_reads(
        self, open_chat: Browsing, language: str, viewport: dict[str, int]
    ) -> None:
        chat = open_chat(language, viewport)
        duty = chat.page.locator(".duty")
        expect(duty).to_contain_text("112")
        expect(duty).to_be_in_viewport(ratio=1)
        chat.ask(QUESTION[language])
        chat.page.locator(".body").evaluate("body => body.scrollTo(0, body.scrollHeight)")
        expect(duty).to_be_in_viewport(ratio=1)
        expect(duty.locator("a")).to_have_attribute("href", "tel:112")

    def test_a_screen_reader_hears_new_messages_and_knows_their_language(self, open_chat: Browsing) -> None:
        chat = open_chat("fi", DESKTOP)
        log = chat.page.get_by_role("log")
        expect(log).to_have_attribute("aria-live", "polite")
        chat.ask(QUESTION["sv"])
        expect(log.locator(".bot .text").last).to_have_attribute("lang", "sv")
        expect(log.locator(".bot .text").first).not_to_have_attribute("lang", re.compile("."))
        expect(chat.page.get_by_role("textbox", name="Kysymyksesi")).to_be_visible()

    @both
    def test_without_javascript_the_numbers_to_call_are_there(self, open_chat: Browsing, language: str) -> None:
        page = open_chat(language, java_script_enabled=False).page
        expect(page.locator(".fallback a[href='tel:112']")).to_be_visible()
        expect(page.locator(".fallback a[href='tel:116117']")).to_be_visible()
        expect(page.locator(".fallback a[href='https://soite.fi']")).to_be_visible()


class TestPage:
    def test_holds_no_inline_script_or_style(self, server: Any) -> None:
        with urllib.request.urlopen(f"{server.url}/?lang=fi") as response:
            html = response.read().decode()
        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html) == []

    @pytest.mark.parametrize(("accepted", "language"), [("fi-FI,fi;q=0.9", "fi"), ("sv-FI,sv;q=0.9", "sv")])
    def test_opens_in_the_browsers_language(self, server: Any, accepted: str, language: str) -> None:
        request = urllib.request.Request(server.url, headers={"Accept-Language": accepted})
        with urllib.request.urlopen(request) as response:
            assert f'<html lang="{language}">' in response.read().decode()
            assert "Accept-Language" in response.headers["Vary"]
