"""`lotsi serve`: one real process, from its first line to its end; and what stops it before it begins."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from aiohttp import ClientSession
from servers import Server
from sqlalchemy import text

from cli.serve import warn_of_old_model
from knowledge.engine import open_engine, sqlite_url

CONVERSATIONS = "/api/v1/conversations"
QUESTIONS = {
    "sv": ("Vilka kommuner hör till Soite?", "Åtta kommuner"),
    "fi": ("Mitkä kunnat kuuluvat Soiteen?", "kahdeksan kuntaa"),
}
NUMBER = "040 123 4567"


class TestBeforeItBegins:
    """Calls that end with a line on standard error, before anything is loaded."""

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("LOTSI_PORT", "http"),
            ("LOTSI_LOG_LEVEL", "loud"),
            ("LOTSI_LANGUAGE", "en"),
            ("LOTSI_MESSAGE_LIMIT", "0"),
            ("LOTSI_DATABASE_URL", "lotsi.db"),
        ],
    )
    def test_a_setting_that_cannot_be_used_is_named_and_ends_with_2(self, invoke, tmp_path, variable, value) -> None:
        result = invoke("serve", "--data", tmp_path / "state", **{variable: value})
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"lotsi: {variable} is ")
        assert not (tmp_path / "state").exists()

    def test_facts_that_cannot_be_used_are_all_named_with_their_lines(self, invoke, tmp_path) -> None:
        facts = tmp_path / "facts.yml"
        facts.write_text("organisation_name: Soite\nprivacy_date: soon\n", encoding="utf-8")
        result = invoke("serve", "--data", tmp_path, LOTSI_DEPLOYMENT=str(facts))
        assert (result.exit_code, result.stdout) == (2, "")
        lines = result.stderr.splitlines()
        assert [line.split(": ")[0] for line in lines] == [*[str(facts)] * 2, f"{facts}:1", f"{facts}:2", "lotsi"]
        assert lines[-1] == f"lotsi: 4 problems in {facts}"

    def test_a_missing_model_is_named_with_what_mends_it(self, invoke, tmp_path) -> None:
        result = invoke("serve", "--data", tmp_path, "--model", tmp_path / "none")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == f"lotsi: there is no trained model in {tmp_path}/none; train one with 'lotsi train'\n"

    def test_a_data_folder_that_cannot_be_made_is_named(self, invoke, tmp_path) -> None:
        (tmp_path / "file").touch()
        result = invoke("serve", "--data", tmp_path / "file" / "state")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == f"lotsi: cannot make the data folder {tmp_path}/file/state: Not a directory\n"

    def test_a_host_that_does_not_exist_is_named(self, invoke, tmp_path, model_path) -> None:
        result = invoke("serve", "--data", tmp_path, "--model", model_path, "--host", "256.256.256.256")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("lotsi: cannot listen on 256.256.256.256:8080: ")

    def test_a_database_that_cannot_be_used_is_named(self, invoke, tmp_path, model_path) -> None:
        (tmp_path / "conversations.db").write_bytes(b"no database" * 1000)
        result = invoke("serve", "--port", 0, "--data", tmp_path, "--model", model_path)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "lotsi: cannot use the database: file is not a database\n"

    def test_a_secret_key_that_cannot_be_used_is_named(self, invoke, tmp_path, model_path, monkeypatch) -> None:
        key = tmp_path / "lotsi.key"
        monkeypatch.setenv("LOTSI_SECRET_KEY_FILE", str(key))
        result = invoke("serve", "--port", 0, "--data", tmp_path, "--model", model_path)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == f"lotsi: the secret key file {key} is not there\n"


class TestOldModel:
    """Who serves a model of the checkout is warned if it does not know what the checkout holds."""

    def test_a_model_of_what_the_checkout_holds_gives_no_warning(self, model_path, capsys) -> None:
        warn_of_old_model(model_path)
        assert capsys.readouterr().err == ""

    def test_a_model_from_elsewhere_is_somebodys_choice(self, model_path, tmp_path, capsys) -> None:
        warn_of_old_model(shutil.copy(model_path, tmp_path / model_path.name))
        assert capsys.readouterr().err == ""


@pytest.fixture(scope="module")
def server(server_started) -> Server:
    """The process, ready; it runs in a checkout that has changed since its model was trained."""
    return server_started.wait(300)


@pytest.fixture
async def session(server) -> AsyncIterator[ClientSession]:
    async with ClientSession(server.url) as session:
        yield session


class TestServing:
    """The process at work."""

    def test_the_old_model_is_named_before_the_server_listens(self, server, old_checkout) -> None:
        (archive,) = (old_checkout.path / "bot" / "models").glob("*.tar.gz")
        first, *others = server.log().splitlines()
        assert first.startswith(f"lotsi: {archive.name} is not up to date: ")
        assert "lotsi train" in first
        assert all(line.startswith("{") for line in others), "all else is the log, in JSON"

    def test_what_the_organisation_has_not_stated_is_warned_of(self, server) -> None:
        events = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
        (warning,) = (event for event in events if event["event"] == "web.deployment.unstated")
        assert warning["level"] == "warning"
        assert {"responsible_title", "privacy_legal_basis", "accessibility_status"} <= set(warning["facts"])

    async def test_it_is_alive_and_ready(self, session) -> None:
        async with session.get("/health/live") as response:
            assert (response.status, await response.json()) == (200, {"status": "ok"})
        async with session.get("/health/ready") as response:
            body = await response.json()
        assert (response.status, body["status"]) == (200, "ok")
        assert body["checks"] == {"model": True, "knowledge": True, "database": True}
        assert body["model"].startswith("lotsi-")

    @pytest.mark.parametrize("language", QUESTIONS)
    async def test_a_question_is_answered_in_its_language(self, session, language) -> None:
        question, expected = QUESTIONS[language]
        async with session.post(CONVERSATIONS, json={"language": language}) as response:
            begun = await response.json()
        assert (response.status, begun["language"]) == (201, language)
        async with session.post(
            f"{CONVERSATIONS}/{begun['id']}/messages",
            json={"text": f"{question} {NUMBER}"},
            headers={"Authorization": f"Bearer {begun['token']}"},
        ) as response:
            (message,) = (await response.json())["messages"]
        assert (message["language"], message["topic"]) == (language, "municipalities")
        assert expected in message["text"]
        assert message["sources"]

    def test_a_port_that_is_in_use_is_named(self, server, invoke, tmp_path, model_path) -> None:
        port = server.url.rpartition(":")[2]
        result = invoke("serve", "--port", port, "--data", tmp_path, "--model", model_path)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == f"lotsi: cannot listen on 127.0.0.1:{port}: Address already in use\n"

    def test_all_state_lies_in_the_data_folder(self, server, old_checkout, checkout_files) -> None:
        assert old_checkout.files() == checkout_files
        assert {"conversations.db", "knowledge.db"} <= {path.name for path in server.data.iterdir()}
        engine = open_engine(sqlite_url(server.data / "conversations.db"))
        with engine.connect() as connection:
            said = connection.execute(text("SELECT text FROM message WHERE sender = 'resident'")).scalars().all()
        engine.dispose()
        assert len(said) == len(QUESTIONS)
        assert not any(NUMBER in item for item in said)

    def test_what_residents_write_is_not_logged(self, server) -> None:
        assert "chat.turn.answered" in server.log()
        assert not any(question in server.log() or NUMBER in server.log() for question, _ in QUESTIONS.values())

    def test_it_stops_when_it_is_told_to(self, server) -> None:
        """The last test of the process."""
        assert server.stop() == 0
        assert "Traceback" not in server.log()
        with pytest.raises(URLError):
            urlopen(f"{server.url}/health/live")
