"""An existing Rasa client talks to Lotsi unchanged: `rasa-integration-testing`, which plays scenarios over REST.

It is a program of its own, written for bots behind `rasa run`: it sends what a scenario says to the REST channel and
holds every field of the answer against what the scenario expects.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession

PATH = "/webhooks/rest/webhook"
TURNS = {
    "sv": ["hej", "Vad är Hjälp-knappen?", "vad är numret?", "/start_over", "jag har ont i bröstet och kan inte andas"],
    "fi": ["hei", "Mikä on Apua-nappi?", "entä numero?", "/start_over", "kova rintakipu, en saa henkeä"],
}


@dataclass
class Scenarios:
    """A folder as the client wants it: a configuration, and one scenario with its expected answers."""

    folder: Path
    url: str

    def write(self, name: str, turns: list[tuple[str, list[dict[str, Any]]]]) -> None:
        """Write a scenario: what is said, and the answer that is expected."""
        for part in ("scenarios", "scenario_fragments", "interactions/user", "interactions/bot"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        config = f"[protocol]\ntype = rest\nurl = {self.url}{PATH}\n[runner]\nignored_result_keys = recipient_id\n"
        (self.folder / "config.ini").write_text(config, encoding="utf-8")
        steps = []
        for number, (message, answer) in enumerate(turns):
            turn = f"{name}-{number}"
            self._template("user", turn, {"message": message})
            self._template("bot", turn, answer)
            steps.append({"user": turn, "bot": turn})
        (self.folder / "scenarios" / f"{name}.yml").write_text(yaml.safe_dump(steps), encoding="utf-8")

    def _template(self, side: str, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False)
        assert "{{" not in text
        assert "{%" not in text
        (self.folder / "interactions" / side / f"{name}.jinja").write_text(text, encoding="utf-8")

    def play(self) -> subprocess.CompletedProcess[str]:
        """Run the client as its users do; 0 says that every answer was the expected one."""
        command = [sys.executable, "-m", "rasa_integration_testing", str(self.folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


async def ask(url: str, sender: str, messages: list[str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Say the same things as plain HTTP; return each with its answer, the sender's name left out."""
    turns = []
    async with ClientSession(url) as session:
        for message in messages:
            async with session.post(PATH, json={"sender": sender, "message": message}) as response:
                answers = await response.json()
                assert response.status == 200, answers
            turns.append((message, [{key: item[key] for key in item if key != "recipient_id"} for item in answers]))
    return turns


@pytest.fixture
def scenarios(server, tmp_path) -> Scenarios:
    return Scenarios(tmp_path, server.url)


@pytest.mark.parametrize("language", TURNS)
async def test_a_whole_conversation_is_understood_by_the_client(scenarios, language):
    turns = await ask(scenarios.url, f"plain-{language}", TURNS[language])
    assert all(answers and all(answer["text"] for answer in answers) for _, answers in turns)
    scenarios.write(language, turns)
    played = scenarios.play()
    assert played.returncode == 0, played.stdout + played.stderr
    assert f"Successfully ran scenario '{language}'" in played.stdout


async def test_a_button_that_was_offered_is_pressed_by_its_payload(scenarios):
    ((message, answers),) = await ask(scenarios.url, "buttons", ["rådgivning"])
    payload = answers[0]["buttons"][0]["payload"]
    ((_, pressed),) = await ask(scenarios.url, "buttons", [payload])
    scenarios.write("buttons", [(message, answers), (payload, pressed)])
    assert scenarios.play().returncode == 0
    assert pressed != answers


async def test_the_client_does_look_at_the_answers(scenarios):
    ((message, answers),) = await ask(scenarios.url, "wrong", ["hej"])
    scenarios.write("wrong", [(message, [{**answers[0], "text": "something else"}])])
    played = scenarios.play()
    assert played.returncode == 1
    assert answers[0]["text"] in played.stdout
