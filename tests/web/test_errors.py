"""Whatever is sent: a clear error in the one shape, and never a fault of the server."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy.exc import OperationalError

from bot.assistant import ModelMissing, PayloadInvalid
from conversations.errors import ConversationNotFound, KeyReused, TokenRejected
from knowledge.errors import KnowledgeMissing
from web.body import clean_text
from web.errors import ERRORS, ApiError, error_middleware

CONVERSATIONS = "/api/v1/conversations"
WEBHOOK = "/webhooks/rest/webhook"

NOT_JSON = [b"", b"{", b"hej", b'{"text": "hej"', b"\xff\xfe\x00", b'{"text": "\xe5"}', b"{" * 30_000, b"[" * 60_000]
NOT_JSON += [b'{"text": ' + b"[" * 30_000, b'{"text": 1' + b"0" * 5000 + b"}", b"<text>hej</text>", b"text=hej"]
NO_OBJECT = [b"[]", b"null", b'"text"', b"1", b"true", b"NaN", b'["text", "hej"]']
NO_MESSAGE = [{}, {"text": None}, {"text": None, "payload": None}, {"words": "hej"}, {"text": "a", "payload": "/b"}]
WRONG_TYPES = [{"text": 5}, {"text": True}, {"text": ["hej"]}, {"text": {"a": 1}}, {"payload": 5}, {"payload": ["/a"]}]
EMPTY = ["", " ", "\n\t ", "\x00", "\x00\x07", "\u200b\u200e", "\ud800", "\u2028"]
ODD = {
    "control characters": "\x07\x1b[31mrådgivning\x7f\x00",
    "a NUL in the middle": "råd\x00givning",
    "a lone surrogate": "rådgivning \ud800",
    "right to left": "\u202erådgivning",
    "emoji": "😀🎉👩\u200d👩\u200d👧",
    "a flag": "🇫🇮",
    "accents without a letter": "\u0301" * 500,
    "HTML": "<b>rådgivning</b><script>alert(1)</script><img src=x onerror=alert(1)>",
    "SQL": "'; DROP TABLE message; SELECT * FROM conversation WHERE '1'='1",
    "a template": "{{7*7}} ${x} {text} %s %n",
    "Rasa's markup": "[hej](greet) /greet{}",
    "Cyrillic": "Как записаться к врачу?",
    "Arabic": "كيف يمكنني حجز موعد",
    "Chinese": "我怎么预约医生",
    "digits of another script": "٠١٢٣٤٥٦٧٨٩",
    "a command": "/restart",
    "a command with values": '/counselling{"language":"fi"}',
    "one long word": "a" * 2000,
    "brackets": "(" * 2000,
    "a path": "../../etc/passwd",
}


@pytest.fixture
async def session(server) -> AsyncIterator[ClientSession]:
    async with ClientSession(server.url) as session:
        yield session


@pytest.fixture
async def messages(session) -> tuple[str, dict[str, str]]:
    """The address of a new conversation's messages, and the header that opens it."""
    async with session.post(CONVERSATIONS, json={"language": "sv"}) as response:
        begun = await response.json()
    return f"{CONVERSATIONS}/{begun['id']}/messages", {"Authorization": f"Bearer {begun['token']}"}


def check_error(body: Any, code: str) -> dict[str, Any]:
    """Hold a body against the one shape; return the details."""
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    return body["error"]["details"]


