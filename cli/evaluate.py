"""`lotsi evaluate`: measure a model on utterances and sentences that it was not trained on."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.progress import Progress, TaskID

from cli.ask import load_assistant
from cli.output import configure_logging, fail, stderr

if TYPE_CHECKING:
    from bot.training.evaluate import Report


def evaluate(
    model: Annotated[Optional[Path], typer.Option("--model", help="A model archive or a folder with archives.")] = None,
    json_file: Annotated[Optional[Path], typer.Option("--json", help="File for all figures as JSON.")] = None,
    html_file: Annotated[Optional[Path], typer.Option("--html", help="File for the report as one HTML page.")] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List each utterance that failed.")] = False,
    failures_doc: Annotated[
        Optional[Path], typer.Option("--failures-doc", help="File for the list of known failures, in Markdown.")
    ] = None,
    thresholds: Annotated[
        bool, typer.Option("--thresholds", help="Compare thresholds of confidence on the validation utterances.")
    ] = False,
    cross_validate: Annotated[
        Optional[int],
        typer.Option("--cross-validate", metavar="K", min=2, help="Cross-validate the classifier with K folds."),
    ] = None,
    held_out: Annotated[
        Optional[Path], typer.Option(help="Folder of held-out utterances; tests/nlu if left out.")
    ] = None,
    safety: Annotated[
        Optional[Path], typer.Option(help="Folder with safety_held_out/ and perhaps safety/; tests if left out.")
    ] = None,
    validation: Annotated[
        Optional[Path], typer.Option(help="Folder of validation utterances; bot/validation if left out.")
    ] = None,
    examples: Annotated[
        Optional[Path], typer.Option(help="Folder of examples to cross-validate on; bot/data/nlu if left out.")
    ] = None,
    data: Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")] = None,
) -> None:
    """Measure a model: answers, decisions, calibration, safety, by language."""
    configure_logging("ERROR")
    for path in (json_file, html_file, failures_doc):
        if path is not None and not path.parent.is_dir():
            raise fail(f"{path.parent} is no folder; make it or name another for {path.name}", 2)
    assistant = load_assistant(data, model)
    from bot.importer import DATA_FOLDER, VALIDATION_FOLDER
    from bot.nlu.embedding import EmbeddingUnavailable
    from bot.training.cross_validation import cross_validate as run_folds
    from bot.training.danger_bars import compare_bars
    from bot.training.evaluate import evaluate as run
    from bot.training.thresholds import compare_thresholds
    from cli.evaluation_tables import print_report
    from knowledge.build import read_topics
    from web.settings import PROJECT_FOLDER

    tests = PROJECT_FOLDER / "tests"
    try:
        with Progress(console=stderr) as bars:
            shown = _Bars(bars)
            # The folds come first: a number of them that the examples do not allow should not cost minutes.
            folds = None
            if cross_validate is not None:
                source = examples or DATA_FOLDER / "nlu"
                folds = run_folds(cross_validate, source, progress=shown.bar("cross-validation", cross_validate))
            report = run(assistant, held_out or tests / "nlu", safety or tests, read_topics(), shown.update)
            table = bars_table = None
            if thresholds:
                source = validation or VALIDATION_FOLDER
                table = compare_thresholds(assistant, source, shown.bar("validation"))
                if (sentences := source / "safety").is_dir():
                    bars_table = compare_bars(assistant, sentences, shown.bar("validation, safety"))
    except (ValueError, EmbeddingUnavailable) as error:
        raise fail(str(error)) from error
    report = dataclasses.replace(report, cross_validation=folds, thresholds=table, danger_bars=bars_table)
    print_report(report)
    if failures:
        for item in report.failures:
            typer.echo(f"{item.language}  {item.intent} → {item.got} ({item.confidence:.2f})  {item.text}")
    _write(report, json_file, html_file, failures_doc)


class _Bars:
    """A progress bar for each thing that is being done, made when it begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def update(self, what: str, done: int, total: int) -> None:
        """Show how far one thing is."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what)
        self._progress.update(self._tasks[what], completed=done, total=total)

    def bar(self, what: str, total: int | None = None) -> Callable[[int, int], None]:
        """Show the bar of one thing at once, and return what moves it."""
        self._tasks[what] = self._progress.add_task(what, total=total)
        return lambda done, of: self.update(what, done, of)


def _write(report: Report, json_file: Path | None, html_file: Path | None, failures_doc: Path | None) -> None:
    from bot.training.failures import render_failures
    from bot.training.report import render_html

    if json_file is not None:
        text = json.dumps(dataclasses.asdict(report), ensure_ascii=False, indent=1) + "\n"
        json_file.write_text(text, encoding="utf-8")
    if html_file is not None:
        html_file.write_text(render_html(report), encoding="utf-8")
    if failures_doc is not None:
        failures_doc.write_text(render_failures(report), encoding="utf-8")
