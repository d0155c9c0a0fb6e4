"""Connections to an SQLite file: WAL, durable, and patient with others who write."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json


def open_sqlite(url: str, *, patience_s: float) -> sa.Engine:
    """Connections to the file at `url`, whose folder is made when it is missing; each waits so long for a lock."""
    path = sa.make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    # Each thread that reads has a connection of its own, so that none waits for another's.
    engine = sa.create_engine(url, pool_size=10, max_overflow=-1, json_deserializer=from_json)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver would begin transactions by itself, and lazily; `reading` and `writing` say when.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={round(patience_s * 1000)}")
        _use_wal(connection, patience_s=patience_s)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _use_wal(connection: sqlite3.Connection, *, patience_s: float) -> None:
    """Switch to WAL; while another process switches a fresh file SQLite refuses at once instead of waiting."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
