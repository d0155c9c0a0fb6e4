"""All SQL about webhook endpoints and deliveries, inside the caller's transaction; times are the database's."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from service.db import now_ms, webhook_delivery, webhook_endpoint
from service.webhooks.states import Delivery, Disabled, Endpoint, Status

_ENDPOINT = [webhook_endpoint.c[name] for name in Endpoint.__dataclass_fields__]
_DELIVERY = [webhook_delivery.c[name] for name in Delivery.__dataclass_fields__]


def now(connection: sa.Connection) -> int:
    """What the database's clock shows."""
    return int(connection.execute(sa.select(now_ms())).scalar_one())


def add_endpoint(
    connection: sa.Connection, endpoint_id: str, *, tenant_id: str, name: str, url: str, types: list[str], secret: str
) -> None:
    """Insert an endpoint that is told from now on."""
    values = {"tenant_id": tenant_id, "name": name, "url": url, "types": types, "secret": secret}
    connection.execute(sa.insert(webhook_endpoint).values(id=endpoint_id, created_ms=now_ms(), **values))


def endpoint(connection: sa.Connection, endpoint_id: str, *, tenant_id: str) -> Endpoint | None:
    """The endpoint, if it is this tenant's."""
    query = sa.select(*_ENDPOINT).where(webhook_endpoint.c.id == endpoint_id, webhook_endpoint.c.tenant_id == tenant_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Endpoint(**row._mapping)


def count_endpoints(connection: sa.Connection, *, tenant_id: str) -> int:
    """How many the tenant has."""
    query = sa.select(sa.func.count()).where(webhook_endpoint.c.tenant_id == tenant_id)
    return int(connection.execute(query).scalar_one())


def endpoints(
    connection: sa.Connection, *, tenant_id: str, limit: int, before: tuple[int, str] | None = None
) -> list[Endpoint]:
    """Newest first; `before` is (created_ms, id) of the last one already seen."""
    table = webhook_endpoint.c
    query = sa.select(*_ENDPOINT).where(table.tenant_id == tenant_id)
    if before is not None:
        query = query.where(sa.tuple_(table.created_ms, table.id) < sa.tuple_(*map(sa.literal, before)))
    rows = connection.execute(query.order_by(table.created_ms.desc(), table.id.desc()).limit(limit))
    return [Endpoint(**row._mapping) for row in rows]


def change_endpoint(connection: sa.Connection, endpoint_id: str, **values: Any) -> None:
    """Set some of its columns."""
    connection.execute(sa.update(webhook_endpoint).where(webhook_endpoint.c.id == endpoint_id).values(**values))


def replace_secret(connection: sa.Connection, endpoint_id: str, *, secret: str, overlap_s: float) -> None:
    """Sign with a new secret, and for a while with the one before it as well."""
    change_endpoint(
        connection,
        endpoint_id,
        secret=secret,
        old_secret=webhook_endpoint.c.secret,
        old_secret_until_ms=now_ms() + round(overlap_s * 1000),
    )


def disable_endpoint(connection: sa.Connection, endpoint_id: str, *, reason: Disabled) -> None:
    """Send it nothing more; what was on its way is discarded."""
    change_endpoint(connection, endpoint_id, disabled_ms=now_ms(), disabled_reason=reason)
    _discard(connection, endpoint_id)


def delete_endpoint(connection: sa.Connection, endpoint_id: str) -> None:
    """Forget it; what was on its way is discarded, and the log of what was sent stays."""
    connection.execute(sa.delete(webhook_endpoint).where(webhook_endpoint.c.id == endpoint_id))
    _discard(connection, endpoint_id)


def _discard(connection: sa.Connection, endpoint_id: str) -> None:
    pending = sa.and_(webhook_delivery.c.endpoint_id == endpoint_id, webhook_delivery.c.status == Status.PENDING)
    connection.execute(sa.update(webhook_delivery).where(pending).values(status=Status.DISCARDED, next_ms=None))


def delivery(connection: sa.Connection, delivery_id: str, *, tenant_id: str) -> Delivery | None:
    """The delivery, if it is this tenant's."""
    return _one(connection, webhook_delivery.c.id == delivery_id, webhook_delivery.c.tenant_id == tenant_id)


def deliveries(
    connection: sa.Connection,
    *,
    tenant_id: str,
    limit: int,
    endpoint_id: str | None = None,
    status: Status | None = None,
    before: tuple[int, str] | None = None,
) -> list[Delivery]:
    """Newest first; `before` is (created_ms, id) of the last one already seen."""
    table = webhook_delivery.c
    query = sa.select(*_DELIVERY).where(table.tenant_id == tenant_id)
    if endpoint_id is not None:
        query = query.where(table.endpoint_id == endpoint_id)
    if status is not None:
        query = query.where(table.status == status)
    if before is not None:
        query = query.where(sa.tuple_(table.created_ms, table.id) < sa.tuple_(*map(sa.literal, before)))
    rows = connection.execute(query.order_by(table.created_ms.desc(), table.id.desc()).limit(limit))
    return [_delivery(row) for row in rows]


def due(
    connection: sa.Connection, *, besides: Collection[str], besides_of: Collection[str], limit: int
) -> list[Delivery]:
    """What is to be sent now, longest due first, to other endpoints than `besides`, and of other tenants."""
    table = webhook_delivery.c
    query = sa.select(*_DELIVERY).where(
        table.status == Status.PENDING,
        table.next_ms <= now_ms(),
        table.endpoint_id.not_in(besides),
        table.tenant_id.not_in(besides_of),
    )
    return [_delivery(row) for row in connection.execute(query.order_by(table.next_ms).limit(limit))]


def claim(connection: sa.Connection, found: Delivery, *, lease_s: float) -> Delivery | None:
    """Begin an attempt; should nobody record how it ended, it is due again after the lease. None: another has it."""
    table = webhook_delivery.c
    claiming = (
        sa.update(webhook_delivery)
        .where(_in_attempt(found), table.next_ms <= now_ms())
        .values(attempt=table.attempt + 1, tries=table.tries + 1, next_ms=now_ms() + round(lease_s * 1000))
    )
    row = connection.execute(claiming.returning(*_DELIVERY)).one_or_none()
    return None if row is None else _delivery(row)


def record(
    connection: sa.Connection, sent: Delivery, *, status: Status, retry_s: float | None = None, **last: Any
) -> bool:
    """How an attempt ended; False, and nothing changes, when another has begun or it is settled already."""
    next_ms = None if retry_s is None else now_ms() + round(retry_s * 1000)
    values = {"status": status, "next_ms": next_ms, "last_ms": now_ms(), "last_status": None, "last_error": None}
    recording = sa.update(webhook_delivery).where(_in_attempt(sent)).values({**values, **last})
    return connection.execute(recording).rowcount == 1


def send_again(connection: sa.Connection, delivery_id: str) -> None:
    """Make it due now, with all its attempts before it."""
    again = {"status": Status.PENDING, "tries": 0, "next_ms": now_ms()}
    connection.execute(sa.update(webhook_delivery).where(webhook_delivery.c.id == delivery_id).values(again))


def forget(connection: sa.Connection, *, older_than_s: float) -> int:
    """Delete settled deliveries that are older; gives how many."""
    old = webhook_delivery.c.created_ms < now_ms() - round(older_than_s * 1000)
    return connection.execute(
        sa.delete(webhook_delivery).where(old, webhook_delivery.c.status != Status.PENDING)
    ).rowcount


def _in_attempt(found: Delivery) -> sa.ColumnElement[bool]:
    table = webhook_delivery.c
    return sa.and_(table.id == found.id, table.attempt == found.attempt, table.status == Status.PENDING)


def _one(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> Delivery | None:
    row = connection.execute(sa.select(*_DELIVERY).where(*where)).one_or_none()
    return None if row is None else _delivery(row)


def _delivery(row: sa.Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "status": Status(row.status)})
