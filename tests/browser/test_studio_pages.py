"""The pages of models in a browser, in both languages: a training followed live, comparisons, refusals; with axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe import find_violations
from evaluations import evaluation, make_model, safety, utterances
from people import PASSWORD
from playwright.sync_api import Browser, Page, expect

from conversations.database import open_database
from conversations.encryption import open_cipher
from conversations.users import UserStore
from knowledge.engine import sqlite_url
from knowledge.languages import Language
from studio.archives import Archives
from studio.gate import Rules, judge
from studio.jobs import EVALUATING, Jobs
from studio.models import Models

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

STEP = {"sv": "Lär sig ämnena", "fi": "Oppii aiheet"}
ASKS = {"sv": "Ställer testfrågorna till kandidaten", "fi": "Esittää testikysymykset ehdokkaalle"}
RESULT = {"sv": "Se resultatet", "fi": "Katso tulos"}
WHY = {"sv": "Skriv varför", "fi": "Kirjoita syy"}
MUST = "reviewed sv fire"


class Studio:
    """The admin's own end of the server's database."""

    def __init__(self, server, model_path: Path) -> None:
        self.url = server.url
        engine = open_database(sqlite_url(server.data / "conversations.db"))
        archives = Archives(server.data / "models", open_cipher(server.data / "secret.key", make=True))
        self.models, self.jobs, users = Models(engine, archives, model_path), Jobs(engine), UserStore(engine)
        for language in ("sv", "fi"):
            users.insert(f"chief-{language}", "Chef Ett", ["admin"], language, PASSWORD)
        live = evaluation(self.models.live_name())
        self.models.store_evaluation(live.model, live, judge(live, None, Rules()))
        candidates = {
            "lotsi-good": {},
            "lotsi-worse": {"utterances": utterances([("fi", "mission", 3)])},
            "lotsi-unsafe": {"safety": safety([MUST])},
        }
        for name, values in candidates.items():
            make_model(self.models, name)
            found = evaluation(name, **values)
            self.models.store_evaluation(name, found, judge(found, live, Rules()))


@pytest.fixture(scope="module")
def studio(server, model_path: Path) -> Studio:
    return Studio(server, model_path)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def open_page(page: Page, studio: Studio, path: str, language: str) -> None:
    page.goto(f"{studio.url}{path}")
    page.locator("input[name=name]").fill(f"chief-{language}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{studio.url}{path}")


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_training_is_followed_live_until_it_has_ended(page: Page, studio: Studio, language: Language) -> None:
    job = studio.jobs.ask("chief", take=True)
    try:
        open_page(page, studio, "/admin/training", language)
        studio.jobs.note(job.number, "step", "LinearIntentClassifier", 3, 6)
        expect(page.locator("[data-step]")).to_have_text(STEP[language])
        assert find_violations(page) == []
        studio.jobs.note(job.number, "step", "held_out", 10, 40, EVALUATING)
        expect(page.locator("[data-step]")).to_have_text(ASKS[language])
        expect(page.locator("progress")).to_have_attribute("value", "10")
        expect(page.locator("[data-log] li")).to_have_count(2)
    finally:
        studio.jobs.finish(job.number, "done", "lotsi-good")
    expect(page.get_by_role("link", name=RESULT[language])).to_be_visible()
    assert find_violations(page) == []


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_every_page_is_accessible(page: Page, studio: Studio, language: Language) -> None:
    open_page(page, studio, "/admin/models", language)
    names = ("lotsi-good", "lotsi-worse", "lotsi-unsafe", studio.models.live_name())
    paths = ["/admin/models", *[f"/admin/models/{name}" for name in names], "/admin/models/lotsi-good/try"]
    for path in paths:
        page.goto(f"{studio.url}{path}")
        assert find_violations(page) == [], path


def test_pages_can_be_used_in_a_narrow_window_and_in_the_dark(page: Page, studio: Studio) -> None:
    open_page(page, studio, "/admin/models/lotsi-worse", "sv")
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert find_violations(page) == []


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_worse_model_is_overruled_with_a_reason_alone_and_an_unsafe_one_never(
    page: Page, studio: Studio, language: Language
) -> None:
    open_page(page, studio, "/admin/models/lotsi-unsafe", language)
    expect(page.get_by_text(MUST).first).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
    expect(page.locator("form[action$=promote]")).to_have_count(0)
    page.goto(f"{studio.url}/admin/models/lotsi-worse")
    expect(page.get_by_text("mission fi 3").first).to_be_visible()
    page.locator("details:has(textarea) summary").click()
    page.locator("textarea").fill("          x")
    page.locator("details:has(textarea) button").click()
    expect(page.get_by_role("alert")).to_contain_text(WHY[language])
    assert studio.models.newest_promotion() == 0
