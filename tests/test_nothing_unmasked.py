"""Personal data is planted through every way in, at a real server that logs all it can; afterwards it is nowhere.

Not in the bytes of the database's files and write-ahead logs, not in the log, not in an export or the dialogue state.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from databases import new_database
from planting import plant_in_console
from pypdf import PdfReader
from servers import Server
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from conversations.callback_desk import CallbackDesk
from conversations.callbacks import Callbacks
from conversations.encryption import open_cipher
from conversations.handoffs import Handoffs
from conversations.store import NewMessage
from conversations.subject_access import collect_stored, render_json, render_text
from knowledge.engine import open_engine, sqlite_url

SECRETS = ("131052-308T", "040 765 4321", "asiakas.yksi@example.org")
TO_CALL = "050 998 8776"
"""Whom a counsellor is to call back: kept, but encrypted."""
NEEDLES = ("131052-308", "131052308", "308t", "040 765", "0407654321", "407654321", "asiakas.yksi", "yksi@example")
CALLED = ("050 998", "0509988776", "509988776")
SAID = "Rådgivning tack, {} är min uppgift"
FORMATS = ("txt", "html", "pdf", "json")
API = "/api/v1/conversations"


@dataclass(frozen=True)
class Run:
    """What a server holds after everything was planted: its log, all bytes stored, exports, and what it answered.

    `console` is what counsellors see of it.
    """

    log: str
    stored: bytes
    exports: dict[str, str]
    subject_access: str
    trackers: str
    masks: set[str]
    console: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model_path: Path) -> Iterator[Run]:
    data = tmp_path_factory.mktemp("planted")
    with _database(request, data) as url:
        server = Server(
            data,
            model_path,
            LOTSI_DATABASE_URL=url,
            LOTSI_LOG_LEVEL="DEBUG",
            LOTSI_SERVICE_HOURS="always",
            LOTSI_MESSAGES_PER_MINUTE="0",
            LOTSI_CONVERSATIONS_PER_MINUTE="0",
        )
        try:
            server.wait(300)
            engine = open_engine(url)
            yield asyncio.run(_plant(server, engine, data))
            engine.dispose()
        finally:
            server.stop()


@contextmanager
def _database(request: pytest.FixtureRequest, data: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(data / "conversations.db")
        return
    with new_database(request.getfixturevalue("postgresql_url")) as url:
        yield url


class Planter:
    """Calls a server with secrets in whatever can hold one."""

    def __init__(self, session: ClientSession, conversation: dict[str, Any]) -> None:
        self.session = session
        self.id = conversation["id"]
        self.headers = {"Authorization": f"Bearer {conversation['token']}"}

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        raw = body if isinstance(body, str | None) else json.dumps(body)
        address = path if path.startswith("/") else f"{API}/{self.id}/{path}".rstrip("/")
        headers = {**self.headers, "Content-Type": "application/json", **headers}
        async with self.session.request(method, address, data=raw, headers=headers) as response:
            content = await response.read()
            return response.status, json.loads(content) if response.content_type == "application/json" else content

    async def expect(self, status: int, method: str, path: str, body: object = None) -> Any:
        found, answer = await self.call(method, path, body)
        assert found == status, answer
        return answer


async def _plant(server: Server, engine: Engine, data: Path) -> Run:
    async with ClientSession(server.url) as session:
        async with session.post(API, json={"language": "sv"}) as response:
            planter = Planter(session, await response.json())
        masks: set[str] = set()
        for number, secret in enumerate(SECRETS):
            masks |= await _plant_words(planter, secret, f"key-{number}")
            await _plant_badly(planter, secret)
            await _plant_in_frames(planter, secret)
            await asyncio.to_thread(_plant_raw, server.url, secret)
        await _plant_as_staff(planter, engine, data)
        console = await _plant_in_console(planter, engine, server.url)
        exports = {}
        for format in FORMATS:
            exports[format] = _read_export(format, (await planter.call("GET", f"export?format={format}"))[1])
    cipher = open_cipher(data / "secret.key", make=False)
    collected = collect_stored(engine, planter.id, cipher)
    assert all(collected[name] for name in ("message", "turn", "tracker_event", "feedback", "rating", "callback"))
    access = render_json(collected) + render_text(collected)
    trackers = json.dumps(collected["tracker_event"])
    return Run(server.log(), _read_stored(engine, data), exports, access, trackers, masks, console)


async def _plant_words(planter: Planter, secret: str, key: str) -> set[str]:
    """Plant where words are welcome, and they are answered."""
    said = SAID.format(secret)
    answer = await planter.expect(200, "POST", "messages", {"text": said})
    status, _ = await planter.call("POST", "messages", {"text": said}, **{"Idempotency-Key": key})
    assert status == 200
    await planter.call("POST", "messages", {"text": said}, **{"Idempotency-Key": secret})
    told = {"value": "down", "reason": said}
    await planter.expect(200, "POST", f"messages/{answer['messages'][0]['id']}/feedback", told)
    await planter.expect(200, "POST", "rating", {"stars": 2, "comment": said})
    wish = {"kind": "callback", "phone": TO_CALL, "name": said, "when": said}
    await planter.expect(201, "POST", "handoff", wish)
    for message in (said, secret, f"/{secret}"):
        rest = {"sender": secret, "message": message, "metadata": {"language": secret, "name": secret}}
        assert (await planter.call("POST", "/webhooks/rest/webhook", rest))[0] == 200
    return set(answer["masked"])


async def _plant_badly(planter: Planter, secret: str) -> None:
    """Plant in what is refused."""
    said = SAID.format(secret)
    bodies: list[object] = [
        {"payload": said},
        {"payload": "/" + secret},
        {"text": [said]},
        {"text": said, "payload": said},
        {secret: said},
        {"text": f"{said} {'x' * 3000}"},
        f'{{"text": "{said}"',
        f"{secret}{' ' * 70_000}",
    ]
    for path in ("messages", "rating", "handoff", f"messages/{secret}/feedback", "end/no"):
        for body in bodies:
            status, _ = await planter.call("POST", path, body)
            assert status >= 400
    for path in (API, "/webhooks/rest/webhook"):
        for body in bodies[5:]:
            await planter.call("POST", path, body)
    await planter.call("POST", "handoff", {"kind": "callback", "phone": said})
    await planter.call("POST", "handoff", {"kind": said})
    await planter.call("PATCH", "", {"language": secret})
    await planter.call("POST", "messages", "packed", **{"Content-Encoding": "gzip"})


async def _plant_in_frames(planter: Planter, secret: str) -> None:
    """Plant in addresses, queries and headers."""
    for path in (f"/{secret}", f"/?language={secret}", f"{API}/{secret}/messages", f"export?format={secret}"):
        await planter.call("GET", path)
        await planter.call("DELETE", path)
    for path in (f"export?format=txt&language={secret}", f"messages?q={secret}", f"handoff?{secret}"):
        await planter.call("GET", path)
    for name in ("User-Agent", "Referer", "Cookie", "X-Forwarded-For", "X-Request-Id", "Accept-Language", "Origin"):
        await planter.call("GET", "messages", **{name: secret})
        await planter.call("GET", "/", **{name: secret})
    await planter.call("GET", "messages", Authorization=f"Bearer {secret}")
    await planter.call("GET", "messages", Authorization=secret)
    await planter.call("GET", f"{API}/{planter.id}/events", Authorization="", **{"Last-Event-ID": secret})


def _plant_raw(url: str, secret: str) -> None:
    """Plant in what is no HTTP."""
    import socket

    address = make_url(url.replace("http", "x", 1))
    spaceless = secret.replace(" ", "")
    for request in (
        f"GET /{secret} HTTP/1.1\r\n\r\n",
        f"{spaceless} / HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET / HTTP/9.{spaceless}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{secret}\r\n\r\n",
        f"POST {API} HTTP/1.1\r\nHost: x\r\nContent-Length: {spaceless}\r\n\r\n",
    ):
        with socket.create_connection((address.host or "localhost", address.port or 80), timeout=20) as connection:
            connection.sendall(request.encode())
            connection.settimeout(20)
            try:
                connection.recv(1000)
            except OSError:
                continue


async def _plant_as_staff(planter: Planter, engine: Engine, data: Path) -> None:
    """Plant what a counsellor writes, through the stores that the console uses."""
    await planter.expect(200, "POST", "handoff", {"kind": "queue"})
    handoffs = Handoffs(engine)
    (waiting,) = (item for item in handoffs.fetch_queue() if item.conversation_id == planter.id)
    handoffs.take(waiting.id, "counsellor-1", [])
    for secret in SECRETS:
        said = SAID.format(secret)
        handoffs.write(planter.id, "counsellor-1", [NewMessage(sender="human", text=said, language="sv")])
        assert (await planter.expect(200, "POST", "messages", {"text": said}))["messages"] == []
    callbacks = Callbacks(engine, open_cipher(data / "secret.key", make=False))
    (request,) = (item for item in callbacks.fetch_open() if item.conversation_id == planter.id)
    assert request.phone == TO_CALL.replace(" ", "")
    handoffs.hand_back(planter.id, "counsellor-1", [])
    said, again = SAID.format(" ".join(SECRETS)), dt.datetime.now(dt.timezone.utc) + dt.timedelta(hours=1)
    CallbackDesk(engine, open_cipher(data / "secret.key", make=False)).report(
        request.id, "counsellor-1", "not_reached", said, again
    )
    callbacks.close(request.id, said)


async def _plant_in_console(planter: Planter, engine: Engine, url: str) -> str:
    """Plant what a counsellor types at the console."""
    messages = (await planter.expect(200, "GET", "messages"))["messages"]
    asked = next(message["id"] for message in messages if message["sender"] == "resident")
    await planter.expect(200, "POST", "handoff", {"kind": "queue"})
    await planter.expect(200, "POST", "messages", {"text": SAID.format(SECRETS[0])})
    return await plant_in_console(url, engine, planter.id, asked, SECRETS, SAID)


def _read_export(format: str, content: Any) -> str:
    if format == "pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return json.dumps(content, ensure_ascii=False) if format == "json" else content.decode("utf-8")


def _read_stored(engine: Engine, data: Path) -> bytes:
    """Return the bytes of all files of the data folder, and of PostgreSQL's, with its dump."""
    files = [path for path in data.rglob("*") if path.is_file() and path.name != "server.log"]
    pieces = []
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            folder = Path(connection.scalar(text("SHOW data_directory")) or "")
        files += [path for name in ("base", "pg_wal") for path in (folder / name).rglob("*") if path.is_file()]
        target = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        dumped = subprocess.run(["pg_dump", "--inserts", target], check=True, capture_output=True, cwd=os.sep)
        assert b"[phone]" in dumped.stdout
        pieces.append(dumped.stdout)
    else:
        assert {"conversations.db", "conversations.db-wal"} <= {path.name for path in files}
    return b"\0".join([*pieces, *(path.read_bytes() for path in files)])


