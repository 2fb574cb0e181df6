"""The console as a browser without a screen sees it: the real application, without a model, and its forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from aiohttp import ClientResponse, CookieJar
from aiohttp.test_utils import TestClient
from people import PASSWORD

from conversations.staff import User
from web import keys

_INPUT = re.compile(r'<input[^>]*name="(?P<name>[^"]+)"[^>]*>')
_VALUE = re.compile(r'value="([^"]*)"')
HTML = {"Accept": "text/html"}


@dataclass
class Page:
    """A response with its body."""

    status: int
    text: str
    location: str
    headers: Any

    def fields(self) -> dict[str, str]:
        """What the first form that has a token would send back as it stands."""
        found = {}
        for match in _INPUT.finditer(self.text):
            if 'type="checkbox"' in match.group() and " checked" not in match.group():
                continue
            value = _VALUE.search(match.group())
            found.setdefault(match["name"], unescape(value[1]) if value else "")
        return found

    @property
    def csrf(self) -> str:
        """The form's token."""
        return self.fields()["csrf"]


@dataclass
class Console:
    """One browser at the console."""

    client: TestClient[Any, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> Any:
        """The application."""
        return self.client.app

    @property
    def origin(self) -> str:
        """The console's own origin."""
        return str(self.client.make_url("/")).rstrip("/")

    def another(self) -> Console:
        """Return another browser at the same console."""
        return Console(TestClient(self.client.server, cookie_jar=CookieJar(unsafe=True)))

    async def close(self) -> None:
        """Close this browser; the application goes on."""
        await self.client.session.close()

    def add(self, name: str = "desk", *roles: str, **values: Any) -> User:
        """Add a user who signs in with the tests' password."""
        values = {"password": PASSWORD, **values}
        shown = "Rådgivare Ett" if name == "desk" else name.title()
        return self.app[keys.USERS].insert(name, shown, roles or ("counsellor",), **values)

    async def get(self, path: str, **headers: str) -> Page:
        """Open a page; redirects are not followed."""
        async with self.client.get(path, headers={**HTML, **self.headers, **headers}, allow_redirects=False) as answer:
            return await _read(answer)

    async def post(self, path: str, values: dict[str, str] | None = None, **headers: str) -> Page:
        """Send a form as a browser does, from a page of ours; redirects are not followed."""
        sent = {**HTML, "Origin": self.origin, **self.headers, **headers}
        sent = {name: value for name, value in sent.items() if value}
        async with self.client.post(path, data=values or {}, headers=sent, allow_redirects=False) as answer:
            return await _read(answer)

    async def send(self, page: str, path: str | None = None, **values: str) -> Page:
        """Open a page, fill in its form and send it."""
        form = (await self.get(page)).csrf
        return await self.post(path or page, {"csrf": form, **values})

    async def sign_in(self, name: str = "desk", password: str = PASSWORD, next: str = "") -> Page:
        """Sign in by the page."""
        return await self.send(
            f"/staff/sign-in?next={next}" if next else "/staff/sign-in", name=name, password=password
        )

    async def is_signed_in(self) -> bool:
        """Say whether the landing page opens."""
        return (await self.get("/staff/")).status == 200

    def cookies(self) -> dict[str, Any]:
        """The browser's cookies by name."""
        return {cookie.key: cookie for cookie in self.client.session.cookie_jar}

    def actions(self) -> list[str]:
        """What the audit log has recorded, oldest first."""
        return [entry.action for entry in reversed(self.app[keys.AUDIT].fetch_entries(limit=1000))]


async def _read(answer: ClientResponse) -> Page:
    return Page(answer.status, await answer.text(), answer.headers.get("Location", ""), answer.headers)
