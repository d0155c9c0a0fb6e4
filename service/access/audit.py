"""
The record of what was done: who, what, when, to what, and how it ended; never a secret or a body.

An event is written in the transaction of what it tells of, so that neither is ever there without the other.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from service.access.caller import Caller
from service.db import audit_event, now_ms

DONE, REFUSED = "done", "refused"

ID_BYTES = 10


class Action(StrEnum):
    """What is recorded."""

    KEY_CREATE = "key.create"
    KEY_ROTATE = "key.rotate"
    KEY_REVOKE = "key.revoke"
    JOB_SUBMIT = "job.submit"
    JOB_CANCEL = "job.cancel"
    PLAN_PUBLISH = "plan.publish"
    PLAN_START = "plan.start"
    PLAN_FINISH = "plan.finish"
    PLAN_ARCHIVE = "plan.archive"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_CHANGE = "webhook.change"
    WEBHOOK_DELETE = "webhook.delete"
    WEBHOOK_ROTATE = "webhook.rotate-secret"
    WEBHOOK_REDELIVER = "webhook.redeliver"
    CITY_BRING = "city.bring"
    CITY_SNAPSHOT = "city.snapshot"
    CITY_IMPORT = "city.import"
    CITY_REMOVE = "city.remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One row of `audit_event`."""

    id: str
    at_ms: int
    actor: str
    action: str
    target: str
    outcome: str
    request_id: str | None


_EVENT = [audit_event.c[name] for name in AuditEvent.__dataclass_fields__]


def is_id(text: str) -> bool:
    """Whether an event could have this id."""
    return re.fullmatch(rf"aud_[0-9a-f]{{{2 * ID_BYTES}}}", text, re.ASCII) is not None


def record(connection: sa.Connection, caller: Caller, action: str, *, target: str, outcome: str = DONE) -> None:
    """Keep that the caller did this."""
    connection.execute(
        sa.insert(audit_event).values(
            id=f"aud_{secrets.token_hex(ID_BYTES)}",
            tenant_id=caller.tenant_id,
            at_ms=now_ms(),
            actor=caller.actor,
            action=action,
            target=target,
            outcome=outcome,
            request_id=caller.request_id,
        )
    )


def page(
    connection: sa.Connection,
    *,
    tenant_id: str,
    limit: int,
    action: Action | None = None,
    actor: str | None = None,
    target: str | None = None,
    before: tuple[int, str] | None = None,
) -> list[AuditEvent]:
    """Newest first; `before` is (at_ms, id) of the last event already seen."""
    query = sa.select(*_EVENT).where(audit_event.c.tenant_id == tenant_id)
    for column, wanted in (("action", action), ("actor", actor), ("target", target)):
        if wanted is not None:
            query = query.where(audit_event.c[column] == wanted)
    if before is not None:
        query = query.where(sa.tuple_(audit_event.c.at_ms, audit_event.c.id) < sa.tuple_(*map(sa.literal, before)))
    rows = connection.execute(query.order_by(audit_event.c.at_ms.desc(), audit_event.c.id.desc()).limit(limit))
    return [AuditEvent(**row._mapping) for row in rows]
