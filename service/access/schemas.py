"""Shapes of keys and audit events as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from service.access.audit import AuditEvent
from service.access.scopes import WORDS, Scope, UnknownScope, read_scopes
from service.access.store import Key

MAX_GRACE_S = 30 * 86_400


class Status(StrEnum):
    """Whether a key opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


def _known(word: str) -> str:
    try:
        read_scopes([word])
    except UnknownScope as error:
        raise ValueError(str(error)) from None
    return word


ScopeWord = Annotated[
    str, AfterValidator(_known), Field(max_length=100, json_schema_extra={"enum": [str(word) for word in WORDS]})
]
PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"
"""Nothing that a terminal obeys or that turns the direction of text, as in names of cities (`CONTROL_CHARACTERS`)."""
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=PLAIN)]


class KeyRequest(BaseModel):
    """A key to be made, for the caller's own tenant."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "app", "scopes": ["plans:*"]}]})

    name: Name = Field(description="What it is for; people will look for it when it is to be revoked.")
    scopes: list[ScopeWord] = Field(min_length=1, max_length=20, description="What it may do.")
    expires_at: AwareDatetime | None = Field(None, description="When it ends; null = when it is revoked.")


class RotateRequest(BaseModel):
    """How an old key gives way to a new one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"grace_s": 3600}]})

    grace_s: float | None = Field(
        None,
        ge=0,
        le=MAX_GRACE_S,
        description="How long the old key stays valid; null = as the service is set, a day unless changed.",
    )


class KeyView(BaseModel):
    """A key, without what opens anything."""

    id: str = Field(description="Also the beginning of the key: key_1a2b… is evf_1a2b…_<secret>.")
    tenant: str
    name: str
    scopes: list[Scope]
    status: Status
    created_at: datetime
    created_by: str = Field(description="Id of the key that made it; `local` or `cli` without one.")
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute or so.")
    rotated_to: str | None = Field(description="Id of the key that takes its place.")


class NewKeyView(KeyView):
    """A key at the only moment when it is told."""

    key: str | None = Field(
        description="To be sent as `Authorization: Bearer …`; it is shown this once and kept nowhere. Null when the "
        "same request, told by its `Idempotency-Key`, has made the key before."
    )


class KeyPage(BaseModel):
    """One page of keys, newest first."""

    items: list[KeyView]
    next_cursor: str | None


class AuditEventView(BaseModel):
    """Something that was done, or was refused."""

    id: str
    at: datetime
    actor: str = Field(description="Id of the key; `local` or `cli` without one.")
    action: str = Field(description="For example key.create or job.cancel; of what was refused, method and path.")
    target: str = Field(description="Id of the key or job.")
    outcome: str = Field(description="done or refused.")
    request_id: str | None


class AuditEventPage(BaseModel):
    """One page of audit events, newest first."""

    items: list[AuditEventView]
    next_cursor: str | None


def key_view(key: Key) -> KeyView:
    """The key as the API shows it."""
    ended = Status.EXPIRED if key.has_expired else Status.ACTIVE
    return KeyView(
        id=key.id,
        tenant=key.tenant_id,
        name=key.name,
        scopes=list(key.scopes),
        status=Status.REVOKED if key.revoked_ms is not None else ended,
        created_at=_moment(key.created_ms),
        created_by=key.created_by,
        expires_at=_moment_or_none(key.expires_ms),
        revoked_at=_moment_or_none(key.revoked_ms),
        last_used_at=_moment_or_none(key.used_ms),
        rotated_to=key.rotated_to,
    )


def new_key_view(key: Key, text: str | None) -> NewKeyView:
    """The key with its text, where that is known."""
    return NewKeyView(**key_view(key).model_dump(), key=text)


def audit_event_view(event: AuditEvent) -> AuditEventView:
    """The event as the API shows it."""
    return AuditEventView(
        id=event.id,
        at=_moment(event.at_ms),
        actor=event.actor,
        action=event.action,
        target=event.target,
        outcome=event.outcome,
        request_id=event.request_id,
    )


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _moment_or_none(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else _moment(at_ms)
