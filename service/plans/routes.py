"""HTTP words for plans."""

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
from service.plans.schemas import PlanPage, PlanView, plan_view
from service.plans.service import Plans
from service.problems import finding_model, responses

router = APIRouter(prefix="/v1/rebalancing-plans", tags=["rebalancing plans"])

EXPORTS = {
    "geojson": ("routes.geojson", "application/geo+json"),
    "csv": ("route_sheet.csv", "text/csv; charset=utf-8"),
    "html": ("report.html", "text/html; charset=utf-8"),
}


def plans_of(request: Request) -> Plans:
    """What `create_app` joined."""
    plans: Plans = request.app.state.plans
    return plans


async def read(request: Request, plans: Annotated[Plans, Depends(plans_of)]) -> bytes:
    """The body, counted while it comes in."""
    return await http.read_body(request, limit=plans.settings.max_body_bytes)


PlansDep = Annotated[Plans, Depends(plans_of)]
Body = Annotated[bytes, Depends(read)]


@router.post(
    "",
    status_code=202,
    response_model=PlanView,
    summary="Submit a plan",
    responses={
        200: {"model": PlanView, "description": "Done within `Prefer: wait`"},
        **responses(BodyTooLarge, MalformedBody, NotJson, InvalidRequest, KeyReused),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PlanRequest"}}},
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
) -> PlanView:
    """
    Accept a plan for a bundled city, or for one given inline; it is planned by a worker.

    The same `Idempotency-Key` with the same body gives the same plan, however often it is sent.
    """
    job, warnings = await run_sync(lambda: plans.submit(body, idempotency_key=idempotency_key))
    path = f"{router.prefix}/{job.id}"
    await http.answer_submission(plans, job, request, response, path=path, prefer=prefer)
    job, position, plan = await run_sync(plans.look, job.id)
    return plan_view(
        job, path=path, plan=plan, position=position, warnings=[finding_model(finding) for finding in warnings]
    )


@router.get("", summary="List plans", responses=responses(InvalidRequest))
def index(
    plans: PlansDep,
    response: Response,
    limit: Annotated[int, Query(ge=1)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    status: State | None = None,
) -> PlanPage:
    """Newest first; follow `next_cursor`, or the `Link` with rel="next", until there is none."""
    shown, following = http.read_page(plans, response, prefix=router.prefix, limit=limit, cursor=cursor, state=status)
    items = [plan_view(job, path=f"{router.prefix}/{job.id}") for job in shown]
    return PlanPage(items=items, next_cursor=following)


# The two with a suffix stand before the plain one, whose id would swallow the suffix.
@router.post(
    "/{plan_id}:cancel",
    status_code=202,
    summary="Cancel a plan, keep the best so far",
    responses={
        200: {"model": PlanView, "description": "It had ended already, or has now"},
        **responses(NotFound, InvalidRequest),
    },
)
def cancel(plans: PlansDep, plan_id: str, response: Response) -> PlanView:
    """A queued plan ends at once; a running one ends with the best plan found so far; an ended one stays as it is."""
    job = plans.cancel(plan_id)
    if job.state.is_final:
        response.status_code = 200
    return plan_view(job, path=f"{router.prefix}/{plan_id}")


@router.get("/{plan_id}", summary="A plan and how it is", responses=responses(NotFound, InvalidRequest))
def show(plans: PlansDep, plan_id: str, response: Response) -> PlanView:
    """Status and progress while it is made; the plan document when it is done."""
    job, position, plan = plans.look(plan_id)
    if not job.state.is_final:
        response.headers["Retry-After"] = "2"
    return plan_view(job, path=f"{router.prefix}/{plan_id}", plan=plan, position=position)


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
    "/{plan_id}/kpis",
    summary="Key figures before and after",
    responses=responses(NotFound, NotFinished, NoResult, InvalidRequest),
)
def kpis(plans: PlansDep, plan_id: str) -> dict[str, Any]:
    """The part `kpis` of the plan document."""
    figures: dict[str, Any] = plans.part(plan_id, "plan.json", "kpis")
    return figures


@router.get(
    "/{plan_id}/routes",
    summary="Routes of the vans",
    responses=responses(NotFound, NotFinished, NoResult, InvalidRequest),
)
def routes(plans: PlansDep, plan_id: str) -> list[dict[str, Any]]:
    """The part `routes` of the plan document."""
    found: list[dict[str, Any]] = plans.part(plan_id, "plan.json", "routes")
    return found


@router.get(
    "/{plan_id}/unserved",
    summary="What the plan leaves out, and why",
    responses=responses(NotFound, NotFinished, NoResult, InvalidRequest),
)
def unserved(plans: PlansDep, plan_id: str) -> Any:
    """The document unserved.json."""
    return plans.part(plan_id, "unserved.json")


@router.get(
    "/{plan_id}/export.{suffix}",
    response_class=FileResponse,
    summary="Download routes, route sheet or report",
    responses={
        200: {"content": {kind: {} for _, kind in EXPORTS.values()}, "description": "The document"},
        **responses(NotFound, NotFinished, NoResult, InvalidRequest),
    },
)
def export(plans: PlansDep, plan_id: str, suffix: Literal["geojson", "csv", "html"]) -> FileResponse:
    """Routes as GeoJSON, the route sheet as CSV, or the report with its map as a page of its own."""
    name, media_type = EXPORTS[suffix]
    return http.download(plans.document(plan_id, name), filename=f"{plan_id}-{name}", media_type=media_type)
