"""What Rasa's engine does for each message, done once a model or once a state of a conversation.

Rasa 3.6.21 hands every run of its graph to Dask, which sorts the nodes anew, and writes all inputs out for a log that
nobody reads; its rule policy compares each rule with the last state three times a turn. Together that was 3 of the
24 ms for which a turn holds Python's lock.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import rasa.core.processor
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import State

_STATES = 4096
"""Last states of conversations whose rules are remembered; each is a few names."""


class TurnGraphRunner(DaskGraphRunner):
    """Runs the nodes one after another in an order that is found once."""

    @functools.cached_property
    def _orders(self) -> dict[tuple[str, ...], list[tuple[str, list[str]]]]:
        return {}

    def _order(self, targets: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """Return the nodes that the targets need, each with those that it needs itself, these first."""
        if targets not in self._orders:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            needs = {name: list(node.needs.values()) for name, node in nodes.items()}
            sorted_names = TopologicalSorter(needs).static_order()
            self._orders[targets] = [(name, needs[name]) for name in sorted_names if name in needs]
        return self._orders[targets]

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run the graph, as the class that it replaces does.

        Args:
            inputs: What comes in from outside, by the name under which nodes ask for it.
            targets: Nodes whose output is wanted; those of the schema if left out.

        Raises:
            GraphRunError: A node has not all that it needs.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        outputs: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in self._order(wanted):
                if name not in outputs:
                    outputs[name] = self._instantiated_nodes[name](*(outputs.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(outputs[name] for name in wanted)


def _possible_keys(policy: RulePolicy, lookup: Mapping[str, str], states: Sequence[State]) -> set[str]:
    """Return the rules that fit a conversation's states; which of them fit the last one is remembered."""
    known: dict[tuple[int, str], set[str]] = policy.__dict__.setdefault("_fitting_last_state", {})
    possible = set(lookup)
    for turn, state in enumerate(reversed(states)):
        if turn:
            possible = {rule for rule in possible if policy._is_rule_applicable(rule, turn, state)}
            continue
        key = (id(lookup), repr(state))
        if key not in known:
            if len(known) >= _STATES:
                known.clear()
            known[key] = {rule for rule in possible if policy._is_rule_applicable(rule, turn, state)}
        possible = set(known[key])
    return possible


def use_turn_engine() -> None:
    """Let models that are loaded from now on answer by it."""
    rasa.core.processor.DaskGraphRunner = TurnGraphRunner
    RulePolicy._get_possible_keys = _possible_keys
