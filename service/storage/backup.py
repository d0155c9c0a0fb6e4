"""
A backup as one file, made while everything runs: the database first, the documents after it.

Documents are written before the rows that name them and never change, so whatever a row of the backup names is in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import sqlalchemy as sa

from optimiser.basics.errors import EvenfleetError
from service import db
from service.settings import Settings

NOT_KEPT = ("cache", "attempts")
"""Folders of the data folder that are made anew when they are missing."""
MANIFEST, SQLITE, DUMP = "backup.json", "evenfleet.sqlite", "database.dump"


class BackupFailed(EvenfleetError):
    """A backup that was not made, or not restored; says what to do."""


def back_up(settings: Settings, path: Path) -> int:
    """
    Write a backup of database and data folder to `path`; gives its size in bytes.

    Raises
    ------
    BackupFailed
        The file exists, there is nothing to back up, or `pg_dump` is missing or refuses.
    """
    if path.exists():
        raise BackupFailed(f"{path} exists already; choose another name")
    partial = path.with_name(f"{path.name}.partial")
    with tempfile.TemporaryDirectory(dir=path.resolve().parent) as name:
        database = _dump(settings, Path(name))
        with tarfile.open(partial, "w") as archive:
            manifest = Path(name) / MANIFEST
            manifest.write_text(json.dumps({"version": version("evenfleet"), "database": database.name}))
            archive.add(manifest, MANIFEST)
            archive.add(database, database.name)
            for one in sorted(settings.data_dir.rglob("*")):
                if _is_kept(one.relative_to(settings.data_dir)) and one.is_file():
                    archive.add(one, str(Path("data") / one.relative_to(settings.data_dir)))
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(path)
    return path.stat().st_size


def restore(settings: Settings, path: Path) -> int:
    """
    Put a backup into an empty data folder, and into an empty database; gives the number of documents.

    Everything is looked at before anything is put into place: pages of the database, and the content of each document.

    Raises
    ------
    BackupFailed
        There is something already, the file is no whole backup, or it is of the other kind of database.
    """
    folder = settings.data_dir
    if folder.exists() and any(folder.iterdir()):
        raise BackupFailed(f"{folder.resolve()} is not empty; restore into another --data-dir, or move it away")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.resolve().parent) as name:
        unpacked = Path(name)
        try:
            with tarfile.open(path) as archive:
                _unpack(archive, unpacked)
            database = unpacked / json.loads((unpacked / MANIFEST).read_text())["database"]
        except (OSError, tarfile.TarError, ValueError, KeyError) as error:
            raise BackupFailed(f"{path} is no whole backup: {type(error).__name__}") from None
        if (database.name == SQLITE) != (not settings.db_url):
            wanted = "SQLite: unset" if database.name == SQLITE else "PostgreSQL: set"
            raise BackupFailed(f"this is a backup of {wanted} EVENFLEET_DB_URL")
        data = unpacked / "data"
        data.mkdir(exist_ok=True)
        documents = [one for one in (data / "documents").rglob("*") if one.is_file()]
        damaged = [one.name for one in documents if hashlib.sha256(one.read_bytes()).hexdigest() != one.name]
        if damaged:
            raise BackupFailed(f"{path} is damaged: {len(damaged)} documents are not what they were")
        if settings.db_url:
            _load(settings.db_url, database)
        else:
            _check(database)
            database.rename(data / SQLITE)
        if folder.exists():
            folder.rmdir()
        data.rename(folder)
    return len(documents)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Files alone, and none outside the folder: Python before 3.11.4 does not look at that itself."""
    for member in archive.getmembers():
        path = PurePosixPath(member.name)
        if not member.isreg() or path.is_absolute() or ".." in path.parts:
            raise ValueError(member.name)
    archive.extraction_filter = getattr(tarfile, "data_filter", None)
    archive.extractall(folder)  # noqa: S202, members have been looked at


def _is_kept(path: Path) -> bool:
    is_unfinished = path.suffix == ".partial" or any(part.startswith(".") for part in path.parts)
    return path.parts[0] not in NOT_KEPT and not path.name.startswith(SQLITE) and not is_unfinished


def _dump(settings: Settings, folder: Path) -> Path:
    if settings.db_url:
        _postgres("pg_dump", settings.db_url, "--format=custom", f"--file={folder / DUMP}")
        return folder / DUMP
    if not (settings.data_dir / SQLITE).exists():
        raise BackupFailed(f"there is no {SQLITE} in {settings.data_dir.resolve()}")
    engine = db.open_engine(settings.database_url)
    with engine.connect() as connection:
        # One moment of the file, without holding up who writes.
        connection.exec_driver_sql("VACUUM INTO ?", (str(folder / SQLITE),))
    engine.dispose()
    return folder / SQLITE


def _check(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    if found != "ok":
        raise BackupFailed(f"the database in the backup is damaged: {found}")


def _load(url: str, dump: Path) -> None:
    engine = db.open_engine(url)
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
    if tables:
        engine.dispose()
        raise BackupFailed(f"the database has {len(tables)} tables already; restore into an empty one")
    _postgres("pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction", str(dump))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # A dump holds no statistics: until the server makes some by itself, pages of large tables would be sorted anew.
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _postgres(program: str, url: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(f"{program} is not there; install the client programs of PostgreSQL, as new as the server")
    plain = sa.make_url(url).set(drivername="postgresql")
    secret = {"PGPASSWORD": str(plain.password)} if plain.password else {}
    shown = plain.set(password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - a program of the operator's own machine
        [found, *arguments[:-1], f"--dbname={shown}", arguments[-1]],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()[-500:]}")
