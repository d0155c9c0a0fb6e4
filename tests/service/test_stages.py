"""Plans moved from stage to stage by many at once: one holds for a night, every story is legal; on both databases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi import FastAPI

from service import db
from service.access import audit
from service.access.caller import local
from service.app import create_app, prepare_storage
from service.errors import Changed, IllegalMove, NotFinished
from service.jobs import documents, store
from service.jobs.desk import Desk
from service.jobs.states import Outcome, State
from service.publication.service import ACTIONS, etag, move
from service.publication.stages import CURRENT, MOVES, Move, Stage
from service.settings import Settings

NIGHTS = ("2026-11-22", "2026-11-23")
MOVE_OF = {str(action): step for step, action in ACTIONS.items()}


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[FastAPI]:
    settings = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(settings)
    made = create_app(settings)
    yield made
    made.state.database.dispose()


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    made: Desk = app.state.desks["rebalancing"](caller=local())
    return made


def a_plan(desk: Desk, number: int, night: str) -> str:
    """An ended job whose result says for which night it is."""
    job_id = f"pln_{number:020x}"
    document = {"city": {"city_id": "town"}, "night_start": f"{night}T22:00:00+01:00"}
    sha256 = documents.keep(desk.settings.documents_dir, json.dumps(document).encode())
    with db.writing(desk.database) as connection:
        store.create(
            connection,
            tenant_id="default",
            job_id=job_id,
            kind="rebalancing",
            name="",
            request_sha256="0" * 64,
            idempotency_key=None,
        )
        store.claim(connection, job_id, executor_id="me")
        outcome = Outcome(state=State.SUCCEEDED, files={"plan.json": sha256}, stop_reason="gap")
        assert store.finish(connection, job_id, attempt=1, outcome=outcome)
    return job_id


def story(desk: Desk, job_id: str) -> list[Stage]:
    """The stages that a plan went through, by the audit events."""
    with db.reading(desk.database) as connection:
        events = audit.page(connection, tenant_id="default", limit=100, target=job_id)
    return [Stage.DRAFT, *(MOVE_OF[event.action].target for event in reversed(events))]


def test_whatever_many_do_at_once_one_plan_holds_for_a_night_and_every_story_is_legal(desk: Desk):
    plans = {a_plan(desk, number, NIGHTS[number % 2]): NIGHTS[number % 2] for number in range(8)}

    def walk(seed: int) -> int:
        rng = random.Random(seed)
        done = 0
        for _ in range(25):
            try:
                move(desk, rng.choice(list(plans)), rng.choice(list(Move)))
                done += 1
            except IllegalMove:
                pass
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(walk, range(4))) > 10
    stages = {job_id: Stage(desk.find(job_id).stage) for job_id in plans}
    for night in NIGHTS:
        assert sum(stages[job_id] in CURRENT for job_id, when in plans.items() if when == night) <= 1
    for job_id, stage in stages.items():
        went = story(desk, job_id)
        assert went[-1] == stage
        for before, after in pairwise(went):
            assert after in {step.target for step in MOVES[before]}, went
        assert desk.find(job_id).stage_seq == len(went) - 1


def test_of_many_who_publish_at_once_each_takes_the_place_of_the_one_before(desk: Desk):
    plans = [a_plan(desk, number, NIGHTS[0]) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda job_id: move(desk, job_id, Move.PUBLISH), plans))
    found = [desk.find(job_id) for job_id in plans]
    [last] = [one for one in found if one.stage == Stage.PUBLISHED]
    successors = {one.id: one.superseded_by for one in found if one is not last}
    assert {one.stage for one in found if one is not last} == {Stage.ARCHIVED}
    # One chain: each has one successor, no two have the same, and it ends at the last.
    assert len(set(successors.values())) == 5
    assert last.id in successors.values()


def test_two_who_saw_the_same_stage_cannot_both_move_it_on(desk: Desk):
    job_id = a_plan(desk, 1, NIGHTS[0])
    seen = etag(desk.find(job_id))
    move(desk, job_id, Move.PUBLISH, if_match=seen)
    with pytest.raises(Changed):
        move(desk, job_id, Move.ARCHIVE, if_match=seen)
    assert move(desk, job_id, Move.ARCHIVE, if_match=f'"x", {etag(desk.find(job_id))}').stage == Stage.ARCHIVED


def test_what_is_still_being_made_has_no_stage_but_draft(desk: Desk):
    with db.writing(desk.database) as connection:
        store.create(
            connection,
            tenant_id="default",
            job_id=f"pln_{20 * 'f'}",
            kind="rebalancing",
            name="",
            request_sha256="0" * 64,
            idempotency_key=None,
        )
    for step in Move:
        with pytest.raises(NotFinished):
            move(desk, f"pln_{20 * 'f'}", step)
