"""What workers do about schedules: submit what is due, one job for each service date, whatever restarts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from service.access.caller import Caller
from service.db import reading, writing
from service.errors import InvalidRequest, KeyReused, ServiceError
from service.schedules import moments, store
from service.schedules.store import Schedule
from service.settings import Settings

log = structlog.get_logger()


def submit_due(database: sa.Engine, settings: Settings, *, now: datetime | None = None) -> list[str]:
    """
    Submit every night that is due; gives the ids of the jobs.

    Any number of workers may do this at the same moment, and die in the middle: the job is submitted under the key
    `schedule:<id>:<service date>`, which makes one job however often. `now` is the database's clock unless given.
    """
    with reading(database) as connection:
        schedules, at_ms = store.all_active(connection)
    now = now or datetime.fromtimestamp(at_ms / 1000, UTC)
    catch_up = timedelta(seconds=settings.catch_up_s)
    submitted = []
    for one in schedules:
        try:
            for service_date in _due_dates(one, now, catch_up):
                job_id = _submit(database, settings, one, service_date)
                submitted += [job_id] if job_id else []
        except sa.exc.DBAPIError:
            raise
        except Exception:
            # One that cannot be carried out must hold up neither the others nor the worker.
            log.exception("schedule_failed", schedule_id=one.id)
    return submitted


def _due_dates(one: Schedule, now: datetime, catch_up: timedelta) -> tuple[date, ...]:
    return moments.due_dates(
        now,
        time.fromisoformat(one.local_time),
        ZoneInfo(one.time_zone),
        since=datetime.fromtimestamp(one.since_ms / 1000, UTC),
        catch_up=catch_up,
        last=date.fromisoformat(one.last_date) if one.last_date else None,
    )


def _submit(database: sa.Engine, settings: Settings, one: Schedule, service_date: date) -> str | None:
    """Submit one night; None where that cannot be, now or ever."""
    # Here, so that a worker without schedules does not load what reads submissions.
    from service.jobs import engine
    from service.jobs.desk import Desk
    from service.schedules.kinds import RESOURCES

    logger = log.bind(schedule_id=one.id, service_date=service_date.isoformat())
    resource = RESOURCES[one.kind]
    client = engine.open_client(settings.database_url)
    desk = Desk(
        kind=resource.kind,
        read=resource.read,
        database=database,
        jobs=client,
        settings=settings,
        caller=Caller(tenant_id=one.tenant_id, actor=one.id, scopes=frozenset()),
    )
    name = f"{one.name} {service_date.isoformat()}"[:100]
    body = json.dumps({**one.options, "city": one.city, "name": name}).encode()
    job_id: str | None = None
    try:
        job, _ = desk.submit(body, idempotency_key=f"schedule:{one.id}:{service_date.isoformat()}")
        job_id = job.id
    except KeyReused:
        logger.warning("scheduled_before")  # The options were changed between a crash and now; the night is planned.
    except InvalidRequest as error:
        logger.error("schedule_refused", findings=len(error.findings))
    except ServiceError as error:
        logger.error("schedule_delayed", code=error.code)
        return None
    finally:
        client.destroy()
    with writing(database) as connection:
        store.note(connection, one.id, planned=service_date, job_id=job_id)
    logger.info("night_submitted", job_id=job_id)
    return job_id
