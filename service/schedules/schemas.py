"""Shapes of schedules as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from service.access.schemas import Name
from service.schedules.kinds import RESOURCES
from service.schedules.moments import next_due
from service.schedules.store import Schedule

LocalTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM by the clock of the city.")]
Options = Annotated[
    dict[str, Any], Field(max_length=20, description="What a submission says beside `city` and `name`, as `limits`.")
]


class ScheduleRequest(BaseModel):
    """A night that is to be planned every day."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"city": "goteborg", "kind": "bikes", "local_time": "21:30"}]},
    )

    city: str = Field(min_length=1, max_length=64, description="A bundled city, or one of your own.")
    kind: Literal["bikes", "cars"] = "bikes"
    local_time: LocalTime
    name: Name | None = None
    options: Options = {}
    is_paused: bool = False


class ScheduleChange(BaseModel):
    """What is to be different; the rest stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"is_paused": True}]})

    local_time: LocalTime | None = None
    name: Name | None = None
    options: Options | None = None
    is_paused: bool | None = None


class ScheduleView(BaseModel):
    """A schedule and how it goes."""

    id: str
    name: str
    city: str
    kind: str
    time_zone: str
    local_time: str
    options: dict[str, Any]
    is_paused: bool
    created_at: datetime
    next_at: datetime | None = Field(description="When the next night is due; null while paused.")
    last_service_date: str | None = Field(description="The newest date that was planned.")
    last_plan: str | None = Field(description="Where its plan is; null when it was refused.")


class ScheduleList(BaseModel):
    """All schedules of a tenant, oldest first."""

    items: list[ScheduleView]


def schedule_view(one: Schedule, *, now: datetime) -> ScheduleView:
    """The schedule as the API shows it."""
    upcoming = next_due(now, time.fromisoformat(one.local_time), ZoneInfo(one.time_zone))
    return ScheduleView(
        id=one.id,
        name=one.name,
        city=one.city,
        kind=one.kind,
        time_zone=one.time_zone,
        local_time=one.local_time,
        options=one.options,
        is_paused=one.is_paused,
        created_at=datetime.fromtimestamp(one.created_ms / 1000, UTC),
        next_at=None if one.is_paused else upcoming,
        last_service_date=one.last_date,
        last_plan=RESOURCES[one.kind].where(one.last_job_id) if one.last_job_id else None,
    )
