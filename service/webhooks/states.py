"""Endpoints and deliveries, in words and values; times are milliseconds since 1970 UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ID_BYTES = 10
ENDPOINT_ID = re.compile(rf"whe_[0-9a-f]{{{2 * ID_BYTES}}}", re.ASCII)
DELIVERY_ID = re.compile(rf"msg_[0-9a-f]{{{2 * ID_BYTES}}}", re.ASCII)


class EventType(StrEnum):
    """What is told."""

    PLAN_SUCCEEDED = "plan.succeeded"
    PLAN_FAILED = "plan.failed"
    PLAN_CANCELLED = "plan.cancelled"
    PLAN_INVALID = "plan.invalid"
    STUDY_SUCCEEDED = "study.succeeded"
    STUDY_FAILED = "study.failed"
    STUDY_CANCELLED = "study.cancelled"
    STUDY_INVALID = "study.invalid"
    PLAN_PUBLISHED = "plan.published"
    """A plan holds from now on for its city and its night."""
    TEST = "webhook.test"
    """Nothing has happened; somebody tries an endpoint, which gets it whatever it has chosen."""


class Disabled(StrEnum):
    """Why nothing is sent to an endpoint."""

    BY_USER = "by_user"
    GONE = "gone"
    """It answered 410."""


class Status(StrEnum):
    """How a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every attempt has failed, or the endpoint is gone."""
    DISCARDED = "discarded"
    """The endpoint was deleted or disabled before it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One row of `webhook_endpoint`."""

    id: str
    tenant_id: str
    name: str
    url: str
    types: list[str]
    """What it is told; empty = everything."""
    secret: str
    old_secret: str | None
    """Signs as well until `old_secret_until_ms`."""
    old_secret_until_ms: int | None
    created_ms: int
    disabled_ms: int | None
    disabled_reason: str | None

    def secrets_at(self, now_ms: int) -> list[str]:
        """Those that sign at this moment, the newest first."""
        old = self.old_secret if (self.old_secret_until_ms or 0) > now_ms else None
        return [self.secret, old] if old else [self.secret]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of `webhook_delivery`: one event on its way to one endpoint; its id is the `webhook-id`."""

    id: str
    tenant_id: str
    endpoint_id: str
    type: str
    body: str
    created_ms: int
    status: Status
    attempt: int
    """Counts every attempt there has been; fences the record of how one ended."""
    tries: int
    """Attempts of this round; a redelivery begins a new one."""
    next_ms: int | None
    """When it is due; while it is being sent, when it is taken for lost and sent again."""
    last_ms: int | None
    last_status: int | None
    """Of HTTP."""
    last_error: str | None
    """Code of what went wrong, where there was no answer."""
