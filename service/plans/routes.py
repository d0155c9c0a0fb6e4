"""HTTP words for what only rebalancing plans can: evaluating routes of one's own."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request

from service.access.scopes import Scope
from service.errors import (
    BodyTooLarge,
    CityGone,
    InvalidRequest,
    MalformedBody,
    NoResult,
    NotFinished,
    NotFound,
    NotJson,
)
from service.jobs.bodies import read_shape
from service.jobs.desk import Desk
from service.jobs.http import read_body
from service.jobs.routing import desk_of
from service.plans.evaluation import EvaluationRequest, EvaluationView, evaluate
from service.plans.resource import PLANS
from service.problems import responses

router = APIRouter(prefix=PLANS.path, tags=[PLANS.tag])

BODIES = (EvaluationRequest,)
"""Shapes of bodies that are read by hand, for the API's description."""

MAX_BODY_BYTES = 2_000_000
MAX_BODY_VALUES = 200_000

Reader = Annotated[Desk, Depends(desk_of(PLANS, Scope.PLANS_READ))]


@router.post(
    "/{plan_id}:evaluate",
    summary="Price and check routes of one's own",
    response_model=EvaluationView,
    responses=responses(
        NotFound, NotFinished, NoResult, CityGone, BodyTooLarge, MalformedBody, NotJson, InvalidRequest
    ),
    openapi_extra={
        "requestBody": {
            "required": False,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EvaluationRequest"}}},
        }
    },
)
async def evaluate_routes(desk: Reader, plan_id: str, request: Request) -> Any:
    """
    Any routes, however wrong: what they cost, every rule they break, and what differs from the plan.

    Nothing is changed and nothing is searched. Routes are told as `plan.json` has them; without any, those of the
    plan are judged, which with other `stock` says whether it still holds.
    """
    await run_sync(desk.document, plan_id, desk.kind.main)
    body = await read_body(request, limit=MAX_BODY_BYTES)
    asked = read_shape(EvaluationRequest, body or b"{}", max_values=MAX_BODY_VALUES)
    turns: CapacityLimiter = request.app.state.evaluation_turns
    return await run_sync(evaluate, desk, plan_id, asked, limiter=turns)
