"""`kill -9` at every stage of a training and of a promotion: afterwards the live model is named truly, and the job too.

The stages of a promotion are walked with hooks that kill the process; those of a training by the real command, killed
when it says that it has come so far. A real server is killed in the middle of both.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from doctored import doctor, keep
from evaluations import evaluation, make_model
from people import PASSWORD
from servers import Server
from small_sets import write_small_set
from sqlalchemy import Engine

from bot.training.train import fingerprint_inputs
from conversations.audit import AuditLog
from conversations.database import open_database
from conversations.encryption import Cipher, open_cipher
from conversations.records import current_moment
from conversations.users import UserStore
from knowledge.build import build_knowledge
from knowledge.engine import open_engine, sqlite_url
from knowledge.store import Knowledge
from studio.archives import Archives
from studio.gate import Rules, judge
from studio.jobs import SILENCE, Jobs
from studio.models import Models

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0
_PROMOTE = """
import os, signal, sys
from pathlib import Path
from conversations.encryption import open_cipher
from knowledge.engine import open_engine, sqlite_url
from studio.archives import Archives
from studio.gate import Rules
from studio.models import Models
from studio.promotion import Promoter
from studio.publish import publish

data, stage = Path(sys.argv[1]), sys.argv[2]
engine, knowledge = (open_engine(sqlite_url(data / f"{name}.db")) for name in ("conversations", "knowledge"))
models = Models(engine, Archives(data / "models", open_cipher(data / "secret.key", make=False)), data / "own")

def die_at(name):
    if stage == name:
        os.kill(os.getpid(), signal.SIGKILL)

def make_public(snapshot, actor):
    die_at("before the answers")
    publish(engine, knowledge, data, actor, snapshot)
    die_at("after the answers")

Promoter(models, Rules(), lambda archive: die_at("while it is tried out"), make_public).promote("lotsi-1", "admin")
die_at("before the swap")
"""


class Home:
    """A data folder as a server and its commands share it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.engine: Engine = open_database(sqlite_url(data / "conversations.db"))
        self.cipher: Cipher = open_cipher(data / "secret.key", make=True)
        self.own = data / "own"
        self.own.mkdir()
        self.models = Models(self.engine, Archives(data / "models", self.cipher), self.own)

    def jobs(self, later: float = 0.0) -> Jobs:
        """The trainings as somebody sees them some seconds later."""
        return Jobs(self.engine, lambda: current_moment() + dt.timedelta(seconds=later))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize(
    ("stage", "live"),
    [
        ("while it is tried out", "lotsi-own"),
        ("before the answers", "lotsi-own"),
        ("after the answers", "lotsi-own"),
        ("before the swap", "lotsi-1"),
    ],
)
def test_a_promotion_that_is_killed_leaves_one_model_live_and_says_so(home: Home, stage: str, live: str) -> None:
    (home.own / "lotsi-own.tar.gz").write_bytes(b"the installation's own")
    knowledge = open_engine(sqlite_url(home.data / "knowledge.db"))
    build_knowledge(knowledge)
    make_model(home.models)
    measured = evaluation("lotsi-1")
    own = evaluation("lotsi-own")
    home.models.store_evaluation("lotsi-1", measured, judge(measured, own, Rules()))
    home.models.store_evaluation("lotsi-own", own, judge(own, None, Rules()))
    ended = subprocess.run([sys.executable, "-c", _PROMOTE, str(home.data), stage], cwd=PROJECT, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert home.models.live_name() == live
    assert home.models.find_live().exists()
    states = {model.name: model.state for model in home.models.fetch_all()}
    assert [name for name, state in states.items() if state == "live"] == [live]
    promoted = "model.promoted" in [entry.action for entry in AuditLog(home.engine).fetch_entries()]
    assert promoted == (live == "lotsi-1")
    AuditLog(home.engine).verify()
    assert Knowledge(knowledge).fetch_titles("sv")
    knowledge.dispose()


@pytest.fixture
def furnished(home: Home, model_path: Path) -> Home:
    """With the real model as its own, and a copy that has been trained from the same data."""
    os.link(model_path, home.own / model_path.name)
    doctor(model_path, home.models.archives.path("lotsi-same"), keep)
    write_small_set(home.data / "sets", ("mission",))
    return home


def start_training(home: Home) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "LOTSI_MODEL": str(home.own),
        "LOTSI_EVALUATION_FOLDER": str(home.data / "sets"),
    }
    command = [sys.executable, "-m", "cli.main", "train", "--data", str(home.data)]
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_step(home: Home, process: subprocess.Popen[bytes] | Server, step: str) -> int:
    """Wait until the training says that it has come so far; return its number."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        for job in home.jobs().fetch_newest(1):
            if step in [event.step for event in home.jobs().fetch_log(job.number)]:
                return job.number
        time.sleep(0.05)
    raise AssertionError(f"the training did not come to '{step}': {home.jobs().fetch_newest(1)}")


def find_trainers() -> list[psutil.Process]:
    """Return the trainers that this process has started; other tests' children, some of them zombies, are no matter."""
    return [child for child in psutil.Process().children() if _is_trainer(child)]


def _is_trainer(process: psutil.Process) -> bool:
    try:
        return _is_alive(process) and "studio.trainer" in process.cmdline()
    except psutil.Error:  # it ended meanwhile
        return False


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert [process for process in alive if _is_alive(process)] == []