def _found(needles: tuple[str, ...], where: str | bytes) -> list[str]:
    if isinstance(where, bytes):
        lowered = where.lower()
        return [needle for needle in needles if needle.encode() in lowered]
    return [needle for needle in needles if needle in where.lower()]


def test_every_secret_was_seen_and_masked(run: Run) -> None:
    assert run.masks == {"identity_code", "phone", "email"}
    assert "[identity_code]" in run.trackers
    for said in ("[identity_code]", "[phone]", "[email]"):
        assert said.encode() in run.stored
        assert said in run.subject_access


def test_the_needles_are_found_where_they_are() -> None:
    """The search itself works: what was planted would be found."""
    planted = " ".join(SAID.format(secret) for secret in SECRETS)
    assert _found(NEEDLES, planted) and _found(NEEDLES, planted.encode())
    assert {needle for needle in NEEDLES if needle in planted.lower()} >= {"131052-308", "040 765", "asiakas.yksi"}


def test_no_secret_is_in_the_bytes_of_a_database_or_its_log(run: Run) -> None:
    assert _found(NEEDLES + CALLED, run.stored) == []


def test_no_secret_is_in_the_servers_log(run: Run) -> None:
    assert "chat.turn.answered" in run.log
    assert "web.request.answered" in run.log
    assert _found(NEEDLES + CALLED, run.log) == []


