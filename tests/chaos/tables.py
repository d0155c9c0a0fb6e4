"""Reads the tables for the checker with SQL of its own, and looks at the documents."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.chaos.checker import Tables


def read_tables(url: str, documents: Path, told: list[dict[str, Any]] | None) -> Tables:
    """Everything that is left, and what webhooks `told`; on SQLite after a look at every page of the file."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        rows = {
            name: [dict(row._mapping) for row in connection.execute(sa.text(f"SELECT {columns} FROM {table}"))]
            for name, table, columns in (
                ("jobs", "job ORDER BY id", "id, state, attempt, idempotency_key AS key"),
                ("results", "job_result ORDER BY job_id", "job_id, attempt, files"),
                ("events", "job_event ORDER BY job_id, seq", "job_id, seq, kind, attempt, data"),
            )
        }
    engine.dispose()
    for result in rows["results"]:
        result["is_whole"] = all(_is_whole(documents, sha256) for sha256 in _json(result["files"]).values())
    for event in rows["events"]:
        event["status"] = _json(event["data"]).get("status", "")
    return Tables(**rows, told=told)


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def _is_whole(documents: Path, sha256: str) -> bool:
    path = documents / sha256[:2] / sha256
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
