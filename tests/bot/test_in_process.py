"""Custom actions run in Rasa's process as they would behind rasa_sdk's HTTP server."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.importer import PROJECT_FOLDER
from bot.in_process import InProcessActions, make_actions
from knowledge.store import Knowledge

SCHEMA = Draft202012Validator(RemoteAction.action_response_format_spec())
DOMAIN = yaml.safe_load((PROJECT_FOLDER / "domain.yml").read_text(encoding="utf-8"))


class RejectingAction(Action):
    """Refuses to run, as a form's validation may."""

    def name(self) -> str:
        return "action_test_rejecting"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        raise ActionExecutionRejection(self.name(), "not now")


def call(name: str, intent: str = "", slots: dict[str, Any] | None = None, text: str = "", **parsed: Any) -> dict:
    """Return what Rasa sends to an action server."""
    slots = {"language": "sv", **(slots or {})}
    message = {"text": text, "intent": {"name": intent, "confidence": 1.0}, "entities": [], **parsed}
    tracker = {"sender_id": "test", "slots": slots, "latest_message": message, "events": []}
    return {"next_action": name, "sender_id": "test", "tracker": tracker, "domain": DOMAIN, "version": "3.6.21"}


@pytest.fixture(scope="module")
def endpoint(knowledge: Knowledge) -> InProcessActions:
    return InProcessActions([*make_actions(knowledge), RejectingAction()])


async def run(endpoint: InProcessActions, name: str, **values: Any) -> tuple[list[dict], dict[str, Any]]:
    """Run an action; return its messages and the slots that it set."""
    result = await endpoint.request(method="post", json=call(name, **values))
    SCHEMA.validate(result)
    slots = {event["name"]: event["value"] for event in result["events"] if event["event"] == "slot"}
    return result["responses"], slots


def test_every_action_of_the_domain_is_there_and_no_other(knowledge):
    assert sorted(action.name() for action in make_actions(knowledge)) == sorted(DOMAIN["actions"])


def test_rasas_action_server_finds_the_same_actions():
    executor = ActionExecutor()
    executor.register_package("bot.actions")
    assert set(DOMAIN["actions"]) <= set(executor.actions)


async def test_an_action_that_is_not_there_is_404(endpoint):
    with pytest.raises(ClientResponseError) as caught:
        await endpoint.request(method="post", json=call("action_nobody"))
    assert caught.value.status == 404
    assert "action_nobody" in caught.value.text


async def test_an_action_that_refuses_is_400(endpoint):
    with pytest.raises(ClientResponseError) as caught:
        await endpoint.request(method="post", json=call("action_test_rejecting"))
    assert caught.value.status == 400
    assert "action_test_rejecting" in caught.value.text


async def test_rasa_runs_an_action_through_it_as_through_http(endpoint):
    domain = Domain.load(str(PROJECT_FOLDER / "domain.yml"))
    tracker = DialogueStateTracker.from_events("test", [SlotSet("language", "fi")], domain.slots)
    action = RemoteAction("action_unknown", endpoint)
    nlg = TemplatedNaturalLanguageGenerator(domain.responses)
    events = await action.run(CollectingOutputChannel(), nlg, tracker, domain)
    (said,) = [event for event in events if isinstance(event, BotUttered)]
    assert said.text.startswith("Valitettavasti")
    assert [button["payload"] for button in said.data["buttons"]] == ["/counselling", "/human_handoff"]
    assert SlotSet("choices", ["counselling", "human_handoff"]) in events


@pytest.mark.parametrize("language", ["sv", "fi"])
async def test_an_answer_remembers_its_topic_and_forgets_the_choices(endpoint, language):
    slots = {"language": language, "choices": ["fees"]}
    (said,), changed = await run(endpoint, "action_answer", intent="counselling", slots=slots)
    assert (said["custom"]["topic"], said["custom"]["language"]) == ("counselling", language)
    assert changed == {"last_topic": "counselling", "choices": None}


async def test_a_topic_that_the_documents_lost_is_said_honestly(endpoint):
    (said,), changed = await run(endpoint, "action_answer", intent="gone_topic")
    assert said["text"].startswith("Tyvärr")
    assert changed == {"choices": ["counselling", "human_handoff"]}


async def test_a_clarifying_question_shows_titles_and_a_way_out(endpoint, knowledge):
    decision = {"candidates": ["counselling", "fees", "no_such_topic"]}
    (said,), changed = await run(endpoint, "action_clarify", decision=decision)
    titles = knowledge.fetch_titles("sv")
    assert [button["title"] for button in said["buttons"]] == [
        titles["counselling"],
        titles["fees"],
        "Inget av det här",
    ]
    assert [button["payload"] for button in said["buttons"]] == ["/counselling", "/fees", "/deny"]
    assert changed == {"choices": ["counselling", "fees"]}


async def test_a_clarifying_question_without_choices_is_none(endpoint):
    (said,), changed = await run(endpoint, "action_clarify", decision={"candidates": ["no_such_topic"]})
    assert said["text"].startswith("Tyvärr")
    assert changed == {"choices": ["counselling", "human_handoff"]}


async def test_a_typed_yes_takes_the_first_choice(endpoint):
    (said,), changed = await run(endpoint, "action_affirm", slots={"choices": ["fees", "counselling"]})
    assert said["custom"]["topic"] == "fees"
    assert changed["last_topic"] == "fees"


