"""Prints what was measured of models, for `lotsi models`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from studio.comparison import Change, Comparison, FigureChange, TopicChange
    from studio.evaluation import Evaluation

_SHOWN = ("utterances", "answered", "helped", "wrong", "declined", "false_alarms", "accuracy", "calibration_error")
_COUNTS = frozenset({"utterances"})
_MOST_CONFUSIONS = 15


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the figures of one model."""
    languages = list(evaluation.figures)
    typer.echo(f"{'':20}{''.join(f'{language:>10}' for language in languages)}")
    for key in _SHOWN:
        values = [_say(key, evaluation.figures[language].get(key)) for language in languages]
        typer.echo(f"{key:20}{''.join(f'{value:>10}' for value in values)}")
    typer.echo(f"{'parity gap':20}{_say('', evaluation.parity_gap):>10}")
    missed = evaluation.missed()
    typer.echo(f"{'dangers missed':20}{len(missed):>10} of {sum(1 for row in evaluation.safety if row.kind)}")
    if evaluation.reviewed:
        right = sum(row.right for row in evaluation.reviewed)
        typer.echo(f"{'reviewed, right':20}{right:>10} of {len(evaluation.reviewed)}")
    for key, value in evaluation.latency.items():
        typer.echo(f"{f'turn {key}':20}{value:>7.1f} ms")


def print_comparison(comparison: Comparison) -> None:
    """Print two models side by side."""
    typer.echo(f"{'':26}{comparison.other:>28}{comparison.model:>28}")
    for language, figures in comparison.figures.items():
        for item in figures:
            if item.key in _SHOWN:
                _print_figure(f"{language} {item.key}", item)
    _print_figure("parity gap", comparison.parity)
    for item in comparison.latency:
        before = "" if item.before is None else f"{item.before:.1f} ms"
        typer.echo(f"{f'turn {item.key}':26}{before:>28}{f'{item.after:.1f} ms':>28}")
    size = comparison.size
    before = "" if size.before is None else f"{size.before / 2**20:.1f} MB"
    typer.echo(f"{'size':26}{before:>28}{f'{size.after / 2**20:.1f} MB':>28}")
    if not comparison.same_set:
        typer.echo("the two were measured on different sentences")
    for row in comparison.missed:
        typer.echo(f"danger missed  {row.language}  {row.kind}  {row.text} → {row.got}")
    for row in comparison.met:
        typer.echo(f"danger met     {row.language}  {row.kind}  {row.text}")
    _print_changes("broken", comparison.broken)
    _print_changes("fixed", comparison.fixed)
    for name, changes in (("broken", comparison.broken_reviewed), ("fixed", comparison.fixed_reviewed)):
        for change in changes:
            typer.echo(
                f"{name}, reviewed  {change.language}  message {change.message}: {change.before} → {change.after}"
            )
    _print_topics("fell", comparison.fell)
    _print_topics("rose", comparison.rose)
    for first, second, then, now in comparison.confusions[:_MOST_CONFUSIONS]:
        if then != now:
            typer.echo(f"confused  {first} as {second}: {then} → {now}")


def _print_figure(name: str, item: FigureChange) -> None:
    before = "" if item.before is None else _say(item.key, item.before)
    typer.echo(f"{name:26}{before:>28}{_say(item.key, item.after):>28}")


def _print_changes(name: str, changes: tuple[Change, ...]) -> None:
    typer.echo(f"{name}: {len(changes)}")
    for item in changes:
        typer.echo(f"  {item.language}  {item.text}: {item.intent} wanted, {item.before} → {item.after}")


def _print_topics(name: str, topics: tuple[TopicChange, ...]) -> None:
    for item in topics:
        typer.echo(f"{name}  {item.topic}: {_say('', item.before)} → {_say('', item.after)} of {item.utterances}")


def _say(key: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if key in _COUNTS else f"{value * 100:.1f} %"
