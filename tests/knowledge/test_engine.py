"""Transactions that write, and threads that want to."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from knowledge import engine as engine_module
from knowledge.engine import for_writing, open_engine, sqlite_url


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    opened = open_engine(sqlite_url(tmp_path / "numbers.db"))
    with for_writing(opened).begin() as connection:
        connection.execute(text("CREATE TABLE number (value INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO number VALUES (0)"))
    return opened


def add_one(engine: Engine, pause: float = 0.0) -> None:
    with for_writing(engine).begin() as connection:
        highest = connection.execute(text("SELECT max(value) FROM number")).scalar_one()
        time.sleep(pause)
        connection.execute(text("INSERT INTO number VALUES (:value)"), {"value": highest + 1})


def test_threads_that_read_and_then_write_lose_nothing(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add_one(engine, 0.001), range(100)))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*), max(value) FROM number")).one() == (101, 100)


def test_a_writer_that_fails_lets_the_next_one_write(engine: Engine) -> None:
    def fail() -> None:
        with for_writing(engine).begin() as connection:
            connection.execute(text("INSERT INTO number VALUES (0)"))

    for _ in range(3):
        with pytest.raises(IntegrityError):
            fail()
    with for_writing(engine).connect() as connection:
        connection.begin()
        connection.execute(text("INSERT INTO number VALUES (50)"))
    add_one(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT max(value) FROM number")).scalar_one() == 1


def test_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with for_writing(engine).begin() as writer:
        writer.execute(text("INSERT INTO number VALUES (1)"))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(read_highest, engine).result(timeout=10) == 0
    assert read_highest(engine) == 1


def read_highest(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT max(value) FROM number")).scalar_one())


def test_two_connections_of_one_thread_end_in_an_error_and_not_in_waiting(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_PATIENCE", 0.1)
    with for_writing(engine).begin() as first:
        first.execute(text("INSERT INTO number VALUES (1)"))
        with pytest.raises(OperationalError, match="locked"):
            add_one(engine)
    add_one(engine)
    assert read_highest(engine) == 2


def test_another_process_is_waited_for(engine: Engine, tmp_path: Path) -> None:
    other = open_engine(sqlite_url(tmp_path / "numbers.db"))
    begun, done = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with for_writing(other).begin() as connection:
            connection.execute(text("INSERT INTO number VALUES (1)"))
            begun.set()
            done.wait(10)

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(write_slowly)
        begun.wait(10)
        quick = pool.submit(add_one, engine)
        assert not quick.done()
        done.set()
        slow.result()
        quick.result()
    assert read_highest(engine) == 2
