"""Signing in and the console's frame in a real browser: axe-core, narrow windows, keyboard, no script, drafts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from axe import BEST_PRACTICE, find_violations
from people import PASSWORD
from playwright.sync_api import Browser, Page, expect

from cli.state import Staff, open_staff
from web.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 568}
DESKTOP = {"width": 1280, "height": 800}
SIGN_IN = "/staff/sign-in"
PAGES = ["/staff/", "/staff/account", "/staff/account/password", "/staff/account/second-factor", "/staff/nowhere"]
HEADINGS = {"sv": "Logga in", "fi": "Kirjaudu sisään"}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

both = pytest.mark.parametrize("language", ["sv", "fi"])
looks = pytest.mark.parametrize(
    ("viewport", "scheme"), [(PHONE, "light"), (NARROW, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")]
)


@pytest.fixture(scope="module")
def staff(server: Any) -> Staff:
    """The stores of the running server."""
    return open_staff(Settings(data=str(server.data)))


@pytest.fixture
def name(staff: Staff) -> str:
    """A new counsellor, admin and auditor."""
    name = f"desk-{uuid4().hex[:8]}"
    staff.users.insert(name, "Rådgivningens jourhavande", ["admin", "auditor"], "sv", PASSWORD)
    return name


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, server: Any) -> Iterator[Open]:
    """Open a page in a browser of its own; in the end there may be no error of a script."""
    contexts, problems = [], []

    def open_it(path: str, viewport: dict[str, int] = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(viewport=viewport, base_url=server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert problems == []


def sign_in(page: Page, name: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(re.compile("/staff/(?!sign-in)|/code"))


def check(page: Page) -> None:
    assert find_violations(page, tags=BEST_PRACTICE) == []
    assert not page.evaluate(WIDER)


@both
@looks
def test_pages_have_no_violation_and_fit(open_page, staff, name, language, viewport, scheme):
    staff.users.change_preferences(staff.users.fetch_by_name(name).id, language=language)
    page = open_page(f"{SIGN_IN}?lang={language}", viewport, color_scheme=scheme)
    expect(page.locator("h1")).to_have_text(HEADINGS[language])
    check(page)
    page.locator("#name").fill(name)
    page.locator("#password").fill("fel")
    page.locator("main button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    sign_in(page, name)
    page.locator("summary").click()
    check(page)
    for path in PAGES:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        check(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_has_no_violation_whatever_the_device_prefers(open_page, staff, name, theme):
    other = {"light": "dark", "dark": "light"}[theme]
    page = open_page(SIGN_IN, color_scheme=other)
    sign_in(page, name)
    page.locator("summary").click()
    page.locator(f"button[value={theme}]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == theme
    for path in PAGES:
        page.goto(path)
        check(page)


@both
def test_the_second_factor_is_turned_on_and_used(open_page, staff, name, language):
    staff.users.change_preferences(staff.users.fetch_by_name(name).id, language=language)
    page = open_page(SIGN_IN)
    sign_in(page, name)
    page.goto("/staff/account/second-factor")
    secret = page.locator(".key").inner_text().replace(" ", "")
    page.locator("#code").fill(pyotp.TOTP(secret).at(dt.datetime.now(dt.timezone.utc)))
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    check(page)
    page.locator("summary").click()
    page.locator(".menu-panel form:last-child button").click()
    page.wait_for_url(f"**{SIGN_IN}")
    sign_in(page, name)
    check(page)
    page.locator("#code").fill(codes[0])
    page.locator("main button").click()
    page.wait_for_url("**/staff/")
    page.goto("/staff/account/second-factor")
    check(page)


def test_the_language_is_switched_where_one_is(open_page, name):
    page = open_page(f"{SIGN_IN}?next=/staff/account&lang=sv")
    page.get_by_role("link", name="Suomi").click()
    expect(page.locator("h1")).to_have_text("Kirjaudu sisään")
    sign_in(page, name)
    page.wait_for_url("**/staff/account")
    expect(page.locator("h1")).to_have_text("Mitt konto")
    page.get_by_role("button", name="Suomi").click()
    expect(page.locator("h1")).to_have_text("Oma tili")


def test_the_menu_is_used_and_closed_by_the_keyboard(open_page, name):
    page = open_page(SIGN_IN)
    sign_in(page, name)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".menu-panel")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-panel")).to_be_hidden()
    expect(page.locator("summary")).to_be_focused()


def test_everything_works_without_a_script(open_page, name):
    page = open_page(SIGN_IN, java_script_enabled=False)
    sign_in(page, name)
    page.locator("summary").click()
    page.locator("button[value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("summary").click()
    page.locator(".menu-panel form:last-child button").click()
    page.wait_for_url(f"**{SIGN_IN}")
    page.goto("/staff/")
    expect(page).to_have_url(re.compile(f"{SIGN_IN}\\?next="))


def test_after_signing_out_going_back_shows_nothing(open_page, name):
    page = open_page(SIGN_IN)
    sign_in(page, name)
    page.goto("/staff/account")
    page.locator("summary").click()
    page.locator(".menu-panel form:last-child button").click()
    page.wait_for_url(f"**{SIGN_IN}")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Logga in")


def test_what_was_being_written_outlives_an_ended_session(open_page, staff, name):
    """As a page with a note does it: the frame keeps every `textarea[data-draft]`."""
    note = """() => import("/static/staff/staff.js").then(({ keepDrafts }) => {
      document.querySelector("main").insertAdjacentHTML("beforeend", "<textarea data-draft='note-1'></textarea>");
      keepDrafts();
    })"""
    page = open_page(SIGN_IN)
    sign_in(page, name)
    page.goto("/staff/account")
    page.evaluate(note)
    page.locator("textarea").fill("Ring upp på måndag")
    user = staff.users.fetch_by_name(name)
    staff.users.disable(user.id)
    staff.users.disable(user.id, False)
    page.reload()
    sign_in(page, name)
    page.wait_for_url("**/staff/account")
    page.evaluate(note)
    expect(page.locator("textarea")).to_have_value("Ring upp på måndag")
    page.evaluate("""() => import("/static/staff/staff.js").then(({ keepDrafts }) => {
      document.querySelector("textarea").remove();
      document.querySelector("main").insertAdjacentHTML("beforeend", "<p data-draft-taken='note-1'></p>");
      keepDrafts();
    })""")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_page_of_another_site_cannot_send_our_forms(open_page, name, server):
    """The browser itself says where it comes from, and the cookie stays at home."""
    page = open_page(SIGN_IN)
    sign_in(page, name)
    page.route(
        "http://evil.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"""
      <form method="post" action="{server.url}/staff/sign-out"><button>Win a prize</button></form>""",
        ),
    )
    page.goto("http://evil.example/")
    with page.expect_response("**/staff/sign-out") as caught:
        page.locator("button").click()
    assert caught.value.status in (303, 403)
    page.goto(f"{server.url}/staff/")
    expect(page.locator(".menu-name")).to_have_text("Rådgivningens jourhavande")
