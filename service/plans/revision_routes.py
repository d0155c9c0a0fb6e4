"""HTTP words for revisions: plan the rest of a running night anew, and see which have been made."""

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from service.access.needs import spend_submission
from service.access.scopes import Scope
from service.asking import ask
from service.errors import (
    BodyTooLarge,
    CityGone,
    IllegalMove,
    InvalidRequest,
    KeyReused,
    MalformedBody,
    NoResult,
    NotFinished,
    NotFound,
    NotJson,
    TooManyOpenJobs,
)
from service.jobs import http
from service.jobs.desk import Desk
from service.jobs.routing import desk_of
from service.jobs.showing import in_json, show
from service.jobs.states import State
from service.plans.resource import PLANS, PlanPage, PlanView
from service.plans.revising import submit
from service.plans.shapes import RevisionRequest
from service.problems import responses

router = APIRouter(prefix=PLANS.path, tags=[PLANS.tag])

BODIES = (RevisionRequest,)
"""Shapes of bodies that are read by hand, for the API's description."""

MAX_BODY_BYTES = 2_000_000
MAX_BODY_VALUES = 200_000

Reader = Annotated[Desk, Depends(desk_of(PLANS, Scope.PLANS_READ))]
Writer = Annotated[Desk, Depends(desk_of(PLANS, Scope.PLANS_WRITE))]


async def _body(request: Request, _writer: Writer, _paid: Annotated[None, Depends(spend_submission)]) -> bytes:
    return await http.read_body(request, limit=MAX_BODY_BYTES)


@router.post(
    "/{plan_id}/revisions",
    status_code=202,
    summary="Plan the rest of a running night anew",
    response_model=PlanView,
    responses={
        200: {"model": PlanView, "description": "Done within `Prefer: wait`"},
        **responses(
            NotFound,
            NotFinished,
            NoResult,
            IllegalMove,
            CityGone,
            BodyTooLarge,
            MalformedBody,
            NotJson,
            InvalidRequest,
            KeyReused,
            TooManyOpenJobs,
        ),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RevisionRequest"}}},
        }
    },
)
async def submit_revision(
    desk: Writer,
    plan_id: str,
    body: Annotated[bytes, Depends(_body)],
    request: Request,
    response: Response,
    *,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    prefer: Annotated[str | None, Header(max_length=255, description="`wait=8` waits up to 8 s for the plan.")] = None,
) -> Any:
    """
    A plan of its own, of what is left of the night: what is done stays done, what is frozen stays, the rest may change.

    Told are the moment, what vans did otherwise than planned, and what has happened. A revision can be revised like any
    plan. Positions of stops are those in `routes` of the plan that is revised. The same `Idempotency-Key` with the same
    body gives the same plan, however often it is sent.
    """
    job, warnings = await run_sync(
        lambda: submit(desk, plan_id, body, max_values=MAX_BODY_VALUES, idempotency_key=idempotency_key)
    )
    await http.answer_submission(desk, job, request, response, path=PLANS.where(job.id), prefer=prefer)
    _, content = await show(PLANS, desk, job.id, warnings=warnings)
    return in_json(content, response, status=202)


@router.get(
    "/{plan_id}/revisions",
    summary="List revisions of a plan",
    response_model=PlanPage,
    responses=responses(NotFound, InvalidRequest),
)
async def list_revisions(
    desk: Reader,
    plan_id: str,
    response: Response,
    limit: Annotated[int, Query(ge=1)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    *,
    status: State | None = None,
) -> Any:
    """Plans that revise this one itself, newest first; follow `next_cursor`, or the `Link` with rel="next"."""
    await ask(desk.database, lambda: desk.find(plan_id))
    shown, following = await http.read_page(
        desk,
        response,
        prefix=f"{PLANS.where(plan_id)}/revisions",
        limit=limit,
        cursor=cursor,
        state=status,
        revises=plan_id,
    )
    return {"items": [PLANS.view_of(job) for job in shown], "next_cursor": following}
