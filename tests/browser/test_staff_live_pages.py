"""A counsellor's morning with a live resident, in both languages: two browsers, one at the console, one at the chat."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from axe import find_violations
from chats import DESKTOP, MEANWHILE, NARROW, OTHER_QUESTION, QUESTION, Browsing
from people import PASSWORD
from playwright.sync_api import Browser, Page, expect
from shortcuts import press_shortcut

from conversations.callbacks import Callbacks, Caller
from conversations.database import open_database
from conversations.encryption import open_cipher
from conversations.handoffs import Handoffs
from conversations.reviews import Reviews
from conversations.store import ConversationStore, NewMessage
from conversations.users import UserStore
from knowledge.engine import sqlite_url
from knowledge.languages import Language
from web.locales import load_catalogue

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

MISTAKEN = {"sv": "var lånar jag en rollator", "fi": "mistä lainaan rollaattorin"}
GREETING = {"sv": "Hej! Jag är rådgivare, hur kan jag hjälpa?", "fi": "Hei! Olen neuvoja, miten voin auttaa?"}
MORE = {"sv": "Vem får en Hjälp-knapp?", "fi": "Kuka saa Apua-napin?"}
both = pytest.mark.parametrize("language", ["sv", "fi"])


def say(language: Language, text: str) -> str:
    """A text of the console in a language."""
    return str(load_catalogue(language).gettext(text))


class Office:
    """The database of the running server."""

    def __init__(self, server: Any) -> None:
        self.url = server.url
        engine = open_database(sqlite_url(server.data / "conversations.db"))
        self.store, self.reviews, self.handoffs = ConversationStore(engine), Reviews(engine), Handoffs(engine)
        self.users = UserStore(engine)
        self.callbacks = Callbacks(engine, open_cipher(server.data / "secret.key", make=False))

    def add(self, language: Language) -> str:
        """Add a counsellor; return the name."""
        name = f"live-{uuid4().hex[:8]}"
        self.users.insert(name, "Rådgivare Ett", ["counsellor"], language, PASSWORD)
        return name

    def mistaken(self, language: Language) -> str:
        """A conversation in which the bot did not know; return its id."""
        begun, _ = self.store.insert_conversation(language)
        (asked,) = self.store.insert_messages(begun.id, [NewMessage("resident", MISTAKEN[language], language)])
        self.store.update_understanding(asked.id, outcome="unsure", confidence=0.2, predicted="counselling")
        self.store.insert_messages(begun.id, [NewMessage("bot", "–", language)])
        return begun.id

    def waiting(self, language: Language) -> str:
        """A resident who waits; return the conversation's id."""
        id = self.mistaken(language)
        self.handoffs.request(id, [])
        return id


@pytest.fixture(scope="module")
def office(server: Any) -> Office:
    return Office(server)


