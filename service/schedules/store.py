"""All SQL about schedules; times are the database's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from service.db import now_ms, schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One row of `schedule`; times are milliseconds since 1970 UTC."""

    id: str
    tenant_id: str
    name: str
    kind: str
    city: str
    time_zone: str
    local_time: str
    """HH:MM by the clock of the city."""
    options: dict[str, Any]
    """What a submission says beside the city."""
    is_paused: bool
    created_ms: int
    since_ms: int
    last_date: str | None
    """Newest service date that was planned, YYYY-MM-DD."""
    last_job_id: str | None


_SCHEDULE = [schedule.c[name] for name in Schedule.__dataclass_fields__]


def create(connection: sa.Connection, **values: Any) -> None:
    """Insert a schedule that begins now."""
    connection.execute(sa.insert(schedule).values(created_ms=now_ms(), since_ms=now_ms(), **values))


def find(connection: sa.Connection, schedule_id: str, *, tenant_id: str) -> Schedule | None:
    """The schedule, if it is this tenant's."""
    query = sa.select(*_SCHEDULE).where(schedule.c.id == schedule_id, schedule.c.tenant_id == tenant_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Schedule(**row._mapping)


def all_of(connection: sa.Connection, tenant_id: str) -> list[Schedule]:
    """All of a tenant, oldest first."""
    query = sa.select(*_SCHEDULE).where(schedule.c.tenant_id == tenant_id)
    rows = connection.execute(query.order_by(schedule.c.created_ms, schedule.c.id))
    return [Schedule(**row._mapping) for row in rows]


def all_active(connection: sa.Connection) -> tuple[list[Schedule], int]:
    """Those of all tenants that are not paused, and the time."""
    rows = connection.execute(sa.select(*_SCHEDULE).where(schedule.c.is_paused.is_(False)))
    found = [Schedule(**row._mapping) for row in rows]
    return found, int(connection.execute(sa.select(now_ms())).scalar_one())


def change(connection: sa.Connection, schedule_id: str, *, tenant_id: str, values: dict[str, Any]) -> bool:
    """Change some fields; a new time, and going on after a pause, begin anew."""
    if "local_time" in values or values.get("is_paused") is False:
        values = {**values, "since_ms": now_ms()}
    where = sa.and_(schedule.c.id == schedule_id, schedule.c.tenant_id == tenant_id)
    return connection.execute(sa.update(schedule).where(where).values(**values)).rowcount > 0


def delete(connection: sa.Connection, schedule_id: str, *, tenant_id: str) -> bool:
    """Remove the schedule; its plans stay."""
    where = sa.and_(schedule.c.id == schedule_id, schedule.c.tenant_id == tenant_id)
    return connection.execute(sa.delete(schedule).where(where)).rowcount > 0


def note(connection: sa.Connection, schedule_id: str, *, planned: date, job_id: str | None) -> None:
    """Keep that the night of this date has been taken care of."""
    newer = sa.or_(schedule.c.last_date.is_(None), schedule.c.last_date < planned.isoformat())
    values = {"last_date": planned.isoformat(), "last_job_id": job_id}
    connection.execute(sa.update(schedule).where(schedule.c.id == schedule_id, newer).values(**values))
