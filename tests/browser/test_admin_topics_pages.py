"""An admin writes a topic in both languages of the console; checks and preview follow what is typed. axe looks on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from axe import find_violations
from ferry import ANSWERS, EXAMPLES, SOURCE, TITLES
from people import PASSWORD
from playwright.sync_api import Browser, Page, Route, expect

from conversations.database import open_database
from conversations.users import UserStore
from knowledge.engine import sqlite_url
from studio.topics import TopicStore
from web.app import create_app
from web.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

WORDS = {
    "sv": {"mend": "Ingenting att rätta.", "saved": "Sparat som utkast.", "stop": "Att rätta"},
    "fi": {"mend": "Ei korjattavaa.", "saved": "Tallennettu luonnoksena.", "stop": "Korjattava"},
}
WIDE = """() => [...document.querySelectorAll("main *")]
    .filter((item) => item.getBoundingClientRect().right > 321 && !item.closest(".table-scroll"))
    .map((item) => item.tagName + "." + item.className + "#" + item.id)"""


class Studio:
    """The application in a thread of its own, without a model: writing topics needs none."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(120)
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        engine = open_database(sqlite_url(self.data / "conversations.db"))
        self.topics = TopicStore(engine)
        for language in ("sv", "fi"):
            UserStore(engine).insert(f"chief-{language}", "Admin Ett", ["admin"], language, PASSWORD)

    async def _start(self) -> web.AppRunner:
        app = create_app(Settings(data=str(self.data), model=str(self.data / "none.tar.gz")))
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    def stop(self) -> None:
        """End the application."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = Studio(tmp_path_factory.mktemp("studio"))
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, studio: Studio, language: str, address: str) -> None:
    page.goto(f"{studio.url}{address}")
    page.locator("input[name=name]").fill(f"chief-{language}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"**{address}")


def write(page: Page, id: str, number: str) -> None:
    """Fill the form of a new topic in; `number` sets its examples apart from those of the other language's test."""
    page.locator("#id").fill(id)
    for language in ("sv", "fi"):
        page.locator(f"#title_{language}").fill(TITLES[language])
        page.locator(f"#answer_{language}").fill(ANSWERS[language])
        page.locator(f"#source_title_{language}").fill(SOURCE)
        page.locator(f"#examples_{language}").fill("\n".join(f"{text} {number}" for text in EXAMPLES[language]))
    page.locator("#published").fill("2026-05")


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_an_admin_writes_a_topic_and_undoes_a_change(page: Page, studio: Studio, language: str) -> None:
    words, id = WORDS[language], f"ferry_{language}"
    sign_in(page, studio, language, "/admin/topics")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert find_violations(page) == []

    page.goto(f"{studio.url}/admin/topics/new")
    assert find_violations(page) == []
    write(page, id, {"sv": "ett", "fi": "kaksi"}[language])
    expect(page.locator('[data-preview="fi"]')).to_contain_text("Lautta Tankariin lähtee kello 10.")
    expect(page.locator('[data-count="sv"]')).to_have_text("10")
    expect(page.locator(".finding-stop")).to_have_count(0)

    page.locator("#examples_sv").press("Control+End")
    page.locator("#examples_sv").type("\nfamiljecentret")
    expect(page.locator(".finding-stop")).to_contain_text("family_centre")
    expect(page.locator(".finding-stop .badge")).to_have_text(words["stop"])
    assert find_violations(page) == []
    page.locator("#examples_sv").fill("\n".join(f"{text} igen {language}" for text in EXAMPLES["sv"]))
    expect(page.locator(".finding-stop")).to_have_count(0)
    page.locator("form[data-topic-form] .button-primary").click()
    expect(page.locator(".notice-success")).to_have_text(words["saved"])
    assert studio.topics.fetch(id).state == "draft"
    assert find_violations(page) == []

    page.locator("#answer_sv").fill("Ett svar som är fel.")
    page.locator("form[data-topic-form] .button-primary").click()
    expect(page.locator(".notice-success")).to_be_visible()
    page.goto(f"{studio.url}/admin/topics/{id}/history")
    assert find_violations(page) == []
    page.locator("button[name=revision]").last.click()
    expect(page.locator("#answer_sv")).to_have_value(ANSWERS["sv"])
    assert studio.topics.fetch(id).version == 3


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_what_is_written_before_the_script_comes_is_checked_too(page: Page, studio: Studio, language: str) -> None:
    held: list[Route] = []
    sign_in(page, studio, language, "/admin/topics")
    page.route("**/topics.js*", lambda route: held.append(route))
    with page.expect_request("**/topics.js*"):
        page.goto(f"{studio.url}/admin/topics/new", wait_until="commit")
    write(page, "early", language)
    held[0].continue_()
    expect(page.locator(f'[data-preview="{language}"]')).to_contain_text(ANSWERS[language].split(".")[0])
    expect(page.locator(f'[data-count="{language}"]')).to_have_text("10")


@pytest.mark.parametrize("address", ["/admin/topics/vision/reshape", "/admin/knowledge", "/admin/services/counselling"])
def test_the_other_pages_pass_axe(page: Page, studio: Studio, address: str) -> None:
    sign_in(page, studio, "sv", address)
    assert find_violations(page) == []


def test_of_two_admins_the_second_keeps_the_own_text_and_sees_the_others(page: Page, studio: Studio) -> None:
    sign_in(page, studio, "sv", "/admin/topics/vision")
    content = studio.topics.fetch("vision").content
    studio.topics.save("vision", content.with_side("sv", answer="Den andras svar."), 0, "0" * 32)
    page.locator("#answer_sv").fill("Mitt svar.")
    page.locator("form[data-topic-form] .button-primary").click()
    expect(page.locator(".notice-error")).to_be_visible()
    expect(page.locator("#answer_sv")).to_have_value("Mitt svar.")
    page.locator(".theirs summary").click()
    expect(page.locator(".theirs pre")).to_have_text("Den andras svar.")
    assert find_violations(page) == []


def test_nothing_is_wider_than_a_phone(browser: Browser, studio: Studio) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    sign_in(page, studio, "fi", "/admin/topics/counselling")
    for address in ("/admin/topics/counselling", "/admin/topics", "/admin/topics/vision/reshape", "/admin/knowledge"):
        page.goto(f"{studio.url}{address}")
        assert page.evaluate(WIDE) == []
    context.close()
