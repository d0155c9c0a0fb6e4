"""The databases that everything is tested on."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

BACKENDS = ("sqlite", "postgresql")


def new_database(request: pytest.FixtureRequest, backend: str) -> str:
    """`db_url` of a fresh database; empty for SQLite, which lives in the data folder."""
    if backend == "sqlite":
        return ""
    return create_database(request.getfixturevalue("postgresql"))


def create_database(server_url: str) -> str:
    """`db_url` of a fresh database on this PostgreSQL server."""
    maintenance = sa.make_url(server_url)
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(maintenance, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return maintenance.set(database=name).render_as_string(hide_password=False)
