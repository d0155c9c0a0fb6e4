"""Swaps, broken bikes, calls at depots, opening hours: on tiny nights the search finds the best plan there is."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from optimiser.basics.city import Handling, Prices
from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Break, Depot, Must, Problem, Zone
from optimiser.rebalancing.solve import solve
from tests.builders import START, station, travel, van

LIMITS = SolveLimits(seconds=None, rounds=1500, seed=1)
HANDLING = Handling(stop_s=60, bike_s=20, swap_s=40, depot_s=50)


def night_of(stations, vans, **changes):
    """Stations A, B, ... at 100, 200, ... s from depot D on a line."""
    made = Problem(
        start=START,
        stations=tuple(stations),
        vans=tuple(vans),
        handling=HANDLING,
        prices=Prices(lost_trip=10.0, van_hour=36.0, van_km=0.0, van_use=0.0, broken_left=0.0, must=100.0),
        travel=travel(["D", *(one.id for one in stations)], [100 * number for number in range(len(stations) + 1)]),
    )
    return replace(made, **changes)


def stops_of(plan):
    return [stop for route in plan.routes for stop in route.stops]


def test_a_battery_is_swapped_where_that_brings_more_than_it_takes():
    # 40 s for a swap and 60 + 200 s for the way: 3.0; a trip is worth 10.
    night = night_of([replace(station("A", 2, low=4, high=10), low_charge=2)], [replace(van(), batteries=9)])
    plan = solve(night, LIMITS).plan
    assert stops_of(plan) == [Stop(station_id="A", swaps=2)]
    without = replace(night, vans=(van(),))
    assert solve(without, LIMITS).plan == NOTHING


def test_with_one_battery_the_better_swap_is_made():
    worth_more = replace(station("B", 2, low=5, high=10), low_charge=1)
    worth_more = replace(
        worth_more, target=replace(worth_more.target, lost_trips=tuple(2.0 * v for v in worth_more.target.lost_trips))
    )
    night = night_of(
        [replace(station("A", 2, low=4, high=10), low_charge=1), worth_more], [replace(van(), batteries=1)]
    )
    night = replace(night, depots=(Depot(id="D", may_call=False),))
    stops = {stop.station_id: stop.swaps for stop in stops_of(solve(night, LIMITS).plan)}
    assert stops == {"A": 0, "B": 1}, "two of A's bikes stand better at B"


def test_a_van_calls_at_its_depot_for_batteries():
    night = night_of(
        [
            replace(station("A", 0, low=2, high=10), low_charge=2),
            replace(station("B", 0, low=2, high=10), low_charge=2),
        ],
        [replace(van(), batteries=2)],
    )
    plan = solve(night, LIMITS).plan
    assert sum(stop.swaps for stop in stops_of(plan)) == 4
    assert any(stop.station_id == "D" for stop in stops_of(plan))


def test_broken_bikes_are_taken_home_for_their_price_and_for_duty():
    broken = replace(station("A", 5, low=4, high=6), broken=2)
    night = night_of([broken], [van()])
    assert solve(night, LIMITS).plan == NOTHING
    dear = replace(night, prices=replace(night.prices, broken_left=5.0))
    assert stops_of(solve(dear, LIMITS).plan) == [Stop(station_id="A", broken_pickup=2)]
    duty = replace(night, stations=(replace(broken, must=Must(broken=1)),))
    assert stops_of(solve(duty, LIMITS).plan) == [Stop(station_id="A", broken_pickup=2)]


def test_where_no_van_has_batteries_low_bikes_make_room_for_ready_ones():
    # Full of bikes that nobody can rent: two are taken away, two brought.
    full = replace(station("A", 0, low=0, high=0, capacity=0), low_charge=2)
    full = replace(full, lost_trips_freed=((5.0, 4.0), (5.0, 2.0, 0.0)), target=replace(full.target, lost_trips=(5.0,)))
    night = night_of([full], [van(load=2)])
    assert stops_of(solve(night, LIMITS).plan) == [Stop(station_id="A", dropoff=2, low_pickup=2)]


def test_a_station_is_visited_while_it_is_open_and_the_van_waits():
    night = night_of([replace(station("A", 0, low=3, high=3), opens_s=1000)], [van(load=3)])
    result = solve(night, LIMITS)
    assert stops_of(result.plan) == [Stop(station_id="A", dropoff=3)]
    # 1000 s until it opens, 60 + 60 s there, 100 s back, 1 cent each.
    assert result.objective == pytest.approx(12.2)
    closed = replace(night, stations=(replace(night.stations[0], opens_s=0, closes_s=219),))
    assert solve(closed, LIMITS).plan == NOTHING


def test_a_break_is_kept_free_and_a_range_is_not_driven_beyond():
    stations = [station("A", 0, low=2, high=2), station("B", 0, low=2, high=2)]
    night = night_of(stations, [replace(van(load=4, shift_s=640))])
    assert cost(night, solve(night, LIMITS).plan).lost_trips == 0.0
    break_ = replace(night, vans=(replace(night.vans[0], break_=Break(duration_s=100, earliest_s=0, latest_s=300)),))
    assert cost(break_, solve(break_, LIMITS).plan).lost_trips > 0.0
    far = replace(night, vans=(replace(night.vans[0], range_m=3999),))
    assert cost(far, solve(far, LIMITS).plan).lost_trips == pytest.approx(20.0)


def test_bikes_go_where_a_zone_asks_for_them():
    stations = [station("A", 6, low=0, high=10), station("B", 2, low=0, high=10), station("C", 2, low=0, high=10)]
    zone = Zone(id="Z", station_ids=("B", "C"), floor=7)
    night = night_of(stations, [van()], zones=(zone,))
    assert solve(night, LIMITS).plan == NOTHING
    asked = replace(night, prices=replace(night.prices, zone_bike=20.0))
    result = solve(asked, LIMITS)
    assert cost(asked, result.plan).zones == 0.0
    assert result.objective < cost(asked, NOTHING).total


def test_uneven_work_is_shared_where_that_is_priced():
    stations = [station(id_, 0, low=2, high=2) for id_ in "ABCE"]
    night = night_of(stations, [van("van-1", slots=8, load=8), van("van-2", slots=8, load=8)])
    assert len(solve(night, LIMITS).plan.routes) == 1
    shared = replace(night, prices=replace(night.prices, fairness=1000.0))
    assert cost(shared, solve(shared, LIMITS).plan).fairness < 100.0


def test_stock_is_fetched_in_mid_shift():
    stations = [station("A", 0, low=4, high=4), station("B", 0, low=4, high=4)]
    night = night_of(stations, [van(slots=4)], depots=(Depot(id="D", stock=8),))
    assert cost(night, solve(night, LIMITS).plan).lost_trips == 0.0
    closed = replace(night, depots=(Depot(id="D", stock=8, may_call=False),))
    assert cost(closed, solve(closed, LIMITS).plan).lost_trips == pytest.approx(40.0)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_better_than_what_the_search_finds(seed):
    random = np.random.default_rng(seed)
    stations = [
        replace(
            station(id_, int(random.integers(0, 3)), low=(low := int(random.integers(0, 3))), high=low, capacity=2),
            low_charge=int(random.integers(0, 2)),
            broken=int(random.integers(0, 2)),
        )
        for id_ in "AB"
    ]
    one = replace(van(slots=2, load=int(random.integers(0, 3)), shift_s=900), batteries=int(random.integers(0, 2)))
    night = night_of(stations, [one])
    night = replace(night, prices=replace(night.prices, broken_left=float(random.integers(0, 9))))
    best = min(cost(night, plan).total for plan in _all_plans(night) if not check(night, plan))
    assert solve(night, LIMITS).objective == pytest.approx(best)


def _all_plans(night):
    """Each station once at most, a call at the depot at most, every number of everything."""
    yield NOTHING
    for count in (1, 2):
        for ids in permutations("AB", count):
            for at in (None, *range(1, count + 1)):
                order = list(ids) if at is None else [*ids[:at], "D", *ids[at:]]
                for start in range(3):
                    for stops in product(*(_all_stops(night, id_) for id_ in order)):
                        yield Plan(routes=(Route(van_id="van-1", start_load=start, stops=stops),))


def _all_stops(night, id_):
    moves = [(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)]
    if id_ == "D":
        return [Stop(station_id="D", pickup=up, dropoff=down) for up, down in moves]
    one = night.station_by_id[id_]
    return [
        Stop(station_id=id_, pickup=up, dropoff=down, swaps=swaps, low_pickup=low, broken_pickup=broken)
        for (up, down), swaps, low, broken in product(
            moves, range(one.low_charge + 1), range(one.low_charge + 1), range(one.broken + 1)
        )
    ]
