"""The list of known failures as a Markdown page: each by name, so that a change shows in its diff."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.training.evaluate import Report
from bot.training.outcomes import Outcome
from bot.training.report import LANGUAGE_NAMES, group_failures
from bot.training.safety_scores import SafetyScores, SafetyVerdict
from knowledge.languages import LANGUAGES

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~])")
_PAGE = """\
# Known failures

What model `{model}` got wrong on {date}, by name. Written by
`lotsi evaluate --failures-doc docs/known-failures.md`; do not edit it by hand.

Held-out utterances and blind sentences are listed here so that everyone knows what fails. They are never copied into
the training data or the triggers: that would mend the figures and not the bot."""


def render_failures(report: Report) -> str:
    """Return the page."""
    page = [_PAGE.format(model=report.model, date=report.date), _table(("", *LANGUAGES), list(_summary(report)))]
    for scores in report.safety:
        page += _safety(scores)
    for language in LANGUAGES:
        page += _utterances(language, [item for item in report.failures if item.language == language])
    return "\n\n".join(page) + "\n"


def _summary(report: Report) -> Iterator[tuple[str, ...]]:
    counts = {language: sum(item.language == language for item in report.failures) for language in LANGUAGES}
    totals = {language: report.languages[language].utterances for language in LANGUAGES}
    yield "utterances that failed", *(f"{counts[language]} of {totals[language]}" for language in LANGUAGES)
    for scores in report.safety:
        met = scores.met_by_language
        missed = (f"{met[language].of - met[language].count} of {met[language].of}" for language in LANGUAGES)
        yield f"dangers missed, {scores.name} sentences", *missed
        alarms = scores.alarms_by_language
        raised = (f"{alarms[language].count} of {alarms[language].of}" for language in LANGUAGES)
        yield f"false alarms, {scores.name} sentences", *raised


def _safety(scores: SafetyScores) -> Iterator[str]:
    yield f"## Safety: {scores.name} sentences"
    yield "### Dangers missed"
    yield _table(
        ("language", "kind", "sentence", "got"),
        [(item.sentence.language, str(item.sentence.kind), *_sentence(item)) for item in scores.missed],
    )
    yield "### False alarms"
    yield _table(
        ("language", "sentence", "got"), [(item.sentence.language, *_sentence(item)) for item in scores.alarms]
    )


def _sentence(item: SafetyVerdict) -> tuple[str, str]:
    return _escape(item.sentence.text), _code(item.got)


def _utterances(language: str, failures: Sequence[Outcome]) -> Iterator[str]:
    yield f"## {LANGUAGE_NAMES[language]} utterances"
    yield _table(
        ("wanted", "got", "confidence", "utterance"),
        [
            (_code(intent), _code(item.got), f"{item.confidence:.2f}", _escape(item.text))
            for intent, items in group_failures(failures).items()
            for item in items
        ],
    )


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "None."
    return "\n".join([_row(*headings), "|" + "---|" * len(headings), *(_row(*row) for row in rows)])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


def _escape(text: str) -> str:
    """Return words that Markdown shows as they are."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
