"""A private PostgreSQL cluster for the tests: in a folder of its own, reached over a Unix socket alone, gone after.

It belongs to nobody else: no port is opened, and nothing of a cluster that the machine may run is touched.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

_SUPERUSER = "postgres"
_UNSAFE_BUT_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
_DATABASES = itertools.count(1)


def find_postgresql() -> Path | None:
    """Return the folder with `initdb` and `pg_ctl`, the newest installed one, or None."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: int(folder.parent.name.split(".")[0]))
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _run_as_server_user(*command: str) -> None:
    """Run a command of PostgreSQL's, which refuses to run as root.

    Its output is passed by: a server that stays behind would keep a pipe open.
    """
    prefix = ["runuser", "-u", _SUPERUSER, "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*prefix, *command],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def run_postgresql(binaries: Path) -> Iterator[str]:
    """Run a new cluster.

    Args:
        binaries: What `find_postgresql` returned.

    Yields:
        The URL of its database `postgres`, with the rights to make others.
    """
    folder = Path(tempfile.mkdtemp(prefix="lotsi-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _SUPERUSER)
    data = str(folder / "data")
    control = (str(binaries / "pg_ctl"), "-D", data, "-w")
    try:
        _run_as_server_user(
            *(str(binaries / "initdb"), "-D", data, "-U", _SUPERUSER, "-A", "trust"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        options = f"-c listen_addresses= -c unix_socket_directories={folder} {_UNSAFE_BUT_QUICK}"
        _run_as_server_user(*control, "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg2://{_SUPERUSER}@/postgres?host={folder}"
        finally:
            _run_as_server_user(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(cluster: str, template: str = "template1") -> Iterator[str]:
    """Make a database in a cluster and drop it afterwards, whoever is still connected.

    Args:
        cluster: The URL that `run_postgresql` yielded.
        template: The name of the database that it begins as a copy of; empty if left out.

    Yields:
        The URL of the new database.
    """
    name = f"test_{next(_DATABASES)}"
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        try:
            yield cluster.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
