"""All SQL about cities that users brought; each function works inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.db import city, job, now_ms
from service.jobs.states import OPEN
from service.publication.stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """One row of `city`; times are milliseconds since 1970 UTC."""

    tenant_id: str
    id: str
    version: str
    """sha256 of the folder's content, and its name."""
    description: dict[str, Any]
    created_ms: int
    updated_ms: int


def find(connection: sa.Connection, city_id: str, *, tenant_id: str, hold: bool = False) -> City | None:
    """The tenant's city of this name; when it is held nobody changes or removes it before the transaction ends."""
    query = _mine(tenant_id).where(city.c.id == city_id)
    row = connection.execute(query.with_for_update(read=True) if hold else query).one_or_none()
    return None if row is None else City(**row._mapping)


def all_of(connection: sa.Connection, *, tenant_id: str) -> list[City]:
    """All cities of the tenant, by name."""
    return [City(**row._mapping) for row in connection.execute(_mine(tenant_id).order_by(city.c.id))]


def put(connection: sa.Connection, city_id: str, *, tenant_id: str, version: str, description: dict[str, Any]) -> bool:
    """Keep this version under the name; whether the name is new."""
    values = {"version": version, "description": description, "updated_ms": now_ms()}
    changed = connection.execute(
        sa.update(city).where(city.c.tenant_id == tenant_id, city.c.id == city_id).values(**values)
    )
    if changed.rowcount:
        return False
    connection.execute(sa.insert(city).values(tenant_id=tenant_id, id=city_id, created_ms=now_ms(), **values))
    return True


def remove(connection: sa.Connection, city_id: str, *, tenant_id: str) -> None:
    """Forget the name; what was submitted before keeps its version."""
    connection.execute(sa.delete(city).where(city.c.tenant_id == tenant_id, city.c.id == city_id))


def needed(connection: sa.Connection) -> set[str]:
    """Versions that a name, a job that has not ended, or a plan that is published or driven, means."""
    named = sa.select(city.c.version)
    is_needed = sa.or_(job.c.state.in_(OPEN), job.c.stage.in_((Stage.PUBLISHED, Stage.IN_PROGRESS)))
    waiting = sa.select(job.c.city_version).where(job.c.city_version.is_not(None), is_needed)
    return set(connection.execute(sa.union(named, waiting)).scalars())


def _mine(tenant_id: str) -> sa.Select[Any]:
    return sa.select(*(column for column in city.c)).where(city.c.tenant_id == tenant_id)
