"""Relocation plans of e-cars as a resource of the API."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from service.access.scopes import Scope
from service.jobs.kinds import RELOCATION
from service.jobs.resource import Export, Part, Resource
from service.jobs.views import PublishedLinks, PublishedView
from service.relocations.requests import read_request
from service.relocator import RelocationRequest


class RelocationLinks(PublishedLinks):
    """Where the parts of a plan are."""

    kpis: str
    routes: str
    cars: str
    charges: str
    unserved: str


class RelocationView(PublishedView):
    """A plan on its way, and when it is done the plan itself."""

    links: RelocationLinks
    plan: dict[str, Any] | None = Field(None, description="The document plan.json; null until there is one.")


class RelocationPage(BaseModel):
    """One page of plans, newest first, without their documents."""

    items: list[RelocationView]
    next_cursor: str | None


RELOCATIONS = Resource(
    kind=RELOCATION,
    path=RELOCATION.path,
    tag="relocation plans",
    scope_to_read=Scope.PLANS_READ,
    scope_to_write=Scope.PLANS_WRITE,
    is_published=True,
    request=RelocationRequest,
    read=read_request,
    view=RelocationView,
    page=RelocationPage,
    welcome="Accept a night of e-cars of a bundled city, or of a fleet given inline; it is planned by a worker.",
    parts={
        "kpis": Part(summary="Key figures before and after", document="plan.json", key="kpis"),
        "routes": Part(summary="What each driver does", document="plan.json", key="routes"),
        "cars": Part(summary="Each car before and after", document="plan.json", key="cars"),
        "charges": Part(summary="Power of each plugged car, slot by slot", document="plan.json", key="charges"),
        "unserved": Part(summary="What the plan leaves undone, and why", document="plan.json", key="unserved"),
    },
    exports={
        "geojson": Export(document="routes.geojson", media_type="application/geo+json"),
        "csv": Export(document="driver_sheet.csv", media_type="text/csv; charset=utf-8"),
        "html": Export(document="report.html", media_type="text/html; charset=utf-8"),
    },
)
