"""Shapes of webhook endpoints and deliveries as the API shows them, and of what a receiver gets."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.access.schemas import PLAIN
from service.jobs.views import moment
from service.webhooks.states import Delivery, Disabled, Endpoint, EventType, Status

MAX_OVERLAP_S = 7 * 86_400
OVERLAP_S = 86_400.0

Url = Annotated[str, Field(max_length=2000, description="Where events are posted to; https, and a public host.")]
Name = Annotated[str, Field(max_length=100, pattern=PLAIN, description="What it is for.")]
Wanted = Annotated[list[EventType], Field(max_length=20, description="Types of events that are sent; none = all.")]


class EndpointRequest(BaseModel):
    """An endpoint to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://hooks.example/evenfleet", "types": ["plan.succeeded"]}]},
    )

    url: Url
    name: Name = ""
    types: Wanted = []


class EndpointChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"is_enabled": True}]})

    url: Url = ""
    name: Name = ""
    types: Wanted = []
    is_enabled: bool = Field(True, description="False sends nothing more, and discards what was on its way.")


class SecretRotation(BaseModel):
    """How an old secret gives way to a new one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_s": 3600}]})

    overlap_s: float = Field(OVERLAP_S, ge=0, le=MAX_OVERLAP_S, description="How long the old one signs as well.")


class EndpointView(BaseModel):
    """Who is told of what; without the secret."""

    id: str
    name: str
    url: str
    types: list[str]
    is_enabled: bool
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: Disabled | None = Field(description="by_user, or gone: it answered 410.")
    old_secret_until: datetime | None = Field(description="Until then the secret before this one signs as well.")


class NewEndpointView(EndpointView):
    """An endpoint with its secret, which is shown this once."""

    secret: str | None = Field(
        description="whsec_ and the key in base64, as Standard Webhooks has it. Null when the same request, told by "
        "its `Idempotency-Key`, has made it before."
    )


class EndpointPage(BaseModel):
    """One page of endpoints, newest first."""

    items: list[EndpointView]
    next_cursor: str | None


class DeliveryView(BaseModel):
    """One event on its way to one endpoint; `id` is its `webhook-id`."""

    id: str
    endpoint_id: str
    type: EventType
    status: Status
    attempt: int = Field(description="How often it was tried.")
    created_at: datetime
    next_at: datetime | None = Field(description="When it is tried next.")
    last_at: datetime | None
    last_status: int | None = Field(description="HTTP status of the last answer; null = there was none.")
    last_error: str | None = Field(description="Why there was none; codes are explained in docs/api.md.")
    event: dict[str, Any] = Field(description="What is sent.")


class DeliveryPage(BaseModel):
    """One page of deliveries, newest first."""

    items: list[DeliveryView]
    next_cursor: str | None


class JobEnd(BaseModel):
    """Which job ended, and how, or was published; the result is at its path."""

    id: str
    kind: str
    name: str
    path: str
    status: str
    stop_reason: str | None
    error: str | None = Field(description="Code of the failure.")
    city: str | None = Field(None, description="Of `plan.published`: for which city it holds.")
    service_date: str | None = Field(None, description="Of `plan.published`: for the night that begins on this date.")
    supersedes: str | None = Field(None, description="Of `plan.published`: id of the plan that held before.")


class Event(BaseModel):
    """What a receiver gets, signed by the headers webhook-id, webhook-timestamp and webhook-signature."""

    type: EventType
    timestamp: datetime
    data: JobEnd


def endpoint_view(endpoint: Endpoint) -> EndpointView:
    """The endpoint as the API shows it."""
    return EndpointView.model_validate(_fields(endpoint))


def new_endpoint_view(endpoint: Endpoint, *, is_told: bool) -> NewEndpointView:
    """The endpoint, with its secret when that is told."""
    return NewEndpointView.model_validate({**_fields(endpoint), "secret": endpoint.secret if is_told else None})


def delivery_view(delivery: Delivery) -> DeliveryView:
    """The delivery as the API shows it."""
    return DeliveryView(
        id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        type=EventType(delivery.type),
        status=delivery.status,
        attempt=delivery.attempt,
        created_at=moment(delivery.created_ms),
        next_at=_moment(delivery.next_ms),
        last_at=_moment(delivery.last_ms),
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        event=json.loads(delivery.body),
    )


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "name": endpoint.name,
        "url": endpoint.url,
        "types": endpoint.types,
        "is_enabled": endpoint.disabled_ms is None,
        "created_at": moment(endpoint.created_ms),
        "disabled_at": _moment(endpoint.disabled_ms),
        "disabled_reason": endpoint.disabled_reason,
        "old_secret_until": _moment(endpoint.old_secret_until_ms),
    }


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else moment(at_ms)
