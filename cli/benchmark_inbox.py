"""`lotsi benchmark inbox`: how fast the counsellors' inbox answers when it holds a great many messages."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import statistics
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from rich.console import Console
from rich.table import Table

from cli.output import fail, stderr
from cli.state import database_errors

if TYPE_CHECKING:
    from conversations.inbox import Filters, Inbox

_LEAST_RUNS = 20


def inbox(
    messages: Annotated[int, typer.Option(min=1000, help="How many messages to make.")] = 1_000_000,
    database_url: Annotated[
        Optional[str],
        typer.Option("--database-url", help="An empty database, filled and left so; a file that goes if left out."),
    ] = None,
    runs: Annotated[int, typer.Option(min=_LEAST_RUNS, help="How often each page is fetched.")] = 40,
    seed: Annotated[int, typer.Option(help="Of the messages.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Fill an empty database with made conversations and time the inbox: first page, next page, every filter."""
    from conversations.database import open_database
    from conversations.generator import DatabaseNotEmpty, Generator
    from conversations.inbox import Inbox
    from knowledge.engine import sqlite_url

    folder = nullcontext("") if database_url else tempfile.TemporaryDirectory(prefix="lotsi-inbox-")
    with database_errors(), folder as path:
        engine = open_database(database_url or sqlite_url(Path(path) / "conversations.db"))
        began = time.perf_counter()
        with stderr.status("making messages") as status:
            try:
                made = Generator(seed).fill(engine, messages, lambda count: status.update(f"{count:,} messages"))
            except DatabaseNotEmpty as error:
                raise fail(str(error)) from error
        filling = time.perf_counter() - began
        with stderr.status("fetching pages"):
            pages = measure(Inbox(engine), runs)
        report = {
            "date": dt.datetime.now(dt.timezone.utc).date().isoformat(),
            "database": engine.dialect.name,
            "messages": made,
            "filled_in_s": round(filling, 1),
            "runs": runs,
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "pages": pages,
        }
        engine.dispose()
    if as_json:
        typer.echo(json.dumps(report))
    else:
        _print(report)


def measure(inbox: Inbox, runs: int) -> list[dict[str, Any]]:
    """Return how long each page took.

    Args:
        inbox: A filled one.
        runs: How often each is fetched.

    Returns:
        For each page: `page`, `entries`, `p50_ms`, `p95_ms`.
    """
    from conversations.inbox import Filters

    figures = []
    first = inbox.fetch_page()
    pages = [("first page", Filters(), None), ("second page", Filters(), first.next)]
    pages += [(name, filters, None) for name, filters in _filters().items()]
    for name, filters, after in pages:
        entries = len(inbox.fetch_page(filters, after).entries)
        taken = []
        for _ in range(runs):
            before = time.perf_counter()
            inbox.fetch_page(filters, after)
            taken.append((time.perf_counter() - before) * 1000)
        cuts = statistics.quantiles(taken, n=20, method="inclusive")
        figures.append({"page": name, "entries": entries, "p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)})
    return figures


def _filters() -> dict[str, Filters]:
    """Return a filter of each kind, of common and of rare values, and some that go together."""
    from conversations.inbox import Filters

    now = dt.datetime.now(dt.timezone.utc)
    day = dt.timedelta(days=1)
    return {
        "all, resolved too": Filters(status="all"),
        "time: last day": Filters(since=now - day),
        "time: a week two months ago": Filters(since=now - 67 * day, until=now - 60 * day),
        "language": Filters(language="fi"),
        "topic, common": Filters(topic="topic-0"),
        "topic, rare": Filters(topic="topic-70"),
        "topic, none": Filters(topic="topic-none"),
        "confidence, low": Filters(most=0.3),
        "confidence, very high": Filters(least=0.999),
        "outcome": Filters(outcome="between"),
        "rating": Filters(rating="down"),
        "reason": Filters(reason="emergency"),
        "status: in review": Filters(status="in_review"),
        "status: resolved": Filters(status="resolved"),
        "tag": Filters(tag="training"),
        "assigned": Filters(assigned="counsellor-3"),
        "assigned to nobody": Filters(assigned="nobody"),
        "text, one word": Filters(text="tandläkare"),
        "text, the other language": Filters(text="hammaslääkäri"),
        "text, a very common word": Filters(text="mamma"),
        "text, several words": Filters(text="rullstol nästa vecka"),
        "text, none": Filters(text="xylofon"),
        "topic, language, rating": Filters(topic="topic-3", language="sv", rating="down"),
        "text, topic, status": Filters(text="hemvård", topic="topic-1", status="new"),
    }


def _print(report: dict[str, Any]) -> None:
    title = f"{report['database']}: {report['messages']:,} messages, made in {report['filled_in_s']:.0f} s"
    table = Table(title=title)
    for heading, side in (("", "left"), ("entries", "right"), ("p50 ms", "right"), ("p95 ms", "right")):
        table.add_column(heading, justify="right" if side == "right" else "left")
    for page in report["pages"]:
        table.add_row(page["page"], *(str(page[key]) for key in ("entries", "p50_ms", "p95_ms")))
    Console(highlight=False).print(table)
