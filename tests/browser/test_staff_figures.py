"""The pages of figures and of the audit log in a browser: axe, languages, light and dark, a narrow window, on paper."""

from __future__ import annotations

import pytest
from axe import find_violations
from people import PASSWORD
from playwright.sync_api import Browser

from conversations.database import open_database
from conversations.questions import local_day
from conversations.records import current_moment
from conversations.reviews import Reviews
from conversations.store import ConversationStore, NewMessage
from conversations.users import UserStore
from knowledge.engine import sqlite_url
from knowledge.languages import Language

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

FIGURES, AUDIT = "/staff/figures", "/staff/audit"


@pytest.fixture(scope="module")
def office(server) -> str:
    """The address of a server at which something has been asked in both languages; staff are `figures-<language>`."""
    engine = open_database(sqlite_url(server.data / "conversations.db"))
    store, reviews, users = ConversationStore(engine), Reviews(engine), UserStore(engine)
    for language, words in (("sv", "var ligger biblioteket"), ("fi", "missä on kirjasto")):
        users.insert(f"figures-{language}", "Rådgivare Ett", ["counsellor", "auditor"], language, PASSWORD)
        for number in range(18):
            begun, _ = store.insert_conversation(language)
            (asked,) = store.insert_messages(begun.id, [NewMessage("resident", words, language)])
            topic = ("counselling", "fees", None)[number % 3]
            outcome = "sure" if topic else ("unsure", "between")[number % 2]
            values = {"confidence": 0.5 + number / 40, "predicted": "counselling"}
            store.update_understanding(asked.id, outcome=outcome, **values)
            store.insert_messages(begun.id, [NewMessage("bot", "Svar.", language, topic=topic)])
            if topic:
                reviews.write_review(begun.id, asked.id, "desk", "right" if number % 4 else "wrong")
    engine.dispose()
    return str(server.url)


@pytest.mark.parametrize(("language", "scheme"), [("sv", "light"), ("fi", "dark")])
def test_the_figures_keep_to_the_rules_of_accessibility(
    browser: Browser, office: str, language: Language, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{office}/staff/sign-in?next={FIGURES}")
    page.locator("input[name=name]").fill(f"figures-{language}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"**{FIGURES}")
    assert page.locator("svg.chart").count() == 6
    for twin in page.locator(".twin > summary").all():
        twin.click()
    assert find_violations(page) == []
    today = local_day(current_moment()).isoformat()
    for path in (f"{FIGURES}?topic=counselling&since={today}&until={today}", f"{FIGURES}/unanswered", AUDIT):
        page.goto(office + path)
        assert find_violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    for path in (AUDIT, FIGURES, f"{FIGURES}/unanswered"):
        page.goto(office + path)
        assert find_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, "only charts and tables scroll sideways"
    page.emulate_media(media="print")
    assert not page.locator("form.filters").is_visible()
    context.close()
