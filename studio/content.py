"""What a topic is: titles, answers, examples, source and validity, in both languages; immutable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from knowledge.languages import LANGUAGES, Language

DEFAULT_GROUP = "studio"
PUBLISHER = "Soite"


@dataclass(frozen=True)
class Side:
    """A topic in one language.

    Attributes:
        title: The text of the topic's button.
        answer: Markdown; the first paragraph answers at once.
        examples: What residents say.
        aliases: Other words, for the search.
        source_title, publisher: The source as a resident reads it.
        source_language: The language that the source was published in.
    """

    title: str = ""
    answer: str = ""
    examples: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    source_title: str = ""
    publisher: str = PUBLISHER
    source_language: str = ""


@dataclass(frozen=True)
class Content:
    """A topic.

    Attributes:
        sides: By language.
        group: Name of the training files, the same in both languages.
        document: Id of the document that the section stands in.
        published: The source's date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        url: Where the source can be read.
        valid_from, valid_to, review_by: `YYYY-MM-DD`; the day by which somebody shall look at it again.
        related, services: Ids. `paragraphs`, `facts`: as in the documents.
    """

    sides: Mapping[Language, Side]
    group: str = DEFAULT_GROUP
    document: str = ""
    published: str = ""
    url: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    review_by: str | None = None
    related: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    paragraphs: tuple[int, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    def with_side(self, language: Language, **values: Any) -> Content:
        """Return it with values of one language changed."""
        return replace(self, sides={**self.sides, language: replace(self.sides[language], **values)})

    def normalised(self) -> Content:
        """Return it as it is kept: without stray white space, control characters, and examples that stand twice."""
        sides = {language: _normalise_side(self.sides.get(language, Side()), language) for language in LANGUAGES}
        return replace(
            self,
            sides=sides,
            group=_tidy(self.group) or DEFAULT_GROUP,
            document=_tidy(self.document),
            published=_tidy(self.published),
            url=_tidy(self.url or "") or None,
            valid_from=_tidy(self.valid_from or "") or None,
            valid_to=_tidy(self.valid_to or "") or None,
            review_by=_tidy(self.review_by or "") or None,
            related=tuple(dict.fromkeys(filter(None, map(_tidy, self.related)))),
            services=tuple(dict.fromkeys(filter(None, map(_tidy, self.services)))),
        )

    def to_body(self) -> dict[str, Any]:
        """Return everything but the examples, as JSON knows it."""
        body = asdict(self)
        for side in body["sides"].values():
            del side["examples"]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in body.items()}

    @classmethod
    def from_body(cls, body: Mapping[str, Any], examples: Mapping[Language, Iterable[str]]) -> Content:
        """Return what `to_body` wrote, with its examples."""
        sides = {
            language: Side(
                **{**body["sides"][language], "aliases": tuple(body["sides"][language]["aliases"])},
                examples=tuple(examples[language]),
            )
            for language in LANGUAGES
        }
        lists = {key: tuple(body[key]) for key in ("related", "services", "paragraphs")}
        return cls(**{**body, **lists, "sides": sides})


def _normalise_side(side: Side, language: Language) -> Side:
    return Side(
        title=_tidy(side.title),
        answer=tidy_lines(side.answer),
        examples=tidy_examples(side.examples),
        aliases=tuple(dict.fromkeys(filter(None, map(_tidy, side.aliases)))),
        source_title=_tidy(side.source_title),
        publisher=_tidy(side.publisher) or PUBLISHER,
        source_language=_tidy(side.source_language) or language,
    )


def tidy_examples(examples: Iterable[str]) -> tuple[str, ...]:
    """Return examples, each in one line and once."""
    found = dict.fromkeys(filter(None, map(_tidy, examples)))
    return tuple({example.lower(): example for example in reversed(found)}.values())[::-1]


def tidy_lines(text: str) -> str:
    """Return a text of several lines without control characters and without white space at its ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_printable(line).rstrip() for line in lines).strip("\n").strip()


def _tidy(text: str) -> str:
    return " ".join(_printable(text).split())


def _printable(text: str) -> str:
    """Return the text composed (NFC), with control and invisible characters taken out; a tab is a space."""
    composed = unicodedata.normalize("NFC", text.replace("\t", " ").replace("\n", " ").replace("\r", " "))
    return "".join(char for char in composed if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
