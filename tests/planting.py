"""Plants secrets as a counsellor would type them: in every field and address of the running server's console."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aiohttp import ClientSession, CookieJar
from people import PASSWORD
from sqlalchemy import Engine

from conversations.handoffs import Handoffs
from conversations.users import UserStore

NAME = "desk"
_TOKEN = re.compile(r'name="csrf" value="([^"]*)"')


class ConsolePlanter:
    """A counsellor and admin at the console of a server, by HTTP alone."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self.session = session
        self.url = url
        self.seen: list[str] = []

    async def get(self, path: str, **query: str) -> str:
        headers = {"Accept": "text/html"}
        async with self.session.get(f"{self.url}{path}", params=query, headers=headers) as response:
            self.seen.append(await response.text())
            return self.seen[-1]

    async def send(self, page: str, path: str, expected: int, /, **values: str) -> None:
        """Send a form of a page; what comes after a redirect is read like any page."""
        (token, *_) = _TOKEN.findall(await self.get(page))
        headers = {"Accept": "text/html", "Origin": self.url}
        async with self.session.post(f"{self.url}{path}", data={"csrf": token, **values}, headers=headers) as response:
            text = await response.text()
            assert response.status == expected, (path, text)
            if expected == 200:
                self.seen.append(text)

    async def sign_in(self) -> None:
        await self.send("/staff/sign-in", "/staff/sign-in", 200, name=NAME, password=PASSWORD)


async def plant_in_console(
    url: str, engine: Engine, conversation: str, message: str, secrets: Iterable[str], said: str
) -> str:
    """Plant secrets in whatever takes words at the console.

    Args:
        url: The server's.
        engine: Its database; gets the counsellor's account.
        conversation: What is noted, tagged, judged, and waits in the queue.
        message: A question in it.
        secrets: What must be found nowhere.
        said: A sentence with a place for one.

    Returns:
        The console's pages afterwards, all that a counsellor sees.
    """
    UserStore(engine).insert(NAME, "Rådgivare Ett", ["counsellor", "admin"], "sv", PASSWORD)
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        console = ConsolePlanter(session, url)
        await console.sign_in()
        page = f"/staff/conversations/{conversation}"
        for version, secret in enumerate(secrets):
            words = said.format(secret)
            await console.send(page, f"{page}/notes", 200, text=words)
            await console.send(page, f"{page}/tags", 200, tag=secret)
            await console.send(page, f"{page}/tags/remove", 200, tag=words)
            review = f"{page}/messages/{message}/review"
            await console.send(page, review, 422, topic=words, version=str(version))
            await console.send(page, review, 200, verdict=("wrong", "missing")[version % 2], version=str(version))
            await console.send(page, f"{page}/assign", 422, person=secret, version="1")
            await console.send(page, f"{page}/status", 422, status=secret, version=secret)
            await console.send(page, f"{page}/messages/{secret}/review", 404, verdict="right", version="0")
            for field in ("text", "topic", "tag", "assigned", "since", "least"):
                view = f"{field}={secret}"
                name = f"{secret} {field}"[:40]
                await console.send("/staff/inbox", "/staff/inbox/views", 200, name=name, view=view)
                await console.get("/staff/inbox", **{field: secret, "after": secret})
            await console.get(f"/staff/conversations/{secret}")
            await console.get("/staff/wishes", state=secret, page=secret)
            await console.send("/staff/wishes", f"/staff/wishes/{secret}", 404, decision="accept")
            await console.send("/staff/account", "/staff/preferences", 400, language=secret, theme=secret, next=secret)
            for path in ("figures", "figures/unanswered", "callbacks", "audit"):
                await console.get(
                    f"/staff/{path}", since=secret, topic=secret, language=secret, object=secret, who=secret
                )
        await _plant_live(console, engine, conversation, secrets, said)
        console.seen.clear()
        for path in (page, "/staff/inbox?status=all", "/staff/wishes", "/staff/candidates", "/staff/account"):
            await console.get(path)
        shown = "\n".join(console.seen)
        await _plant_at_the_door(url, secrets)
        return shown


async def _plant_live(
    console: ConsolePlanter, engine: Engine, conversation: str, secrets: Iterable[str], said: str
) -> None:
    """Plant in the live conversation, which waits in the queue, and hand it back."""
    (waiting,) = (item for item in Handoffs(engine).fetch_queue() if item.conversation_id == conversation)
    await console.send("/staff/queue", f"/staff/queue/{waiting.id}/take", 200)
    page = f"/staff/live/{conversation}"
    for secret in secrets:
        words = said.format(secret)
        await console.send(page, f"{page}/messages", 200, text=words, key=secret)
        await console.send(page, f"{page}/messages", 422, text=f"{words} {'x' * 4000}")
        await console.send(page, f"{page}/suggestions", 404, topic=words)
        await console.send(page, f"{page}/transfer", 409, to=secret)
        await console.send(page, f"{page}/typing", 204, text=words)
        await console.send(page, "/staff/presence/status", 200, status=secret)
        await console.get(page, ask=words, done=secret)
        await console.get(f"/staff/live/{secret}")
        await console.get(f"/staff/callbacks/{secret}")
        await console.send(page, f"/staff/queue/{secret}/take", 404)
    await console.send(page, f"{page}/hand-back", 200)


async def _plant_at_the_door(url: str, secrets: Iterable[str]) -> None:
    """People type things into the wrong field of the sign-in page."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        stranger: Any = ConsolePlanter(session, url)
        for secret in secrets:
            for values in ({"name": secret, "password": "x"}, {"name": NAME, "password": secret}):
                (token, *_) = _TOKEN.findall(await stranger.get("/staff/sign-in", next=f"/staff/{secret}"))
                data = {"csrf": token, **values}
                headers = {"Accept": "text/html", "Origin": url}
                async with session.post(f"{url}/staff/sign-in", data=data, headers=headers) as response:
                    assert response.status in (422, 429)
