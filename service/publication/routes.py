"""HTTP words for stages of plans; added to the routes of each kind of job that can be published."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from service.errors import Changed, IllegalMove, InvalidRequest, NoResult, NotFinished, NotFound
from service.jobs.resource import Resource
from service.problems import responses
from service.publication.service import etag, move
from service.publication.stages import Move

TOLD = {
    Move.PUBLISH: "From now on it is the plan of its city for its service date: one that was published before it is "
    "archived, as long as nobody has started that. A revision takes the place of what it revises, also while that is "
    "being driven. Webhooks tell `plan.published`.",
    Move.START: "The night is being driven. Nothing else can be published for it any more.",
    Move.FINISH: "The night is over.",
    Move.ARCHIVE: "It is laid aside: a draft nobody wants, a plan that is not to be driven, a night that is over.",
}


def add_moves(router: APIRouter, resource: Resource, desks: dict[Move, Any], job_id: Any) -> None:
    """Routes by which plans of this kind are moved; `desks` are types of desks for callers who may."""
    for step, desk in desks.items():
        router.post(
            f"/{{{resource.kind.noun}_id}}:{step}",
            name=step.value,
            response_model=resource.view,
            summary=f"{step.value.capitalize()} a {resource.kind.noun}",
            description=f"{TOLD[step]}\n\nNothing happens to one that is there already.",
            responses=responses(NotFound, NotFinished, NoResult, IllegalMove, Changed, InvalidRequest),
        )(_mover(resource, step, desk, job_id))


def _mover(resource: Resource, step: Move, job_desk: Any, job_id: Any) -> Any:
    def carry_out(
        desk: job_desk,
        which: job_id,
        response: Response,
        if_match: Annotated[
            str | None, Header(max_length=200, description="ETag of the plan as it is believed to be.")
        ] = None,
    ) -> Any:
        moved = move(desk, which, step, if_match=if_match)
        response.headers["ETag"] = etag(moved)
        return resource.view_of(moved)

    return carry_out
