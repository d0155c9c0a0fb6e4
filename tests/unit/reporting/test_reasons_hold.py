"""Reasons are believed only as far as brute force agrees: on small random nights each claim is attacked."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter

import pytest

from optimiser.basics.city import Prices
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.replay import replay
from optimiser.reporting.unserved import unserved
from tests.builders import random_problem
from tests.unit.reporting.nights import night_of

SEEDS = range(30)


def random_night(seed):
    """A town in which stops are dear, shifts are short, and some plan is already being driven."""
    rng = random.Random(seed)
    given = random_problem(seed, stations=6, vans=2, shift_s=rng.choice([1200, 2400, 7200]))
    dear = Prices(lost_trip=rng.choice([0.5, 2.0, 6.0]), van_hour=38.0, van_km=0.4, van_use=2.0)
    given = dataclasses.replace(given, prices=dear)
    plan = NOTHING
    for _ in range(20):
        bikes = rng.randint(1, 8)
        stop = Stop(station_id=rng.choice(given.stations).id, **{rng.choice(["pickup", "dropoff"]): bikes})
        longer = with_stop(plan, rng.choice(given.vans).id, None, stop)
        if not check(given, longer) and cost(given, longer).total <= cost(given, plan).total + 8:
            plan = longer
    return night_of(given, plan)


def with_stop(plan, van_id, position, stop):
    routes = {route.van_id: list(route.stops) for route in plan.routes}
    stops = routes.setdefault(van_id, [])
    stops.insert(len(stops) if position is None else position, stop)
    return Plan(routes=tuple(Route(van_id=key, stops=tuple(value)) for key, value in routes.items()))


def every_extra_stop(night, station_id):
    """The plan with one more stop at the station: every van, position, direction and number of bikes, if valid."""
    plan = night.result.plan
    lengths = {route.van_id: len(route.stops) for route in plan.routes}
    for van in night.problem.vans:
        for position in range(lengths.get(van.id, 0) + 1):
            for bikes in range(1, van.slots + 1):
                for way in ("pickup", "dropoff"):
                    longer = with_stop(plan, van.id, position, Stop(station_id=station_id, **{way: bikes}))
                    if not check(night.problem, longer):
                        yield longer


def serves(problem, plan, entry):
    """Whether a station ends with fewer bikes too few, or too many, than it starts with."""
    station = problem.station_by_id[entry.station_id]
    return (replay(problem, plan).inventories[station.id] - station.inventory) * (1 if entry.bikes_missing else -1) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_every_station_outside_its_target_has_one_entry_and_no_other(seed):
    night = random_night(seed)
    final = night.timeline.inventories
    outside = {
        station.id: (max(0, station.target.low - final[station.id]), max(0, final[station.id] - station.target.high))
        for station in night.problem.stations
        if not station.target.low <= final[station.id] <= station.target.high
    }
    entries = unserved(night)
    assert {entry.station_id: (entry.bikes_missing, entry.bikes_too_many) for entry in entries} == outside
    assert len(entries) == len(outside)
    assert all(entry.reason.detail.endswith(".") for entry in entries)


def test_no_extra_stop_pays_where_it_is_said_not_to_be_worth_it_and_none_fits_where_it_is_said_to_be_impossible():
    told: Counter[tuple[str, str]] = Counter()
    for seed in SEEDS:
        night = random_night(seed)
        for entry in unserved(night):
            told[entry.reason.code, entry.kind] += 1
            if entry.reason.code == "VALUE_BELOW_COST":
                cheapest = min(
                    (cost(night.problem, longer).total for longer in every_extra_stop(night, entry.station_id)),
                    default=float("inf"),
                )
                assert cheapest >= night.cost_after.total - 1e-9, (seed, entry)
            if entry.reason.code == "SHIFT_TIME":
                assert entry.kind == "impossible" or entry.reason.proof == "priced"
            if entry.kind == "impossible":
                alone = every_extra_stop(night_of(night.problem, NOTHING), entry.station_id)
                assert not [plan for plan in alone if serves(night.problem, plan, entry)], (seed, entry)
    # The attack would prove nothing if nothing had been claimed.
    assert told["VALUE_BELOW_COST", "not_worth_it"] >= 10
    assert told["SHIFT_TIME", "impossible"] >= 5
    assert sum(count for (_, kind), count in told.items() if kind == "conflicts") >= 2
    assert told["SEARCH_LIMIT", "search_limit"] >= 10