@pytest.mark.parametrize("step", ["check", "read", "held_out"])
def test_a_training_that_is_killed_is_shown_as_interrupted_and_leaves_nothing_running(
    furnished: Home, model_path: Path, step: str
) -> None:
    if step == "held_out":
        furnished.models.register("lotsi-same", "admin", fingerprint_inputs(), "", 89, 1.0)
    with start_training(furnished) as process:
        number = wait_for_step(furnished, process, step)
        trainers = psutil.Process(process.pid).children(recursive=True)
        assert trainers
        process.kill()
        process.wait()
    wait_until_gone(trainers)
    later = furnished.jobs(SILENCE.total_seconds() + 1)
    assert later.fetch(number).state == "interrupted"
    assert furnished.models.live_name() == model_path.name.removesuffix(".tar.gz")
    assert furnished.models.find_live().read_bytes() == model_path.read_bytes()
    assert later.ask("admin").number == number + 1
    furnished.models.archives.sweep()
    assert not list(furnished.models.archives.folder.glob(".work-*"))


@pytest.fixture
def serve(furnished: Home) -> Iterator[Callable[[], Server]]:
    """Starts servers of the data folder, one after the other."""
    started: list[Server] = []
    settings = {"LOTSI_MODEL": str(furnished.own), "LOTSI_EVALUATION_FOLDER": str(furnished.data / "sets")}

    def _serve() -> Server:
        started.append(Server(furnished.data, None, **settings).wait(PATIENCE))
        return started[-1]

    yield _serve
    for server in started:
        if server.poll() is None:
            server.stop()


def promote_by_page(url: str, name: str, asked: threading.Event) -> None:
    """Sign in, and press the button on a model's page; whatever becomes of it."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    headers = {"Accept": "text/html", "Origin": url}

    def send(path: str, **values: str) -> str:
        body = urllib.parse.urlencode(values).encode() if values else None
        with opener.open(urllib.request.Request(f"{url}{path}", body, headers)) as answer:
            return str(answer.read().decode())

    def token(page: str) -> str:
        return re.findall(r'name="csrf" value="([^"]+)"', page)[0]

    send("/staff/sign-in", csrf=token(send("/staff/sign-in")), name="chief", password=PASSWORD)
    page = send(f"/admin/models/{name}")
    asked.set()
    with contextlib.suppress(OSError):
        send(f"/admin/models/{name}/promote", csrf=token(page))


def answering(server: Server) -> str:
    """The model that a server answers residents with, once it has answered one."""
    begun = json.dumps({"language": "sv"}).encode()
    request = urllib.request.Request(f"{server.url}/api/v1/conversations", begun, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        conversation = json.load(answer)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {conversation['token']}"}
    asked = json.dumps({"text": "Vad är Hjälp-knappen?"}).encode()
    address = f"{server.url}/api/v1/conversations/{conversation['id']}/messages"
    with urllib.request.urlopen(urllib.request.Request(address, asked, headers)) as answer:
        assert [message["topic"] for message in json.load(answer)["messages"]] == ["help_button"]
    with urllib.request.urlopen(f"{server.url}/health/ready") as answer:
        return str(json.load(answer)["model"])


def test_a_server_that_is_killed_while_it_trains_and_promotes_starts_again_with_what_is_true(
    furnished: Home, serve: Callable[[], Server], model_path: Path
) -> None:
    models = furnished.models
    own = models.live_name()
    models.register("lotsi-same", "admin", "of other data", "", 89, 1.0)
    for name in (own, "lotsi-same"):
        models.store_evaluation(name, evaluation(name), judge(evaluation(name), None, Rules()))
    UserStore(furnished.engine).insert("chief", "Administratör Ett", ["admin"], "sv", PASSWORD)

    server = serve()
    assert answering(server) == own
    job = furnished.jobs().ask("admin").number
    assert wait_for_step(furnished, server, "read") == job
    trainers, asked = server.children(), threading.Event()
    promotion = threading.Thread(target=promote_by_page, args=(server.url, "lotsi-same", asked))
    promotion.start()
    assert asked.wait(PATIENCE)
    time.sleep(0.5)  # into the trial of the model; the state must be true whenever it ends
    server.kill()
    promotion.join(PATIENCE)
    wait_until_gone(trainers)
    assert furnished.jobs(SILENCE.total_seconds() + 1).fetch(job).state == "interrupted"

    server = serve()
    live = models.live_name()
    assert answering(server) == live
    assert [model.name for model in models.fetch_all() if model.state == "live"] == [live]
    if live == own:
        models.make_live("lotsi-same", "admin", "promotion", None)
    server.kill()  # before it has loaded what is live now

    assert answering(serve()) == "lotsi-same"
    AuditLog(furnished.engine).verify()


def open_workshop(home: Home) -> Any:
    from studio.workshop import Workshop, WorkshopOptions

    home.models.register("lotsi-same", "admin", fingerprint_inputs(), "", 89, 1.0)
    options = WorkshopOptions(home.data / "sets", home.data / "overlay" / "published")
    jobs = home.jobs()
    return Workshop(home.engine, home.models, jobs, options), jobs


def test_a_trainer_that_is_killed_fails_its_training_and_says_by_what(furnished: Home) -> None:
    workshop, jobs = open_workshop(furnished)

    def kill(step: str, done: int, of: int) -> None:
        if step == "embed":
            (trainer,) = find_trainers()
            trainer.kill()

    ended = workshop.run(jobs.ask("admin", take=True), kill)
    assert ended.state == "failed"
    assert "SIGKILL" in ended.problems[0]
    assert furnished.models.fetch_evaluation("lotsi-same") is None
    assert not list(furnished.models.archives.folder.glob(".work-*"))


def test_a_training_that_is_cancelled_ends_within_seconds(furnished: Home) -> None:
    workshop, jobs = open_workshop(furnished)
    job = jobs.ask("admin", take=True)

    def cancel(step: str, done: int, of: int) -> None:
        furnished.jobs().cancel(job.number, "admin")

    assert workshop.run(job, cancel).state == "cancelled"
    assert find_trainers() == []