async def post(
    session: ClientSession, path: str, data: bytes, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    async with session.post(path, data=data, headers=headers) as response:
        assert response.content_type == "application/json"
        return response.status, await response.json()


def read_faults(server) -> list[str]:
    """Return the log without its access lines."""
    return [line for line in server.log().splitlines() if '"web.request.answered"' not in line]


class TestBadBodies:
    """Bodies that are no message."""

    @pytest.mark.parametrize("data", NOT_JSON, ids=lambda data: f"{data[:20]!r}x{len(data)}")
    async def test_what_is_no_json_is_said_to_be_none(self, session, messages, data):
        path, headers = messages
        for target in (path, WEBHOOK, *([CONVERSATIONS] if data else [])):
            status, body = await post(session, target, data, headers)
            assert (status, check_error(body, "body_not_json")) == (400, {})

    @pytest.mark.parametrize("data", NO_OBJECT)
    async def test_what_is_no_object_is_said_to_be_none(self, session, messages, data):
        path, headers = messages
        for target in (path, WEBHOOK, CONVERSATIONS):
            status, body = await post(session, target, data, headers)
            details = check_error(body, "body_invalid")
            assert (status, details) == (400, {"problems": ["the body must be a JSON object"]})

    @pytest.mark.parametrize("value", [*NO_MESSAGE, *WRONG_TYPES], ids=str)
    async def test_fields_that_do_not_fit_are_named(self, session, messages, value):
        path, headers = messages
        status, body = await post(session, path, json.dumps(value).encode(), headers)
        (problem,) = check_error(body, "body_invalid")["problems"]
        assert status == 400
        assert "'text'" in problem or "'payload'" in problem
        assert not {"str", "dict"} & set(problem.split()), "a type is named in JSON's words, not in Python's"

    async def test_all_problems_are_named_at_once(self, session, messages):
        path, headers = messages
        _, body = await post(session, path, b'{"text": 5, "payload": 5}', headers)
        assert len(check_error(body, "body_invalid")["problems"]) == 2

    @pytest.mark.parametrize("language", ["en", "", 5, ["sv"], {"sv": 1}, "\ud800", "sv\x00"])
    async def test_a_conversation_in_a_language_that_is_not_served_is_refused(self, session, language):
        status, body = await post(session, CONVERSATIONS, json.dumps({"language": language}).encode())
        (problem,) = check_error(body, "body_invalid")["problems"]
        assert (status, "'language'" in problem) == (400, True)

    @pytest.mark.parametrize("text", EMPTY, ids=repr)
    async def test_a_message_without_a_visible_character_is_empty(self, session, messages, text):
        path, headers = messages
        for target, field in ((path, "text"), (WEBHOOK, "message")):
            status, body = await post(session, target, json.dumps({field: text}).encode(), headers)
            assert (status, check_error(body, "message_empty")) == (400, {})

    async def test_ten_thousand_characters_are_too_many(self, session, messages):
        path, headers = messages
        for target, field in ((path, "text"), (WEBHOOK, "message")):
            status, body = await post(session, target, json.dumps({field: "ä" * 10_000}).encode(), headers)
            assert status == 413
            assert check_error(body, "message_too_long") == {"limit": 2000, "length": 10_000}

    @pytest.mark.parametrize("size", [64 * 1024 + 1, 2_000_000])
    async def test_a_body_beyond_the_limit_is_too_large(self, session, messages, size):
        path, headers = messages
        for target in (path, WEBHOOK, CONVERSATIONS):
            status, body = await post(session, target, b'{"text": "hej"}' + b" " * size, headers)
            assert (status, check_error(body, "body_too_large")) == (413, {})

    async def test_a_small_body_that_unpacks_to_a_large_one_is_too_large(self, session, messages):
        path, headers = messages
        packed = gzip.compress(b'{"text": "hej"}' + b" " * 50_000_000)
        assert len(packed) < 64 * 1024
        status, body = await post(session, path, packed, {**headers, "Content-Encoding": "gzip"})
        assert (status, check_error(body, "body_too_large")) == (413, {})

    async def test_a_packed_body_is_read(self, session, messages):
        path, headers = messages
        packed = gzip.compress(b'{"text": "hej"}')
        status, body = await post(session, path, packed, {**headers, "Content-Encoding": "gzip"})
        assert (status, len(body["messages"])) == (200, 1)

    @pytest.mark.parametrize("encoding", ["gzip", "deflate"])
    @pytest.mark.parametrize("together", [True, False], ids=["at once", "after the headers"])
    async def test_a_body_that_is_not_packed_as_its_header_says_is_unreadable(
        self, server, messages, encoding, together
    ):
        path, headers = messages
        stated = [f"{name}: {value}".encode() for name, value in headers.items()]
        stated.append(f"Content-Encoding: {encoding}".encode())
        for target in (path, WEBHOOK, CONVERSATIONS):
            faults = read_faults(server)
            pause = 0 if together else 0.1
            status, body = await send_raw(server.url, b"POST", target, *stated, body=b'{"text": "hej"}', pause=pause)
            assert (status, check_error(body, "body_unreadable")) == (400, {})
            assert read_faults(server) == faults, "what a client does wrong is no fault of the server"

    @pytest.mark.parametrize("media", ["text/plain", "application/json; charset=bogus", "a/b", "multipart/form-data"])
    async def test_the_stated_media_type_does_not_matter(self, session, messages, media):
        path, headers = messages
        status, _ = await post(session, path, b'{"text": "hej"}', {**headers, "Content-Type": media})
        assert status == 200


class TestOddMessages:
    """Texts that nobody expects are answered like any other."""

    @pytest.mark.parametrize("name", ODD)
    async def test_an_odd_text_gets_an_answer_and_is_stored_harmless(self, session, messages, name):
        path, headers = messages
        status, body = await post(session, path, json.dumps({"text": ODD[name]}).encode(), headers)
        assert status == 200
        assert all(message["text"] for message in body["messages"])
        async with session.get(path, headers=headers) as response:
            stored = (await response.json())["messages"]
        (said,) = [message["text"] for message in stored if message["sender"] == "resident"]
        assert not any(char in said for char in "\x00\x07\x1b\x7f\ud800\u202e")
        assert {message["language"] for message in stored} <= {"sv", "fi"}

    @pytest.mark.parametrize("name", ["HTML", "SQL", "Cyrillic", "Arabic", "Chinese", "a template"])
    async def test_visible_characters_come_back_as_they_were_written(self, session, messages, name):
        path, headers = messages
        await post(session, path, json.dumps({"text": ODD[name]}).encode(), headers)
        async with session.get(path, headers=headers) as response:
            texts = [message["text"] for message in (await response.json())["messages"]]
        assert ODD[name] in texts

    async def test_what_a_resident_writes_is_not_repeated_by_the_bot(self, session, messages):
        path, headers = messages
        _, body = await post(session, path, json.dumps({"text": ODD["HTML"]}).encode(), headers)
        assert "<" not in json.dumps(body["messages"])

    @pytest.mark.parametrize("name", ODD)
    async def test_rasas_channel_takes_odd_texts_and_senders(self, session, name):
        body = {"sender": ODD[name][:200], "message": ODD[name]}
        status, answer = await post(session, WEBHOOK, json.dumps(body).encode())
        assert status == 200
        assert all(item["text"] and item["recipient_id"] == ODD[name][:200] for item in answer)


class TestBadHeaders:
    """Headers are bytes that anyone can choose."""

    @pytest.mark.parametrize(
        ("header", "status", "code"),
        [
            (b"Authorization: Bearer \xff\xfe", 401, "token_rejected"),
            (b"Authorization: \xff\xfe", 401, "token_missing"),
        ],
    )
    async def test_a_token_of_any_bytes_is_rejected(self, server, messages, header, status, code):
        path, _ = messages
        found, body = await send_raw(server.url, b"GET", path, header)
        assert (found, check_error(body, code)) == (status, {})

    async def test_an_idempotency_key_of_any_bytes_is_taken_or_refused(self, server, messages):
        path, headers = messages
        authorization = f"Authorization: {headers['Authorization']}".encode()
        status, body = await send_raw(
            server.url, b"POST", path, authorization, b"Idempotency-Key: \xff\xfe", body=b'{"text": "hej"}'
        )
        assert status in (200, 400)
        if status == 400:
            check_error(body, "body_invalid")

    async def test_an_idempotency_key_has_two_hundred_characters_at_the_most(self, session, messages):
        path, headers = messages
        for length, expected in ((200, 200), (201, 400)):
            status, _ = await post(session, path, b'{"text": "hej"}', {**headers, "Idempotency-Key": "k" * length})
            assert status == expected

    @pytest.mark.parametrize("header", [b"Accept-Language: \xff;q=1,fi;q=\xff", b"Accept-Language: *;q=inf,a;q=-1,,;"])
    async def test_a_preference_of_any_bytes_is_passed_over(self, server, header):
        status, body = await send_raw(server.url, b"POST", CONVERSATIONS, header, body=b"{}")
        assert (status, body["language"]) == (201, "sv")

    @pytest.mark.parametrize("path", ["/api/v1/conversations/%ff%fe/messages", "/api/v1/conversations/%00/messages"])
    async def test_an_id_of_any_bytes_is_not_found(self, server, path):
        status, body = await send_raw(server.url, b"GET", path, b"Authorization: Bearer x")
        assert (status, check_error(body, "conversation_not_found")) == (404, {})


async def send_raw(
    url: str, method: bytes, path: str, *headers: bytes, body: bytes = b"", pause: float = 0.0
) -> tuple[int, Any]:
    """Send bytes that a well-behaved client would not, the body after a pause; return status and body."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [method + b" " + path.encode() + b" HTTP/1.1", b"Host: " + host.encode(), b"Connection: close", *headers]
    lines += [b"Content-Length: %d" % len(body), b"", b""]
    parts = [b"\r\n".join(lines), body] if pause else [b"\r\n".join(lines) + body]
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(pause)
    head, _, content = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split(b" ")[1]), json.loads(content)


class TestBadAddresses:
    """Addresses and methods that are none."""

    @pytest.mark.parametrize("path", ["/nothing", "/api/v1", "/api/v2/conversations", "/static/../app.py", "/.env"])
    async def test_an_address_that_does_not_exist_is_not_found(self, session, path):
        async with session.get(path) as response:
            assert (response.status, check_error(await response.json(), "not_found")) == (404, {})

    @pytest.mark.parametrize(
        "path", ["/static/", "/static", "/static/no-such-file.js", "/static/%00", "/static/..%2fapp.py"]
    )
    async def test_a_file_that_does_not_exist_is_not_found(self, session, path):
        async with session.get(path) as response:
            assert response.status == 404
            assert check_error(await response.json(), "not_found") == {}

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", CONVERSATIONS, "POST"),
            ("PUT", f"{CONVERSATIONS}/x", "DELETE, PATCH"),
            ("PATCH", f"{CONVERSATIONS}/x/messages", "GET, HEAD, POST"),
            ("OPTIONS", f"{CONVERSATIONS}/x/messages", "GET, HEAD, POST"),
            ("GET", WEBHOOK, "POST"),
            ("POST", "/health/ready", "GET, HEAD"),
        ],
    )
    async def test_a_method_that_an_address_does_not_take_is_named_with_those_it_takes(
        self, session, method, path, allowed
    ):
        async with session.request(method, path) as response:
            assert (response.status, check_error(await response.json(), "method_not_allowed")) == (405, {})
            assert response.headers["Allow"] == allowed

    async def test_errors_have_the_security_headers_too(self, session):
        async with session.get("/nothing") as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]


SECRET = "131052-308T"  # an identity code of nobody
RAISED: list[tuple[Exception, int, str]] = [
    (ApiError("message_empty"), 400, "message_empty"),
    (ConversationNotFound("id"), 404, "conversation_not_found"),
    (TokenRejected("id"), 401, "token_rejected"),
    (KeyReused("key"), 422, "key_reused"),
    (PayloadInvalid("why"), 400, "payload_unknown"),
    (ModelMissing("why"), 503, "not_ready"),
    (KnowledgeMissing("why"), 503, "not_ready"),
    (web.HTTPRequestEntityTooLarge(1, 2), 413, "body_too_large"),
    (web.HTTPMethodNotAllowed("GET", ["POST"]), 405, "method_not_allowed"),
    (web.HTTPNotFound(), 404, "not_found"),
    (web.HTTPForbidden(), 404, "not_found"),
    (ValueError(SECRET), 500, "internal_error"),
    (OperationalError("INSERT", {"text": SECRET}, Exception(SECRET)), 500, "internal_error"),
]


class TestMapping:
    """Errors become HTTP in one place."""

    @staticmethod
    async def answer(aiohttp_client: Any, error: Exception) -> tuple[int, Any, Any]:
        """Return status, headers and body of an application whose only handler raises."""

        async def handler(request: web.Request) -> web.Response:
            raise error

        app = web.Application(middlewares=[error_middleware])
        app.router.add_post("/", handler)
        client = await aiohttp_client(app)
        async with client.post("/", data=SECRET) as response:
            return response.status, response.headers, await response.json(content_type=None)

    @pytest.mark.parametrize(("error", "status", "code"), RAISED, ids=lambda item: type(item).__name__)
    async def test_each_error_has_its_status_and_the_one_shape(self, aiohttp_client, error, status, code):
        found, _, body = await self.answer(aiohttp_client, error)
        check_error(body, code)
        assert found == status == ERRORS[code][0]

    @pytest.mark.parametrize("error", [ModelMissing("why"), KnowledgeMissing("why")])
    async def test_who_has_to_wait_is_told_how_long(self, aiohttp_client, error):
        _, headers, _ = await self.answer(aiohttp_client, error)
        assert int(headers["Retry-After"]) > 0

    async def test_a_fault_is_logged_with_its_type_and_without_the_request(self, aiohttp_client, capsys):
        for error in (RuntimeError("broken"), RAISED[-1][0]):
            await self.answer(aiohttp_client, error)
        printed = capsys.readouterr()
        assert "web.request.failed" in printed.out
        assert "RuntimeError" in printed.out
        assert "OperationalError" in printed.out
        assert SECRET not in printed.out + printed.err

    async def test_a_fault_says_nothing_of_itself_to_the_caller(self, aiohttp_client):
        _, _, body = await self.answer(aiohttp_client, ValueError(SECRET))
        assert SECRET not in json.dumps(body)

    async def test_a_redirection_is_no_error(self, aiohttp_client):
        async def handler(request: web.Request) -> web.Response:
            raise web.HTTPFound("/elsewhere")

        app = web.Application(middlewares=[error_middleware])
        app.router.add_get("/", handler)
        client = await aiohttp_client(app)
        async with client.get("/", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (302, "/elsewhere")

    @pytest.mark.parametrize("code", ERRORS)
    def test_every_code_says_what_is_wrong_in_a_sentence(self, code):
        status, message = ERRORS[code]
        assert 400 <= status < 600
        assert message[0].isupper()
        assert message.endswith(".")


class TestCleaning:
    """`clean_text`, before masking and everything else."""

    @pytest.mark.parametrize(
        ("text", "cleaned"),
        [
            ("  hej  ", "hej"),
            ("a\x00b\x1bc", "a b c"),
            ("rad 1\nrad 2\tslut", "rad 1\nrad 2\tslut"),
            ("a\u202eb\u200bc", "a b c"),
            ("hej \ud800", "hej"),
            ("Tack för hjälpen 😀", "Tack för hjälpen 😀"),
        ],
    )
    def test_what_cannot_be_seen_becomes_a_blank(self, text, cleaned):
        assert clean_text(text, 100) == cleaned

    def test_the_limit_counts_characters_as_they_came_in(self):
        assert clean_text("å" * 10, 10) == "å" * 10
        with pytest.raises(ApiError) as caught:
            clean_text(" " * 11, 10)
        assert (caught.value.code, caught.value.details) == ("message_too_long", {"limit": 10, "length": 11})
