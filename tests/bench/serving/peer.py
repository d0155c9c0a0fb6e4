"""
What the same machine does with next to nothing: FastAPI, a look-up of a key and one row, one process.

    python -m tests.bench.serving.peer FILE PORT
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Header, HTTPException

KEY, ROW = "key-of-the-peer", "plan-1"
PATH = f"/plans/{ROW}"


def bare_app(file: Path) -> FastAPI:
    """The peer over a database file of its own."""
    app, local = FastAPI(), threading.local()
    with sqlite3.connect(file) as made:
        made.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE key (id TEXT PRIMARY KEY); CREATE TABLE plan (id TEXT PRIMARY KEY);"
            f"INSERT INTO key VALUES ('{KEY}'); INSERT INTO plan VALUES ('{ROW}');"
        )

    def one(query: str, value: str) -> bool:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(file)
        return local.connection.execute(query, (value,)).fetchone() is not None

    @app.get("/plans/{plan_id}")
    def show(plan_id: str, authorization: str = Header()) -> dict[str, str]:
        if not one("SELECT 1 FROM key WHERE id = ?", authorization.removeprefix("Bearer ")):
            raise HTTPException(401)
        if not one("SELECT 1 FROM plan WHERE id = ?", plan_id):
            raise HTTPException(404)
        return {"id": plan_id, "status": "succeeded"}

    return app


if __name__ == "__main__":
    uvicorn.run(bare_app(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
