"""Rebalancing plans of bikes as a resource of the API."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from service.access.scopes import Scope
from service.jobs.kinds import REBALANCING
from service.jobs.resource import Export, Part, Resource
from service.jobs.views import PublishedLinks, PublishedView
from service.planner import PlanRequest
from service.plans.requests import read_request


class PlanLinks(PublishedLinks):
    """Where the parts of a plan are."""

    kpis: str
    routes: str
    unserved: str
    revisions: str


class PlanView(PublishedView):
    """A plan on its way, and when it is done the plan itself."""

    links: PlanLinks
    revises: str | None = Field(description="Id of the plan of which this one plans the rest of the night anew.")
    plan: dict[str, Any] | None = Field(None, description="The document plan.json; null until there is one.")


class PlanPage(BaseModel):
    """One page of plans, newest first, without their documents."""

    items: list[PlanView]
    next_cursor: str | None


PLANS = Resource(
    kind=REBALANCING,
    path=REBALANCING.path,
    tag="rebalancing plans",
    scope_to_read=Scope.PLANS_READ,
    scope_to_write=Scope.PLANS_WRITE,
    is_published=True,
    is_revised=True,
    request=PlanRequest,
    read=read_request,
    view=PlanView,
    page=PlanPage,
    welcome="Accept a plan for a bundled city, or for one given inline; it is planned by a worker.",
    parts={
        "kpis": Part(summary="Key figures before and after", document="plan.json", key="kpis", shape=dict[str, Any]),
        "routes": Part(summary="Routes of the vans", document="plan.json", key="routes", shape=list[dict[str, Any]]),
        "unserved": Part(summary="What the plan leaves out, and why", document="unserved.json"),
    },
    exports={
        "geojson": Export(document="routes.geojson", media_type="application/geo+json"),
        "csv": Export(document="route_sheet.csv", media_type="text/csv; charset=utf-8"),
        "html": Export(document="report.html", media_type="text/html; charset=utf-8"),
    },
)
