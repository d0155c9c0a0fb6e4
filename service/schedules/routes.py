"""HTTP words for schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from service.access.caller import Caller
from service.access.needs import needs
from service.access.scopes import Scope
from service.errors import BodyTooLarge, InvalidRequest, KeyInUse, KeyReused, MalformedBody, NotFound, NotJson
from service.jobs.bodies import read_shape
from service.jobs.http import read_body
from service.once_http import IdempotencyKey, do_once, once_of
from service.problems import responses
from service.schedules.schemas import ScheduleChange, ScheduleList, ScheduleRequest, ScheduleView, schedule_view
from service.schedules.service import Schedules
from service.schedules.store import Schedule

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])

BODIES = (ScheduleRequest, ScheduleChange)
"""Shapes of bodies that are read by hand, for the API's description."""

MAX_BODY_BYTES = 100_000
MAX_BODY_VALUES = 10_000

Reader = Annotated[Caller, needs(Scope.PLANS_READ)]
Writer = Annotated[Caller, needs(Scope.PLANS_WRITE)]
Shape = TypeVar("Shape", bound=BaseModel)


async def body_of(request: Request, _caller: Writer) -> bytes:
    """The body, counted while it comes in."""
    return await read_body(request, limit=MAX_BODY_BYTES)


Body = Annotated[bytes, Depends(body_of)]


def _of(shape: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "",
    status_code=201,
    summary="Plan a city every night",
    responses=responses(BodyTooLarge, MalformedBody, NotJson, KeyInUse, KeyReused, InvalidRequest),
    openapi_extra=_of("ScheduleRequest"),
)
async def create(
    caller: Writer,
    request: Request,
    body: Body,
    response: Response,
    *,
    idempotency_key: IdempotencyKey = None,
) -> ScheduleView:
    """The first night is the next one. One plan for each service date, whatever restarts."""
    wanted = read_shape(ScheduleRequest, body, max_values=MAX_BODY_VALUES)
    once = once_of(request, caller, idempotency_key, wanted.model_dump_json())
    schedules = _schedules(request, caller)
    made, _ = await do_once(response, lambda: schedules.create(wanted, once=once), schedules.find)
    response.headers["Location"] = f"{router.prefix}/{made.id}"
    return _view(made)


@router.get("", summary="List schedules", responses=responses())
def index(caller: Reader, request: Request) -> ScheduleList:
    """All of them, oldest first."""
    return ScheduleList(items=[_view(one) for one in _schedules(request, caller).all()])


@router.get("/{schedule_id}", summary="A schedule and how it goes", responses=responses(NotFound, InvalidRequest))
def show(caller: Reader, request: Request, schedule_id: str) -> ScheduleView:
    """When it is due next, and what it planned last."""
    return _view(_schedules(request, caller).find(schedule_id))


@router.patch(
    "/{schedule_id}",
    summary="Change, pause or continue a schedule",
    responses=responses(BodyTooLarge, MalformedBody, NotJson, NotFound, InvalidRequest),
    openapi_extra=_of("ScheduleChange"),
)
async def change(caller: Writer, request: Request, schedule_id: str, body: Body) -> ScheduleView:
    """After a pause, or with a new time, it begins with the next night; nothing is made up for."""
    schedules = _schedules(request, caller)
    await run_sync(schedules.find, schedule_id)
    wanted = read_shape(ScheduleChange, body, max_values=MAX_BODY_VALUES)
    return _view(await run_sync(schedules.change, schedule_id, wanted))


@router.delete(
    "/{schedule_id}", status_code=204, summary="Remove a schedule", responses=responses(NotFound, InvalidRequest)
)
def delete(caller: Writer, request: Request, schedule_id: str) -> Response:
    """Its plans stay."""
    _schedules(request, caller).delete(schedule_id)
    return Response(status_code=204)


def _schedules(request: Request, caller: Caller) -> Schedules:
    state = request.app.state
    return Schedules(database=state.database, settings=state.settings, caller=caller)


def _view(one: Schedule) -> ScheduleView:
    return schedule_view(one, now=datetime.now(UTC))