@pytest.fixture
def open_console(browser: Browser, office: Office) -> Iterator[Callable[..., Page]]:
    """Open a page of the console, signed in; in the end there may be no error of a script."""
    contexts, problems = [], []

    def open_it(
        path: str, language: Language, viewport: dict[str, int] = DESKTOP, name: str = "", **options: Any
    ) -> Page:
        context = browser.new_context(viewport=viewport, base_url=office.url, reduced_motion="reduce", **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(path)
        sign_in(page, name or office.add(language))
        page.wait_for_url(f"**{path}**")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert problems == []


def sign_in(page: Page, name: str) -> None:
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")


def click(page: Page, language: Language, text: str) -> None:
    page.get_by_role("button", name=say(language, text)).first.click()


@both
def test_a_counsellors_morning_with_a_live_resident(
    open_console: Callable[..., Page], open_chat: Browsing, office: Office, language: Language
) -> None:
    mistaken = office.mistaken(language)
    page = open_console("/staff/inbox", language)

    # Find a conversation, correct its topic, tag it.
    page.locator("#f-text").fill(MISTAKEN[language].split()[-1])
    page.locator("#f-text").press("Enter")
    page.locator(f"[data-item][href*='{mistaken}']").click()
    page.wait_for_url(f"**/staff/conversations/{mistaken}**")
    press_shortcut(page, "c")
    page.keyboard.type("counselling")
    page.keyboard.press("Enter")
    expect(page.locator(".judge [aria-pressed=true][value=wrong]")).to_be_visible()
    press_shortcut(page, "t")
    page.keyboard.type("morgon")
    page.keyboard.press("Enter")
    expect(page.locator(".tags .badge")).to_have_text("morgon")
    found = office.reviews.read(mistaken, "test")
    assert ([review.topic for review in found.reviews.values()], found.tags) == (["counselling"], ("morgon",))

    # A resident asks for a human; the queue shows it by itself.
    page.goto("/staff/queue")
    chat = open_chat(language)
    chat.ask(QUESTION[language])
    chat.join_queue()
    id = chat.kept()["id"]
    row = page.locator(".waiting > li", has=page.locator(f"a[href='/staff/live/{id}']"))
    expect(row).to_contain_text(QUESTION[language])
    expect(page.locator(".nav .count [data-number]")).not_to_have_text("0")
    assert page.title().startswith("(")

    # Take over: the resident is told, sees that the counsellor is writing, and the bot is silent.
    row.get_by_role("button").click()
    page.wait_for_url(f"**/staff/live/{id}")
    chat.reach("human")
    page.locator("#text").fill(GREETING[language])
    expect(chat.page.locator(".typing")).to_have_text(chat.say("human_typing"))
    expect(chat.page.get_by_role("status").filter(has_text=chat.say("human_typing"))).to_have_count(1)
    page.locator("#text").press("Control+Enter")
    expect(page.locator("#talk .bubble-human")).to_contain_text(GREETING[language])
    expect(page.locator("#text")).to_have_value("")
    expect(chat.page.locator(".message.human")).to_contain_text(GREETING[language])
    expect(chat.page.locator(".typing")).to_be_hidden()

    # The resident asks on, which the counsellor sees coming; a suggestion goes with one key.
    chat.field().fill(MORE[language])
    expect(page.locator("[data-typing]")).to_be_visible()
    chat.send(MORE[language])
    expect(page.locator("#talk .bubble-resident").last).to_contain_text(MORE[language])
    expect(page.locator("[data-typing]")).to_be_hidden()
    page.locator("#text").blur()
    expect(page.locator(".suggestion").first).to_be_visible()
    page.locator("h1").click()
    press_shortcut(page, "1")
    expect(page.locator("#talk .bubble-human")).to_have_count(2)
    expect(chat.page.locator(".message.human")).to_have_count(2)
    expect(chat.page.locator(".message.human").last).to_contain_text(say(language, "Source"))

    # Hand back: the bot answers again.
    click(page, language, "Hand back to Lotsi")
    page.wait_for_url("**/staff/queue**")
    chat.reach("bot")
    expect(chat.ask(OTHER_QUESTION[language])).to_be_visible()
    assert [message["sender"] for message in chat.stored()][-2:] == ["resident", "bot"]

    page.locator("details.menu > summary").click()
    click(page, language, "Sign out")
    page.wait_for_url("**/staff/sign-in**")


@both
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_desk_has_a_barrier_also_in_a_narrow_window(
    open_console: Callable[..., Page], office: Office, language: Language, scheme: str
) -> None:
    id = office.waiting(language)
    due = dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=1)
    office.callbacks.request(office.mistaken(language), Caller("0407776543", "Åke", "kl. 12"), due, [])
    page = open_console("/staff/queue", language, NARROW, color_scheme=scheme)

    def check() -> None:
        for viewport in (NARROW, DESKTOP):
            page.set_viewport_size(viewport)
            assert find_violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    check()
    page.locator(f"a[href='/staff/live/{id}']").click()
    check()
    click(page, language, "Take over")
    expect(page.locator("#text")).to_be_visible()
    check()
    page.locator("h1").click()
    press_shortcut(page, "?")
    expect(page.locator("#shortcuts")).to_be_visible()
    check()
    page.keyboard.press("Escape")
    page.goto("/staff/queue")
    expect(page.locator(f"a.list-row[href='/staff/live/{id}']")).to_be_visible()
    check()
    page.goto("/staff/callbacks")
    check()
    page.locator("a.list-row").first.click()
    expect(page.locator(".phone")).to_be_visible()
    check()


@both
def test_a_press_counts_though_others_join_the_queue_meanwhile(
    open_console: Callable[..., Page], office: Office, language: Language
) -> None:
    id = office.waiting(language)
    page = open_console("/staff/queue", language)
    page.locator(".waiting > li", has=page.locator(f"a[href='/staff/live/{id}']")).get_by_role("button").hover()
    page.mouse.down()
    with page.expect_response("**/staff/queue/rows"):
        office.waiting(language)
    page.wait_for_timeout(MEANWHILE)
    page.mouse.up()
    page.wait_for_url(f"**/staff/live/{id}")


def test_a_sound_is_heard_only_by_who_wishes_it(open_console: Callable[..., Page], office: Office) -> None:
    page = open_console("/staff/queue", "sv")
    page.evaluate("document.addEventListener('lotsi:ring', () => { document.body.className += ' rung'; })")
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "false")
    id = office.waiting("sv")
    expect(page.locator(f"a[href='/staff/live/{id}']")).to_be_visible()
    expect(page.locator("body")).not_to_have_class(re.compile("rung"))
    page.locator("[data-sound]").click()
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "true")
    office.waiting("sv")
    expect(page.locator("body")).to_have_class(re.compile("rung rung"))
    page.reload()
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "true")


def test_an_answer_outlives_the_session(open_console: Callable[..., Page], office: Office) -> None:
    id = office.waiting("sv")
    name = office.add("sv")
    page = open_console(f"/staff/live/{id}", "sv", name=name)
    click(page, "sv", "Take over")
    page.locator("#text").fill("ett långt svar")
    page.context.clear_cookies()  # the page's next sign of life shows that the session has ended
    page.wait_for_url("**/staff/sign-in**")
    sign_in(page, name)
    page.wait_for_url(f"**/staff/live/{id}")
    expect(page.locator("#text")).to_have_value("ett långt svar")
    page.locator("#answer .button-primary").click()
    expect(page.locator(".bubble-human")).to_contain_text("ett långt svar")
    expect(page.locator("#text")).to_have_value("")


def test_the_desk_works_without_a_script(open_console: Callable[..., Page], office: Office) -> None:
    id = office.waiting("fi")
    page = open_console("/staff/queue", "fi", java_script_enabled=False)
    row = page.locator(".waiting > li", has=page.locator(f"a[href='/staff/live/{id}']"))
    row.get_by_role("button").click()
    page.locator("#text").fill("Hei!")
    page.locator("#answer .button-primary").click()
    expect(page.locator(".bubble-human")).to_contain_text("Hei!")
    page.get_by_role("button", name=say("fi", "End the conversation")).click()
    expect(page.locator(".notice-success")).to_be_visible()
    assert office.store.fetch_conversation(id).state == "ended"
