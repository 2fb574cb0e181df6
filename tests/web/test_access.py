"""Every route declares who may use it, and is held to it: without a session, in a wrong role, with a forged token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from aiohttp import web

from conversations.roles import ROLES
from web import keys
from web.app import create_app
from web.auth.access import Access, find_access, public, requires, resident
from web.auth.guard import CONSOLE, guard_middleware
from web.settings import Settings

SAFE = ("GET", "HEAD")
RESIDENTS = "/api/v1/conversations/{id}"


class Route(NamedTuple):
    """One method at one address."""

    method: str
    path: str
    access: Access | None

    @property
    def address(self) -> str:
        """The path with something in the place of what varies."""
        return self.path.replace("{", "").replace("}", "")


def routes() -> Iterator[Route]:
    for route in create_app(Settings()).router.routes():
        assert route.resource is not None
        yield Route(route.method, route.resource.canonical, find_access(route.handler))


ROUTES = list(routes())
STAFF = [route for route in ROUTES if route.access and route.access.kind == "staff"]
CHANGING = [
    route
    for route in ROUTES
    if route.access and route.access.kind in ("staff", "entrance") and route.method not in SAFE
]


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


class TestDeclarations:
    """What is declared."""

    def test_every_route_declares_its_access(self):
        assert [name(route) for route in ROUTES if route.access is None] == []

    def test_what_belongs_to_one_conversation_is_its_residents_and_nothing_else_is(self):
        for route in ROUTES:
            assert (route.access == Access("resident")) == route.path.startswith(RESIDENTS), name(route)

    def test_nothing_of_the_console_is_public_but_signing_in(self):
        free = {route.path for route in ROUTES if route.path.startswith("/staff") and route not in STAFF}
        assert {path for path in free if not path.startswith("/staff/sign-in")} == {"/staff"}

    def test_staff_have_no_address_outside_of_the_console(self):
        assert [name(route) for route in STAFF if not route.path.startswith(CONSOLE)] == []

    def test_the_studio_is_for_admins_alone(self):
        studio = [route for route in STAFF if route.path.startswith("/admin/")]
        assert studio
        assert [name(route) for route in studio if route.access and set(route.access.roles) != {"admin"}] == []

    def test_nothing_is_changed_by_getting_it(self):
        """The token of a form is asked for where something is changed, so nothing else may change anything."""
        for route in ROUTES:
            last = route.path.rpartition("/")[2]
            assert not (route.method in SAFE and last in ("end", "off", "codes", "sign-out", "preferences")), name(
                route
            )

    def test_before_the_password_is_changed_nothing_else_can_be_done(self):
        early = {route.path for route in STAFF if route.access and route.access.with_old_password}
        assert early == {"/staff/account/password", "/staff/preferences", "/staff/sign-out"}

    def test_a_role_that_is_none_cannot_be_declared(self):
        with pytest.raises(ValueError, match="boss"):
            requires("boss")

    async def test_a_route_without_a_declaration_answers_nobody(self, aiohttp_client):
        async def undeclared(request: web.Request) -> web.Response:
            return web.Response(text="secret")

        app = web.Application(middlewares=[guard_middleware])
        app.router.add_get("/", undeclared)
        app.router.add_get("/declared", public(lambda request: web.Response(text="open")))
        client = await aiohttp_client(app)
        async with client.get("/") as answer:
            assert (answer.status, "secret" in await answer.text()) == (500, False)

    def test_a_declaration_is_found_on_its_handler_alone(self):
        async def handler(request: web.Request) -> web.Response:
            raise NotImplementedError

        assert find_access(handler) is None
        assert find_access(resident(handler)) == Access("resident")


async def ask(console: Any, route: Route, **headers: str) -> tuple[int, str, str]:
    sent = {"Accept": "text/html", **headers}
    async with console.client.request(route.method, route.address, headers=sent, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


class TestProtection:
    """What is declared is kept; one application for each test, because there are many routes."""

    async def test_staff_routes_reject_whoever_has_no_session(self, console):
        for route in STAFF:
            for cookie in ("", "lotsi_staff=forged"):
                status, location, _ = await ask(console, route, Origin=console.origin, Cookie=cookie)
                assert (status, location.startswith("/staff/sign-in")) == (303, True), name(route)
            status, _, text = await ask(console, route, Origin=console.origin, Accept="application/json")
            assert status == 401, name(route)
            assert route.method == "HEAD" or "sign_in_required" in text, name(route)

    @pytest.mark.parametrize("role", ROLES)
    async def test_staff_routes_reject_a_wrong_role(self, console, role):
        user = console.add("administrator", role)
        await console.sign_in("administrator")
        csrf = (await console.get("/staff/account")).csrf
        refused = []
        for route in STAFF:
            if not route.access or not route.access.roles or user.may(*route.access.roles):
                continue
            status, _, _ = await ask(console, route, Origin=console.origin, **{"X-CSRF-Token": csrf})
            assert status == 403, name(route)
            refused.append(route)
        assert console.actions().count("access.refused") == len(refused), "each refusal is recorded"

    async def test_forms_reject_a_missing_or_forged_token(self, console):
        other = console.another()
        console.add("bo")
        await other.sign_in("bo")
        foreign = (await other.get("/staff/account")).csrf
        await other.close()
        await console.sign_in()
        for route in CHANGING:
            for token in ({}, {"X-CSRF-Token": "forged"}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": foreign}):
                status, _, _ = await ask(console, route, Origin=console.origin, **token)
                assert status == 403, f"{name(route)} {token}"
        assert await console.is_signed_in()

    async def test_forms_reject_a_foreign_origin(self, console):
        await console.sign_in()
        csrf = (await console.get("/staff/account")).csrf
        foreign = [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": f"{console.origin}.evil.example"},
            {"Referer": "https://evil.example/staff/"},
            {"Origin": console.origin, "Sec-Fetch-Site": "cross-site"},
            {"Origin": console.origin, "Sec-Fetch-Site": "same-site"},
        ]
        for route in CHANGING:
            for headers in foreign:
                status, _, _ = await ask(console, route, **headers, **{"X-CSRF-Token": csrf})
                assert status == 403, f"{name(route)} {headers}"
        assert await console.is_signed_in()

    async def test_forms_reject_the_token_of_an_earlier_session(self, console):
        await console.sign_in()
        old = (await console.get("/staff/account")).csrf
        await console.send("/staff/", "/staff/sign-out")
        await console.sign_in()
        for route in CHANGING:
            status, _, _ = await ask(console, route, Origin=console.origin, **{"X-CSRF-Token": old})
            assert status == 403, name(route)

    async def test_forms_reject_another_host_where_the_public_address_is_known(self, open_console):
        """Whatever `Host` a request may have brought."""
        console = await open_console(public_url="https://chat.example.fi")
        page = await console.get("/staff/sign-in")
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        for origin, status in ((console.origin, 403), ("https://chat.example.fi", 422)):
            form = {"csrf": page.csrf, "name": "desk", "password": "x"}
            assert (await console.post("/staff/sign-in", form, Origin=origin, Cookie=cookie)).status == status

    async def test_an_old_browser_that_sends_no_origin_is_let_in_by_its_token(self, console):
        form = (await console.get("/staff/sign-in")).csrf
        values = {"csrf": form, "name": "desk", "password": "x"}
        assert (await console.post("/staff/sign-in", values, Origin="")).status == 422

    async def test_residents_routes_reject_whoever_has_no_token(self, console):
        conversation, _ = console.app[keys.CONVERSATIONS].insert_conversation("sv")
        await console.sign_in()
        for route in ROUTES:
            if route.access == Access("resident"):
                path = route.path.replace("{id}", conversation.id).replace("{message}", "m")
                for headers in ({}, {"Authorization": "Bearer forged"}):
                    async with console.client.request(route.method, path, headers=headers) as answer:
                        assert answer.status == 401, name(route)

    async def test_a_page_that_is_refused_says_so_in_words(self, console):
        await console.sign_in()
        page = await console.post("/staff/preferences", {"language": "fi"})
        assert page.status == 403
        assert "Formuläret togs inte emot" in page.text
        page = await console.get("/staff/nowhere")
        assert page.status == 404
        assert "Sidan finns inte" in page.text

    async def test_a_script_is_refused_in_the_shape_of_all_errors(self, console):
        await console.sign_in()
        headers = {"Accept": "application/json", "Origin": console.origin}
        async with console.client.post("/staff/preferences", headers=headers) as answer:
            body = await answer.json()
        assert (answer.status, body["error"]["code"]) == (403, "form_rejected")

    async def test_a_script_sends_the_token_in_a_header(self, console):
        await console.sign_in()
        csrf = (await console.get("/staff/account")).csrf
        await console.post("/staff/preferences", {"language": "fi"}, **{"X-CSRF-Token": csrf})
        assert 'lang="fi"' in (await console.get("/staff/")).text
