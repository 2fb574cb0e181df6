"""What of the figures may be shown: counts that could point at somebody are hidden, and what would tell them too."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.figures.scope import Scope
from conversations.figures.tallies import Tally
from web.staff.figure_cells import FEW, HIDDEN, Cell, Few, Value, protect


class Guard:
    """The rule for one scope: within a topic every count tells what somebody asked about."""

    def __init__(self, scope: Scope) -> None:
        """Set the rule.

        Args:
            scope: What is counted.
        """
        self._is_narrow, self._has_language = scope.topic is not None, scope.language is not None

    def count(self, count: int) -> Cell:
        """Return a count that tells of nobody's health unless it is within a topic."""
        return Cell(protect(count) if self._is_narrow else count)

    def apart(self, counts: Sequence[int], is_health: bool = False) -> tuple[Cell, ...]:
        """Return a sum and its two parts; of the parts none may be hidden alone, or the rest would tell it.

        Args:
            counts: The sum, and the parts.
            is_health: Whether they tell of somebody's health whatever the scope.
        """
        if not (is_health or self._is_narrow):
            return tuple(Cell(count) for count in counts)
        whole, *parts = (protect(count) for count in counts)
        values: list[Value] = list(parts)
        if sum(part is HIDDEN for part in parts) == 1 and not self._has_language:
            values = [part if part is HIDDEN else None for part in parts]
        return tuple(Cell(value) for value in (whole, *values))

    def mean(self, value: float | None, count: int) -> float | Few | None:
        """Return a share or a mean of so many."""
        return HIDDEN if self._is_narrow and count < FEW else value

    def wait(self, tally: Tally, share: float) -> Cell:
        """Return the time within which so large a share was taken over."""
        return Cell(self.mean(tally.wait(share), len(tally.waits)), "seconds")