async def test_a_typed_yes_to_nothing_asks_what_is_wanted(endpoint):
    (said,), changed = await run(endpoint, "action_affirm")
    assert said["text"] == "Bra! Vad vill du veta?"
    assert changed == {}


async def test_a_typed_no_forgets_the_choices_and_offers_a_human(endpoint):
    (said,), changed = await run(endpoint, "action_deny", slots={"choices": ["fees"]})
    assert said["buttons"][0]["payload"] == "/human_handoff"
    assert changed == {"choices": ["human_handoff"]}


@pytest.mark.parametrize("language", ["sv", "fi"])
async def test_a_typed_yes_to_an_offered_human_shows_the_way_to_one(endpoint, language):
    slots = {"language": language}
    _, offered = await run(endpoint, "action_anger", intent="anger", slots=slots)
    (said,), changed = await run(endpoint, "action_affirm", slots={**slots, **offered})
    (asked_for,), _ = await run(endpoint, "action_human", slots=slots)
    assert said == asked_for
    assert said["custom"]["handoff"] is True
    assert changed == {"choices": None}


@pytest.mark.parametrize("language", ["sv", "fi"])
async def test_danger_that_no_trigger_knows_shows_the_lines_of_its_kind(endpoint, language):
    slots = {"language": language}
    (seen,), _ = await run(endpoint, "action_emergency", intent="danger_poisoning", slots=slots)
    safety = {"intent": "danger_poisoning", "lines": ["poison_line", "emergency_number"]}
    (triggered,), _ = await run(endpoint, "action_emergency", intent="danger_poisoning", slots=slots, safety=safety)
    assert seen == triggered
    assert next(item["number"] for item in seen["custom"]["channels"]) == "112"


@pytest.mark.parametrize("language", ["sv", "fi"])
async def test_an_emergency_shows_112_first_then_lines_of_the_language(endpoint, language):
    safety = {"intent": "danger_suicide", "lines": ["crisis_line", "emergency_number"]}
    (said,), _ = await run(
        endpoint, "action_emergency", intent="danger_suicide", slots={"language": language}, safety=safety
    )
    channels = said["custom"]["channels"]
    assert "112" in said["text"]
    assert channels[0]["number"] == "112"
    assert len(channels) > 1
    assert all(channel["type"] == "phone" and language in channel["languages"] for channel in channels)
    assert said["custom"]["emergency"] is True
    assert all(source["published"] for source in said["custom"]["sources"])


async def test_an_emergency_without_lines_still_shows_112(endpoint):
    (said,), _ = await run(endpoint, "action_emergency", intent="danger_life")
    assert [channel["number"] for channel in said["custom"]["channels"]] == ["112"]


async def test_a_follow_up_without_a_topic_asks_back(endpoint):
    (said,), changed = await run(endpoint, "action_follow_up", intent="follow_up_contact")
    assert said["text"] == "Vad gäller saken? Skriv vilken tjänst du menar."
    assert changed == {}


async def test_a_follow_up_on_a_topic_without_channels_gives_the_general_contact(endpoint):
    slots = {"last_topic": "municipalities"}
    (said,), _ = await run(endpoint, "action_follow_up", intent="follow_up_contact", slots=slots)
    assert said["custom"]["topic"] == "contact_details"


@pytest.mark.parametrize(
    ("text", "spoken", "wanted"),
    [
        ("kan du svara på finska", "sv", "fi"),
        ("puhutko ruotsia", "fi", "sv"),
        ("samma på det andra språket", "sv", "fi"),
        ("toisella kielellä kiitos", "fi", "sv"),
        ("byt från svenska till finska", "sv", "fi"),
    ],
)
async def test_the_language_is_changed_to_the_one_that_is_named(endpoint, text, spoken, wanted):
    (said,), changed = await run(endpoint, "action_change_language", slots={"language": spoken}, text=text)
    assert said["custom"]["language"] == wanted
    assert changed["language"] == wanted


async def test_a_search_without_letters_asks_for_words(endpoint):
    (said,), _ = await run(endpoint, "action_search", text="😀😀")
    assert said["text"].startswith("Jag kunde inte läsa")


async def test_a_search_that_finds_a_section_says_that_it_is_not_sure(endpoint):
    (said,), changed = await run(endpoint, "action_search", text="servicehandledning för nepsy")
    assert said["text"].startswith("Jag är inte säker")
    assert changed["last_topic"] == said["custom"]["topic"]
    assert said["custom"]["sources"]


async def test_a_search_that_finds_nothing_is_honest(endpoint):
    (said,), changed = await run(endpoint, "action_search", text="zebror på månen")
    assert said["text"].startswith("Tyvärr")
    assert changed == {"choices": ["counselling", "human_handoff"]}


@pytest.mark.parametrize("name", sorted(DOMAIN["actions"]))
@pytest.mark.parametrize("language", ["sv", "fi"])
async def test_every_action_says_something_in_the_language_of_the_conversation(endpoint, name, language):
    """Whatever stands in the tracker: an action never leaves a resident without words."""
    intent = "danger_life" if name == "action_emergency" else "counselling"
    spoken = {"sv": "fi", "fi": "sv"}[language] if name == "action_change_language" else language
    responses, _ = await run(endpoint, name, intent=intent, slots={"language": language}, text="rådgivning")
    assert responses
    assert all(said["text"] and said["custom"]["language"] == spoken for said in responses)
