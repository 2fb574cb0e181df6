"""`lotsi benchmark swap`: what residents notice while one model takes another's place, again and again."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from cli.output import fail, stderr
from cli.state import read_settings
from cli.studio import find_live_model, opened_studio

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
_TURNS = 8
"""Messages of one conversation."""
_NAMES = ("lotsi-swap-a", "lotsi-swap-b")


@dataclass
class _Load:
    """What the residents saw: `(began, ended)` of each turn, and what failed."""

    turns: list[tuple[float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    models: set[str] = field(default_factory=set)


def swap(
    swaps: Annotated[int, typer.Option(min=1, help="How many swaps.")] = 30,
    rate: Annotated[float, typer.Option(min=0.1, help="Messages a second.")] = 20.0,
    model: Annotated[Optional[Path], typer.Option("--model", help="The archive; the live one if left out.")] = None,
    data: Annotated[Optional[str], typer.Option("--data", help="Folder of all state; 'var' if left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Swap models in a server of its own under a steady load, and measure turns (p50, p99), errors and memory."""
    archive = model or find_live_model(read_settings(data=data))
    if archive.is_dir():
        archive = max(archive.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    with tempfile.TemporaryDirectory(prefix="lotsi-swap-") as folder:
        result = asyncio.run(_measure(Path(folder), archive, swaps, rate))
    if as_json:
        typer.echo(json.dumps(result))
        return
    for name, value in result.items():
        typer.echo(f"{name:26} {value}")


async def _measure(folder: Path, archive: Path, swaps: int, rate: float) -> dict[str, Any]:
    import aiohttp
    import psutil

    settings = read_settings(data=str(folder / "data"), model=str(archive))
    with opened_studio(settings) as studio:
        for name in _NAMES:
            path = studio.models.archives.path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(archive, path)
            studio.models.register(name, "system", "", "", 0, 0.0)
        process, url = await asyncio.to_thread(_serve, folder, archive)
        server = psutil.Process(process.pid)
        try:
            async with aiohttp.ClientSession(url) as session:
                load, stop = _Load(), asyncio.Event()
                residents = asyncio.create_task(_talk(session, rate, load, stop))
                await asyncio.sleep(5)
                windows, memory = [], []
                for number in range(swaps):
                    stderr.print(f"swap {number + 1} of {swaps}")
                    name = _NAMES[number % 2]
                    began = time.perf_counter()
                    await asyncio.to_thread(studio.models.make_live, name, "system", "promotion")
                    await _wait_for(session, name)
                    windows.append((began, time.perf_counter()))
                    memory.append(server.memory_info().rss / 2**20)
                    await asyncio.sleep(2)
                stop.set()
                await residents
        finally:
            process.terminate()
            process.wait(timeout=30)
    return _summarise(load, windows, memory)


def _serve(folder: Path, archive: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server and return it with its address, once it is ready."""
    log = folder / "server.log"
    environment = {
        **os.environ,
        "LOTSI_DATA": str(folder / "data"),
        "LOTSI_MODEL": str(archive),
        "LOTSI_PORT": "0",
        "LOTSI_MESSAGES_PER_MINUTE": "1000000",
        "LOTSI_CONVERSATIONS_PER_MINUTE": "1000000",
    }
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "serve"], stdout=file, stderr=file, env=environment
        )
    until = time.monotonic() + 180
    while time.monotonic() < until and process.poll() is None:
        events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        if any(event["event"] == "web.server.ready" for event in events):
            return process, next(event["url"] for event in events if event["event"] == "web.server.listening")
        time.sleep(0.2)
    process.kill()
    raise fail(f"the server did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


async def _wait_for(session: Any, name: str) -> None:
    """Wait until the server answers with a model."""
    for _ in range(1200):
        async with session.get("/health/ready") as response:
            if (await response.json())["model"] == name:
                return
        await asyncio.sleep(0.1)
    raise fail(f"the server did not take up {name}")


async def _talk(session: Any, rate: float, load: _Load, stop: asyncio.Event) -> None:
    """Send messages at a steady rate, however long the answers take, until told to stop; then wait for the answers."""
    sent, began = 0, time.perf_counter()
    conversations: dict[int, asyncio.Task[tuple[str, str]]] = {}
    turns: list[asyncio.Task[None]] = []
    while not stop.is_set():
        # Twenty conversations side by side; each resident waits for an answer far longer than a turn takes.
        group, place = divmod(sent, 20 * _TURNS)
        key = group * 20 + place % 20
        if key not in conversations:
            conversations[key] = asyncio.create_task(_begin(session))
        turns.append(asyncio.create_task(_ask(session, conversations[key], _QUESTIONS[sent % len(_QUESTIONS)], load)))
        sent += 1
        await asyncio.sleep(max(0.0, began + sent / rate - time.perf_counter()))
    await asyncio.gather(*turns)


async def _begin(session: Any) -> tuple[str, str]:
    async with session.post("/api/v1/conversations", json={"language": "sv"}) as response:
        answer = await response.json()
        return answer["id"], answer["token"]


async def _ask(session: Any, conversation: asyncio.Task[tuple[str, str]], text: str, load: _Load) -> None:
    try:
        id, token = await conversation
        headers = {"Authorization": f"Bearer {token}"}
        began = time.perf_counter()
        async with session.post(
            f"/api/v1/conversations/{id}/messages", json={"text": text}, headers=headers
        ) as response:
            answer = await response.json()
            if response.status != 200 or not answer["messages"]:
                load.errors.append(f"{response.status} {answer}")
        load.turns.append((began, time.perf_counter()))
    except Exception as error:  # whatever a resident would have seen as a failure
        load.errors.append(f"{type(error).__name__}: {error}")


def _summarise(load: _Load, windows: Sequence[tuple[float, float]], memory: Sequence[float]) -> dict[str, Any]:
    inside = [
        (end - start) * 1000
        for start, end in load.turns
        if any(start < last and end > first for first, last in windows)
    ]
    outside = [
        (end - start) * 1000
        for start, end in load.turns
        if not any(start < last and end > first for first, last in windows)
    ]
    return {
        "swaps": len(windows),
        "seconds_a_swap": round(statistics.median(last - first for first, last in windows), 1),
        "turns": len(load.turns),
        "turns_during_swaps": len(inside),
        "errors": len(load.errors),
        "first_error": load.errors[0] if load.errors else "",
        "during_p50_ms": _percentile(inside, 50),
        "during_p99_ms": _percentile(inside, 99),
        "during_max_ms": round(max(inside), 1),
        "quiet_p50_ms": _percentile(outside, 50),
        "quiet_p99_ms": _percentile(outside, 99),
        "memory_first_mb": round(memory[0]),
        "memory_last_mb": round(memory[-1]),
        "memory_max_mb": round(max(memory)),
        "cores": os.cpu_count(),
    }


def _percentile(values: Sequence[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100)[percent - 1], 1) if len(values) > 1 else 0.0
