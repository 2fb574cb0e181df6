"""A counsellor's morning by keyboard, in both languages: find, read, correct, tag, note, go on. axe looks on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe import find_violations
from people import PASSWORD
from playwright.sync_api import Browser, Page, expect
from shortcuts import await_script, press_shortcut

from conversations.database import open_database
from conversations.reviews import Reviews
from conversations.store import ConversationStore, NewMessage
from conversations.users import UserStore
from knowledge.engine import sqlite_url
from knowledge.languages import Language

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

QUESTIONS = {"sv": "var får jag en rullstol", "fi": "mistä saan pyörätuolin"}
MASKED = {"sv": "telefonnummer", "fi": "puhelinnumero"}
SAVED = {"sv": "Sparat.", "fi": "Tallennettu."}
LAST = {"sv": "Det var det sista samtalet", "fi": "Tämä oli näkymän viimeinen"}


class Office:
    """The counsellor's own end of the server's database."""

    def __init__(self, server) -> None:
        self.url = server.url
        engine = open_database(sqlite_url(server.data / "conversations.db"))
        self.store, self.reviews, self.users = ConversationStore(engine), Reviews(engine), UserStore(engine)

    def converse(self, language: Language) -> str:
        """A conversation in which the bot did not know; return its id."""
        begun, _ = self.store.insert_conversation(language)
        (asked,) = self.store.insert_messages(begun.id, [NewMessage("resident", QUESTIONS[language], language)])
        self.store.update_understanding(asked.id, outcome="unsure", confidence=0.2, predicted="counselling")
        self.store.insert_messages(begun.id, [NewMessage("bot", "–", language)])
        return begun.id


@pytest.fixture(scope="module")
def office(server) -> Office:
    opened = Office(server)
    for language in ("sv", "fi"):
        opened.users.insert(f"desk-{language}", "Rådgivare Ett", ["counsellor", "admin"], language, PASSWORD)
    return opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, office: Office, language: str) -> None:
    page.locator("input[name=name]").fill(f"desk-{language}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_counsellors_morning_by_keyboard(page: Page, office: Office, language: Language) -> None:
    id = office.converse(language)
    page.goto(f"{office.url}/staff/inbox?language={language}&reason=dont_know&text={QUESTIONS[language].split()[-1]}")
    sign_in(page, office, language)
    expect(page.locator("[data-item]")).to_have_count(1)
    assert find_violations(page) == []

    press_shortcut(page, "?")
    expect(page.locator("#shortcuts")).to_be_visible()
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    press_shortcut(page, "j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/staff/conversations/{id}**")
    assert find_violations(page) == []

    press_shortcut(page, "3")
    expect(page.get_by_text(SAVED[language])).to_be_visible()
    expect(page.locator(".exchange").first).to_be_focused()
    press_shortcut(page, "c")
    page.keyboard.type("counselling")
    page.keyboard.press("Enter")
    expect(page.locator(".judge [aria-pressed=true][value=wrong]")).to_be_visible()
    press_shortcut(page, "t")
    page.keyboard.type("viktig")
    page.keyboard.press("Enter")
    expect(page.locator(".tags .badge")).to_have_text("viktig")
    press_shortcut(page, "m")
    page.keyboard.type("040 123 4567")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".note .said")).to_have_text(MASKED[language])
    expect(page.locator("#note")).to_have_value("")
    press_shortcut(page, "e")
    expect(page.get_by_text(LAST[language])).to_be_visible()
    found = office.reviews.read(id, "test")
    assert (found.entry.status, [review.topic for review in found.reviews.values()]) == ("resolved", ["counselling"])

    for path in ("candidates", "wishes"):
        page.goto(f"{office.url}/staff/{path}")
        assert find_violations(page) == []


def test_a_note_outlives_the_session(page: Page, office: Office) -> None:
    # The page's own sign of life leads to the sign-in page too, maybe before the form is sent; that has its own test.
    page.route("**/staff/presence", lambda route: route.abort())
    id = office.converse("sv")
    page.goto(f"{office.url}/staff/conversations/{id}?done=note")
    sign_in(page, office, "sv")
    await_script(page)  # It keeps what is written.
    page.locator("#note").fill("en lång tanke")
    page.context.clear_cookies()
    page.locator("#notes .button").click()
    page.wait_for_url("**/staff/sign-in**")
    sign_in(page, office, "sv")
    page.wait_for_url(f"**/staff/conversations/{id}**")
    expect(page.locator("#note")).to_have_value("en lång tanke")
    page.locator("#notes .button").click()
    expect(page.locator(".note .said")).to_have_text("en lång tanke")
    expect(page.locator("#note")).to_have_value("")


def test_a_key_is_no_shortcut_where_somebody_writes_or_has_turned_them_off(page: Page, office: Office) -> None:
    id = office.converse("fi")
    page.goto(f"{office.url}/staff/conversations/{id}")
    sign_in(page, office, "fi")
    page.locator("#tag").press_sequentially("eu?")
    expect(page.locator("#tag")).to_have_value("eu?")
    page.locator("h1").click()
    press_shortcut(page, "?")
    page.locator("#shortcuts-on").uncheck()
    page.keyboard.press("Escape")
    press_shortcut(page, "u")
    press_shortcut(page, "m")
    expect(page.locator("#note")).not_to_be_focused()
    assert id in page.url
