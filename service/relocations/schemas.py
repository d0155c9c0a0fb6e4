"""Shapes of relocation plans as the API shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from service.jobs.states import Job
from service.jobs.views import JobView, fields_of
from service.problems import FindingModel


class RelocationLinks(BaseModel):
    """Where the parts of a plan are."""

    self: str
    events: str
    cancel: str
    kpis: str
    routes: str
    cars: str
    charges: str
    unserved: str
    export: list[str]


class RelocationView(JobView):
    """A plan on its way, and when it is done the plan itself."""

    links: RelocationLinks
    plan: dict[str, Any] | None = Field(None, description="The document plan.json; null until there is one.")


class RelocationPage(BaseModel):
    """One page of plans, newest first, without their documents."""

    items: list[RelocationView]
    next_cursor: str | None


def relocation_view(
    job: Job,
    *,
    path: str,
    plan: dict[str, Any] | None = None,
    position: int | None = None,
    warnings: list[FindingModel] | None = None,
) -> RelocationView:
    """The job as a plan whose resource is at `path`."""
    return RelocationView(
        **fields_of(job),
        position=position,
        links=RelocationLinks(
            self=path,
            events=f"{path}/events",
            cancel=f"{path}:cancel",
            kpis=f"{path}/kpis",
            routes=f"{path}/routes",
            cars=f"{path}/cars",
            charges=f"{path}/charges",
            unserved=f"{path}/unserved",
            export=[f"{path}/export.{suffix}" for suffix in ("geojson", "csv", "html")],
        ),
        warnings=warnings or [],
        plan=plan,
    )
