"""The errors of the knowledge room: one base, one subclass a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a knowledge or training file.

    Attributes:
        path: The file, relative to the folder that was checked.
        text: What is wrong and what would mend it.
        line: The line in the file, counted from 1, where it is known.
        template: The text with `{names}` of `values`, so that it can be said in the reader's language; empty where only
            the text is known.
        values: What stands in the places.
    """

    path: str
    text: str
    line: int | None = None
    template: str = field(default="", compare=False, repr=False)
    values: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, path: str, template: str, line: int | None = None, **values: object) -> Problem:
        """Return a problem whose text is made of a template."""
        return cls(path, template.format(**values), line, template, values)

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.text}"


class KnowledgeError(Exception):
    """Base of all errors of the knowledge room."""


class KnowledgeInvalid(KnowledgeError):
    """The documents or services cannot be built; carries every problem at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class KnowledgeMissing(KnowledgeError):
    """The database holds no knowledge yet; `lotsi knowledge build` makes it."""
