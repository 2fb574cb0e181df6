"""What a check finds: a sentence with places to fill, so that the console can say it in the reader's language."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from knowledge.errors import Problem

STOP = "stop"
WARN = "warn"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth a look.

    Attributes:
        level: `stop`: it cannot be trained or published so; `warn`: a person should decide.
        field: What it is about: `id`, `title_sv`, `examples_fi`, `source` … or `row` of a file.
        text: English, with `{names}` of `values`; the message id of the catalogues.
        values: What stands in the places.
        line: The example's or file's line, counted from 1.
    """

    level: str
    field: str
    text: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    line: int | None = None

    def __str__(self) -> str:
        place = self.field if self.line is None else f"{self.field}:{self.line}"
        return f"{place}: {self.text.format(**self.values)}"


def as_finding(problem: Problem, field: str | None = None) -> Finding:
    """Return what the knowledge's own check has found.

    Args:
        problem: The problem.
        field: What it is about; its file if left out.
    """
    if not problem.template:
        return Finding(STOP, field or problem.path, "{problem}", {"problem": problem.text}, problem.line)
    return Finding(STOP, field or problem.path, problem.template, problem.values, problem.line)


def stops(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that keep a topic from being trained and published."""
    return [finding for finding in findings if finding.level == STOP]
