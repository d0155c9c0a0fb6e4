"""Planned nights made by hand: every number in them can be followed with a pencil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from optimiser.basics import city as basics
from optimiser.basics.result import Progress, Result, StopReason
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost, cost_of
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import replay
from optimiser.reporting.night import LeftOut, Night
from tests.builders import problem, station

LON, LAT = 11.97, 57.70


def night_of(
    problem: Problem,
    plan: Plan = NOTHING,
    *,
    names: Mapping[str, str] | None = None,
    positions: Mapping[str, tuple[float, float]] | None = None,
    left_out: Sequence[LeftOut] = (),
    stop_reason: StopReason = StopReason.STALLED,
    best_bound: float = 0.0,
    time_zone: str = "Europe/Stockholm",
    musts_out: Sequence[basics.Must] = (),
) -> Night:
    """A checked night; places without a position stand in a row, some 600 m apart."""
    assert not check(problem, plan)
    names, positions = names or {}, positions or {}
    ids = [*problem.travel.place_ids, *(item.station_id for item in left_out)]
    where = {id_: positions.get(id_, (LON + 0.01 * index, LAT)) for index, id_ in enumerate(ids)}
    stations = [(item.id, item.capacity) for item in problem.stations]
    stations += [(item.station_id, 10) for item in left_out]
    timeline = replay(problem, plan)
    after = cost_of(problem, timeline)
    before = cost(problem, NOTHING)
    return Night(
        city=basics.City(
            id="handmade",
            name=names.get("city", "Handmade"),
            time_zone=time_zone,
            currency="SEK",
            stations=tuple(
                basics.Station(
                    id=id_,
                    name=names.get(id_, f"Station {id_}"),
                    lon=where[id_][0],
                    lat=where[id_][1],
                    capacity=capacity,
                )
                for id_, capacity in stations
            ),
            depots=tuple(
                basics.Depot(id=id_, name=names.get(id_, f"Depot {id_}"), lon=where[id_][0], lat=where[id_][1])
                for id_ in sorted(problem.depot_ids)
            ),
            vans=tuple(
                basics.Van(
                    id=van.id,
                    slots=van.slots,
                    initial_load=van.initial_load,
                    start_depot_id=van.start_depot_id,
                    end_depot_id=van.end_depot_id,
                    shift_start=time(22),
                    shift_end=time(5),
                    speed_factor=van.speed_factor,
                )
                for van in problem.vans
            ),
            handling=problem.handling,
            prices=problem.prices,
            synthetic=("fleet, depot and demand are made up from seed 1",),
            attribution=("© OpenStreetMap contributors",),
        ),
        snapshot=basics.Snapshot(
            as_of=datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
            stations=tuple(basics.StationStatus(station_id=item.id, bikes=item.inventory) for item in problem.stations),
        ),
        problem=problem,
        result=Result(
            plan=plan,
            objective=after.total,
            best_bound=best_bound,
            stop_reason=stop_reason,
            seed=1,
            engine="by hand 1.0",
            input_hash=problem.input_hash,
            elapsed_s=2.0,
            progress=(
                Progress(elapsed_s=0.0, objective=before.total, best_bound=best_bound, gap=1.0),
                Progress(elapsed_s=2.0, objective=after.total, best_bound=best_bound, gap=1.0),
            ),
        ),
        timeline=timeline,
        cost_before=before,
        cost_after=after,
        left_out=tuple(left_out),
        musts_out=tuple(musts_out),
    )


def small_problem() -> Problem:
    """A has 5 bikes too many, B 4 too few, C is fine; on a line at 100, 300 and 200 s from the depot."""
    return problem(
        [station("A", 9, low=2, high=4), station("B", 0, low=4, high=6), station("C", 5, low=4, high=6)],
        [100, 300, 200],
    )


SMALL_PLAN = Plan(
    routes=(Route(van_id="van-1", stops=(Stop(station_id="A", pickup=5), Stop(station_id="B", dropoff=4))),)
)
"""
Leaves D at 0 s; at A from 100 to 250 (100 + 5 x 10); at B from 450 to 590 (100 + 4 x 10); back at 890 s.
Drives 100 + 200 + 300 = 600 s and 6,000 m; handles for 150 + 140 = 290 s; one bike comes home.
"""


def small_night(names: Mapping[str, str] | None = None, *, time_zone: str = "Europe/Stockholm") -> Night:
    """The small problem with its plan, and a fourth station that is too far from the streets."""
    far = LeftOut(station_id="X", code="FAR_FROM_STREET", text="412 m from the nearest street", distance_m=412.0)
    return night_of(small_problem(), SMALL_PLAN, names=names, left_out=[far], time_zone=time_zone)
