"""All SQL about keys; times are the database's. Rows are never deleted: an id stays taken and its story readable."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from service.access.scopes import Scope
from service.db import api_key, now_ms

USED_EVERY_MS = 60_000
"""How coarsely the last use of a key is kept: a write a minute, not one a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One row of `api_key`, without the hash; times are milliseconds since 1970 UTC."""

    id: str
    tenant_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_by: str
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None
    used_ms: int | None
    rotated_to: str | None
    read_ms: int
    """When this was read, by the same clock."""

    @property
    def has_expired(self) -> bool:
        """Whether its time was over when it was read."""
        return self.expires_ms is not None and self.expires_ms <= self.read_ms

    @property
    def is_use_noted(self) -> bool:
        """Whether its last use is known closely enough, should it be used now."""
        return self.used_ms is not None and self.read_ms - self.used_ms < USED_EVERY_MS

    @property
    def is_valid(self) -> bool:
        """Whether it opened anything when it was read."""
        return self.revoked_ms is None and not self.has_expired


_KEY = [column for column in api_key.c if column.name in Key.__dataclass_fields__]
_ROW = sa.select(*_KEY, api_key.c.sha256, now_ms().label("read_ms"))

# Asked with every request, so it is built once.
_WITH_ID = _ROW.where(api_key.c.id == sa.bindparam("key_id"))
_WITH_IDS = _ROW.where(api_key.c.id == sa.func.any(sa.bindparam("key_ids", type_=postgresql.ARRAY(sa.Text))))


def create(
    connection: sa.Connection,
    *,
    key_id: str,
    tenant_id: str,
    name: str,
    scopes: tuple[Scope, ...],
    sha256: str,
    created_by: str,
    expires_ms: int | None,
) -> Key:
    """Insert a key."""
    connection.execute(
        sa.insert(api_key).values(
            id=key_id,
            tenant_id=tenant_id,
            name=name,
            scopes=[str(scope) for scope in scopes],
            sha256=sha256,
            created_by=created_by,
            created_ms=now_ms(),
            expires_ms=expires_ms,
        )
    )
    made = find(connection, key_id, tenant_id=tenant_id)
    assert made is not None, "it was just inserted"
    return made


def find(connection: sa.Connection, key_id: str, *, tenant_id: str) -> Key | None:
    """The key, if it is this tenant's."""
    found = [key for key, _ in _read(connection, api_key.c.id == key_id, api_key.c.tenant_id == tenant_id)]
    return found[0] if found else None


def find_hash(connection: sa.Connection, key_id: str) -> tuple[Key, str] | None:
    """The key with this id, whosever it is, and the hash of its text: for telling who calls, and nothing else."""
    row = connection.execute(_WITH_ID, {"key_id": key_id}).one_or_none()
    return None if row is None else _key(row._asdict())


def find_hashes(connection: sa.Connection, key_ids: Collection[str]) -> dict[str, tuple[Key, str]]:
    """As above for several keys at once, by id; of PostgreSQL alone."""
    rows = connection.execute(_WITH_IDS, {"key_ids": list(key_ids)})
    return {row.id: _key(row._asdict()) for row in rows}


def is_any(connection: sa.Connection) -> bool:
    """Whether there has ever been a key."""
    return connection.execute(sa.select(api_key.c.id).limit(1)).first() is not None


def page(
    connection: sa.Connection, *, tenant_id: str | None, limit: int | None, before: tuple[int, str] | None = None
) -> list[Key]:
    """Newest first, of one tenant or of all; `before` is (created_ms, id) of the last key already seen."""
    where = [] if tenant_id is None else [api_key.c.tenant_id == tenant_id]
    if before is not None:
        where.append(sa.tuple_(api_key.c.created_ms, api_key.c.id) < sa.tuple_(*map(sa.literal, before)))
    return [key for key, _ in _read(connection, *where, limit=limit)]


def revoke(connection: sa.Connection, key_id: str, *, tenant_id: str) -> bool:
    """End the key now; False when that had happened before."""
    ending = sa.update(api_key).where(
        api_key.c.id == key_id, api_key.c.tenant_id == tenant_id, api_key.c.revoked_ms.is_(None)
    )
    return connection.execute(ending.values(revoked_ms=now_ms())).rowcount == 1


def hand_over(connection: sa.Connection, key_id: str, *, tenant_id: str, to: str, grace_ms: int) -> bool:
    """Let the key end with its grace, or when it would anyway; False when it has ended or was handed over before."""
    end = now_ms() + grace_ms
    valid = sa.or_(api_key.c.expires_ms.is_(None), api_key.c.expires_ms > now_ms())
    still = sa.and_(api_key.c.revoked_ms.is_(None), api_key.c.rotated_to.is_(None), valid)
    ending = sa.update(api_key).where(api_key.c.id == key_id, api_key.c.tenant_id == tenant_id, still)
    earlier = sa.case((api_key.c.expires_ms < end, api_key.c.expires_ms), else_=end)
    return connection.execute(ending.values(rotated_to=to, expires_ms=earlier)).rowcount == 1


def note_use(connection: sa.Connection, key_id: str) -> None:
    """Keep that the key was used just now, unless that is known closely enough."""
    stale = sa.or_(api_key.c.used_ms.is_(None), api_key.c.used_ms < now_ms() - USED_EVERY_MS)
    connection.execute(sa.update(api_key).where(api_key.c.id == key_id, stale).values(used_ms=now_ms()))


def _read(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[tuple[Key, str]]:
    rows = connection.execute(
        _ROW.where(*where).order_by(api_key.c.created_ms.desc(), api_key.c.id.desc()).limit(limit)
    )
    return [_key(row._asdict()) for row in rows]


def _key(row: dict[str, Any]) -> tuple[Key, str]:
    sha256, granted = row.pop("sha256"), row.pop("scopes")
    # A scope that this version does not know grants nothing.
    known = tuple(scope for scope in Scope if scope in granted)
    return Key(**row, scopes=known), sha256
