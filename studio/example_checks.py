"""Looks at an example beside all others: is it there already, under another topic, is it Swedish, is it measured on?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import yaml

from bot.nlu.detection import detect_language
from bot.training.examples import read_examples
from bot.training.twins import Twins
from bot.training.validate import fold_example
from knowledge.languages import LANGUAGES, Language
from studio.checkout import HELD_OUT, VALIDATION, Checkout
from studio.checks import check_example
from studio.findings import STOP, WARN, Finding
from studio.topics import Topic

ALIKE = 0.85
"""Nearness from which on an example of another topic is worth a look."""
SAFETY_HELD_OUT = Path("tests/safety_held_out")
Understand = Callable[[str, Language], tuple[str | None, float]]
"""What the live model makes of a text: a topic, or None, and how sure it is."""


@dataclass(frozen=True)
class Known:
    """An example that there is."""

    text: str
    intent: str
    language: Language


class ExampleChecks:
    """All examples of the drafts and the checkout, indexed; make it anew when they have changed."""

    def __init__(self, checkout: Checkout, topics: Mapping[str, Topic]) -> None:
        """Index the examples.

        Args:
            checkout: Its intents that are no topics count too, and what is measured on.
            topics: All topics as they are now.
        """
        self._known = list(collect_examples(checkout, topics))
        self._by_words: dict[str, list[Known]] = {}
        for known in self._known:
            self._by_words.setdefault(fold_example(known.text), []).append(known)
        self._twins = Twins([known.text for known in self._known])
        self._measured = Twins(read_measured(checkout.folder))

    def check(
        self,
        example: str,
        language: Language,
        topic: str,
        line: int | None = None,
        understand: Understand | None = None,
    ) -> list[Finding]:
        """Return everything about one example.

        Args:
            example: The example, tidied.
            language: That of the list it is meant for.
            topic: The topic's id.
            line: Its line.
            understand: Asks the live model.
        """
        found = list(check_example(example, language, line))
        if any(finding.level == STOP for finding in found):
            return found
        field = f"examples_{language}"
        found += self._check_others(example, field, topic, line)
        found += self._check_language(example, language, field, line)
        if self._measured.nearest(example):
            text = (
                "models are measured on '{example}' or nearly the same words; take another wording, or the figures lie"
            )
            found.append(Finding(STOP, field, text, {"example": example}, line))
        if understand is not None:
            found += _check_model(understand, example, language, topic, line)
        return found

    def check_list(self, examples: Iterable[str], language: Language, topic: str) -> list[Finding]:
        """Return everything about the examples of a topic in one language, and of those that say the same twice."""
        found = []
        seen: dict[str, int] = {}
        for line, example in enumerate(examples, start=1):
            found += self.check(example, language, topic, line)
            first = seen.setdefault(fold_example(example), line)
            if first != line:
                text = "'{example}' says the same as line {first}"
                values: dict[str, object] = {"example": example, "first": first}
                found.append(Finding(WARN, f"examples_{language}", text, values, line))
        return found

    def _check_others(self, example: str, field: str, topic: str, line: int | None) -> Iterator[Finding]:
        same = [known for known in self._by_words.get(fold_example(example), ()) if known.intent != topic]
        if same:
            text = "'{example}' stands under '{topic}' already; it can mean one topic only"
            yield Finding(STOP, field, text, {"example": example, "topic": same[0].intent}, line)
            return
        for twin in self._twins.nearest(example, 5, ALIKE):
            known = self._known[twin.number]
            if known.intent != topic:
                text = "'{example}' is nearly '{other}', which stands under '{topic}'"
                values: dict[str, object] = {"example": example, "other": known.text, "topic": known.intent}
                yield Finding(WARN, field, text, values, line)
                return

    def _check_language(self, example: str, language: Language, field: str, line: int | None) -> Iterator[Finding]:
        detected = detect_language(example, language).detected
        if detected != language and len(example.split()) > 2:
            text = "'{example}' looks like '{detected}', and this is the list in '{language}'"
            values: dict[str, object] = {"example": example, "detected": detected, "language": language}
            yield Finding(WARN, field, text, values, line)


def _check_model(
    understand: Understand, example: str, language: Language, topic: str, line: int | None
) -> Iterator[Finding]:
    answered, confidence = understand(example, language)
    if answered is None:
        return
    text = "the live model answers this with '{topic}' ({confidence} %)"
    if answered == topic:
        text = "the live model answers this with this topic already ({confidence} %)"
    values: dict[str, object] = {"topic": answered, "confidence": round(100 * confidence)}
    yield Finding(WARN, f"examples_{language}", text, values, line)


def collect_examples(checkout: Checkout, topics: Mapping[str, Topic]) -> Iterator[Known]:
    """Yield every example: of the topics as they are now, and of the checkout's other intents."""
    for item in checkout.examples:
        if item.intent not in topics:
            yield Known(item.text, item.intent, item.language)
    for id, topic in topics.items():
        if not topic.newest.retired:
            for language in LANGUAGES:
                for text in topic.content.sides[language].examples:
                    yield Known(text, id, language)


def read_measured(folder: Path) -> list[str]:
    """Return every utterance that models are measured or calibrated on, as far as the installation has them."""
    texts: list[str] = []
    for name in (HELD_OUT, VALIDATION):
        if (folder / name).is_dir():
            texts += [example.text for example in read_examples(folder / name)[0]]
    for name in (SAFETY_HELD_OUT, VALIDATION / "safety"):
        for language in LANGUAGES:
            path = folder / name / f"{language}.yml"
            if path.is_file():
                content = yaml.safe_load(path.read_text(encoding="utf-8"))
                texts += [*chain.from_iterable((content.get("fires") or {}).values()), *(content.get("harmless") or ())]
    return texts
