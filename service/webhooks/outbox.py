"""
What is to be told of a job's end, written in the transaction in which it ends: neither is ever there without the other.

The body is thin: who wants the result fetches it with a key.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from service.db import now_ms, webhook_delivery, webhook_endpoint
from service.webhooks.states import ID_BYTES, EventType, Status


def announce(connection: sa.Connection, *, tenant_id: str, event_type: EventType, at_ms: int, data: Any) -> None:
    """Queue one delivery to each endpoint of the tenant that wants to know."""
    # No key ties deliveries to endpoints: an endpoint that is deleted at this moment must not keep a job from ending.
    listening = sa.select(webhook_endpoint.c.id, webhook_endpoint.c.types).where(
        webhook_endpoint.c.tenant_id == tenant_id, webhook_endpoint.c.disabled_ms.is_(None)
    )
    for endpoint in connection.execute(listening).all():
        if not endpoint.types or event_type in endpoint.types:
            queue(
                connection,
                tenant_id=tenant_id,
                endpoint_id=endpoint.id,
                event_type=event_type,
                at_ms=at_ms,
                data=data,
            )


def queue(
    connection: sa.Connection, *, tenant_id: str, endpoint_id: str, event_type: EventType, at_ms: int, data: Any
) -> str:
    """Queue one delivery; gives its id."""
    delivery_id = f"msg_{secrets.token_hex(ID_BYTES)}"
    timestamp = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = json.dumps({"type": event_type, "timestamp": timestamp, "data": data}, separators=(",", ":"))
    connection.execute(
        sa.insert(webhook_delivery).values(
            id=delivery_id,
            tenant_id=tenant_id,
            endpoint_id=endpoint_id,
            type=event_type,
            body=body,
            created_ms=now_ms(),
            status=Status.PENDING,
            attempt=0,
            tries=0,
            next_ms=now_ms(),
        )
    )
    return delivery_id
