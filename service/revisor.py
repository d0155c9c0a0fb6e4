"""The recipe of a revision that the solver child and evaluations follow: a night, what was told of it, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.basics.result import OnProgress, ShouldStop
from service.planner import PlannedNight, PlanRequest, check_stock, load_asked, read_city
from service.plans.shapes import (
    AddedTask,
    EditedRoute,
    Happening,
    LateVan,
    LostVan,
    RevisionRequest,
    SeenStation,
    VanTold,
)

if TYPE_CHECKING:
    from optimiser.rebalancing.plan import Plan
    from optimiser.rebalancing.problem import Problem
    from optimiser.rebalancing.revise import Event, Standing, Told, VanReport


class Step(BaseModel):
    """What was asked of one plan."""

    model_config = ConfigDict(extra="forbid")

    routes: list[EditedRoute]
    """Of that plan."""
    asked: RevisionRequest


def step_of(document: Mapping[str, Any], asked: RevisionRequest) -> dict[str, Any]:
    """A step as a document, of what is asked of the plan in `document`, a `plan.json`."""
    routes = [EditedRoute.model_validate(route).model_dump(by_alias=True) for route in document["routes"]]
    return {"routes": routes, "asked": asked.model_dump(mode="json")}


class RevisionTask(BaseModel):
    """A revision with everything that it rests on: the same task with rounds for a limit gives the same plan."""

    model_config = ConfigDict(extra="forbid")

    revises: str
    """Id of the plan; so that one key for revisions of two plans is noticed."""
    night: PlanRequest
    steps: list[Step]
    """Earlier revisions first; the last is this one."""


def in_city(task: RevisionTask, folder: str | None) -> RevisionTask:
    """The same about a city that a user brought, which is named by its folder from here on."""
    return task.model_copy(update={"night": task.night.model_copy(update={"city": folder})}) if folder else task


def revision_files(
    task: RevisionTask,
    *,
    cache_dir: Path | None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> dict[str, bytes]:
    """Plan the rest of the night; names of files to their content, as for a whole night."""
    return revised_night(task, cache_dir=cache_dir, on_progress=on_progress, should_stop=should_stop).files()


def revised_night(
    task: RevisionTask,
    *,
    cache_dir: Path | None,
    planned_hash: str | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> PlannedNight:
    """
    Plan the rest of the night.

    Raises
    ------
    InvalidInput
        As for a whole night; with every error in what is told; and, where `planned_hash` is given, when the problem
        of the plan that is revised is another now, since it was made of another city, or that has been changed.
    """
    from optimiser.nightly import night_start
    from optimiser.reporting import files, ready
    from optimiser.revising import revise_night

    loaded = load_asked(task.night)
    findings = Findings()
    given = read_city(loaded, cache_dir=cache_dir, as_of=task.night.as_of, findings=findings)
    start = night_start(loaded.city, given.snapshot.as_of)
    if planned_hash not in (None, _standing(given.problem(Findings()), task.steps[:-1]).problem.input_hash):
        what = f"{loaded.city.name} is not the city that this plan was made of, or has been changed since"
        raise InvalidInput(f"{what}; plan the night anew")
    asked = task.steps[-1].asked
    ready.get_ready(files.PAGE, (given.travel,))
    night = revise_night(
        loaded.city,
        given.snapshot,
        given.travel,
        [_told(step, start) for step in task.steps],
        **given.terms,
        limits=asked.limits.to_limits(),
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return PlannedNight(night=given.with_warnings(night, findings), travel=given.travel)


def state_rest(task: RevisionTask, *, cache_dir: Path | None, stock: Mapping[str, int] | None = None) -> Problem:
    """
    The problem that the revision has solved; `stock` says of some stations how many ready bikes stand there instead.

    Raises
    ------
    InvalidInput
        Stock of stations that the rest of the night does not know.
    """
    from optimiser.rebalancing.revise import StationSeen, seen

    findings = Findings()
    given = read_city(load_asked(task.night), cache_dir=cache_dir, as_of=task.night.as_of, findings=findings)
    standing = _standing(given.problem(findings), task.steps)
    check_stock(stock or {}, standing.problem.station_by_id.keys() - standing.made_up.keys(), findings)
    events = [StationSeen(station_id=id_, inventory=bikes) for id_, bikes in (stock or {}).items()]
    return seen(standing.problem, events)


def _standing(problem: Problem, steps: Sequence[Step]) -> Standing:
    """The night after all that was told of it in these steps."""
    from optimiser.rebalancing.revise import after, whole_night

    standing = whole_night(problem)
    for step in steps:
        standing = after(standing, _told(step, problem.start))
    return standing


def plan_of(routes: Sequence[EditedRoute]) -> Plan:
    """The decisions in routes as `plan.json` has them."""
    from optimiser.rebalancing.plan import Plan, Route, Stop

    return Plan(
        routes=tuple(
            Route(
                van_id=route.van_id,
                start_load=route.start_load,
                break_before=route.break_.before_stop if route.break_ else None,
                stops=tuple(
                    Stop(
                        station_id=stop.station_id,
                        pickup=stop.pickup,
                        dropoff=stop.dropoff,
                        swaps=stop.swaps,
                        low_pickup=stop.low_charge_pickup,
                        broken_pickup=stop.broken_pickup,
                    )
                    for stop in route.stops
                ),
            )
            for route in routes
        )
    )


def _told(step: Step, start: datetime) -> Told:
    from optimiser.rebalancing.revise import Freeze, Stability, Told

    asked, plan = step.asked, plan_of(step.routes)
    until = asked.freeze.until
    return Told(
        plan=plan,
        at_s=_seconds(asked.at, start),
        reports=tuple(_report(told, plan) for told in asked.reports),
        freeze=Freeze(
            until_s=None if until is None else max(0, _seconds(until, start)),
            stops_per_van=asked.freeze.stops_per_van,
            stops=tuple((frozen.van_id, frozen.stop) for frozen in asked.freeze.stops),
        ),
        events=tuple(_event(event) for event in asked.events),
        stability=Stability(
            per_stop=asked.stability.per_stop,
            per_detail=asked.stability.per_detail,
            max_changed=asked.stability.max_changed,
        ),
    )


def _seconds(moment: datetime, start: datetime) -> int:
    return int((moment - start).total_seconds() // 1)


def _report(told: VanTold, plan: Plan) -> VanReport:
    from optimiser.rebalancing.plan import Stop
    from optimiser.rebalancing.revise import Outcome, Position, VanReport

    stops = next((route.stops for route in plan.routes if route.van_id == told.van_id), ())
    position = told.position
    return VanReport(
        van_id=told.van_id,
        done=told.done,
        skipped=frozenset(told.skipped),
        outcomes=tuple(
            Outcome(
                index=made.stop,
                stop=Stop(
                    station_id=stops[made.stop].station_id if made.stop < len(stops) else "",
                    pickup=made.pickup,
                    dropoff=made.dropoff,
                    swaps=made.swaps,
                    low_pickup=made.low_charge_pickup,
                    broken_pickup=made.broken_pickup,
                ),
            )
            for made in told.outcomes
        ),
        behind_s=told.behind_s,
        position=None
        if position is None
        else Position(
            place_id=position.place_id,
            load=position.load,
            low_load=position.low_charge_load,
            broken_load=position.broken_load,
            batteries=position.batteries,
        ),
    )


def _event(event: Happening) -> Event:
    from optimiser.rebalancing.problem import Must
    from optimiser.rebalancing.revise import StationSeen, TaskAdded, VanLate, VanLost

    match event:
        case LostVan():
            return VanLost(van_id=event.van_id)
        case LateVan():
            return VanLate(van_id=event.van_id, late_s=event.late_s)
        case AddedTask():
            must = Must(visit=event.visit, low=event.low, high=event.high, swaps=event.swaps, broken=event.broken)
            return TaskAdded(station_id=event.station_id, must=must)
        case SeenStation():
            return StationSeen(
                station_id=event.station_id,
                inventory=event.bikes,
                low_charge=event.low_charge,
                broken=event.broken,
                is_closed=event.is_closed,
            )
