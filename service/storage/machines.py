"""SQLite is for one machine: a second one on the same file is told so before it can do harm."""

from __future__ import annotations

import socket
import time

import sqlalchemy as sa

from optimiser.basics.errors import EvenfleetError
from service.db import executor, now_ms, reading
from service.settings import Settings


class SecondMachine(EvenfleetError):
    """Workers of another machine use this SQLite file."""


def keep_to_one_machine(database: sa.Engine, settings: Settings) -> None:
    """
    Make sure that no worker of another machine beats in this SQLite file.

    One that beat a moment ago may have been killed, as when a container is made anew under another name: that is
    waited for, a lease long.

    Raises
    ------
    SecondMachine
        It still beats.
    """
    if database.dialect.name != "sqlite":
        return
    deadline = time.monotonic() + settings.lease_s + 1.0
    while host := _other_machine(database, settings.lease_s):
        if time.monotonic() > deadline:
            raise SecondMachine(
                f"{host} uses {database.url.database} as well; SQLite is for one machine: "
                "set EVENFLEET_DB_URL to PostgreSQL, or stop the service there"
            )
        time.sleep(min(0.5, settings.lease_s / 4))


def _other_machine(database: sa.Engine, lease_s: float) -> str | None:
    beating = executor.c.beat_ms >= now_ms() - round(lease_s * 1000)
    query = sa.select(executor.c.host).where(beating, executor.c.host != socket.gethostname())
    with reading(database) as connection:
        found: str | None = connection.execute(query.limit(1)).scalar()
    return found
