"""The API's description is valid and complete, and real responses of every call keep to it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import yaml
from aiohttp import ClientResponse, ClientSession, web
from jsonschema import FormatChecker, RefResolver
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate_spec

from conversations.masking import KINDS
from knowledge.languages import LANGUAGES
from knowledge.services import CHANNEL_TYPES
from web import keys
from web.app import OPENAPI_FILE, create_app, load_openapi
from web.errors import ERRORS
from web.settings import Settings

SPEC: dict[str, Any] = yaml.safe_load(OPENAPI_FILE.read_text(encoding="utf-8"))
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
CONVERSATION = "/api/v1/conversations/{id}"
MESSAGES = f"{CONVERSATION}/messages"
CONSOLE = ("/staff", "/admin", "/static/staff/")
HANDOFF = f"{CONVERSATION}/handoff"
EVENTS = f"{CONVERSATION}/events"
FEEDBACK = f"{MESSAGES}/{{message}}/feedback"
PROVOKED: set[tuple[str, str, str]] = set()
"""What the tests of this file have seen: method, path, status."""


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a `$ref` within the description."""
    while "$ref" in node:
        target: Any = SPEC
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation of everything described."""
    for path, item in SPEC["paths"].items():
        for method in METHODS & set(item):
            yield method.upper(), path, item[method]


def check_schema(schema: dict[str, Any], value: Any) -> None:
    """Hold a value against a schema of the description."""
    validator = OAS30Validator(schema, resolver=RefResolver.from_schema(SPEC), format_checker=FormatChecker())
    errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(value)]
    assert errors == []


async def check_response(method: str, path: str, response: ClientResponse) -> Any:
    """Hold a real response against the description; return its body."""
    operation = SPEC["paths"][path][method.lower()]
    status = str(response.status)
    assert status in operation["responses"], f"{method} {path} answered {status}, which is not described"
    described = resolve(operation["responses"][status])
    for name, header in described.get("headers", {}).items():
        check_header(name, resolve(header), response)
    PROVOKED.add((method, path, status))
    content = described.get("content")
    if content is None:
        assert await response.read() == b""
        return None
    (media, body), *_ = content.items()
    assert media in ("*/*", response.content_type)
    if media == "*/*":
        return await response.read()
    value = await response.json() if media == "application/json" else await response.text()
    check_schema(body["schema"], value)
    return value


def address(path: str, id: str) -> str:
    """Fill in a path; where a message is wanted, it is one that is not there."""
    return path.replace("{id}", id).replace("{message}", "nothing")


def check_header(name: str, header: dict[str, Any], response: ClientResponse) -> None:
    value = response.headers.get(name)
    assert value is not None or not header.get("required"), f"{name} is missing"
    if value is not None:
        schema = resolve(header["schema"])
        check_schema(schema, int(value) if schema["type"] == "integer" else value)


class TestDescription:
    """The file itself."""

    def test_it_is_valid_openapi(self):
        validate_spec(SPEC)

    def test_it_is_openapi_3_0_3(self):
        assert SPEC["openapi"] == "3.0.3"

    def test_every_route_is_described_and_nothing_else(self):
        described = {(method, path) for method, path, _ in operations()}
        assert described == set(routes())

    def test_every_operation_declares_whether_it_needs_a_token(self):
        undeclared = [(method, path) for method, path, operation in operations() if "security" not in operation]
        assert undeclared == []

    def test_what_belongs_to_one_conversation_needs_its_token(self):
        for _, path, operation in operations():
            needed = [{"conversationToken": []}] if path.startswith(CONVERSATION) else []
            assert operation["security"] == needed, path

    def test_every_operation_has_a_summary_and_an_id_of_its_own(self):
        ids = [operation["operationId"] for _, _, operation in operations()]
        assert len(ids) == len(set(ids))
        assert all(operation["summary"] for _, _, operation in operations())

    def test_error_codes_are_those_of_the_server(self):
        codes = SPEC["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"]
        assert codes == list(ERRORS)

    def test_every_error_code_is_explained(self):
        text = OPENAPI_FILE.read_text(encoding="utf-8")
        assert [code for code in ERRORS if f"`{code}`" not in text] == []

    def test_error_statuses_are_described_with_the_codes_that_they_carry(self):
        for method, path, operation in operations():
            for status, response in operation["responses"].items():
                described = resolve(response)
                schema = described.get("content", {}).get("application/json", {}).get("schema", {})
                if schema.get("$ref") == "#/components/schemas/Error":
                    codes = [code for code in re.findall(r"`([a-z_]+)`", described["description"]) if code in ERRORS]
                    assert codes, f"{method} {path} {status} names no code"
                    assert {str(ERRORS[code][0]) for code in codes} == {status}, f"{method} {path} {status}: {codes}"

    def test_enumerations_are_those_of_the_code(self):
        schemas = SPEC["components"]["schemas"]
        assert schemas["Language"]["enum"] == list(LANGUAGES)
        assert schemas["KnownChannel"]["properties"]["type"]["enum"] == list(CHANNEL_TYPES)
        assert schemas["MaskedKinds"]["items"]["enum"] == list(KINDS)

    def test_examples_keep_to_their_schemas(self):
        for _, _, operation in operations():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                values = [item["value"] for item in content.get("examples", {}).values()]
                for value in [*values, *([content["example"]] if "example" in content else [])]:
                    check_schema(content["schema"], value)
        error = SPEC["components"]["schemas"]["Error"]
        check_schema(error, error["example"])

    def test_every_component_is_used(self):
        text = OPENAPI_FILE.read_text(encoding="utf-8")
        for kind, items in SPEC["components"].items():
            if kind != "securitySchemes":
                assert [name for name in items if f'"#/components/{kind}/{name}"' not in text] == []

    def test_it_says_how_large_a_body_may_be(self):
        app = create_app(Settings())
        assert app._client_max_size == 64 * 1024
        assert "64 KiB" in SPEC["info"]["description"]
        assert f"{Settings().message_limit:,}" in str(SPEC["components"]["schemas"]["NewMessage"])


def routes() -> Iterator[tuple[str, str]]:
    """Yield method and path of every route of the API; HEAD comes with GET, and the console is made of pages."""
    for route in create_app(Settings()).router.routes():
        resource = route.resource
        assert resource is not None
        path = f"{resource.canonical}/{{file}}" if isinstance(resource, web.StaticResource) else resource.canonical
        if route.method != "HEAD" and not path.startswith(CONSOLE):
            yield route.method, path


@pytest.fixture
async def session(server) -> AsyncIterator[ClientSession]:
    async with ClientSession(server.url) as session:
        yield session


class TestResponses:
    """Real responses of a running server."""

    @staticmethod
    async def call(session: ClientSession, method: str, path: str, id: str = "", **values: Any) -> Any:
        async with session.request(method, address(path, id), **values) as response:
            return await check_response(method, path, response)

    async def begin(self, session: ClientSession, language: str = "sv") -> tuple[str, dict[str, str]]:
        begun = await self.call(session, "POST", "/api/v1/conversations", json={"language": language})
        return begun["id"], {"Authorization": f"Bearer {begun['token']}"}

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_a_whole_conversation(self, session, language):
        """Answers with channels known and unknown, sources, buttons, an emergency, a masked message."""
        id, headers = await self.begin(session, language)
        said = {
            "sv": ["Vad är Jourhjälpen 116117?", "vad är numret?", "jag vill tala med en människa"],
            "fi": ["Mikä on Päivystysapu 116117?", "entä puhelinnumero?", "haluan puhua ihmisen kanssa"],
        }
        seen: set[str] = set()
        for text in [*said[language], "Min pappa andas inte!", "rådgivning", "min mobil är 040 123 4567", "😀"]:
            answer = await self.call(session, "POST", MESSAGES, id, json={"text": text}, headers=headers)
            seen |= {channel["type"] for message in answer["messages"] for channel in message["channels"]}
        assert seen >= {"phone", "web_page", "unknown"}
        read = await self.call(session, "GET", MESSAGES, id, headers=headers)
        assert {message["sender"] for message in read["messages"]} == {"resident", "bot"}
        await self.call(session, "DELETE", CONVERSATION, id, headers=headers)
        await self.call(session, "DELETE", CONVERSATION, id, headers=headers)

    async def test_every_topic_is_answered_within_the_schema(self, session, knowledge):
        """Through buttons alone, from one topic to the next, as far as they lead."""
        id, headers = await self.begin(session, "fi")
        answer = await self.call(session, "POST", MESSAGES, id, json={"text": "palveluohjaus"}, headers=headers)
        waiting, seen = [button["payload"] for button in answer["messages"][0]["buttons"]], {"/counselling"}
        while waiting:
            payload = waiting.pop()
            if payload not in seen:
                seen.add(payload)
                answer = await self.call(session, "POST", MESSAGES, id, json={"payload": payload}, headers=headers)
                waiting += [button["payload"] for message in answer["messages"] for button in message["buttons"]]
        assert len(seen) > len(knowledge.fetch_titles("fi")) / 2

    async def test_errors_of_a_conversation(self, session):
        id, headers = await self.begin(session)
        for method, path, operation in operations():
            if not operation["security"]:
                continue
            await self.call(session, method, path, id)
            await self.call(session, method, path, id, headers={"Authorization": "Bearer foreign"})
            await self.call(session, method, path, "nobody", headers=headers)
        for body in (
            b"",
            b"[]",
            b'{"text": ""}',
            b'{"payload": "/fees"}',
            b'{"text": "%s"}' % (b"a" * 2001),
            b" " * 70_000,
        ):
            await self.call(session, "POST", MESSAGES, id, data=body, headers=headers)

    async def test_the_way_to_a_human_being(self, session):
        id, headers = await self.begin(session)
        for body in ({"kind": "queue"}, {"kind": "queue"}, {"kind": "callback", "phone": "+358 40 123 4567"}):
            await self.call(session, "POST", HANDOFF, id, json=body, headers=headers)
        await self.call(session, "GET", HANDOFF, id, headers=headers)
        await self.call(session, "DELETE", HANDOFF, id, headers=headers)
        for path in ("typing", "end"):
            await self.call(session, "POST", f"{CONVERSATION}/{path}", id, headers=headers)
        for body in ({"kind": "queue"}, {"kind": "letter"}, {"kind": "callback", "phone": "a" * 70_000}):
            await self.call(session, "POST", HANDOFF, id, json=body, headers=headers)
        await self.call(session, "POST", MESSAGES, id, json={"text": "hej"}, headers=headers)

    async def test_judging_saving_and_the_language(self, session):
        id, headers = await self.begin(session)
        answer = (await self.call(session, "POST", MESSAGES, id, json={"text": "112"}, headers=headers))["messages"][0]
        for message in (answer["id"], "nothing"):
            path = FEEDBACK.replace("{message}", message)
            for body in ({"value": "up"}, {"value": "left"}, {"value": "up", "reason": "a" * 1001}):
                async with session.post(path.replace("{id}", id), json=body, headers=headers) as response:
                    await check_response("POST", FEEDBACK, response)
        for body in ({"stars": 5}, {"stars": 6}, {"stars": 5, "comment": "a" * 1001}):
            await self.call(session, "POST", f"{CONVERSATION}/rating", id, json=body, headers=headers)
        for body in ({"language": "fi"}, {"language": "en"}, {"language": "f" * 70_000}):
            await self.call(session, "PATCH", CONVERSATION, id, json=body, headers=headers)
        for format in ("txt", "html", "pdf", "json", "doc"):
            path = f"{CONVERSATION}/export"
            await self.call(session, "GET", path, id, params={"format": format}, headers=headers)
        read = await self.call(session, "GET", MESSAGES, id, headers=headers)
        assert "up" in [message["feedback"] for message in read["messages"]]

    async def test_the_event_stream(self, session):
        id, headers = await self.begin(session)
        path = EVENTS.replace("{id}", id)
        async with session.get(path, params={"after": "first"}, headers=headers) as response:
            await check_response("GET", EVENTS, response)
        async with AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(session.get(path, headers=headers)) for _ in range(4)]
            async with session.get(path, headers=headers) as response:
                await check_response("GET", EVENTS, response)
            await self.call(session, "DELETE", CONVERSATION, id, headers=headers)
            text = await check_response("GET", EVENTS, streams[0])
        events = [dict(line.split(": ", 1) for line in event.splitlines()) for event in text.strip().split("\n\n")]
        schemas = {"message": "Message", "state": "Standing"}
        for event in events:
            if event["event"] in schemas:
                check_schema(SPEC["components"]["schemas"][schemas[event["event"]]], json.loads(event["data"]))
        assert [event["event"] for event in events] == ["message", "message", "state", "erased"]

    async def test_the_widgets_settings(self, session):
        path = "/api/v1/widget"
        async with session.get(path, params={"language": "fi"}) as response:
            assert (await check_response("GET", path, response))["language"] == "fi"
            headers = {"If-None-Match": response.headers["ETag"]}
        async with session.get(path, params={"language": "fi"}, headers=headers) as response:
            assert response.status == 304
            await check_response("GET", path, response)

    async def test_a_repeated_send(self, session):
        id, headers = await self.begin(session)
        for text in ("rådgivning", "rådgivning", "avgift"):
            keyed = {**headers, "Idempotency-Key": "one"}
            await self.call(session, "POST", MESSAGES, id, json={"text": text}, headers=keyed)

    async def test_beginning(self, session):
        for body in (b"", b"{}", b"[", b'{"language": "en"}', b'{"language": "sv-FI"}', b" " * 70_000):
            await self.call(session, "POST", "/api/v1/conversations", data=body)

    async def test_rasas_channel(self, session):
        path = "/webhooks/rest/webhook"
        await self.call(session, "GET", "/webhooks/rest")
        for message in ("palveluohjaus", "haluan puhua ihmisen kanssa", ""):
            await self.call(session, "POST", path, json={"sender": "openapi", "message": message})
        await self.call(session, "POST", path, data=b" " * 70_000)

    async def test_operation_and_page(self, session):
        pages = ("/", "/privacy", "/accessibility-statement", "/about")
        for path in ("/health/live", "/health/ready", "/metrics", *pages, "/api/openapi.json"):
            await self.call(session, "GET", path)
        await self.call(session, "GET", "/metrics", headers={"X-Forwarded-For": "192.0.2.1"})

    async def test_the_widget_and_its_demonstration(self, session):
        await self.call(session, "GET", "/demo")
        await self.call(session, "GET", "/widget.js")
        async with session.get("/widget.js") as response:
            tag = response.headers["ETag"]
        await self.call(session, "GET", "/widget.js", headers={"If-None-Match": tag})

    async def test_the_description_is_served_as_it_is_written(self, session):
        async with session.get("/api/openapi.json") as response:
            assert await response.json() == load_openapi() == SPEC

    async def test_static_files(self, session):
        from web.pages import STATIC_FOLDER

        name = next(path.name for path in sorted(STATIC_FOLDER.iterdir()) if path.is_file())
        path = "/static/{file}"
        headers: list[dict[str, str]] = [{}, {"Range": "bytes=0-3"}, {"Range": "bytes=99999999-"}]
        for values in headers:
            async with session.get(f"/static/{name}", headers=values) as response:
                await check_response("GET", path, response)
                tag = response.headers.get("ETag", "")
        async with session.get(f"/static/{name}", headers={"If-None-Match": tag or "*"}) as response:
            await check_response("GET", path, response)
        async with session.get("/static/no-such-file.js") as response:
            await check_response("GET", path, response)


class TestWithoutModel:
    """Responses of an application that has no model, and of one that is asked too often."""

    @pytest.fixture
    async def client(self, aiohttp_client, tmp_path, knowledge) -> Any:
        settings = Settings(
            data=str(tmp_path / "data"),
            model=str(tmp_path),
            knowledge_url=str(knowledge.engine.url),
            conversations_per_minute=1,
            messages_per_minute=1,
            service_hours="",
            metrics_token_file=str(tmp_path / "token"),
        )
        (tmp_path / "token").write_text("secret", encoding="utf-8")
        return await aiohttp_client(create_app(settings))

    async def test_what_a_conversation_allows_is_limited(self, client):
        """The bot is not there, so the conversation is begun in the store."""
        for method, path, operation in operations():
            if operation["security"] and "429" in operation["responses"] and path != EVENTS:
                conversation, token = client.app[keys.CONVERSATIONS].insert_conversation("sv")
                body = {"text": "hej", "language": "fi", "kind": "queue", "value": "up", "stars": 5}
                for _ in range(2):
                    target = address(path, conversation.id)
                    headers = {"Authorization": f"Bearer {token}"}
                    async with client.request(method, target, json=body, headers=headers) as response:
                        await check_response(method, path, response)

    async def test_outside_the_service_hours_nobody_is_queued(self, client):
        conversation, token = client.app[keys.CONVERSATIONS].insert_conversation("sv")
        headers = {"Authorization": f"Bearer {token}"}
        path = HANDOFF.replace("{id}", conversation.id)
        async with client.post(path, json={"kind": "queue"}, headers=headers) as response:
            error = (await check_response("POST", HANDOFF, response))["error"]
        assert (error["code"], error["details"]["opens_at"]) == ("human_closed", None)

    async def test_metrics_ask_for_their_token(self, client):
        async with client.get("/metrics") as response:
            await check_response("GET", "/metrics", response)

    async def test_not_ready_and_too_many_requests(self, client):
        async with client.get("/health/ready") as response:
            assert (await check_response("GET", "/health/ready", response))["status"] == "unavailable"
        calls = (("/api/v1/conversations", {}), ("/webhooks/rest/webhook", {"message": "hej"}))
        for path, body in calls:
            for status in (503, 429):
                async with client.post(path, json=body) as response:
                    assert response.status == status
                    await check_response("POST", path, response)


def test_every_described_status_was_seen():
    """All but a server's own fault, and what needs a running model and a small limit at once (`test_rate`)."""
    described = {(method, path, status) for method, path, item in operations() for status in item["responses"]}
    elsewhere = {("POST", MESSAGES, "429")}
    assert {item for item in described - PROVOKED - elsewhere if item[2] != "500"} == set()
