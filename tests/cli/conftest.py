"""Runs `lotsi`: in a process of its own where that matters, else in this one, where Rasa is imported already."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from ask_lines import LINES
from checkout import Checkout, break_training_data, copy_checkout
from click.testing import Result
from processes import PROJECT, Process
from servers import Server
from typer.testing import CliRunner

from cli.main import app

Invoke = Callable[..., Result]


@pytest.fixture(scope="session")
def invoke() -> Invoke:
    """`invoke("ask", "hej")` runs a command in this process; standard output and error are kept apart."""

    def _invoke(*arguments: object, input: bytes | None = None, **environment: str) -> Result:
        with _logging_kept():
            return CliRunner().invoke(app, [str(item) for item in arguments], input, environment)

    return _invoke


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Undo what a command does to the process's logging, which outlives it here alone."""
    configured, structure = structlog.is_configured(), structlog.get_config()
    variables = dict(os.environ)
    try:
        yield
    finally:
        if configured:
            structlog.configure(**structure)
        else:
            structlog.reset_defaults()
        logging.captureWarnings(False)
        os.environ.clear()
        os.environ.update(variables)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that commands in this process share, so that the knowledge is built once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def ask_started(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """`lotsi ask --jsonl`, reading all lines."""
    folder = tmp_path_factory.mktemp("ask")
    given = b"\n".join(LINES)
    with Process(folder, "ask", "--jsonl", "--data", folder / "data", "--model", model_path, input=given) as process:
        yield process


@pytest.fixture(scope="session")
def old_checkout(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy with a trained model, whose domain has changed since."""
    checkout = copy_checkout(PROJECT, tmp_path_factory.mktemp("old") / "checkout")
    for path in (model_path, model_path.with_name(model_path.name.replace(".tar.gz", ".json"))):
        shutil.copy(path, checkout.path / "bot" / "models" / path.name)
    checkout.append("domain.yml", "# changed\n")
    return checkout


@pytest.fixture(scope="session")
def checkout_files(old_checkout: Checkout) -> set[str]:
    """What lies in the old checkout before it is served."""
    return old_checkout.files()


@pytest.fixture(scope="session")
def server_started(
    old_checkout: Checkout, checkout_files: set[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """`lotsi serve` in the old checkout; perhaps not ready yet."""
    server = Server(tmp_path_factory.mktemp("served"), None, old_checkout.path, PYTHONDONTWRITEBYTECODE="1")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def broken_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy whose training data and knowledge have one problem of each kind."""
    checkout = copy_checkout(PROJECT, tmp_path_factory.mktemp("broken") / "checkout")
    break_training_data(checkout)
    return checkout


@pytest.fixture(scope="session")
def train_started(broken_checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """`lotsi train` in the broken checkout."""
    with Process(tmp_path_factory.mktemp("train"), "train", project=broken_checkout.path) as process:
        yield process


@pytest.fixture(scope="session")
def check_started(broken_checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """`lotsi train --check` in the broken checkout."""
    with Process(tmp_path_factory.mktemp("check"), "train", "--check", project=broken_checkout.path) as process:
        yield process


@pytest.fixture(scope="session", autouse=True)
def all_started(request: pytest.FixtureRequest) -> None:
    """Start every process that a collected test waits for at once: each takes ten seconds or more to import Rasa."""
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    for name in sorted(wanted):
        if name.endswith("_started") and name != "all_started":
            request.getfixturevalue(name)
