"""Shapes of jobs as the API shows them; each kind adds its own links and its document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from service.jobs.states import Event, Job, State
from service.problems import FindingModel
from service.publication.stages import Stage


class Progress(BaseModel):
    """One moment of the search."""

    elapsed_s: float
    objective: float
    best_bound: float
    gap: float


class Failure(BaseModel):
    """Why a job ended without a result; codes are explained in docs/api.md."""

    code: str
    detail: str
    findings: list[FindingModel] = []
    warnings: list[FindingModel] = Field([], description="Odd but possible; found beside the errors.")


class JobLinks(BaseModel):
    """Where the parts of a job are; each kind has more of them."""

    self: str
    events: str
    cancel: str
    export: list[str]


class JobView(BaseModel):
    """A job on its way."""

    id: str
    name: str
    status: State
    position: int | None = Field(
        None, description="Jobs that were submitted earlier and still wait; not told in lists."
    )
    attempt: int = Field(description="Counts from 1; rises when a worker died and the job was run again.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    stop_reason: str | None = Field(description="optimal, gap, stalled, time_limit or cancelled.")
    progress: Progress | None
    error: Failure | None
    warnings: list[FindingModel] = Field([], description="Odd but possible; told in the answer to the submission.")


class PublishedLinks(JobLinks):
    """Where what can be published is moved from stage to stage."""

    publish: str
    start: str
    finish: str
    archive: str


class PublishedView(JobView):
    """A job whose result can be published."""

    stage: Stage = Field(description="What has become of it: draft, published, in_progress, done or archived.")
    stage_at: datetime | None = Field(description="Since when; null for a draft.")
    city: str | None = Field(description="For which city it was published; null for a draft.")
    service_date: str | None = Field(description="For the night that begins on this date there; null for a draft.")
    superseded_by: str | None = Field(description="Id of the plan that was published in its place.")


class EventView(BaseModel):
    """Something that happened; `seq` counts from 1 without gaps."""

    seq: int
    at: datetime
    kind: str = Field(description="status, progress or end.")
    attempt: int
    data: dict[str, Any]


class EventPage(BaseModel):
    """Events after a number; ask again with `after=next_after` until `is_final`."""

    items: list[EventView]
    next_after: int
    is_final: bool


def fields_of(job: Job) -> dict[str, Any]:
    """What `JobView` and `PublishedView` show of a job."""
    return {
        "id": job.id,
        "name": job.name,
        "status": job.state,
        "attempt": job.attempt,
        "created_at": moment(job.created_ms),
        "started_at": _moment(job.started_ms),
        "finished_at": _moment(job.finished_ms),
        "cancel_requested_at": _moment(job.cancel_requested_ms),
        "stop_reason": job.stop_reason,
        "progress": job.progress or None,
        "error": _failure(job.error) if job.error else None,
        "stage": job.stage,
        "stage_at": _moment(job.stage_ms),
        "city": job.city,
        "service_date": job.service_date,
        "superseded_by": job.superseded_by,
        "revises": job.revises,
    }


def event_view(event: Event) -> EventView:
    """The event as the API shows it."""
    return EventView(seq=event.seq, at=moment(event.at_ms), kind=event.kind, attempt=event.attempt, data=event.data)


def moment(at_ms: int) -> datetime:
    """Milliseconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else moment(at_ms)


def _failure(error: dict[str, Any]) -> Failure:
    # Jobs that ended before an upgrade tell no warnings.
    findings, warnings = _told(error["findings"]), _told(error.get("warnings", ()))
    return Failure(code=error["code"], detail=error["detail"], findings=findings, warnings=warnings)


def _told(findings: Sequence[dict[str, Any]]) -> list[FindingModel]:
    return [
        FindingModel(
            code=finding["code"],
            source=finding["source"],
            pointer=finding["where"],
            detail=finding["message"],
            value=finding["value"],
            hint=finding["hint"],
        )
        for finding in findings
    ]
