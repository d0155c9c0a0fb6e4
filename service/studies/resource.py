"""Siting studies as a resource of the API."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from service.access.scopes import Scope
from service.jobs.kinds import SITING
from service.jobs.resource import Export, Part, Resource
from service.jobs.views import JobLinks, JobView, Progress
from service.siter import Beside, StudyRequest
from service.studies.requests import read_request


class StudyLinks(JobLinks):
    """Where the parts of a study are."""

    figures: str
    sites: str
    conflicts: str
    unserved: str


class StudyProgress(Progress):
    """One moment of the search, or of what follows it."""

    beside: Beside | None = Field(None, description="Once the study is solved: what is made beside it, and how far.")


class StudyView(JobView):
    """A study on its way, and when it is done the study itself."""

    progress: StudyProgress | None
    links: StudyLinks
    study: dict[str, Any] | None = Field(None, description="The document study.json; null until there is one.")


class StudyPage(BaseModel):
    """One page of studies, newest first, without their documents."""

    items: list[StudyView]
    next_cursor: str | None


STUDIES = Resource(
    kind=SITING,
    path=SITING.path,
    tag="siting studies",
    scope_to_read=Scope.STUDIES_READ,
    scope_to_write=Scope.STUDIES_WRITE,
    is_published=False,
    request=StudyRequest,
    read=read_request,
    view=StudyView,
    page=StudyPage,
    welcome="Accept a study of a bundled city, or of one given inline, with wishes instead of its own; it is made by "
    "a worker. A wish that cannot be kept is part of the result (`conflicts`), no error.",
    parts={
        "figures": Part(summary="Key figures before and after", document="study.json", key="figures"),
        "sites": Part(summary="The sites, and why each", document="study.json", key="sites"),
        "conflicts": Part(summary="Wishes that cannot be kept", document="study.json", key="conflicts"),
        "unserved": Part(summary="Who stays out of reach, and why", document="study.json", key="unserved"),
    },
    exports={
        "geojson": Export(document="sites.geojson", media_type="application/geo+json"),
        "demand.geojson": Export(document="demand.geojson", media_type="application/geo+json"),
        "csv": Export(document="sites.csv", media_type="text/csv; charset=utf-8"),
        "servings.csv": Export(document="servings.csv", media_type="text/csv; charset=utf-8"),
        "xlsx": Export(
            document="study.xlsx", media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        ),
        "gpkg": Export(document="study.gpkg", media_type="application/geopackage+sqlite3"),
        "html": Export(document="report.html", media_type="text/html; charset=utf-8"),
    },
)