@pytest.mark.parametrize("format", FORMATS)
def test_no_secret_is_in_an_export(run: Run, format: str) -> None:
    assert "uppgift" in run.exports[format]
    assert _found(NEEDLES + CALLED, run.exports[format]) == []


def test_no_secret_is_in_the_dialogue_state(run: Run) -> None:
    assert _found(NEEDLES + CALLED, run.trackers) == []


def test_counsellors_see_what_was_masked_in_words(run: Run) -> None:
    assert _found(NEEDLES + CALLED, run.console) == []
    for word in ("personbeteckning", "telefonnummer", "e-postadress"):
        assert f'<span class="masked">{word}</span>' in run.console


def test_what_is_stored_about_a_person_tells_the_number_to_call_and_no_other(run: Run) -> None:
    assert _found(NEEDLES, run.subject_access) == []
    assert _found(CALLED, run.subject_access) == ["0509988776", "509988776"]


def test_the_access_log_names_routes_and_neither_ids_nor_queries(run: Run) -> None:
    lines = [json.loads(line) for line in run.log.splitlines() if '"web.request.answered"' in line]
    routes = {line["route"] for line in lines}
    assert f"{API}/{{id}}/messages" in routes
    assert all("?" not in route for route in routes)
    assert set().union(*(line.keys() for line in lines)) == {
        *("event", "level", "timestamp", "method", "route", "status", "milliseconds")
    }
