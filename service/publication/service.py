"""What can be done about the stage of a plan: publish it, start and finish its night, lay it aside."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from service.access import audit
from service.db import writing
from service.errors import Changed, IllegalMove, NotFinished, NotFound
from service.jobs.desk import Desk
from service.jobs.states import Job
from service.jobs.turns import take_turns
from service.publication import store
from service.publication.stages import MOVES, Move, Stage

ACTIONS = {
    Move.PUBLISH: audit.Action.PLAN_PUBLISH,
    Move.START: audit.Action.PLAN_START,
    Move.FINISH: audit.Action.PLAN_FINISH,
    Move.ARCHIVE: audit.Action.PLAN_ARCHIVE,
}


def move(desk: Desk, job_id: str, step: Move, *, if_match: str | None = None) -> Job:
    """
    Move a plan to another stage; nothing happens to one that is there already.

    Publishing takes the place of the plan that was published for the same city and service date, which is archived,
    as long as nobody has started it. A revision also takes the place of the plan of which it plans the rest, and which
    is being driven.

    Raises
    ------
    NotFound
        There is no such plan.
    NotFinished, NoResult
        It is still being made, or there is nothing to publish.
    Changed
        It is not at the stage that `if_match` means.
    IllegalMove
        The stage does not allow it, or another plan of that night was started; says what is possible.
    """
    night = _night(desk.read_document(job_id, desk.kind.main)) if step is Move.PUBLISH else {}
    with writing(desk.database) as connection:
        take_turns(connection, desk.caller.tenant_id)
        found = desk.find_in(connection, job_id)
        if not matches(if_match, found):
            raise Changed(f"plan {job_id} is {found.stage} and not what the precondition says")
        if found.stage == step.target:
            return found
        _check(found, step)
        supersedes = _make_way(desk, connection, found, night) if step is Move.PUBLISH else None
        store.set_stage(connection, job_id, step.target, **night)
        audit.record(connection, desk.caller, ACTIONS[step], target=job_id)
        moved = desk.find_in(connection, job_id)
        if step is Move.PUBLISH:
            store.announce_published(connection, moved, supersedes=supersedes)
        return moved


def etag(found: Job) -> str:
    """Names a plan with its stage; there is none while it is still being made."""
    return f'"{found.id}.{found.stage_seq}"'


def matches(if_match: str | None, found: Job) -> bool:
    """Whether the precondition holds."""
    tags = {tag.strip() for tag in (if_match or "*").split(",")}
    return bool(tags & {"*", etag(found)})


def _check(found: Job, step: Move) -> None:
    if not found.state.is_final:
        raise NotFinished(f"plan {found.id} is {found.state}", headers={"Retry-After": "2"})
    possible = MOVES[Stage(found.stage)]
    if step not in possible:
        what = f"possible: {', '.join(possible)}" if possible else "nothing is possible any more"
        raise IllegalMove(f"a plan that is {found.stage} cannot be {step.done}; {what}")


def _make_way(desk: Desk, connection: sa.Connection, found: Job, night: dict[str, Any]) -> str | None:
    """Archive what was published for the same night; gives its id."""
    other = store.current(connection, tenant_id=found.tenant_id, kind=found.kind, **night)
    if other is None:
        return None
    if other.stage != Stage.PUBLISHED and not (
        other.stage == Stage.IN_PROGRESS and _revises(desk, connection, found, other)
    ):
        raise IllegalMove(
            f"plan {other.id} for {night['city']} on {night['service_date']} is {other.stage}; possible: "
            f"{', '.join(MOVES[Stage(other.stage)])} of that plan"
        )
    store.set_stage(connection, other.id, Stage.ARCHIVED, superseded_by=found.id)
    audit.record(connection, desk.caller, audit.Action.PLAN_ARCHIVE, target=other.id)
    return other.id


def _revises(desk: Desk, connection: sa.Connection, found: Job, other: Job) -> bool:
    """Whether the plan is a revision of the other, or of one of its revisions."""
    while found.revises is not None and found.revises != other.id:
        try:
            found = desk.find_in(connection, found.revises)
        except NotFound:
            return False
    return found.revises == other.id


def _night(document: dict[str, Any]) -> dict[str, str]:
    """Which night a plan is for: the city, and the date there when it begins."""
    return {"city": document["city"]["city_id"], "service_date": document["night_start"][:10]}
