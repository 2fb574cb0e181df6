"""`lotsi evaluate`: measure a model on the held-out utterances."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from cli.ask import load_assistant
from cli.output import configure_logging, fail, stderr

_ROWS = (
    ("utterances", "utterances"),
    ("right section at once", "answered"),
    ("… or offered in a clarifying question", "helped"),
    ("another topic's section", "wrong"),
    ("out-of-scope declined", "declined"),
    ("answered in the right language", "right_language"),
    ("classifier accuracy", "accuracy"),
    ("macro-F1", "macro_f1"),
    ("expected calibration error", "calibration_error"),
    ("fallback precision", "fallback_precision"),
    ("fallback recall", "fallback_recall"),
)


def evaluate(
    model: Annotated[Optional[Path], typer.Option("--model", help="A model archive or a folder with archives.")] = None,
    held_out: Annotated[
        Optional[Path], typer.Option(help="Folder of held-out utterances; tests/nlu if left out.")
    ] = None,
    json_file: Annotated[Optional[Path], typer.Option("--json", help="File for all figures as JSON.")] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List each utterance that failed.")] = False,
    data: Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")] = None,
) -> None:
    """Measure a model: answers, decisions, calibration, safety, by language."""
    configure_logging("ERROR")
    assistant = load_assistant(data, model)
    from bot.training.evaluate import evaluate as run
    from knowledge.build import read_topics
    from web.settings import PROJECT_FOLDER

    tests = PROJECT_FOLDER / "tests"
    try:
        with Progress(console=stderr) as progress:
            task = progress.add_task("evaluating", total=None)
            report = run(
                assistant,
                held_out or tests / "nlu",
                tests / "safety",
                read_topics(),
                lambda done, total: progress.update(task, completed=done, total=total),
            )
    except ValueError as error:
        raise fail(str(error)) from error
    _print_table(report)
    if failures:
        for item in report.failures:
            typer.echo(
                f"{item.language}  {item.intent} → {item.topic or item.acted} ({item.confidence:.2f})  {item.text}"
            )
    if json_file is not None:
        json_file.write_text(json.dumps(dataclasses.asdict(report), ensure_ascii=False, indent=1), encoding="utf-8")


def _print_table(report: Any) -> None:
    table = Table(title=f"{report.model}, {report.date}")
    for heading in ("", "sv", "fi"):
        table.add_column(heading, justify="left" if not heading else "right")
    for label, key in _ROWS:
        values = [getattr(report.languages[language], key) for language in ("sv", "fi")]
        table.add_row(label, *(f"{value:.3f}" if isinstance(value, float) else str(value) for value in values))
    console = Console()
    console.print(table)
    console.print(f"parity gap {report.parity_gap * 100:.1f} points")
    if report.safety:
        safety = report.safety
        console.print(f"dangers met with 112: {safety.met} of {safety.dangers}")
        console.print(f"false alarms: {safety.false_alarms} of {safety.ordinary}")
    for wanted, got, count in report.confusions[:15]:
        console.print(f"{count:4}  {wanted} → {got}", highlight=False)
