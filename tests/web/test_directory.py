"""The county's directory, against a real OpenID provider: who is let in, in which roles, and what is refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar
from console import Console
from directories import Provider, free_port

from web import keys
from web.app import create_app
from web.auth.directory import RETURN, Directory, DirectoryError, find_claim
from web.auth.tokens import Entrance
from web.settings import SettingInvalid, Settings, load_settings

ASK = "/staff/sign-in/directory"
SECRET = "a secret of the tests"
_ACTION = re.compile(r'<form[^>]*action="([^"]+)"')


@pytest.fixture(scope="module")
def port() -> int:
    """Lotsi's port, which the provider must know beforehand."""
    return free_port()


@pytest.fixture(scope="module")
def provider(oidc_packages: Path, port: int) -> Iterator[Provider]:
    running = Provider(oidc_packages, f"http://localhost:{port}{RETURN}")
    yield running
    running.stop()


@pytest.fixture
def settings(provider: Provider, port: int, tmp_path, knowledge) -> dict[str, str]:
    secret = tmp_path / "client-secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    return {
        "data": str(tmp_path / "data"),
        "knowledge_url": str(knowledge.engine.url),
        "model": str(tmp_path / "none.tar.gz"),
        "public_url": f"http://localhost:{port}",
        "oidc_issuer": provider.issuer,
        "oidc_client_id": "lotsi",
        "oidc_client_secret_file": str(secret),
        "oidc_roles": "Lotsi-staff=counsellor, Lotsi-admins=admin",
    }


@pytest.fixture
def open_directory(aiohttp_client, aiohttp_server, port, settings):
    """`await open_directory(oidc_client_id=…)` runs the console beside the provider."""

    async def open_it(**values: str) -> Console:
        server = await aiohttp_server(create_app(Settings(**{**settings, **values})), port=port, host="localhost")
        console = Console(await aiohttp_client(server, cookie_jar=CookieJar(unsafe=True)))
        console.headers = {"Origin": f"http://localhost:{port}"}
        return console

    return open_it


@pytest.fixture
async def console(open_directory) -> Console:
    return await open_directory()


