"""The own account: password, second factor, sessions, looks."""

from __future__ import annotations

import datetime as dt
import html
import re

import pyotp
import pytest
from people import ANOTHER, PASSWORD

from conversations.throttle import ACCOUNT
from web import keys

ACCOUNT_PAGE = "/staff/account"
PASSWORD_PAGE = "/staff/account/password"
FACTOR_PAGE = "/staff/account/second-factor"


@pytest.fixture
async def desk(console):
    """The console with desk signed in."""
    await console.sign_in()
    return console


def code_of(page) -> str:
    secret = re.search(r'<code class="key">([^<]+)</code>', page.text)[1].replace(" ", "")
    return pyotp.TOTP(secret).at(dt.datetime.now(dt.timezone.utc))


class TestPassword:
    """Another password."""

    async def test_it_is_changed_and_other_sessions_end(self, desk):
        elsewhere = desk.another()
        await elsewhere.sign_in()
        page = await desk.send(PASSWORD_PAGE, current=PASSWORD, new=ANOTHER, again=ANOTHER)
        assert (page.status, page.location) == (303, f"{ACCOUNT_PAGE}?done=password")
        assert "Ditt lösenord har ändrats" in (await desk.get(page.location)).text
        assert not await elsewhere.is_signed_in()
        assert (await elsewhere.sign_in("desk", PASSWORD)).status == 422
        assert (await elsewhere.sign_in("desk", ANOTHER)).status == 303
        await elsewhere.close()
        assert "user.password_changed" in desk.actions()

    @pytest.mark.parametrize(
        ("current", "new", "again", "text"),
        [
            (ANOTHER, ANOTHER, ANOTHER, "Det nuvarande lösenordet är fel"),
            (PASSWORD, ANOTHER, PASSWORD, "De två nya lösenorden är olika"),
            (PASSWORD, PASSWORD, PASSWORD, "detsamma som det nuvarande"),
            (PASSWORD, "kort1", "kort1", "minst 12 tecken"),
            (PASSWORD, "desk är säkrast", "desk är säkrast", "innehåller ditt namn"),
            (PASSWORD, "salasanasalasana", "salasanasalasana", "är vanligt"),
            (PASSWORD, "a" * 300, "a" * 300, "högst 256 tecken"),
        ],
    )
    async def test_what_is_wrong_is_said_and_nothing_changes(self, desk, current, new, again, text):
        page = await desk.send(PASSWORD_PAGE, current=current, new=new, again=again)
        assert page.status == 422
        assert text in page.text
        assert new not in page.text
        user = desk.app[keys.USERS].fetch_by_name("desk")
        assert desk.app[keys.USERS].check_password(user.id, PASSWORD)

    async def test_a_thief_of_a_session_cannot_guess_the_password_here(self, desk):
        for _ in range(ACCOUNT.free):
            assert (await desk.send(PASSWORD_PAGE, current="x", new=ANOTHER, again=ANOTHER)).status == 422
        assert (await desk.send(PASSWORD_PAGE, current=PASSWORD, new=ANOTHER, again=ANOTHER)).status == 429


class TestSecondFactor:
    """A second factor."""

    async def test_it_is_turned_on_by_a_code_and_the_password(self, desk):
        page = await desk.get(FACTOR_PAGE)
        assert '<svg class="qr"' in page.text or "<svg" in page.text
        done = await desk.post(FACTOR_PAGE, {"csrf": page.csrf, "code": code_of(page), "password": PASSWORD})
        assert done.status == 200
        assert len(re.findall(r"<li><code>[\w-]+</code></li>", done.text)) == 10
        assert desk.app[keys.USERS].fetch_by_name("desk").has_second_factor
        assert await desk.is_signed_in()
        assert "user.second_factor_on" in desk.actions()

    async def test_a_wrong_code_or_password_does_not_turn_it_on(self, desk):
        page = await desk.get(FACTOR_PAGE)
        for code, password in (("000000", PASSWORD), (code_of(page), ANOTHER), ("", "")):
            answer = await desk.post(FACTOR_PAGE, {"csrf": page.csrf, "code": code, "password": password})
            assert answer.status == 422
        assert not desk.app[keys.USERS].fetch_by_name("desk").has_second_factor

    async def test_a_thief_of_a_session_cannot_turn_it_off(self, desk):
        page = await desk.get(FACTOR_PAGE)
        await desk.post(FACTOR_PAGE, {"csrf": page.csrf, "code": code_of(page), "password": PASSWORD})
        for path in (f"{FACTOR_PAGE}/off", f"{FACTOR_PAGE}/codes"):
            assert (await desk.send(FACTOR_PAGE, path, password=ANOTHER)).status == 422
        assert desk.app[keys.USERS].fetch_by_name("desk").has_second_factor

    async def test_it_is_turned_off_by_the_password(self, desk):
        page = await desk.get(FACTOR_PAGE)
        await desk.post(FACTOR_PAGE, {"csrf": page.csrf, "code": code_of(page), "password": PASSWORD})
        codes = await desk.send(FACTOR_PAGE, f"{FACTOR_PAGE}/codes", password=PASSWORD)
        assert "<code>" in codes.text
        page = await desk.send(FACTOR_PAGE, f"{FACTOR_PAGE}/off", password=PASSWORD)
        assert page.location == f"{ACCOUNT_PAGE}?done=second_factor_off"
        assert not desk.app[keys.USERS].fetch_by_name("desk").has_second_factor
        assert desk.actions()[-2:] == ["user.recovery_codes_renewed", "user.second_factor_off"]

    async def test_the_secret_is_not_shown_once_it_is_on(self, desk):
        page = await desk.get(FACTOR_PAGE)
        await desk.post(FACTOR_PAGE, {"csrf": page.csrf, "code": code_of(page), "password": PASSWORD})
        assert 'class="key"' not in (await desk.get(FACTOR_PAGE)).text


