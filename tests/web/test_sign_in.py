"""Signing in and out: who comes in, who does not, and what somebody who guesses learns."""

from __future__ import annotations

import datetime as dt
import re

import pyotp
import pytest
from people import ANOTHER, PASSWORD

from conversations.throttle import ACCOUNT
from web import keys

SIGN_IN = "/staff/sign-in"
_TOKEN = re.compile(r'name="csrf" value="[^"]*"')


def strip(text: str) -> str:
    """Leave out what differs from page to page, or what the reader has typed."""
    return re.sub(r'id="name" name="name" value="[^"]*"', "", _TOKEN.sub("", text))


class TestSignIn:
    """With name and password."""

    async def test_name_and_password_let_in(self, console):
        page = await console.sign_in()
        assert (page.status, page.location) == (303, "/staff/")
        home = await console.get("/staff/")
        assert home.status == 200
        assert "Rådgivare Ett" in home.text
        assert console.actions() == ["sign_in.succeeded"]

    @pytest.mark.parametrize(("name", "password"), [("desk", ANOTHER), ("nobody", PASSWORD), ("desk", ""), ("", "")])
    async def test_anything_else_does_not(self, console, name, password):
        page = await console.sign_in(name, password)
        assert page.status == 422
        assert not await console.is_signed_in()
        assert console.actions() == ["sign_in.refused"]

    async def test_sign_in_hides_which_users_exist(self, console):
        bo = console.add("bo", password=PASSWORD)
        console.app[keys.USERS].disable(bo.id)
        console.add("administrator", password=None, identity=("https://id.example.fi", "administrator"))
        answers = [await console.sign_in(name, ANOTHER) for name in ("desk", "nobody", "bo", "administrator")]
        answers.append(await console.sign_in("bo", PASSWORD))
        assert {answer.status for answer in answers} == {422}
        assert len({strip(answer.text) for answer in answers}) == 1

    async def test_a_password_that_is_typed_into_the_name_is_not_recorded(self, console):
        await console.sign_in(PASSWORD, "desk")
        (entry,) = console.app[keys.AUDIT].fetch_entries()
        assert PASSWORD not in str(entry)

    async def test_a_typed_password_is_not_shown_again(self, console):
        assert ANOTHER not in (await console.sign_in("desk", ANOTHER)).text

    async def test_guessing_is_slowed_down_and_the_right_password_is_refused_meanwhile(self, console):
        for _ in range(ACCOUNT.free):
            assert (await console.sign_in("desk", ANOTHER)).status == 422
        page = await console.sign_in("desk", PASSWORD)
        assert page.status == 429
        assert int(page.headers["Retry-After"]) > 0
        assert not await console.is_signed_in()

    async def test_a_lock_hides_which_users_exist(self, console):
        answers = []
        for name in ("desk", "nobody"):
            for _ in range(ACCOUNT.free):
                await console.sign_in(name, ANOTHER)
            answers.append(await console.sign_in(name, ANOTHER))
        assert {answer.status for answer in answers} == {429}
        assert len({strip(answer.text) for answer in answers}) == 1

    async def test_address_behind_a_proxy_is_the_one_that_the_proxy_names(self, open_console):
        """What stands to its left can be forged by whoever sends the request."""
        console = await open_console(proxies=1)
        for number in range(31):
            console.headers = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.7"}
            page = await console.sign_in(f"user{number}", ANOTHER)
        assert page.status == 429
        console.headers = {"X-Forwarded-For": "198.51.100.7, 198.51.100.8"}
        assert (await console.sign_in("another", ANOTHER)).status == 422

    async def test_a_forged_proxy_header_does_not_help_without_a_proxy(self, console):
        for number in range(31):
            console.headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            page = await console.sign_in(f"user{number}", ANOTHER)
        assert page.status == 429

    async def test_one_goes_on_where_one_wanted_to(self, console):
        page = await console.get("/staff/account?x=1")
        assert (page.status, page.location) == (303, "/staff/sign-in?next=/staff/account?x%3D1")
        assert (await console.sign_in(next="/staff/account?x%3D1")).location == "/staff/account?x=1"

    @pytest.mark.parametrize(
        "next",
        [
            *["https://evil.example", "//evil.example", "/\\evil.example", "/staff/../../evil", "javascript:alert(1)"],
            *["/", "/staffing", "%2F%2Fevil.example", "/staff/%0d%0aSet-Cookie:a=b", "/staff/sign-in"],
        ],
    )
    async def test_sign_in_does_not_redirect_elsewhere(self, console, next):
        location = (await console.sign_in(next=next)).location
        assert location.startswith("/staff/")
        assert "evil.example" not in location
        assert "\n" not in location

    async def test_whoever_is_signed_in_goes_on_at_once(self, console):
        await console.sign_in()
        page = await console.get(f"{SIGN_IN}?next=/staff/account")
        assert (page.status, page.location) == (303, "/staff/account")

    async def test_a_first_password_must_be_changed_before_anything_else(self, console):
        console.add("bo", must_change_password=True)
        await console.sign_in("bo")
        for path in ("/staff/", "/staff/account", "/staff/account/second-factor"):
            assert (await console.get(path)).location == "/staff/account/password"
        await console.send("/staff/account/password", current=PASSWORD, new=ANOTHER, again=ANOTHER)
        assert await console.is_signed_in()

    @pytest.mark.parametrize(("language", "text"), [("sv", "Logga in"), ("fi", "Kirjaudu sisään")])
    async def test_the_page_speaks_the_readers_language(self, console, language, text):
        page = await console.get(SIGN_IN, **{"Accept-Language": language})
        assert f'<html lang="{language}"' in page.text
        assert f"<h1>{text}</h1>" in page.text