async def vouch(url: str, name: str) -> str:
    """Sign in at the provider as its user would, and agree; return where it sends the browser."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        for _ in range(12):
            async with browser.get(url, allow_redirects=False) as answer:
                text, location = await answer.text(), answer.headers.get("Location", "")
            if location:
                url = str(answer.url.join(answer.url.build(path=location))) if location.startswith("/") else location
                if RETURN in url:
                    return url
                continue
            action = _ACTION.search(text)
            assert action, text[:500]
            prompt = "login" if 'value="login"' in text else "consent"
            form = {"prompt": prompt, "login": name, "password": "x"} if prompt == "login" else {"prompt": prompt}
            async with browser.post(unescape(action[1]), data=form, allow_redirects=False) as answer:
                url = str(answer.url.join(answer.url.with_path("/"))) if not answer.headers.get("Location") else ""
                url = url or answer.headers["Location"]
    raise AssertionError("the provider went round in circles")


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def change(url: str, **values: str) -> str:
    """Return the path of a returning address with other values in its query; an empty one is left out."""
    parts = urlsplit(url)
    query = {name: value[0] for name, value in parse_qs(parts.query).items()} | values
    return f"{parts.path}?{urlencode({name: value for name, value in query.items() if value})}"


async def sign_in(console: Console, name: str, next: str = "/staff/account"):
    page = await console.get(f"{ASK}?next={next}")
    assert page.status == 303
    return await console.get(path_of(await vouch(page.location, name)))


class TestLetIn:
    """Whom the directory vouches for."""

    async def test_a_user_of_the_directory_is_let_in_and_goes_on(self, console):
        page = await sign_in(console, "administrator")
        assert (page.status, page.location) == (303, "/staff/account")
        assert "Administratör Ett" in (await console.get("/staff/")).text
        user = console.app[keys.USERS].fetch_by_name("administrator")
        assert (user.roles, user.from_directory, user.has_password) == (("counsellor",), True, False)
        entry = console.app[keys.AUDIT].fetch_entries()[0]
        assert (entry.action, entry.actor, entry.details) == ("sign_in.succeeded", user.id, {"method": "directory"})

    async def test_several_groups_give_several_roles(self, console):
        await sign_in(console, "berg")
        assert console.app[keys.USERS].fetch_by_name("berg").roles == ("counsellor", "admin")

    async def test_the_next_sign_in_finds_the_same_user_and_takes_the_groups_of_the_day(self, console):
        await sign_in(console, "administrator")
        user = console.app[keys.USERS].fetch_by_name("administrator")
        console.app[keys.USERS].change_roles(user.id, ["admin"])
        console.client.session.cookie_jar.clear()
        await sign_in(console, "administrator")
        assert console.app[keys.USERS].fetch(user.id).roles == ("counsellor",)
        assert len(console.app[keys.USERS].fetch_all()) == 1

    async def test_a_public_client_signs_in_by_pkce_alone(self, open_directory):
        console = await open_directory(oidc_client_id="lotsi-public", oidc_client_secret_file="")
        assert (await sign_in(console, "administrator")).location == "/staff/account"

    async def test_the_question_holds_pkce_state_and_nonce_and_never_the_same(self, console):
        questions = [parse_qs(urlsplit((await console.get(ASK)).location).query) for _ in range(2)]
        for query in questions:
            assert query["response_type"] == ["code"]
            assert query["code_challenge_method"] == ["S256"]
        for name in ("state", "nonce", "code_challenge"):
            assert questions[0][name] != questions[1][name]

    async def test_the_account_page_offers_no_password_of_ours(self, console):
        await sign_in(console, "administrator")
        page = await console.get("/staff/account")
        assert "välfärdsområdets konto" in page.text
        assert (await console.get("/staff/account/password")).status == 404
        assert (await console.get("/staff/account/second-factor")).status == 404

    async def test_the_sign_in_page_offers_the_directory(self, console):
        assert ASK in (await console.get("/staff/sign-in")).text


class TestRefused:
    """Whom it does not, and what is no answer of its."""

    async def check_refused(self, console: Console, path: str, text: str = "lyckades inte") -> None:
        page = await console.get(path)
        assert page.status == 403
        assert text in page.text
        assert not await console.is_signed_in()
        assert console.app[keys.USERS].fetch_all() == []

    async def test_a_user_without_a_group_of_ours_is_refused(self, console):
        page = await console.get(ASK)
        await self.check_refused(console, path_of(await vouch(page.location, "guest")), "inte rätt att använda")

    async def test_directory_rejects_an_answer_with_a_forged_state(self, console):
        url = await vouch((await console.get(ASK)).location, "administrator")
        await self.check_refused(console, change(url, state="forged"))

    async def test_directory_rejects_an_answer_that_nobody_asked_for(self, console):
        """An attacker's own answer, planted into a victim's browser."""
        url = await vouch((await console.get(ASK)).location, "administrator")
        console.client.session.cookie_jar.clear()
        await self.check_refused(console, path_of(url))

    async def test_directory_rejects_an_answer_to_another_browser(self, console):
        url = await vouch((await console.get(ASK)).location, "administrator")
        victim = console.another()
        await victim.get(ASK)
        await self.check_refused(victim, path_of(url))
        await victim.close()

    async def test_directory_rejects_a_stolen_code(self, console):
        """A code injected into the attacker's own sign-in: PKCE and nonce do not fit."""
        stolen = parse_qs(urlsplit(await vouch((await console.get(ASK)).location, "administrator")).query)["code"][0]
        own = await vouch((await console.get(ASK)).location, "guest")
        await self.check_refused(console, change(own, code=stolen))

    @pytest.mark.parametrize(("field", "word"), [("nonce", "nonce"), ("verifier", "invalid_grant")])
    async def test_directory_rejects_an_answer_to_another_question(self, settings, field, word):
        """The ID token must have been made for this very sign-in, and the code be fetched by whoever asked for it."""
        directory = Directory(Settings(**settings))
        url, asked = await asyncio.to_thread(directory.begin, Entrance())
        answer = await vouch(url, "administrator")
        with pytest.raises(DirectoryError, match=word):
            await asyncio.to_thread(directory.finish, replace(asked, **{field: "a" * 48}), answer)

    async def test_directory_rejects_a_replayed_answer(self, console):
        url = path_of(await vouch((await console.get(ASK)).location, "administrator"))
        assert (await console.get(url)).status == 303
        await console.send("/staff/", "/staff/sign-out")
        assert (await console.get(url)).status == 403
        assert not await console.is_signed_in()

    async def test_directory_rejects_another_issuers_answer(self, console):
        url = await vouch((await console.get(ASK)).location, "administrator")
        await self.check_refused(console, change(url, iss="https://evil.example"))

    async def test_directory_rejects_an_answer_without_its_issuer(self, console):
        url = await vouch((await console.get(ASK)).location, "administrator")
        await self.check_refused(console, change(url, iss=""))

    async def test_an_error_of_the_directory_is_said_without_its_words(self, console):
        asked = parse_qs(urlsplit((await console.get(ASK)).location).query)
        query = {"error": "<b>access_denied", "state": asked["state"][0], "iss": console.app[keys.SETTINGS].oidc_issuer}
        page = await console.get(f"{RETURN}?{urlencode(query)}")
        assert page.status == 403
        assert "access_denied" not in page.text

    async def test_a_wrong_secret_lets_nobody_in(self, open_directory, tmp_path):
        (tmp_path / "wrong").write_text("wrong", encoding="utf-8")
        console = await open_directory(oidc_client_secret_file=str(tmp_path / "wrong"))
        page = await console.get(ASK)
        await self.check_refused(console, path_of(await vouch(page.location, "administrator")))

    async def test_a_disabled_user_is_refused(self, console):
        await sign_in(console, "administrator")
        user = console.app[keys.USERS].fetch_by_name("administrator")
        console.app[keys.USERS].disable(user.id)
        assert (await sign_in(console, "administrator")).status == 403
        assert not await console.is_signed_in()

    async def test_a_local_user_of_the_same_name_is_not_taken_over(self, console):
        local = console.add("administrator", "admin")
        await sign_in(console, "administrator")
        assert "administrator@localhost" in [user.name for user in console.app[keys.USERS].fetch_all()]
        assert console.app[keys.USERS].fetch(local.id) == local

    async def test_a_directory_that_is_not_there_leaves_the_password(self, open_directory):
        console = await open_directory(oidc_issuer=f"http://localhost:{free_port()}")
        console.add("desk")
        assert (await console.get(ASK)).status == 502
        assert (await console.sign_in()).status == 303

    async def test_another_issuers_description_is_not_taken(self, open_directory, provider):
        console = await open_directory(oidc_issuer=provider.issuer.replace("localhost", "127.0.0.1"))
        assert (await console.get(ASK)).status == 502


async def test_without_a_directory_there_is_none(open_console):
    console = await open_console()
    assert ASK not in (await console.get("/staff/sign-in")).text
    assert (await console.get(ASK)).status == 404
    assert (await console.get(RETURN)).status == 404


def test_a_secret_that_cannot_be_read_is_named(tmp_path):
    environment = {"LOTSI_OIDC_ISSUER": "https://id.example.fi", "LOTSI_OIDC_CLIENT_ID": "lotsi"}
    environment |= {"LOTSI_PUBLIC_URL": "https://chat.example.fi", "LOTSI_OIDC_ROLES": "Lotsi=admin"}
    with pytest.raises(SettingInvalid, match="LOTSI_OIDC_CLIENT_SECRET_FILE"):
        load_settings({"oidc_client_secret_file": str(tmp_path / "none")}, environment)


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"realm_access": {"roles": ["a"]}}, ["a"]),
        ({"realm_access.roles": ["b"]}, ["b"]),
        ({"realm_access": "text"}, None),
        ({}, None),
    ],
)
def test_a_claim_within_a_claim_is_found(claims, found):
    assert find_claim(claims, "realm_access.roles") == found
