"""
The database: tables, connections, transactions, migrations.

Our tables and the job engine's share one database, on SQLite one file, so that accepting a job and queueing it
is one transaction. SQLite runs in WAL mode with synchronous=FULL; writers take their lock at the start
(BEGIN IMMEDIATE) and wait up to 30 s for it. Times are whole milliseconds since 1970 UTC by the database's clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from service import postgres
from service.sqlite import open_sqlite
from service.writers import turn_to_write

T = TypeVar("T")

PATIENCE_S = 30
"""How long a connection waits for another's lock."""

metadata = sa.MetaData()

_IS_CURRENT = "stage IN ('published', 'in_progress', 'done')"

job = sa.Table(
    "job",
    metadata,
    sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("executor_id", sa.Text),
    sa.Column("request_sha256", sa.Text, nullable=False),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("city_version", sa.Text),  # of a city that a user brought
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("started_ms", sa.BigInteger),
    sa.Column("finished_ms", sa.BigInteger),
    sa.Column("cancel_requested_ms", sa.BigInteger),
    sa.Column("stop_reason", sa.Text),
    sa.Column("progress", sa.JSON(none_as_null=True)),
    sa.Column("error", sa.JSON(none_as_null=True)),
    sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("turn", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("stage", sa.Text, nullable=False, server_default="draft"),
    sa.Column("stage_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stage_ms", sa.BigInteger),
    sa.Column("city", sa.Text),  # of what has been published
    sa.Column("service_date", sa.Text),
    sa.Column("superseded_by", sa.Text),
    sa.Column("revises", sa.Text),  # id of a plan, which may be gone
    sa.Column("body_sha256", sa.Text),  # of the submission as it was sent
    sa.UniqueConstraint("tenant_id", "kind", "idempotency_key", name="job_idempotency"),
    sa.Index("job_page", "tenant_id", "kind", "created_ms", "id"),
    sa.Index("job_status_page", "tenant_id", "kind", "state", "created_ms", "id"),
    sa.Index("job_state", "state", "turn"),
    sa.Index("job_ended", "state", "finished_ms"),
    # Of the plans of a city's night at most one is published, started or done.
    sa.Index(
        "job_current",
        "tenant_id",
        "kind",
        "city",
        "service_date",
        unique=True,
        sqlite_where=sa.text(_IS_CURRENT),
        postgresql_where=sa.text(_IS_CURRENT),
    ),
    sa.Index("job_tenant_state", "tenant_id", "state", "turn"),
    sa.Index("job_city_version", "city_version"),
    sa.Index("job_revises", "revises", "created_ms", "id"),
)

job_result = sa.Table(
    "job_result",
    metadata,
    sa.Column("job_id", sa.Text, sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("recorded_ms", sa.BigInteger, nullable=False),
    sa.Column("files", sa.JSON, nullable=False),  # name -> sha256 of the document
)

job_event = sa.Table(
    "job_event",
    metadata,
    sa.Column("job_id", sa.Text, sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
)

job_tally = sa.Table(
    "job_tally",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column(
        "jobs", sa.BigInteger, nullable=False
    ),  # that were begun and have ended, also those that are removed since
    sa.Column("waited_ms", sa.BigInteger, nullable=False),
    sa.Column("run_ms", sa.BigInteger, nullable=False),
)

job_part = sa.Table(
    "job_part",
    metadata,
    sa.Column("job_id", sa.Text, sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),  # of all that the part is made from
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("recorded_ms", sa.BigInteger, nullable=False),
    sa.Column("result", sa.Text, nullable=False),  # as it was made, byte for byte
)

city = sa.Table(
    "city",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("description", sa.JSON, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Index("city_version", "version"),
)

executor = sa.Table(
    "executor",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started_ms", sa.BigInteger, nullable=False),
    sa.Column("beat_ms", sa.BigInteger, nullable=False),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),  # of the whole text of the key, which is kept nowhere
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger),
    sa.Column("revoked_ms", sa.BigInteger),
    sa.Column("used_ms", sa.BigInteger),
    sa.Column("rotated_to", sa.Text),
    sa.Index("api_key_page", "tenant_id", "created_ms", "id"),
)

audit_event = sa.Table(
    "audit_event",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text),
    sa.Index("audit_event_page", "tenant_id", "at_ms", "id"),
)

webhook_endpoint = sa.Table(
    "webhook_endpoint",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("types", sa.JSON, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),  # to sign with, so it cannot be a hash
    sa.Column("old_secret", sa.Text),
    sa.Column("old_secret_until_ms", sa.BigInteger),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("disabled_ms", sa.BigInteger),
    sa.Column("disabled_reason", sa.Text),
    sa.Index("webhook_endpoint_page", "tenant_id", "created_ms", "id"),
)

webhook_delivery = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
    sa.Column("endpoint_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # as it is signed, byte for byte
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_ms", sa.BigInteger),
    sa.Column("last_ms", sa.BigInteger),
    sa.Column("last_status", sa.Integer),
    sa.Column("last_error", sa.Text),
    sa.Index("webhook_delivery_due", "status", "next_ms"),
    sa.Index("webhook_delivery_page", "tenant_id", "created_ms", "id"),
)

schedule = sa.Table(
    "schedule",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("local_time", sa.Text, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("last_date", sa.Text),
    sa.Column("last_job_id", sa.Text),
    sa.Index("schedule_page", "tenant_id", "created_ms", "id"),
)


class now_ms(FunctionElement[int]):  # noqa: N801 - reads as an SQL function
    """Milliseconds since 1970 UTC by the database's clock, the only clock that every process shares."""

    inherit_cache = True
    type = sa.BigInteger()


@compiles(now_ms, "sqlite")
def _now_sqlite(*_: Any, **__: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(now_ms, "postgresql")
def _now_postgresql(*_: Any, **__: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


def open_engine(url: str) -> sa.Engine:
    """Connections to the database at `url`; makes the folder of an SQLite file when it is missing."""
    return open_sqlite(url, patience_s=PATIENCE_S) if url.startswith("sqlite") else postgres.open_postgres(url)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One consistent view of the database."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection
        connection.rollback()


def glance(engine: sa.Engine, question: Callable[[sa.Connection], T]) -> T:
    """What `question` finds with one statement that only reads, or several that need not agree with each other."""
    if engine.dialect.name == "postgresql":
        return postgres.glance(engine, question)
    with engine.connect() as connection:
        return question(connection)


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction: all of it is kept, or with an exception none."""
    with turn_to_write(engine, patience_s=PATIENCE_S), engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to the newest shape; safe to call from several processes at once."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(762839451)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def persist(action: Callable[[], T], *, patience_s: float = 900.0) -> T:
    """Do `action`, again and again while the database is away, for at most `patience_s`."""
    deadline, pause_s = time.monotonic() + patience_s, 0.2
    while True:
        try:
            return action()
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError):
            if time.monotonic() + pause_s > deadline:
                raise
            time.sleep(pause_s)
            pause_s = min(5.0, 2 * pause_s)
