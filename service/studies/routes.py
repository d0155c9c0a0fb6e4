"""HTTP words for siting studies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import FileResponse

from service.errors import (
    BodyTooLarge,
    InvalidRequest,
    KeyReused,
    MalformedBody,
    NoResult,
    NotFinished,
    NotFound,
    NotJson,
)
from service.jobs import http
from service.jobs.states import Job, State
from service.jobs.views import EventPage
from service.problems import finding_model, responses
from service.studies.schemas import StudyPage, StudyView, study_view
from service.studies.service import Studies

router = APIRouter(prefix="/v1/siting-studies", tags=["siting studies"])

EXPORTS = {
    "geojson": ("sites.geojson", "application/geo+json"),
    "csv": ("sites.csv", "text/csv; charset=utf-8"),
    "xlsx": ("study.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "gpkg": ("study.gpkg", "application/geopackage+sqlite3"),
    "html": ("report.html", "text/html; charset=utf-8"),
}


def studies_of(request: Request) -> Studies:
    """What `create_app` joined."""
    studies: Studies = request.app.state.studies
    return studies


StudiesDep = Annotated[Studies, Depends(studies_of)]


async def read(request: Request, studies: StudiesDep) -> bytes:
    """The body, counted while it comes in."""
    return await http.read_body(request, limit=studies.settings.max_body_bytes)


Body = Annotated[bytes, Depends(read)]


@router.post(
    "",
    status_code=202,
    response_model=StudyView,
    summary="Submit a study",
    responses={
        200: {"model": StudyView, "description": "Done within `Prefer: wait`"},
        **responses(BodyTooLarge, MalformedBody, NotJson, InvalidRequest, KeyReused),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/StudyRequest"}}},
        }
    },
)
async def submit(
    studies: StudiesDep,
    body: Body,
    request: Request,
    response: Response,
    *,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    prefer: Annotated[str | None, Header(max_length=255, description="`wait=8` waits up to 8 s for the study.")] = None,
) -> StudyView:
    """
    Accept a study of a bundled city, or of one given inline, with wishes instead of its own; it is made by a worker.

    A wish that cannot be kept is part of the result (`conflicts`), no error. The same `Idempotency-Key` with the same
    body gives the same study, however often it is sent.
    """
    job, warnings = await run_sync(lambda: studies.submit(body, idempotency_key=idempotency_key))
    path = f"{router.prefix}/{job.id}"
    await http.answer_submission(studies, job, request, response, path=path, prefer=prefer)
    job, position, study = await run_sync(studies.look, job.id)
    return _view(job, study=study, position=position, warnings=[finding_model(finding) for finding in warnings])


@router.get("", summary="List studies", responses=responses(InvalidRequest))
def index(
    studies: StudiesDep,
    response: Response,
    limit: Annotated[int, Query(ge=1)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    status: State | None = None,
) -> StudyPage:
    """Newest first; follow `next_cursor`, or the `Link` with rel="next", until there is none."""
    shown, following = http.read_page(studies, response, prefix=router.prefix, limit=limit, cursor=cursor, state=status)
    return StudyPage(items=[_view(job) for job in shown], next_cursor=following)


# The two with a suffix stand before the plain one, whose id would swallow the suffix.
@router.post(
    "/{study_id}:cancel",
    status_code=202,
    summary="Cancel a study, keep the best so far",
    responses={
        200: {"model": StudyView, "description": "It had ended already, or has now"},
        **responses(NotFound, InvalidRequest),
    },
)
def cancel(studies: StudiesDep, study_id: str, response: Response) -> StudyView:
    """A queued study ends at once; a running one ends with the best plan found so far; an ended one stays as it is."""
    job = studies.cancel(study_id)
    if job.state.is_final:
        response.status_code = 200
    return _view(job)


@router.get("/{study_id}", summary="A study and how it is", responses=responses(NotFound, InvalidRequest))
def show(studies: StudiesDep, study_id: str, response: Response) -> StudyView:
    """Status and progress while it is made; the study document when it is done."""
    job, position, study = studies.look(study_id)
    if not job.state.is_final:
        response.headers["Retry-After"] = "2"
    return _view(job, study=study, position=position)


@router.get(
    "/{study_id}/events",
    response_model=EventPage,
    summary="What happened, and what happens next",
    responses={
        200: {
            "model": EventPage,
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
            "description": "A page of events, or with `Accept: text/event-stream` a stream of them",
        },
        204: {"description": "The stream was read to its end before (`Last-Event-ID`); do not reconnect"},
        **responses(NotFound, InvalidRequest),
    },
)
async def events(
    studies: StudiesDep,
    study_id: str,
    request: Request,
    after: Annotated[int | None, Query(ge=0, le=2**31, description="Events with a higher number only.")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**31)] = None,
) -> Any:
    """Server-sent events when they are accepted, resumed after `Last-Event-ID`; else one page of JSON."""
    return await http.tell_events(studies, study_id, request, after=after, last_event_id=last_event_id)


@router.get(
    "/{study_id}/export.{suffix}",
    response_class=FileResponse,
    summary="Download sites, workbook, layers or report",
    responses={
        200: {"content": {kind: {} for _, kind in EXPORTS.values()}, "description": "The document"},
        **responses(NotFound, NotFinished, NoResult, InvalidRequest),
    },
)
def export(
    studies: StudiesDep, study_id: str, suffix: Literal["geojson", "csv", "xlsx", "gpkg", "html"]
) -> FileResponse:
    """Sites as GeoJSON or CSV, everything as a workbook or as layers for a GIS, or the report as a page of its own."""
    name, media_type = EXPORTS[suffix]
    return http.download(studies.document(study_id, name), filename=f"{study_id}-{name}", media_type=media_type)


# After all others, whose names it would take for parts.
@router.get(
    "/{study_id}/{part}",
    summary="A part of the study: figures, sites, conflicts or unserved",
    responses=responses(NotFound, NotFinished, NoResult, InvalidRequest),
)
def show_part(studies: StudiesDep, study_id: str, part: Literal["figures", "sites", "conflicts", "unserved"]) -> Any:
    """That part of the study document."""
    return studies.part(study_id, "study.json", part)


def _view(job: Job, **more: Any) -> StudyView:
    return study_view(job, path=f"{router.prefix}/{job.id}", suffixes=tuple(EXPORTS), **more)
