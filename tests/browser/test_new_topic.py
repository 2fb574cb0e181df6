"""From the sign-in page to residents' answers: an admin adds a topic, trains, compares and promotes it in a browser.

The server, the training and the model are real. The models are asked a part of the test sentences: enough to see a
fault, and quick.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chats import Browsing, Chat
from overlays import ANSWERS, ASKED, EXAMPLES, TOPIC
from people import PASSWORD
from playwright.sync_api import Browser, Page, expect
from servers import Server
from small_sets import SMALL_GATE, write_small_set

from conversations.database import open_database
from conversations.users import UserStore
from knowledge.engine import sqlite_url
from web.locales import load_catalogue

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

NAME = "administrator"
SOURCE = {"sv": "Hjälpmedelscentralens sida", "fi": "Apuvälinekeskuksen sivu"}
PATIENCE = 900_000
"""Milliseconds after which a training, or the trial of a model, counts as not ending."""


@pytest.fixture
def studio(tmp_path: Path, model_path: Path) -> Iterator[Server]:
    """A server of its own: its live model will change."""
    few = write_small_set(tmp_path / "sets", ("mission",), every=60)
    running = Server(tmp_path / "data", model_path, LOTSI_EVALUATION_FOLDER=str(few), **SMALL_GATE).wait(300)
    users = UserStore(open_database(sqlite_url(running.data / "conversations.db")))
    users.insert(NAME, "Administratör Ett", ["admin"], "sv", PASSWORD)
    yield running
    running.stop()


@pytest.fixture
def residents(browser: Browser, studio: Server) -> Iterator[Browsing]:
    browsing = Browsing(browser, studio.url)
    yield browsing
    browsing.close()


@pytest.fixture
def page(browser: Browser, studio: Server) -> Iterator[Page]:
    """The admin's browser; in the end there may be no error of a script."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=studio.url)
    context.set_default_timeout(60_000)
    problems: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def say(text: str, **values: str) -> str:
    """A text of the console in the admin's language."""
    return load_catalogue("sv").gettext(text) % values


def sign_in(page: Page) -> None:
    page.goto("/staff/sign-in")
    page.locator("input[name=name]").fill(NAME)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/staff/")


def open_part(page: Page, name: str) -> None:
    studio = page.get_by_role("navigation", name=say("Admin studio"))
    studio.get_by_role("link", name=say(name), exact=True).click()


def write_topic(page: Page) -> None:
    open_part(page, "Topics")
    page.get_by_role("link", name=say("New topic")).click()
    page.locator("#id").fill(TOPIC)
    for language, (title, answer) in ANSWERS.items():
        page.locator(f"#title_{language}").fill(title)
        page.locator(f"#answer_{language}").fill(answer)
        page.locator(f"#examples_{language}").fill("\n".join(EXAMPLES[language]))
        page.locator(f"#source_title_{language}").fill(SOURCE[language])
    page.locator("#published").fill("2026-10")
    page.locator("#valid_from").fill("2026-10-01")
    for language, (_, answer) in ANSWERS.items():
        expect(page.locator(f'[data-preview="{language}"]')).to_contain_text(answer)
    expect(page.locator(".finding-stop")).to_have_count(0)
    page.get_by_role("button", name=say("Save as a draft")).click()
    expect(page.locator(".notice-success")).to_have_text(say("Saved as a draft."))


def train(page: Page) -> None:
    """Train, follow how it goes, and open what has come of it."""
    page.get_by_role("navigation", name=say("Administration")).get_by_role(
        "link", name=say("Training"), exact=True
    ).click()
    page.get_by_role("button", name=say("Train a new model")).click()
    ended = page.locator("[data-training]:not([data-open])")
    for step in ("Learns the topics", "Asks the candidate the test questions"):
        line = page.locator("[data-log] li", has_text=say(step))
        expect(line.or_(ended).first).to_be_visible(timeout=PATIENCE)
        expect(line).to_have_count(1)
    expect(ended).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name=say("See the result: %(name)s", name="")).click()


def promote(page: Page) -> None:
    """Read the comparison, then put the model live."""
    expect(page.get_by_role("heading", name=say("May it go live?"))).to_be_visible()
    expect(page.locator("#figures-title")).to_contain_text(say("Beside the live model, %(name)s", name=""))
    accuracy = page.locator("tr", has_text=say("Topic recognised")).first
    expect(accuracy.locator("td")).to_have_count(4)
    expect(page.locator("#broken-title")).to_be_visible()
    page.get_by_role("button", name=say("Make it live"), exact=True).click(timeout=PATIENCE)
    expect(page.locator(".notice-success")).to_contain_text(
        say("The model is live. Conversations go on without a break.")
    )


def test_a_topic_that_an_admin_adds_answers_residents_in_both_languages(
    page: Page, residents: Browsing, studio: Server
) -> None:
    chats: dict[str, Chat] = {language: residents(language) for language in ANSWERS}
    for language, chat in chats.items():
        expect(chat.ask(ASKED[language])).not_to_contain_text(ANSWERS[language][1])
    sign_in(page)
    write_topic(page)
    for language, chat in chats.items():
        expect(chat.ask(ASKED[language])).not_to_contain_text(ANSWERS[language][1])
    train(page)
    promote(page)
    for language, chat in chats.items():
        answer = chat.ask(ASKED[language])
        expect(answer).to_contain_text(ANSWERS[language][1])
        expect(answer).to_contain_text(SOURCE[language])
        assert chat.stored()[-1]["topic"] == TOPIC
        assert len(chat.resident_texts()) == 3
    assert studio.log().count('"web.server.listening"') == 1
