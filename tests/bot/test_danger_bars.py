"""What a bar of danger would do, by hand."""

from __future__ import annotations

import pytest

from bot.training.danger_bars import MISS, Alarm, rate_bars

ALARMS = [
    Alarm("sv", danger=True, triggered=True, probability=0.0),
    Alarm("sv", danger=True, triggered=False, probability=0.4),
    Alarm("sv", danger=False, triggered=False, probability=0.4),
    Alarm("sv", danger=False, triggered=False, probability=0.1),
]


def test_shares_and_cost_are_those_computed_by_hand() -> None:
    low, middle, high = rate_bars(ALARMS, 0.3, (0.1, 0.4, 0.5)).rows
    assert (low.met, low.false_alarms, low.cost) == (1, 1, 2)
    assert (middle.met, middle.false_alarms, middle.cost) == (1, 0.5, 1)
    assert (high.met, high.false_alarms, high.cost) == (0.5, 0, MISS)


def test_a_trigger_fires_at_any_bar() -> None:
    (row,) = rate_bars(ALARMS[:1], 0.3, (0.8,)).rows
    assert row.met == 1


def test_the_best_bar_costs_least_and_of_equal_ones_is_the_lowest() -> None:
    table = rate_bars(ALARMS, 0.3, (0.1, 0.2, 0.4, 0.5))
    assert (table.best, table.configured, table.dangers, table.ordinary) == (0.2, 0.3, 2, 2)
    assert rate_bars(ALARMS[:1], 0.3, (0.3, 0.2)).best == 0.2


@pytest.mark.parametrize("alarms", [[], ALARMS[:2], ALARMS[2:]], ids=["nothing", "dangers", "ordinary"])
def test_a_kind_without_sentences_has_no_share(alarms: list[Alarm]) -> None:
    (row,) = rate_bars(alarms, 0.3, (0.2,)).rows
    assert row.met == float(any(item.danger for item in alarms))
