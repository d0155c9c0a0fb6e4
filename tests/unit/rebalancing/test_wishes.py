"""What is wanted has a price: freed docks, must-do work, zones. Nothing of it forbids a plan."""

from dataclasses import replace

import pytest

from optimiser.basics.city import Prices
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import UnservedMust, ZoneMiss, cost, missed_zones, unserved_musts
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Must, Station, Zone
from optimiser.rebalancing.replay import replay
from tests.builders import problem, station, van
from tests.unit.rebalancing.whole_nights import PLAN, make_a, make_b, whole_night


def freed_station(**changes) -> Station:
    """2 bikes where 2 fit, 3 blocked docks: one freed saves a trip, a second half a trip, the third is unknown."""
    made = station("A", 2, low=0, high=0, capacity=2)
    tables = ((2.0, 1.5, 1.0, 1.5), (2.0, 1.0, 0.5, 0.5, 1.0))
    return replace(made, **({"low_charge": 2, "broken": 1, "lost_trips_freed": tables} | changes))


@pytest.mark.parametrize(
    ("inventory", "freed", "lost"),
    [
        (2, 0, 2.0),
        (2, 1, 1.0),
        (3, 1, 1.5),
        (2, 2, 0.5),
        (4, 2, 1.0),
        # A third freed dock brings nothing: the last table, at its end.
        (2, 3, 0.5),
        (4, 3, 1.0),
        (5, 3, 1.0),
    ],
)
def test_lost_trips_by_ready_bikes_and_freed_docks(inventory, freed, lost):
    assert lost == freed_station().lost_trips(inventory, freed)


@pytest.mark.parametrize(("inventory", "freed"), [(-1, 0), (3, 0), (6, 3), (0, -1), (0, 4)])
def test_what_cannot_stand_there_has_no_losses(inventory, freed):
    with pytest.raises(IndexError, match="station A: "):
        freed_station().lost_trips(inventory, freed)


def test_without_tables_freed_docks_bring_nothing():
    bare = freed_station(lost_trips_freed=())
    assert [2.0, 2.0, 2.0] == [bare.lost_trips(2), bare.lost_trips(2, 3), bare.lost_trips(5, 3)]


def test_a_plan_pays_for_lost_trips_by_the_docks_it_frees():
    # One broken bike away: 2 ready bikes and 1 freed dock. One swap: 3 ready bikes and 1 freed dock.
    night = problem([freed_station()], [60], vans=[replace(van(), batteries=1)])

    def lost(**done: int) -> float:
        plan = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", **done),)),))
        assert () == check(night, plan)
        return cost(night, plan).lost_trips

    assert 20 == cost(night, NOTHING).lost_trips
    assert 10 == lost(broken_pickup=1)
    assert 10 == lost(low_pickup=1)
    assert 15 == lost(swaps=1)
    assert 5 == lost(low_pickup=2)
    assert 10 == lost(swaps=1, pickup=1)


def musts(must: Must, plan: Plan = PLAN) -> list[tuple[str, int]]:
    night = whole_night(a=make_a(must=must))
    assert () == check(night, plan)
    found = unserved_musts(night, replay(night, plan))
    assert 100 * sum(item.amount for item in found) == cost(night, plan).must
    assert {"A"} >= {item.station_id for item in found}
    return [(item.kind, item.amount) for item in found]


def test_must_do_work_that_is_done_costs_nothing():
    # PLAN leaves 6 bikes at A, swaps 2 batteries there and takes 1 broken bike.
    assert [] == musts(Must(visit=True, low=6, high=6, swaps=2, broken=1))


@pytest.mark.parametrize(
    ("must", "plan", "missing"),
    [
        (Must(low=7), PLAN, [("low", 1)]),
        (Must(high=4), PLAN, [("high", 2)]),
        (Must(swaps=3), PLAN, [("swaps", 1)]),
        (Must(broken=3), PLAN, [("broken", 2)]),
        (Must(visit=True), NOTHING, [("visit", 1)]),
        (
            Must(visit=True, low=0, high=6, swaps=1, broken=1),
            NOTHING,
            [("visit", 1), ("high", 2), ("swaps", 1), ("broken", 1)],
        ),
        (Must(), NOTHING, []),
    ],
)
def test_each_missing_unit_is_listed_and_priced(must, plan, missing):
    assert missing == musts(must, plan)


def test_stops_of_several_vans_count_together_and_stations_come_in_order():
    stop = Stop(station_id="A", swaps=1)
    plan = Plan(routes=tuple(Route(van_id=f"van-{number}", stops=(stop,)) for number in (1, 2)))
    night = whole_night(a=make_a(must=Must(swaps=2)), b=make_b(must=Must(visit=True)))
    assert (UnservedMust(station_id="B", kind="visit", amount=1),) == unserved_musts(night, replay(night, plan))
    assert ["A", "B"] == [item.station_id for item in unserved_musts(night, replay(night, NOTHING))]


@pytest.mark.parametrize(
    ("floor", "cap", "missed"),
    [
        (None, None, ()),
        (10, 10, ()),
        (11, None, (("floor", 1),)),
        (None, 8, (("cap", 2),)),
    ],
)
def test_a_zone_is_priced_by_the_bikes_it_is_short_or_over(floor, cap, missed):
    # PLAN leaves 6 bikes at A and 4 at B.
    zone = Zone(id="centre", station_ids=("A", "B"), floor=floor, cap=cap)
    prices = Prices(lost_trip=0, van_hour=0, van_km=0, van_use=0, zone_bike=3)
    night = whole_night(zones=(zone,), prices=prices)
    assert () == check(night, PLAN)
    expected = tuple(ZoneMiss(zone_id="centre", kind=kind, amount=amount) for kind, amount in missed)
    assert expected == missed_zones(night, replay(night, PLAN))
    assert 3 * sum(amount for _, amount in missed) == cost(night, PLAN).zones
