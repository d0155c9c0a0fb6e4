"""
The rule of `Idempotency-Key`: the same key with the same request makes one thing, however often it is sent.

What was made under a key is one row, written in the transaction that makes it, so that neither is ever there without
the other; a request that fails leaves no row. The row names the thing and holds nothing of it: a repeated request is
answered with the thing as it is now, and without a secret, which is told once. Jobs keep their key in their own row,
for as long as they are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from service.db import metadata, now_ms, reading, writing
from service.errors import KeyInUse, KeyReused

KEEP_MS = 86_400_000
"""How long a key means what was made under it."""

TURNS = 762_839_453
"""Names the lock of keys among PostgreSQL's advisory locks."""

once = sa.Table(
    "once",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("idempotency_key", sa.Text, primary_key=True),
    sa.Column("request_sha256", sa.Text, nullable=False),
    sa.Column("target", sa.Text),  # id of what was made; null while it is being made
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Index("once_until", "until_ms"),
)


class MadeBefore(Exception):
    """No error: the same request has made `target` before."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A request that makes something, and perhaps carries a key."""

    tenant_id: str
    operation: str
    """Method and path."""
    key: str | None
    request_sha256: str

    def begin(self, connection: sa.Connection) -> None:
        """
        Go on only when nothing was made under this key; others with it wait until the caller's transaction has ended.

        Raises
        ------
        MadeBefore
            It was; says what.
        KeyReused
            The key came with another request.
        KeyInUse
            The same request is being carried out.
        """
        if self.key is None:
            return
        # On SQLite every writer waits for every other anyway.
        if connection.dialect.name == "postgresql":
            name = f"{self.tenant_id}\n{self.operation}\n{self.key}"
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(TURNS, sa.func.hashtext(name))))
        connection.execute(sa.delete(once).where(self._mine(), once.c.until_ms <= now_ms()))
        self._refuse(connection)

    def look(self, database: sa.Engine) -> None:
        """Raise as `begin`, before anybody outside is asked; `begin` looks once more, and nobody comes in between."""
        if self.key is not None:
            with reading(database) as connection:
                self._refuse(connection)

    @contextmanager
    def claimed(self, database: sa.Engine, *, for_s: float) -> Iterator[None]:
        """
        Keep others with this key away from something that takes long; should we die, until `for_s` are over.

        Raises as `begin`. Whatever ends with an exception has made nothing.
        """
        if self.key is None:
            yield
            return
        with writing(database) as connection:
            self.begin(connection)
            self._insert(connection, target=None, until_ms=now_ms() + round(for_s * 1000))
        try:
            yield
        except BaseException:
            with writing(database) as connection:
                connection.execute(sa.delete(once).where(self._mine(), once.c.target.is_(None)))
            raise

    def keep(self, connection: sa.Connection, target: str) -> None:
        """Note what was made, in the transaction that makes it."""
        if self.key is not None:
            connection.execute(sa.delete(once).where(self._mine(), once.c.target.is_(None)))
            self._insert(connection, target=target, until_ms=now_ms() + KEEP_MS)

    def _refuse(self, connection: sa.Connection) -> None:
        held = sa.select(once.c.request_sha256, once.c.target).where(self._mine(), once.c.until_ms > now_ms())
        row = connection.execute(held).one_or_none()
        if row is None:
            return
        if row.request_sha256 != self.request_sha256:
            raise KeyReused("this Idempotency-Key was sent with another request before; use a new key")
        if row.target is None:
            raise KeyInUse(
                "the request with this Idempotency-Key is being carried out; ask again", headers={"Retry-After": "2"}
            )
        raise MadeBefore(row.target)

    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            once.c.tenant_id == self.tenant_id, once.c.operation == self.operation, once.c.idempotency_key == self.key
        )

    def _insert(self, connection: sa.Connection, *, target: str | None, until_ms: sa.ColumnElement[int]) -> None:
        values = {"tenant_id": self.tenant_id, "operation": self.operation, "idempotency_key": self.key}
        values |= {"request_sha256": self.request_sha256, "target": target}
        connection.execute(sa.insert(once).values(**values, until_ms=until_ms))


ANEW = Once(tenant_id="", operation="", key=None, request_sha256="")
"""Of who carries no key and wants to make something each time."""


def forget(connection: sa.Connection) -> int:
    """Delete what has passed; gives how many."""
    return connection.execute(sa.delete(once).where(once.c.until_ms <= now_ms())).rowcount
