"""`lotsi benchmark`: what one turn takes, in time and memory; how well intents are told apart (`nlu`); what the widget
weighs and how soon it can be used (`widget`); how fast the inbox answers (`inbox`); what a swap of models costs
(`swap`).
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from typing import Annotated, Optional

import typer

from cli.ask import load_assistant
from cli.benchmark_inbox import inbox
from cli.benchmark_nlu import nlu
from cli.benchmark_swap import swap
from cli.benchmark_widget import widget
from cli.output import configure_logging

app = typer.Typer(help="Measure speed and memory on this machine.", no_args_is_help=True)
app.command("nlu")(nlu)
app.command("widget")(widget)
app.command("inbox")(inbox)
app.command("swap")(swap)
_QUESTIONS = (
    "Vart ska jag ringa om mamma inte klarar sig hemma?",
    "Mist mä saan apua ku äiti ei pärjää kotona",
    "tandläkare",
    "montako kuntaa Soiteen kuuluu",
    "Vad är Hjälp-knappen?",
    "mikä on digipolku",
    "hur mycket pengar fick projektet",
    "kuka johtaa suomea",
)


@app.command()
def turn(
    turns: Annotated[int, typer.Option(min=2, help="How many turns to measure.")] = 400,
    data: Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure start-up, a turn's latency (p50, p95), what of it is understanding, and resident memory.

    Each conversation has eight turns; the same questions are then understood once more, without dialogue and answer.
    """
    began = time.perf_counter()
    configure_logging("ERROR")
    import psutil

    assistant = load_assistant(data, None)
    assistant.reply_sync("warm-up", _QUESTIONS[0])
    assistant.reply_sync("warm-up", _QUESTIONS[1])
    start_up = time.perf_counter() - began
    seconds = []
    for number in range(turns):
        before = time.perf_counter()
        assistant.reply_sync(f"benchmark-{number // len(_QUESTIONS)}", _QUESTIONS[number % len(_QUESTIONS)])
        seconds.append(time.perf_counter() - before)
    understood = []
    for number in range(turns):
        before = time.perf_counter()
        assistant.parse_sync(_QUESTIONS[number % len(_QUESTIONS)])
        understood.append(time.perf_counter() - before)
    cuts = statistics.quantiles(seconds, n=100)
    result = {
        "start_up_s": round(start_up, 1),
        "turn_p50_ms": round(cuts[49] * 1000, 1),
        "turn_p95_ms": round(cuts[94] * 1000, 1),
        "understanding_p50_ms": round(statistics.median(understood) * 1000, 1),
        "resident_memory_mb": round(psutil.Process().memory_info().rss / 2**20),
        "turns": turns,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    if as_json:
        typer.echo(json.dumps(result))
        return
    for name, value in result.items():
        typer.echo(f"{name:21} {value}")
