"""What one kind of job is as a resource of the API: where it is, what it shows, what can be fetched of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from optimiser.basics.finding import Finding
from service.access.scopes import Scope
from service.jobs.desk import Read
from service.jobs.kinds import JobKind
from service.jobs.states import Job
from service.jobs.views import JobView, fields_of
from service.problems import finding_model
from service.publication.stages import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a result that has an address of its own."""

    summary: str
    document: str
    """Of the result."""
    key: str | None = None
    """In that document; None = all of it."""
    shape: Any = Any
    """Type of the answer, for the API's description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A document of a result for other programs or for the eye."""

    document: str
    media_type: str

    @property
    def shape(self) -> dict[str, str]:
        """For the API's description."""
        if "json" in self.media_type:
            return {"type": "object"}
        return {"type": "string"} if self.media_type.startswith("text/") else {"type": "string", "format": "binary"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Jobs of one kind as the API shows them."""

    kind: JobKind
    path: str
    tag: str
    scope_to_read: Scope
    scope_to_write: Scope
    is_published: bool
    """Whether its results are published and driven."""
    is_revised: bool = False
    """Whether the rest of a running one is planned anew."""
    request: type[BaseModel]
    """Shape of a submission, which `read` reads."""
    read: Read
    """What a body asks for."""
    view: type[JobView]
    """Has `links`, and the main document under the noun of the kind."""
    page: type[BaseModel]
    """`items` and `next_cursor`."""
    welcome: str
    """What is accepted, in sentences."""
    parts: Mapping[str, Part]
    exports: Mapping[str, Export]
    """By suffix."""

    def where(self, job_id: str) -> str:
        """Path of one job."""
        return f"{self.path}/{job_id}"

    def view_of(
        self,
        job: Job,
        *,
        position: int | None = None,
        warnings: Sequence[Finding] = (),
    ) -> JobView:
        """The job as it is shown, without its document."""
        path = self.where(job.id)
        links = {
            "self": path,
            "events": f"{path}/events",
            "cancel": f"{path}:cancel",
            **{name: f"{path}/{name}" for name in self.parts},
            "export": [f"{path}/export.{suffix}" for suffix in self.exports],
            **({step.value: f"{path}:{step}" for step in Move} if self.is_published else {}),
            **({"revisions": f"{path}/revisions"} if self.is_revised else {}),
        }
        shown = {"links": links, "warnings": [finding_model(finding) for finding in warnings]}
        return self.view.model_validate({**fields_of(job), "position": position, **shown})

    def body_of(self, view: JobView, document: bytes | None) -> bytes:
        """What a view of this kind is in JSON with the document of its job, which is passed on as it was written."""
        told = view.model_dump_json(by_alias=True, exclude={self.kind.noun}).encode()
        return b'%s,"%s":%s}' % (told[:-1], self.kind.noun.encode(), document or b"null")
