"""Turns go through Rasa's graph and rules by a shorter way, to the same end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.constants import DEFAULT_SENDER_ID
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant import Assistant
from bot.turn_engine import TurnGraphRunner, _possible_keys


def node(needs: dict[str, str], is_target: bool = False) -> SchemaNode:
    return SchemaNode(needs=needs, uses=object, constructor_name="", fn="", config={}, is_target=is_target)  # type: ignore[arg-type]


def joining(name: str, needs: dict[str, str], calls: list[str]) -> Any:
    """Return what stands for a node: it puts together what it got, and says when it was called."""

    def call(*given: Any) -> tuple[str, str]:
        calls.append(name)
        parts = dict(item for item in given if isinstance(item, tuple))
        if missing := [need for need in needs.values() if need not in parts]:
            raise GraphRunError(f"Missing input {missing}")
        return name, name + "(" + ",".join(str(parts[need]) for need in needs.values()) + ")"

    return call


SCHEMA = GraphSchema(
    {
        "last": node({"a": "right", "b": "left"}, is_target=True),
        "left": node({"a": "first"}),
        "right": node({"a": "first", "b": "__message__"}),
        "first": node({"a": "__message__"}),
        "apart": node({"a": "__tracker__"}, is_target=True),
    }
)


def make_runner(kind: type[DaskGraphRunner], calls: list[str]) -> DaskGraphRunner:
    runner = kind.__new__(kind)
    runner._graph_schema, runner._execution_context = SCHEMA, None
    runner._instantiated_nodes = {name: joining(name, schema.needs, calls) for name, schema in SCHEMA.nodes.items()}
    return runner


@pytest.mark.parametrize("targets", [["last"], ["left"], ["last", "apart"], None])
def test_a_run_gives_what_dask_gives_and_asks_each_node_once(targets: list[str] | None) -> None:
    calls: list[str] = []
    inputs = {"__message__": "hej", "__tracker__": "moi"}
    expected = make_runner(DaskGraphRunner, []).run(inputs=inputs, targets=targets)
    runner = make_runner(TurnGraphRunner, calls)
    assert runner.run(inputs=inputs, targets=targets) == expected
    assert len(calls) == len(set(calls))
    assert runner.run(inputs={**inputs, "__message__": "no"}, targets=targets) != expected or targets == ["apart"]


def test_a_node_that_lacks_something_is_refused() -> None:
    with pytest.raises(GraphRunError):
        make_runner(TurnGraphRunner, []).run(inputs={"__message__": "hej"}, targets=["apart"])


def find_policy(assistant: Assistant) -> RulePolicy:
    runner = assistant._require().agent.processor.graph_runner
    assert isinstance(runner, TurnGraphRunner)
    nodes = (item._component for item in runner._instantiated_nodes.values())
    return next(item for item in nodes if isinstance(item, RulePolicy))


def make_tracker(assistant: Assistant, *events: Any) -> DialogueStateTracker:
    domain = assistant._require().agent.domain
    assert domain is not None
    return DialogueStateTracker.from_events(DEFAULT_SENDER_ID, list(events), slots=domain.slots, domain=domain)


def asks(intent: str) -> UserUttered:
    return UserUttered("text", intent={"name": intent, "confidence": 1.0})


@pytest.mark.parametrize(
    "events",
    [
        [],
        [ActionExecuted("action_listen")],
        [ActionExecuted("action_listen"), asks("dental_care")],
        [ActionExecuted("action_listen"), asks("dental_care"), ActionExecuted("action_answer")],
        [ActionExecuted("action_listen"), asks("greet"), ActionExecuted("utter_greet")],
        [ActionExecuted("action_listen"), asks("nlu_fallback")],
        [
            ActionExecuted("action_listen"),
            asks("dental_care"),
            ActionExecuted("action_answer"),
            SlotSet("last_topic", "dental_care"),
            ActionExecuted("action_listen"),
            asks("follow_up_contact"),
        ],
    ],
    ids=lambda events: "-".join(
        getattr(event, "action_name", None) or getattr(event, "intent_name", None) or "slot" for event in events
    ),
)
def test_the_same_rules_fit_as_rasa_finds(assistant: Assistant, events: list[Any]) -> None:
    policy = find_policy(assistant)
    domain = assistant._require().agent.domain
    tracker = make_tracker(assistant, *events)
    states = policy._prediction_states(tracker, domain, rule_only_data=policy._get_rule_only_data())
    lookup = policy.lookup[RULES]
    expected = {
        rule
        for rule in lookup
        if all(policy._is_rule_applicable(rule, turn, state) for turn, state in enumerate(reversed(states)))
    }
    before = json.dumps(states, sort_keys=True, default=str)
    for _ in range(2):
        assert _possible_keys(policy, lookup, states) == expected
    assert json.dumps(states, sort_keys=True, default=str) == before


def test_what_is_remembered_is_not_changed_by_who_asks(assistant: Assistant) -> None:
    policy = find_policy(assistant)
    lookup = policy.lookup[RULES]
    states = [{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "affirm"}}]
    first = _possible_keys(policy, lookup, states)
    first.clear()
    assert _possible_keys(policy, lookup, states)
