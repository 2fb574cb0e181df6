"""The figures of an evaluation as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from bot.training.cross_validation import CrossValidation, Spread
from bot.training.danger_bars import MISS, LanguageBars
from bot.training.evaluate import Report
from bot.training.safety_scores import SafetyScores, Tally
from bot.training.scores import FIGURES
from bot.training.thresholds import GAIN, LOSS, LanguageThresholds
from knowledge.languages import LANGUAGES

_PAIRS = 15


def print_report(report: Report, console: Console | None = None) -> None:
    """Print what an evaluation found, shortened to what one reads first.

    Args:
        report: With cross-validation and thresholds where they were asked for.
        console: Where to; standard output if left out.
    """
    console = console or Console(highlight=False, emoji=False, markup=False)
    console.print(_figures(report))
    console.print(f"parity gap {report.parity_gap * 100:.1f} points")
    for scores in report.safety:
        for line in _safety_lines(scores):
            console.print(line, soft_wrap=True)
    if report.cross_validation:
        console.print(_folds(report.cross_validation))
    for language, table in (report.thresholds or {}).items():
        console.print(_thresholds(language, table))
        console.print(
            f"{language}: best from {table.best:.2f}, configured {table.configured:.2f} "
            f"(a right answer {GAIN:+.0f}, a wrong one {-LOSS:+.0f}, held back 0)",
            soft_wrap=True,
        )
    for language, bars in (report.danger_bars or {}).items():
        console.print(_bars(language, bars))
        console.print(
            f"{language}: best from {bars.best:.2f}, configured {bars.configured:.2f} "
            f"(a missed danger costs {MISS:.0f} false alarms)",
            soft_wrap=True,
        )
    for pair in report.confusions[:_PAIRS]:
        console.print(f"{pair.total:4}  {pair.intent} → {pair.predicted}", soft_wrap=True)


def _figures(report: Report) -> Table:
    table = _table(f"{report.model}, {report.date}", ["", *LANGUAGES])
    for figure in FIGURES:
        values = [getattr(report.languages[language], figure.key) for language in LANGUAGES]
        table.add_row(figure.label, *(f"{value:.3f}" if isinstance(value, float) else str(value) for value in values))
    return table


def _safety_lines(scores: SafetyScores) -> Iterator[str]:
    by_kind = ", ".join(
        f"{kind} {sum(item.count for item in tallies.values())}/{sum(item.of for item in tallies.values())}"
        for kind, tallies in scores.met_by_kind.items()
    )
    met, alarms = scores.met, scores.false_alarms
    yield (
        f"{scores.name} sentences: dangers met {_count(met)} ({by_kind}); false alarms {_count(alarms)}; "
        f"112 named in {_count(scores.named)} answers to dangers"
    )


def _count(tally: Tally) -> str:
    return f"{tally.count} of {tally.of}"


def _folds(crossed: CrossValidation) -> Table:
    table = _table(f"{crossed.folds} folds over {crossed.examples} examples", ["", *LANGUAGES])
    for label, key in (
        ("accuracy", "accuracy"),
        ("macro-F1", "macro_f1"),
        ("expected calibration error", "calibration_error"),
    ):
        spreads: list[Spread] = [getattr(crossed.languages[language], key) for language in LANGUAGES]
        table.add_row(label, *(f"{spread.mean:.3f} ± {spread.deviation:.3f}" for spread in spreads))
    return table


def _thresholds(language: str, thresholds: LanguageThresholds) -> Table:
    headings = ["sure from", "right", "wrong", "held back", "utility"]
    table = _table(f"{language}: {thresholds.utterances} validation utterances", headings)
    for row in thresholds.rows:
        mark = "* " if row.threshold == thresholds.best else ""
        figures = (row.right, row.wrong, row.held_back, row.utility)
        table.add_row(f"{mark}{row.threshold:.2f}", *(f"{figure:.3f}" for figure in figures))
    return table


def _bars(language: str, bars: LanguageBars) -> Table:
    title = f"{language}: {bars.dangers} dangers, {bars.ordinary} ordinary sentences for validation"
    table = _table(title, ["danger from", "met", "false alarms", "cost"])
    for row in bars.rows:
        mark = "* " if row.bar == bars.best else ""
        table.add_row(f"{mark}{row.bar:.2f}", f"{row.met:.3f}", f"{row.false_alarms:.3f}", f"{row.cost:.0f}")
    return table


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table