class TestSession:
    """The session and its cookie."""

    async def test_session_rejects_forged_cookie(self, console):
        await console.sign_in()
        for value in ("x", "", "a" * 43, "../../etc", '"', "å"):
            console.client.session.cookie_jar.clear()
            page = await console.get("/staff/", Cookie=f"lotsi_staff={value}")
            assert page.location.startswith(SIGN_IN), value

    async def test_session_is_not_fixed_by_a_planted_cookie(self, console):
        console.client.session.cookie_jar.update_cookies({"lotsi_staff": "planted"}, console.client.make_url("/"))
        await console.sign_in()
        assert console.cookies()["lotsi_staff"].value != "planted"

    async def test_signing_in_again_ends_the_session_before(self, console):
        """By a form that was open already: the page itself lets a signed-in user go on."""
        form, entrance = (await console.get(SIGN_IN)).csrf, console.cookies()["lotsi_entrance"].value
        await console.sign_in()
        before = console.cookies()["lotsi_staff"].value
        console.client.session.cookie_jar.update_cookies({"lotsi_entrance": entrance}, console.client.make_url("/"))
        page = await console.post(SIGN_IN, {"csrf": form, "name": "desk", "password": PASSWORD})
        assert page.status == 303
        assert console.cookies()["lotsi_staff"].value != before
        assert console.app[keys.SESSIONS].fetch(before) is None

    async def test_cookie_is_kept_from_scripts_and_other_sites(self, console):
        page = await console.sign_in()
        (cookie,) = [value for value in page.headers.getall("Set-Cookie") if value.startswith("lotsi_staff=")]
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert parts == {"httponly", "samesite=lax", "path=/"}

    async def test_cookie_travels_by_https_alone_where_there_is_https(self, open_console):
        console = await open_console(public_url="https://chat.example.fi")
        console.add("desk")
        console.headers = {"Origin": "https://chat.example.fi"}
        page = await console.get(SIGN_IN)
        (cookie,) = page.headers.getall("Set-Cookie")
        assert cookie.startswith("__Host-lotsi_entrance=")
        sent = {"Cookie": cookie.partition(";")[0], "Origin": "https://chat.example.fi"}
        page = await console.post(SIGN_IN, {"csrf": page.csrf, "name": "desk", "password": PASSWORD}, **sent)
        assert page.status == 303
        cookie = next(value for value in page.headers.getall("Set-Cookie") if value.startswith("__Host-lotsi_staff="))
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert parts == {"httponly", "samesite=lax", "path=/", "secure"}

    async def test_signing_out_ends_the_session_on_the_server(self, console):
        await console.sign_in()
        token = console.cookies()["lotsi_staff"].value
        page = await console.send("/staff/", "/staff/sign-out")
        assert (page.status, page.location) == (303, SIGN_IN)
        assert "lotsi_staff" not in console.cookies()
        assert console.app[keys.SESSIONS].fetch(token) is None
        assert console.actions() == ["sign_in.succeeded", "sign_out"]

    async def test_an_ended_session_leads_to_the_sign_in_page_and_says_so(self, console):
        await console.sign_in()
        console.app[keys.SESSIONS].end_all(console.app[keys.USERS].fetch_by_name("desk").id)
        page = await console.get("/staff/account")
        assert page.location == f"{SIGN_IN}?next=/staff/account&ended=1"
        assert "Din session har avslutats" in (await console.get(page.location)).text

    async def test_a_form_of_an_ended_session_leads_back_to_its_page(self, console):
        await console.sign_in()
        form = (await console.get("/staff/account/password")).csrf
        console.app[keys.SESSIONS].end_all(console.app[keys.USERS].fetch_by_name("desk").id)
        referer = {"Referer": f"{console.origin}/staff/account/password?done=note"}
        page = await console.post("/staff/account/password", {"csrf": form}, **referer)
        assert page.location == f"{SIGN_IN}?next=/staff/account/password&ended=1"

    async def test_a_script_of_an_ended_session_is_told_so(self, console):
        async with console.client.get("/staff/", headers={"Accept": "application/json"}) as answer:
            body = await answer.json()
        assert (answer.status, body["error"]["code"]) == (401, "sign_in_required")

    async def test_a_role_that_was_taken_away_ends_the_session(self, console):
        await console.sign_in()
        user = console.app[keys.USERS].fetch_by_name("desk")
        console.app[keys.USERS].change_roles(user.id, ["auditor"])
        assert not await console.is_signed_in()

    async def test_pages_are_kept_by_no_cache_and_in_no_frame(self, console):
        await console.sign_in()
        headers = (await console.get("/staff/")).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]


