"""Connections to PostgreSQL that are not waited for without end, whatever lies between."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

ANSWER_S = 8.0
"""Longest wait for one answer of the server; every statement of ours takes milliseconds."""

TRANSPORT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A server that vanished without a word is noticed by the kernel; without these only after hours."""

_SHORT: WeakKeyDictionary[sa.Engine, sa.Engine] = WeakKeyDictionary()
"""Engine to that of its glances."""


def open_postgres(url: str) -> sa.Engine:
    """
    A pool of connections that give up after `ANSWER_S` without an answer.

    The kernel notices a server that is gone, not one behind something that keeps the line open and says nothing: there
    a statement would never end, and with it neither would the thread.
    """
    pool: dict[str, Any] = {
        "pool_size": 10,
        "max_overflow": 10,
        "pool_timeout": 10,
        "creator": lambda: _connect(url),
    }
    engine = sa.create_engine(url, pool_pre_ping=True, **pool)
    short = sa.create_engine(url, isolation_level="AUTOCOMMIT", **pool)
    sa.event.listen(engine, "engine_disposed", lambda _: short.dispose())
    _SHORT[engine] = short
    return engine


def glance(engine: sa.Engine, question: Callable[[sa.Connection], T]) -> T:
    """
    What `question` finds, by a connection that is not tried before and begins no transaction.

    Each of these would be an answer more to wait for. When the line turns out to have been cut, it is asked again by
    another: it only reads.
    """
    short = _SHORT[engine]
    try:
        with short.connect() as connection:
            return question(connection)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    with short.connect() as connection:
        return question(connection)


def _connect(url: str) -> psycopg.Connection[Any]:
    import psycopg

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
            return super().wait(_within(gen, ANSWER_S, self), *arguments, **options)

    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return Impatient.connect(plain, **TRANSPORT)


def _within(waiting: Generator[Any, Any, T], seconds: float, connection: Any) -> Generator[Any, Any, T]:
    """What waits for the server, step by step, but only so long."""
    import psycopg

    deadline = time.monotonic() + seconds
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline:
                connection.pgconn.finish()
                raise psycopg.OperationalError(f"the server did not answer within {seconds:g} s")
            wanted = waiting.send(ready)
    except StopIteration as end:
        result: T = end.value
        return result
