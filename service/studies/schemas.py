"""Shapes of studies as the API shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from service.jobs.states import Job
from service.jobs.views import JobView, fields_of
from service.problems import FindingModel


class StudyLinks(BaseModel):
    """Where the parts of a study are."""

    self: str
    events: str
    cancel: str
    figures: str
    sites: str
    conflicts: str
    unserved: str
    export: list[str]


class StudyView(JobView):
    """A study on its way, and when it is done the study itself."""

    links: StudyLinks
    study: dict[str, Any] | None = Field(None, description="The document study.json; null until there is one.")


class StudyPage(BaseModel):
    """One page of studies, newest first, without their documents."""

    items: list[StudyView]
    next_cursor: str | None


def study_view(
    job: Job,
    *,
    path: str,
    suffixes: tuple[str, ...],
    study: dict[str, Any] | None = None,
    position: int | None = None,
    warnings: list[FindingModel] | None = None,
) -> StudyView:
    """The job as a study whose resource is at `path`."""
    return StudyView(
        **fields_of(job),
        position=position,
        links=StudyLinks(
            self=path,
            events=f"{path}/events",
            cancel=f"{path}:cancel",
            figures=f"{path}/figures",
            sites=f"{path}/sites",
            conflicts=f"{path}/conflicts",
            unserved=f"{path}/unserved",
            export=[f"{path}/export.{suffix}" for suffix in suffixes],
        ),
        warnings=warnings or [],
        study=study,
    )
