"""The trainer: a process of its own that trains, evaluates, and tells its parent on standard output, in JSON lines.

It reads its orders from standard input, a JSON object a line; when that ends its parent is gone, and the trainer ends
itself with all that it has started: nothing goes on that nobody knows of. It is nicer than who answers residents, the
first that the kernel ends where memory runs out, and bounded in what it may take.

    → {"overlay", "workspace", "memory_mb"}             what to train
    ← {"kind": "fingerprint", "fingerprint"}
    → {"archive": null}, or the archive that has been made of the same already
    ← {"kind": "trained", "name", "archive", "fingerprint", "topics", "seconds"}
    → {"archive", "live", "live_overlay", "live_evaluation", "folder", "reviewed"}     what to evaluate, or {"end"}
    ← {"kind": "evaluated", "candidate", "live"}
    ← {"kind": "progress", "state", "step", "done", "of"}           in between
    ← {"kind": "failed", "problems"}                                and the end
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

_NICENESS = 10
_FIRST_TO_GO = 800
_PACE = 0.5
"""Seconds between two words on how far a step is."""


class _Parent:
    """Who gave the orders: hears what is told, and is watched."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._orders: queue.Queue[dict[str, Any]] = queue.Queue()
        self._lock = threading.Lock()
        self._told = ("", 0.0)
        threading.Thread(target=self._listen, name="parent", daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._orders.put(json.loads(line))
        os.killpg(os.getpgrp(), signal.SIGKILL)

    def ask(self) -> dict[str, Any]:
        """Return the next order."""
        return self._orders.get()

    def tell(self, kind: str, **values: Any) -> None:
        """Say something, in one line."""
        with self._lock:
            self._output.write(json.dumps({"kind": kind, **values}, ensure_ascii=False) + "\n")
            self._output.flush()

    def progress(self, state: str, step: str, done: int, of: int) -> None:
        """Say how far a step is; every word of a step's beginning, the others now and then."""
        last, at = self._told
        if step != last or done >= of or time.monotonic() - at > _PACE:
            self._told = (step, time.monotonic())
            self.tell("progress", state=state, step=step, done=done, of=of)


def main() -> None:
    """Train and evaluate what the parent says."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no word of ours
    parent = _Parent(output)
    order = parent.ask()
    _humble(int(order["memory_mb"]))
    try:
        _work(parent, order)
    except Exception as error:
        parent.tell("failed", problems=_describe(error))


def _work(parent: _Parent, order: dict[str, Any]) -> None:
    from bot.assistant import quiet_rasa
    from bot.training.train import fingerprint_inputs

    quiet_rasa()
    workspace, overlay = Path(order["workspace"]), _path(order["overlay"])
    parent.progress("training", "check", 0, 1)
    parent.tell("fingerprint", fingerprint=fingerprint_inputs(overlay))
    if parent.ask().get("archive") is None:
        _train(parent, workspace, overlay)
    found = parent.ask()
    if "end" not in found:
        _evaluate(parent, workspace, overlay, found)


def _train(parent: _Parent, workspace: Path, overlay: Path | None) -> None:
    from bot.training.train import train_model

    parent.progress("training", "read", 0, 1)
    model = train_model(workspace, lambda step, done, of: parent.progress("training", step, done, of), overlay)
    parent.progress("training", "pack", 1, 1)
    parent.tell(
        "trained",
        name=model.path.removesuffix(".tar.gz"),
        archive=str(workspace / model.path),
        fingerprint=model.fingerprint,
        topics=model.topics,
        seconds=model.seconds,
    )


def _evaluate(parent: _Parent, workspace: Path, overlay: Path | None, found: dict[str, Any]) -> None:
    from knowledge.build import read_topics
    from knowledge.overlay import read_retired
    from studio.evaluation import Evaluation
    from studio.measure import ask_reviewed, learn_sentences, measure, read_set, time_turns
    from studio.reviewed import ReviewedQuestion

    def tell(step: str, done: int, of: int) -> None:
        parent.progress("evaluating", step, done, of)

    tell("load", 0, 1)
    sentences = read_set(Path(found["folder"]), read_retired(overlay))
    questions = [ReviewedQuestion(**item) for item in found["reviewed"]]
    live_path, live_overlay = _path(found["live"]), _path(found["live_overlay"])
    tell("embed", 0, 1)
    learn_sentences(sentences)
    with contextlib.ExitStack() as stack:
        candidate = stack.enter_context(_open(Path(found["archive"]), workspace / "candidate.db", overlay))
        topics = frozenset(read_topics(overlay=overlay))
        new = measure(candidate, sentences, topics, Path(found["archive"]).stat().st_size, tell)
        new = _replace(new, reviewed=ask_reviewed(candidate, questions, tell), smoke=tuple(candidate.smoke_sync()))
        if live_path is None:
            (latency,) = time_turns([candidate], [item.text for item in sentences.utterances])
            parent.tell("evaluated", candidate=_replace(new, latency=latency).to_json(), live=None)
            return
        tell("load_live", 0, 1)
        live = stack.enter_context(_open(live_path, workspace / "live.db", live_overlay))
        known = Evaluation.from_json(found["live_evaluation"]) if found["live_evaluation"] else None
        if known is None or known.set != sentences.hash:
            topics = frozenset(read_topics(overlay=live_overlay))
            size = live_path.stat().st_size
            known = measure(live, sentences, topics, size, lambda step, *of: tell(f"live_{step}", *of))
        known = _replace(known, reviewed=ask_reviewed(live, questions, tell))
        tell("latency", 0, 1)
        latencies = time_turns([live, candidate], [item.text for item in sentences.utterances])
        known, new = _replace(known, latency=latencies[0]), _replace(new, latency=latencies[1])
    parent.tell("evaluated", candidate=new.to_json(), live=known.to_json())


def _replace(evaluation: Any, **values: Any) -> Any:
    import dataclasses

    return dataclasses.replace(evaluation, **values)


@contextlib.contextmanager
def _open(archive: Path, database: Path, overlay: Path | None) -> Iterator[Any]:
    """Open a model with the knowledge that it would answer from."""
    from bot.assistant import Assistant
    from knowledge.build import build_knowledge
    from knowledge.engine import open_engine, sqlite_url
    from knowledge.store import Knowledge

    engine = open_engine(sqlite_url(database))
    build_knowledge(engine, overlay=overlay)
    assistant = Assistant(Knowledge(engine))
    try:
        assistant.use(assistant.prepare(archive, try_out=False))
        yield assistant
    finally:
        assistant.close()
        engine.dispose()


def _path(value: str | None) -> Path | None:
    return Path(value) if value else None


def _describe(error: Exception) -> list[str]:
    """Return what went wrong in lines that an admin can read."""
    problems = getattr(error, "problems", None)
    return [str(item) for item in problems] if problems else [f"{type(error).__name__}: {error}"]


def _humble(memory_mb: int) -> None:
    """Take a lower priority, and no more memory than is given."""
    os.nice(_NICENESS)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_FIRST_TO_GO), encoding="ascii")
    if memory_mb:
        most = memory_mb * 2**20
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


if __name__ == "__main__":
    main()
