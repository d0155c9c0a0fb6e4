"""The routes that every kind of job has: submit, list, show, cancel, follow, and fetch the result in parts or whole."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import FileResponse

from service.access.caller import Caller
from service.access.needs import needs, spend_submission
from service.access.scopes import Scope
from service.errors import (
    BodyTooLarge,
    InvalidRequest,
    KeyReused,
    MalformedBody,
    NoResult,
    NotFinished,
    NotFound,
    NotJson,
    TooManyOpenJobs,
    TooManyStreams,
)
from service.jobs import http
from service.jobs.desk import Desk
from service.jobs.resource import Part, Resource
from service.jobs.showing import in_json, show, show_part
from service.jobs.states import State
from service.jobs.views import EventPage
from service.problems import responses
from service.publication.routes import add_moves
from service.publication.service import etag
from service.publication.stages import Move, Stage

MAY = {
    Move.PUBLISH: (Scope.PLANS_PUBLISH,),
    Move.START: (Scope.PLANS_PUBLISH, Scope.ROUTES_EXECUTE),
    Move.FINISH: (Scope.PLANS_PUBLISH, Scope.ROUTES_EXECUTE),
    Move.ARCHIVE: (Scope.PLANS_PUBLISH,),
}
"""Who may move a plan on."""

LAST = 2**31 - 1
"""The highest number of an event that PostgreSQL counts to."""
OF_RESULT = responses(NotFound, NotFinished, NoResult, InvalidRequest)


def router_of(resource: Resource) -> APIRouter:
    """All routes of one kind; operation ids are made of the names below and the path."""
    router = APIRouter(prefix=resource.path, tags=[resource.tag])
    desk_to_read = Annotated[Desk, Depends(desk_of(resource, resource.scope_to_read))]
    desk_to_write = Annotated[Desk, Depends(desk_of(resource, resource.scope_to_write))]
    _add_submission(router, resource, desk_to_write)
    _add_list(router, resource, desk_to_read)
    _add_cancelling(router, resource, desk_to_write, _job_id(resource))
    if resource.is_published:
        desks = {step: Annotated[Desk, Depends(desk_of(resource, *scopes))] for step, scopes in MAY.items()}
        add_moves(router, resource, desks, _job_id(resource))
    _add_following(router, resource, desk_to_read, _job_id(resource))
    _add_result(router, resource, desk_to_read, _job_id(resource))
    return router


def desk_of(resource: Resource, *one_of: Scope) -> Callable[..., Awaitable[Desk]]:
    """Opens a desk of this kind for a caller who has one of the scopes."""

    async def open_desk(request: Request, caller: Annotated[Caller, needs(*one_of)]) -> Desk:
        desk: Desk = request.app.state.desks[resource.kind.name](caller=caller)
        return desk

    return open_desk


# In each of these the routes are functions of their own, which the framework calls; the type of the desk is made for
# the kind, and so no name that a reader of types could follow.


def _add_submission(router: APIRouter, resource: Resource, job_desk: Any) -> None:
    noun = resource.kind.noun

    async def read(request: Request, desk: job_desk, _paid: Annotated[None, Depends(spend_submission)]) -> bytes:
        return await http.read_body(request, limit=desk.settings.max_body_bytes)

    @router.post(
        "",
        status_code=202,
        response_model=resource.view,
        summary=f"Submit a {noun}",
        description=f"{resource.welcome}\n\nThe same `Idempotency-Key` with the same body gives the same {noun}, "
        "however often it is sent.",
        responses={
            200: {"model": resource.view, "description": "Done within `Prefer: wait`"},
            **responses(BodyTooLarge, MalformedBody, NotJson, InvalidRequest, KeyReused, TooManyOpenJobs),
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"$ref": f"#/components/schemas/{resource.request.__name__}"}}
                },
            }
        },
    )
    async def submit(
        desk: job_desk,
        body: Annotated[bytes, Depends(read)],
        request: Request,
        response: Response,
        *,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
        prefer: Annotated[
            str | None, Header(max_length=255, description=f"`wait=8` waits up to 8 s for the {noun}.")
        ] = None,
    ) -> Any:
        job, warnings = await run_sync(lambda: desk.submit(body, idempotency_key=idempotency_key))
        await http.answer_submission(desk, job, request, response, path=resource.where(job.id), prefer=prefer)
        _, content = await show(resource, desk, job.id, warnings=warnings)
        return in_json(content, response, status=202)


def _add_list(router: APIRouter, resource: Resource, job_desk: Any) -> None:
    noun = resource.kind.noun

    async def wanted(stage: Stage | None = None) -> Stage | None:
        return stage

    async def none() -> None:
        return None

    @router.get("", response_model=resource.page, summary=f"List {_plural(noun)}", responses=responses(InvalidRequest))
    async def index(
        desk: job_desk,
        response: Response,
        limit: Annotated[int, Query(ge=1)] = 20,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        status: State | None = None,
        *,
        stage: Annotated[Stage | None, Depends(wanted if resource.is_published else none)],
    ) -> Any:
        """Newest first; follow `next_cursor`, or the `Link` with rel="next", until there is none."""
        shown, following = await http.read_page(
            desk, response, prefix=router.prefix, limit=limit, cursor=cursor, state=status, stage=stage
        )
        return {"items": [resource.view_of(job) for job in shown], "next_cursor": following}


def _add_cancelling(router: APIRouter, resource: Resource, job_desk: Any, job_id: Any) -> None:
    noun = resource.kind.noun
    place = _place(resource)

    # The two with a suffix stand before the plain one, whose id would swallow the suffix.
    @router.post(
        f"{place}:cancel",
        status_code=202,
        response_model=resource.view,
        summary=f"Cancel a {noun}, keep the best so far",
        description=f"A queued {noun} ends at once; a running one ends with the best plan found so far; an ended one "
        "stays as it is.",
        responses={
            200: {"model": resource.view, "description": "It had ended already, or has now"},
            **responses(NotFound, InvalidRequest),
        },
    )
    def cancel(desk: job_desk, which: job_id, response: Response) -> Any:
        job = desk.cancel(which)
        if job.state.is_final:
            response.status_code = 200
        return resource.view_of(job)


def _add_following(router: APIRouter, resource: Resource, job_desk: Any, job_id: Any) -> None:
    noun = resource.kind.noun
    place = _place(resource)

    @router.get(
        place,
        response_model=resource.view,
        summary=f"A {noun} and how it is",
        description=f"Status and progress while it is made; the {noun} document when it is done.",
        responses=responses(NotFound, InvalidRequest),
    )
    async def show_one(desk: job_desk, which: job_id, response: Response) -> Any:
        job, content = await show(resource, desk, which)
        if not job.state.is_final:
            response.headers["Retry-After"] = "2"
        elif resource.is_published:
            response.headers["ETag"] = etag(job)
        return in_json(content, response)

    @router.get(
        f"{place}/events",
        response_model=EventPage,
        summary="What happened, and what happens next",
        responses={
            200: {
                "model": EventPage,
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
                "description": "A page of events, or with `Accept: text/event-stream` a stream of them",
            },
            204: {"description": "The stream was read to its end before (`Last-Event-ID`); do not reconnect"},
            **responses(NotFound, InvalidRequest, TooManyStreams),
        },
    )
    async def events(
        desk: job_desk,
        which: job_id,
        request: Request,
        after: Annotated[int | None, Query(ge=0, le=LAST, description="Events with a higher number only.")] = None,
        last_event_id: Annotated[int | None, Header(ge=0, le=LAST)] = None,
    ) -> Any:
        """Server-sent events when they are accepted, resumed after `Last-Event-ID`; else one page of JSON."""
        return await http.tell_events(desk, which, request, after=after, last_event_id=last_event_id)


def _add_result(router: APIRouter, resource: Resource, job_desk: Any, job_id: Any) -> None:
    place, exports = _place(resource), resource.exports
    suffixes: Any = Literal[tuple(exports)]

    @router.get(
        f"{place}/export.{{suffix}}",
        response_class=FileResponse,
        summary=f"Download the {resource.kind.noun}",
        description="\n".join(f"- `{suffix}`: {export.document}" for suffix, export in exports.items()),
        responses={
            200: {
                "content": {export.media_type: {"schema": export.shape} for export in exports.values()},
                "description": "The document",
            },
            **OF_RESULT,
        },
    )
    def export(desk: job_desk, which: job_id, suffix: suffixes) -> FileResponse:
        chosen = exports[suffix]
        path = desk.document(which, chosen.document)
        return http.download(path, filename=f"{which}-{chosen.document}", media_type=chosen.media_type)

    for name, part in resource.parts.items():
        router.get(
            f"{place}/{name}",
            name=name,
            response_model=part.shape,
            summary=part.summary,
            description=f"{f'The part `{part.key}` of the' if part.key else 'The'} document {part.document}.",
            responses=OF_RESULT,
        )(_part_reader(part, job_desk, job_id))


def _part_reader(part: Part, job_desk: Any, job_id: Any) -> Callable[..., Any]:
    async def read_part(desk: job_desk, which: job_id, response: Response) -> Any:
        return in_json(await show_part(desk, which, part), response)

    return read_part


def _job_id(resource: Resource) -> Any:
    """Type of the id in a path."""
    return Annotated[str, Path(alias=f"{resource.kind.noun}_id")]


def _place(resource: Resource) -> str:
    return f"/{{{resource.kind.noun}_id}}"


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
