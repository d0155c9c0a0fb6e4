"""The life of a job, in words and values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """queued -> preparing -> solving -> succeeded | failed | cancelled, or invalid."""

    QUEUED = "queued"
    PREPARING = "preparing"
    SOLVING = "solving"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INVALID = "invalid"

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self not in OPEN


RUNNING = (State.PREPARING, State.SOLVING)
OPEN = (State.QUEUED, *RUNNING)


class FailureCode(StrEnum):
    """Why a job ended without a plan; `docs/api.md` explains each."""

    INVALID_INPUT = "invalid_input"
    """The planner found errors in the input; `findings` lists them. The job is `invalid`."""
    SOLVER_CRASHED = "solver_crashed"
    """The solver child ended by itself without a plan."""
    OUT_OF_MEMORY = "out_of_memory"
    """The solver child needed more memory than it may have."""
    CPU_LIMIT = "cpu_limit"
    """The solver child used up its CPU time."""
    SOLVER_TIMEOUT = "solver_timeout"
    """The solver child was still running after the longest time it may take."""
    BAD_RESULT = "bad_result"
    """The solver child ended well but what it left is not a complete plan."""
    STORAGE_FULL = "storage_full"
    """There was no room on the disk, however long the worker waited."""
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    """The worker died in every attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of `job`; times are milliseconds since 1970 UTC."""

    tenant_id: str
    id: str
    kind: str
    name: str
    state: State
    attempt: int
    request_sha256: str
    city_version: str | None
    created_ms: int
    started_ms: int | None
    finished_ms: int | None
    cancel_requested_ms: int | None
    stop_reason: str | None
    progress: dict[str, Any] | None
    error: dict[str, Any] | None
    stage: str
    """What has become of it since, see `service.publication`; `draft` for what cannot be published."""
    stage_seq: int
    """How often that has changed."""
    stage_ms: int | None
    city: str | None
    """With `service_date`, the night for which it was published."""
    service_date: str | None
    superseded_by: str | None
    revises: str | None
    """Id of the plan of which this one plans the rest of the night anew."""
    body_sha256: str | None
    """Of the submission as it was sent; `request_sha256` is of what was read in it, with what it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a job; `seq` counts from 1 without gaps within the job."""

    seq: int
    at_ms: int
    kind: str
    """`status`, `progress` or `end`."""
    attempt: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended."""

    state: State
    files: dict[str, str] | None = None
    """Document name to sha256; None = no result."""
    stop_reason: str | None = None
    error: dict[str, Any] | None = None
    """`code`, `detail`, `findings` where there are some, and `warnings` beside them."""


def failure(
    code: FailureCode,
    detail: str,
    *,
    findings: Sequence[dict[str, Any]] = (),
    warnings: Sequence[dict[str, Any]] = (),
) -> Outcome:
    """An outcome without a plan."""
    state = State.INVALID if code is FailureCode.INVALID_INPUT else State.FAILED
    error = {"code": code.value, "detail": detail, "findings": [*findings], "warnings": [*warnings]}
    return Outcome(state=state, error=error)
