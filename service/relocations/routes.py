"""HTTP words for relocation plans of e-cars."""

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
from service.jobs.states import State
from service.jobs.views import EventPage
from service.problems import finding_model, responses
from service.relocations.schemas import RelocationPage, RelocationView, relocation_view
from service.relocations.service import Relocations

router = APIRouter(prefix="/v1/relocation-plans", tags=["relocation plans"])

EXPORTS = {
    "geojson": ("routes.geojson", "application/geo+json"),
    "csv": ("driver_sheet.csv", "text/csv; charset=utf-8"),
    "html": ("report.html", "text/html; charset=utf-8"),
}


def plans_of(request: Request) -> Relocations:
    """What `create_app` joined."""
    plans: Relocations = request.app.state.relocations
    return plans


async def read(request: Request, plans: Annotated[Relocations, Depends(plans_of)]) -> bytes:
    """The body, counted while it comes in."""
    return await http.read_body(request, limit=plans.settings.max_body_bytes)


PlansDep = Annotated[Relocations, Depends(plans_of)]
Body = Annotated[bytes, Depends(read)]


@router.post(
    "",
    status_code=202,
    response_model=RelocationView,
    summary="Submit a plan",
    responses={
        200: {"model": RelocationView, "description": "Done within `Prefer: wait`"},
        **responses(BodyTooLarge, MalformedBody, NotJson, InvalidRequest, KeyReused),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RelocationRequest"}}},
        }
    },
)
async def submit(
    plans: PlansDep,
    body: Body,
    request: Request,
    response: Response,
    *,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    prefer: Annotated[str | None, Header(max_length=255, description="`wait=8` waits up to 8 s for the plan.")] = None,
) -> RelocationView:
    """
    Accept a night of e-cars of a bundled city, or of a fleet given inline; it is planned by a worker.

    The same `Idempotency-Key` with the same body gives the same plan, however often it is sent.
    """
    job, warnings = await run_sync(lambda: plans.submit(body, idempotency_key=idempotency_key))
    path = f"{router.prefix}/{job.id}"
    await http.answer_submission(plans, job, request, response, path=path, prefer=prefer)
    job, position, plan = await run_sync(plans.look, job.id)
    return relocation_view(
        job, path=path, plan=plan, position=position, warnings=[finding_model(finding) for finding in warnings]
    )


@router.get("", summary="List plans", responses=responses(InvalidRequest))
def index(
    plans: PlansDep,
    response: Response,
    limit: Annotated[int, Query(ge=1)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    status: State | None = None,
) -> RelocationPage:
    """Newest first; follow `next_cursor`, or the `Link` with rel="next", until there is none."""
    shown, following = http.read_page(plans, response, prefix=router.prefix, limit=limit, cursor=cursor, state=status)
    items = [relocation_view(job, path=f"{router.prefix}/{job.id}") for job in shown]
    return RelocationPage(items=items, next_cursor=following)


# The two with a suffix stand before the plain one, whose id would swallow the suffix.
@router.post(
    "/{plan_id}:cancel",
    status_code=202,
    summary="Cancel a plan, keep the best so far",
    responses={
        200: {"model": RelocationView, "description": "It had ended already, or has now"},
        **responses(NotFound, InvalidRequest),
    },
)
def cancel(plans: PlansDep, plan_id: str, response: Response) -> RelocationView:
    """A queued plan ends at once; a running one ends with the best plan found so far; an ended one stays as it is."""
    job = plans.cancel(plan_id)
    if job.state.is_final:
        response.status_code = 200
    return relocation_view(job, path=f"{router.prefix}/{plan_id}")


@router.get("/{plan_id}", summary="A plan and how it is", responses=responses(NotFound, InvalidRequest))
def show(plans: PlansDep, plan_id: str, response: Response) -> RelocationView:
    """Status and progress while it is made; the plan document when it is done."""
    job, position, plan = plans.look(plan_id)
    if not job.state.is_final:
        response.headers["Retry-After"] = "2"
    return relocation_view(job, path=f"{router.prefix}/{plan_id}", plan=plan, position=position)


@router.get(
    "/{plan_id}/events",
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
    plans: PlansDep,
    plan_id: str,
    request: Request,
    after: Annotated[int | None, Query(ge=0, le=2**31, description="Events with a higher number only.")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**31)] = None,
) -> Any:
    """Server-sent events when they are accepted, resumed after `Last-Event-ID`; else one page of JSON."""
    return await http.tell_events(plans, plan_id, request, after=after, last_event_id=last_event_id)


@router.get(
    "/{plan_id}/export.{suffix}",
    response_class=FileResponse,
    summary="Download routes, sheets of drivers or report",
    responses={
        200: {"content": {kind: {} for _, kind in EXPORTS.values()}, "description": "The document"},
        **responses(NotFound, NotFinished, NoResult, InvalidRequest),
    },
)
def export(plans: PlansDep, plan_id: str, suffix: Literal["geojson", "csv", "html"]) -> FileResponse:
    """Routes as GeoJSON, the sheets of drivers as CSV, or the report with its map as a page of its own."""
    name, media_type = EXPORTS[suffix]
    return http.download(plans.document(plan_id, name), filename=f"{plan_id}-{name}", media_type=media_type)


# After all others, whose names it would take for parts.
@router.get(
    "/{plan_id}/{part}",
    summary="A part of the plan: kpis, routes, cars, charges or unserved",
    responses=responses(NotFound, NotFinished, NoResult, InvalidRequest),
)
def show_part(plans: PlansDep, plan_id: str, part: Literal["kpis", "routes", "cars", "charges", "unserved"]) -> Any:
    """That part of the plan document: key figures, what drivers do, cars, power slot by slot, what is left undone."""
    return plans.part(plan_id, "plan.json", part)
