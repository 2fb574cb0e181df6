"""A process of `bot.training.benchmark`: trains one system, or reads the test utterances with it on one core.

Components are made, trained and loaded as Rasa's graph does it, in their order, without Rasa's cache around them.
Run as `python -m bot.training.benchmark_worker train|serve FOLDER`.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_WARM_UP = 20


def _components(folder: Path) -> Iterator[tuple[Any, dict[str, Any], LocalModelStorage, Resource, ExecutionContext]]:
    """Yield class, full configuration, storage, resource and context of each component."""
    storage = LocalModelStorage(folder / "model")
    for number, (path, config) in enumerate(json.loads((folder / "system.json").read_text(encoding="utf-8"))):
        module, _, name = path.rpartition(".")
        component = getattr(importlib.import_module(module), name)
        node = f"{number}_{name}"
        context = ExecutionContext(GraphSchema({}), node_name=node)
        yield component, {**component.get_default_config(), **config}, storage, Resource(node), context


def train(folder: Path) -> dict[str, Any]:
    """Train the system in `folder` on its `train.json`, store it, and return what that took."""
    (folder / "model").mkdir()
    parts = list(_components(folder))
    samples = json.loads((folder / "train.json").read_text(encoding="utf-8"))
    data = TrainingData(
        [
            Message({TEXT: item["text"], INTENT: item["intent"], "metadata": {"language": item["language"]}})
            for item in samples
        ]
    )
    began, worked = time.perf_counter(), time.process_time()
    for component_class, config, storage, resource_, context in parts:
        component = component_class.create(config, storage, resource_, context)
        if hasattr(component, "train"):
            component.train(data)
        if hasattr(component, "process_training_data"):
            data = component.process_training_data(data)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    size = sum(path.stat().st_size for path in (folder / "model").rglob("*") if path.is_file())
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "memory_mb": _peak_memory(),
        "model_mb": round(size / 2**20, 3),
    }


def serve(folder: Path) -> dict[str, Any]:
    """Load the system in `folder`, read its `test.json` message by message, and return what it said and took."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    loaded = [
        component_class.load(config, storage, resource_, context)
        for component_class, config, storage, resource_, context in _components(folder)
    ]
    texts = [item["text"] for item in json.loads((folder / "test.json").read_text(encoding="utf-8"))]
    predictions, microseconds = [], []
    for text in [*texts[:_WARM_UP], *texts]:
        began = time.perf_counter_ns()
        messages = [Message({TEXT: text})]
        for component in loaded:
            messages = component.process(messages)
        microseconds.append((time.perf_counter_ns() - began) / 1000)
        predictions.append(str((messages[0].get(INTENT) or {}).get("name")))
    extra = len(predictions) - len(texts)
    cuts = statistics.quantiles([*microseconds[extra:], *microseconds[-1:]], n=100)
    return {
        "predictions": predictions[extra:],
        "p50_us": round(cuts[49]),
        "p95_us": round(cuts[94]),
        "memory_mb": _peak_memory(),
    }


def _peak_memory() -> int:
    """Return the process's largest resident memory, in megabytes."""
    try:
        # getrusage counts the parent's memory too, from between fork and exec.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        kilobytes = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 1024
    return round(kilobytes / 1024)


def main() -> None:
    """Do one step and write its figures beside the model."""
    step, folder = sys.argv[1], Path(sys.argv[2])
    result, name = (train(folder), "trained.json") if step == "train" else (serve(folder), "served.json")
    (folder / name).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