class TestSessions:
    """Where one is signed in."""

    async def test_they_are_listed_and_ended_one_by_one(self, desk):
        elsewhere = desk.another()
        elsewhere.headers = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0"}
        await elsewhere.sign_in()
        page = await desk.get(ACCOUNT_PAGE)
        assert "Firefox, Windows" in page.text
        (path,) = re.findall(r'action="(/staff/account/sessions/\w{32}/end)"', page.text)
        await desk.post(path, {"csrf": page.csrf})
        assert not await elsewhere.is_signed_in()
        assert await desk.is_signed_in()
        await elsewhere.close()

    async def test_one_signs_out_everywhere_else(self, desk):
        elsewhere = desk.another()
        await elsewhere.sign_in()
        await desk.send(ACCOUNT_PAGE, f"{ACCOUNT_PAGE}/sessions/end")
        assert not await elsewhere.is_signed_in()
        assert await desk.is_signed_in()
        await elsewhere.close()

    async def test_nobody_ends_another_users_session(self, desk):
        desk.add("bo")
        other = desk.another()
        await other.sign_in("bo")
        (session,) = desk.app[keys.SESSIONS].fetch_all(desk.app[keys.USERS].fetch_by_name("bo").id)
        await desk.send(ACCOUNT_PAGE, f"{ACCOUNT_PAGE}/sessions/{session.id}/end")
        assert await other.is_signed_in()
        await other.close()

    async def test_a_browser_that_says_odd_things_of_itself_does_no_harm(self, desk):
        elsewhere = desk.another()
        elsewhere.headers = {"User-Agent": "<script>alert(1)</script>" * 100}
        await elsewhere.sign_in()
        text = (await desk.get(ACCOUNT_PAGE)).text
        assert "<script>alert" not in text
        assert "Okänd webbläsare" in text
        await elsewhere.close()


class TestPreferences:
    """Language, light and dark."""

    async def test_the_language_is_the_users_own_and_the_page_stays(self, desk):
        page = await desk.send(ACCOUNT_PAGE, "/staff/preferences", language="fi", next=ACCOUNT_PAGE)
        assert (page.status, page.location) == (303, ACCOUNT_PAGE)
        text = (await desk.get(ACCOUNT_PAGE, **{"Accept-Language": "sv"})).text
        assert "<h1>Oma tili</h1>" in text

    async def test_light_or_dark_is_the_users_own(self, desk):
        await desk.send(ACCOUNT_PAGE, "/staff/preferences", theme="dark")
        assert 'data-theme="dark"' in (await desk.get("/staff/")).text

    async def test_what_is_no_language_changes_nothing(self, desk):
        page = await desk.send(ACCOUNT_PAGE, "/staff/preferences", language="en")
        assert page.status == 400
        assert "<h1>Mitt konto</h1>" in (await desk.get(ACCOUNT_PAGE)).text

    async def test_preferences_do_not_redirect_elsewhere(self, desk):
        page = await desk.send(ACCOUNT_PAGE, "/staff/preferences", language="fi", next="https://evil.example")
        assert page.location == "/staff/"

    async def test_a_name_cannot_hold_markup(self, desk):
        user = desk.app[keys.USERS].fetch_by_name("desk")
        desk.app[keys.USERS].change_display_name(user.id, '<b>Desk</b> & "co"')
        text = (await desk.get("/staff/")).text
        assert "<b>Desk</b>" not in text
        assert html.escape("<b>Desk</b>") in text


class TestLanding:
    """The landing page."""

    @pytest.mark.parametrize(
        ("role", "shown", "hidden"),
        [
            ("counsellor", ["Rådgivare"], ["Administratör</h3>", "Granskare"]),
            ("admin", ["Rådgivare", "Administratör"], ["Granskare"]),
            ("auditor", ["Granskare"], ["Rådgivare", "Administratör"]),
        ],
    )
    async def test_it_says_what_the_role_may_do(self, console, role, shown, hidden):
        console.add("administrator", role)
        await console.sign_in("administrator")
        headings = re.findall(r"<h3>(.*?)</h3>", (await console.get("/staff/")).text)
        assert headings == shown
        assert not set(hidden) & set(headings)

    async def test_the_address_without_a_slash_leads_there(self, console):
        assert (await console.get("/staff")).location == "/staff/"
