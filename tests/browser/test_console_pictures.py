"""Pictures the console and the studio for the documentation, in both languages; axe looks on (`make screenshots`).

Without LOTSI_SCREENSHOTS it is passed over and costs nothing: the tests of each page look at it with axe anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe import find_violations
from office_day import Office
from office_models import GOOD, UNSAFE, WORSE
from people import PASSWORD
from pictures import FOLDER, WANTED, save_picture
from playwright.sync_api import Browser, Page, expect

from knowledge.languages import Language

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.skipif(not WANTED, reason="LOTSI_SCREENSHOTS is not set"),
]
DESKTOP = {"width": 1280, "height": 860}
TALL = {"width": 1280, "height": 1220}
PHONE = {"width": 390, "height": 780}
SIGN_IN = "/staff/sign-in"
LARGEST_PICTURE = 150_000
SHOWN = {
    "sign-in": "sv",
    "start": "fi",
    "inbox": "sv fi",
    "inbox-phone": "sv",
    "conversation": "sv fi",
    "queue": "sv",
    "live": "fi",
    "call-backs": "fi",
    "call-back": "sv",
    "figures": "sv fi",
    "figures-topics": "fi",
    "unanswered": "sv",
    "candidates": "fi",
    "wishes": "sv",
    "topics": "sv",
    "topic": "sv fi",
    "knowledge": "fi",
    "service": "sv",
    "training": "fi",
    "models": "sv",
    "model-refused": "sv fi",
    "model-unsafe": "fi",
    "model-allowed": "sv",
    "shadow": "fi",
    "try-out": "sv",
}
"""The languages in which the documentation shows a page; axe looks at each in both."""
QUESTION = {"sv": "vem får en hjälpknapp", "fi": "kuka saa apunapin"}
both = pytest.mark.parametrize("language", ["sv", "fi"])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, model_path: Path, server: Any) -> Iterator[Office]:
    """A server of its own with a day's work in it."""
    running = type(server)(
        tmp_path_factory.mktemp("pictures"),
        model_path,
        LOTSI_MESSAGES_PER_MINUTE="100000",
        LOTSI_CONVERSATIONS_PER_MINUTE="100000",
        LOTSI_SERVICE_HOURS="always",
    ).wait()
    opened = Office(running.url, running.data, model_path)
    opened.fill()
    yield opened
    running.stop()


@dataclass(frozen=True)
class Camera:
    """A member of staff's browser."""

    page: Page
    language: Language

    def open(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(path)
        return self.page

    def shoot(self, name: str, path: str = "") -> None:
        """Look at a page with axe, and picture it if the documentation shows it in this language."""
        if path:
            self.open(path)
        assert find_violations(self.page) == []
        if self.language in SHOWN[name]:
            save_picture(self.page, FOLDER / "console" / f"{name}-{self.language}.png", LARGEST_PICTURE, 256)


Lend = Callable[..., Camera]


@pytest.fixture
def lend(browser: Browser, office: Office) -> Iterator[Lend]:
    """Lend a camera: the browser of somebody who has signed in."""
    contexts = []

    def lend_it(who: str, language: Language, viewport: dict[str, int] = DESKTOP) -> Camera:
        context = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            base_url=office.url,
            locale=f"{language}-FI",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{SIGN_IN}?lang={language}")
        if who:
            page.locator("#name").fill(f"{who}-{language}")
            page.locator("#password").fill(PASSWORD)
            page.locator("main button").click()
            page.wait_for_url("**/staff/")
        return Camera(page, language)

    yield lend_it
    for context in contexts:
        context.close()


@both
def test_signing_in_and_the_start_page(lend: Lend, language: Language) -> None:
    lend("", language).shoot("sign-in")
    lend("chief", language).shoot("start", "/staff/")


@both
def test_the_inbox_and_a_conversation_that_is_corrected(lend: Lend, office: Office, language: Language) -> None:
    camera = lend("desk", language)
    camera.shoot("inbox", "/staff/inbox")
    camera.page.set_viewport_size(TALL)
    camera.open(f"/staff/conversations/{office.corrected[language]}")
    camera.page.locator(".correct input[name=topic]").last.focus()
    camera.page.mouse.move(0, 0)
    camera.page.evaluate("scrollTo(0, 0)")
    camera.shoot("conversation")
    lend("desk", language, PHONE).shoot("inbox-phone", "/staff/inbox")


@both
def test_the_desk(lend: Lend, office: Office, language: Language) -> None:
    camera = lend("desk", language)
    camera.shoot("queue", "/staff/queue")
    camera.open(f"/staff/live/{office.take(language)}")
    expect(camera.page.locator(".suggestion").first).to_be_visible()
    camera.page.set_viewport_size(TALL)
    camera.shoot("live")
    camera.page.set_viewport_size(DESKTOP)
    camera.shoot("call-backs", "/staff/callbacks")
    camera.page.locator("a.list-row").first.click()
    expect(camera.page.locator(".phone")).to_be_visible()
    camera.shoot("call-back")


@both
def test_figures(lend: Lend, language: Language) -> None:
    camera = lend("desk", language)
    camera.shoot("figures", "/staff/figures")
    camera.page.locator("#h-topics").scroll_into_view_if_needed()
    camera.page.evaluate("document.querySelector('#h-topics').closest('.card').scrollIntoView()")
    camera.shoot("figures-topics")
    camera.shoot("unanswered", "/staff/figures/unanswered")


@both
def test_what_is_learnt(lend: Lend, language: Language) -> None:
    camera = lend("chief", language)
    camera.shoot("candidates", "/staff/candidates")
    camera.shoot("wishes", "/staff/wishes")


@both
def test_topics_and_services(lend: Lend, language: Language) -> None:
    camera = lend("chief", language)
    camera.shoot("topics", "/admin/topics")
    camera.page.set_viewport_size(TALL)
    camera.shoot("topic", "/admin/topics/ferry_timetable")
    camera.page.set_viewport_size(DESKTOP)
    camera.shoot("knowledge", "/admin/knowledge")
    camera.shoot("service", "/admin/services/counselling")


@both
def test_training_and_models(lend: Lend, office: Office, language: Language) -> None:
    camera = lend("chief", language)
    workshop = office.workshop()
    number = workshop.begin_training()
    camera.open("/admin/training")
    expect(camera.page.locator("progress")).to_have_attribute("value", "3")
    camera.shoot("training")
    workshop.jobs.finish(number, "cancelled")
    expect(camera.page.locator("[data-open]")).to_have_count(0)
    camera.page.wait_for_load_state()
    camera.shoot("models", "/admin/models")
    camera.shoot("model-refused", f"/admin/models/{WORSE}")
    camera.shoot("model-unsafe", f"/admin/models/{UNSAFE}")
    camera.shoot("model-allowed", f"/admin/models/{GOOD}")
    camera.page.locator("#shadow-title").scroll_into_view_if_needed()
    camera.page.evaluate("document.querySelector('#shadow-title').closest('.card').scrollIntoView()")
    camera.shoot("shadow")


@both
def test_a_model_is_tried_out(lend: Lend, language: Language) -> None:
    camera = lend("chief", language)
    camera.page.set_default_timeout(120_000)
    camera.open(f"/admin/models/{GOOD}/try")
    camera.page.locator("#text").fill(QUESTION[language])
    camera.page.locator("form#say .button-primary").click()
    expect(camera.page.locator(".exchange")).to_have_count(1, timeout=120_000)
    camera.page.evaluate("scrollTo(0, 0)")
    camera.shoot("try-out")
