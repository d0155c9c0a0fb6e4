"""All SQL about parts of jobs."""

from __future__ import annotations

import sqlalchemy as sa

from service.db import job_part, now_ms


def kept(connection: sa.Connection, job_id: str) -> dict[str, str]:
    """Results of the job's parts that are there, by their hash."""
    query = sa.select(job_part.c.sha256, job_part.c.result).where(job_part.c.job_id == job_id)
    return {row.sha256: row.result for row in connection.execute(query)}


def keep(connection: sa.Connection, job_id: str, sha256: str, *, attempt: int, result: str) -> bool:
    """Keep the result of a part; False where it is there already, as an earlier attempt may have left it."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    row = {"job_id": job_id, "sha256": sha256, "attempt": attempt, "recorded_ms": now_ms(), "result": result}
    kept_now = insert(job_part).values(row).on_conflict_do_nothing().returning(job_part.c.sha256)
    return connection.execute(kept_now).first() is not None