class TestCode:
    """With a second factor."""

    @pytest.fixture
    def code(self, console):
        """What desk's app shows, by steps of time from now."""
        factor, user = console.app[keys.SECOND_FACTOR], console.app[keys.USERS].fetch_by_name("desk")
        totp = pyotp.TOTP(factor.begin(user.id))
        now = int(dt.datetime.now(dt.timezone.utc).timestamp())
        console.recovery = factor.confirm(user.id, totp.at(now - 30))
        return lambda step=0: totp.at(now + 30 * step)

    async def test_the_password_alone_does_not_let_in(self, console, code):
        page = await console.sign_in(next="/staff/account")
        assert page.location == "/staff/sign-in/code?next=/staff/account"
        assert not await console.is_signed_in()
        assert (await console.get("/staff/account")).location.startswith(SIGN_IN)

    async def test_the_code_lets_in_with_a_new_session(self, console, code):
        page = await console.sign_in(next="/staff/account")
        halfway = console.cookies()["lotsi_staff"].value
        page = await console.send(page.location, code=code())
        assert (page.status, page.location) == (303, "/staff/account")
        assert console.cookies()["lotsi_staff"].value != halfway
        assert await console.is_signed_in()

    async def test_code_cannot_be_replayed_by_another(self, console, code):
        await console.sign_in()
        await console.send("/staff/sign-in/code", code=code())
        thief = console.another()
        await thief.sign_in()
        assert (await thief.send("/staff/sign-in/code", code=code())).status == 422
        assert not await thief.is_signed_in()
        await thief.close()

    async def test_guessing_codes_is_slowed_down(self, console, code):
        await console.sign_in()
        for _ in range(ACCOUNT.free):
            assert (await console.send("/staff/sign-in/code", code="000000")).status == 422
        assert (await console.send("/staff/sign-in/code", code=code())).status == 429

    async def test_signing_in_anew_gives_no_new_guesses(self, console, code):
        for _ in range(ACCOUNT.free):
            await console.sign_in()
            await console.send("/staff/sign-in/code", code="000000")
        await console.sign_in()
        assert (await console.send("/staff/sign-in/code", code=code())).status == 429

    async def test_a_recovery_code_lets_in_once(self, console, code):
        await console.sign_in()
        await console.send("/staff/sign-in/code", code=console.recovery[0])
        assert await console.is_signed_in()
        thief = console.another()
        await thief.sign_in()
        assert (await thief.send("/staff/sign-in/code", code=console.recovery[0])).status == 422
        await thief.close()

    async def test_without_the_password_there_is_nothing_to_ask(self, console, code):
        assert (await console.get("/staff/sign-in/code")).location == f"{SIGN_IN}?next=/staff/"
        form = (await console.get(SIGN_IN)).csrf
        page = await console.post("/staff/sign-in/code", {"csrf": form, "code": code()})
        assert page.location == f"{SIGN_IN}?next=/staff/"
        assert not await console.is_signed_in()
