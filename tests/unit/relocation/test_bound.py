"""The lower bound: by hand where it is exact, and below every plan that is found otherwise."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.programme import Programme
from optimiser.relocation.bound import lower_bound, model
from optimiser.relocation.bound.hull import lower_hull
from optimiser.relocation.charging import charge_smartly, plug_and_charge
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING
from optimiser.relocation.problem import Must, Plug, Prices, Task, Zone
from tests.unit.relocation.builders import car, driver, make_problem, random_night, station
from tests.unit.relocation.routes import least_cost, random_plan, short_plans


def near(amount: float):
    return pytest.approx(amount, abs=1e-4)


def test_hull_of_a_table():
    assert lower_hull([2.0]) == []
    # 2, 2, 0, 0: two cars at once save two trips; then none
    assert lower_hull([2.0, 2.0, 0.0, 0.0]) == [(2, -1.0), (1, 0.0)]
    assert lower_hull([3.0, 1.0, 0.0, 0.0, 2.0]) == [(1, -2.0), (1, -1.0), (1, 0.0), (1, 2.0)]


def test_without_drivers_the_bound_is_the_power():
    # 10 kWh in the hour at 0.1 and 2 in the one at 0.2; a car without a plug loses 4 trips of 10
    problem = make_problem(
        [station("A", (1.0, 0.0), plugs=[10.0]), station("B", (4.0, 0.0))],
        [car("c", "A", 8.0, plug_id="A1"), car("low", "B", 8.0)],
        tariff=(0.3, 0.2, 0.1, 0.4),
    )
    assert lower_bound(problem) == near(1.4 + 40.0)
    assert lower_bound(problem) == near(cost(problem, charge_smartly(problem, NOTHING)).total)


def test_a_car_is_brought_and_the_driver_comes_back():
    # 100 + 100 s with the car, 100 s for a km, 200 s by bike back: 500 s at 0.01; 0.5 for the km of the car
    problem = make_problem(
        [station("A"), station("B", (1.0, 0.0))],
        [car("c", "A", 30.0)],
        [driver()],
        prices=Prices(lost_trip=10.0, driver_hour=36.0, car_km=0.5),
    )
    assert lower_bound(problem) == near(5.5)
    # To lose the trip is cheaper
    assert lower_bound(replace(problem, prices=replace(problem.prices, lost_trip=5.0))) == near(5.0)


def test_a_driver_has_so_many_seconds():
    # The same 500 s, and no more than 500 or 250: who sets out costs 4; half of the way saves nothing
    problem = make_problem(
        [station("A"), station("B", (1.0, 0.0))],
        [car("c", "A", 30.0)],
        [driver(shift_end_s=500)],
        prices=Prices(lost_trip=10.0, driver_hour=36.0, driver_use=4.0),
    )
    assert lower_bound(problem) == near(9.0)
    short = replace(problem, drivers=(driver(shift_end_s=250),), prices=replace(problem.prices, driver_use=0.0))
    assert lower_bound(short) == near(10.0)


def test_who_sets_out_makes_the_whole_way():
    # The driver lives 2 km from A: 400 s there, 300 s for the car to B, 600 s home; half a driver is none
    problem = make_problem(
        [station("A"), station("B", (1.0, 0.0))],
        [car("c", "A", 30.0)],
        [driver(at="H")],
        places=["H"],
        km=(2.0, 3.0, 0.0),
        prices=Prices(lost_trip=20.0, driver_hour=36.0, driver_use=4.0),
    )
    assert lower_bound(problem) == near(13.0 + 4.0)
    assert lower_bound(replace(problem, prices=replace(problem.prices, lost_trip=16.0))) == near(16.0)


def test_a_car_is_plugged_in_where_it_stands():
    # 100 + 50 s at 0.01, 10 kWh at 0.2
    problem = make_problem([station("A", (1.0, 0.0), plugs=[10.0])], [car("c", "A", 10.0)], [driver()])
    assert lower_bound(problem) == near(1.5 + 2.0)
    # No plug that fits
    other = station("A", (1.0, 0.0), plugs=[Plug(id="A1", kw=10.0, connector="ccs")])
    assert lower_bound(replace(problem, stations=(other,))) == near(10.0)
    # No driver who may
    shy = replace(problem, cars=(car("c", "A", 10.0, needs=frozenset({"truck"})),))
    assert lower_bound(shy) == near(10.0)
    # Too late: with what is left of the night at most 9.5 kWh
    late = replace(problem, drivers=(driver(shift_start_s=11_000),))
    assert lower_bound(late) == near(10.0)


def test_a_plug_is_given_up_by_who_holds_it():
    # c takes the one plug of A for 10 kWh; p, ready, has to be taken off: 100 + 50 s, then 100 + 50 s, 2 for the power
    problem = make_problem(
        [station("A", (2.0, 1.0, 0.0), plugs=[10.0])],
        [car("p", "A", 30.0, plug_id="A1"), car("c", "A", 10.0)],
        [driver()],
    )
    # One of the four hours would be enough, but nobody takes a quarter of p off
    assert lower_bound(problem) == near((1.5 + 2.0) + 1.5)


def test_a_full_station_takes_nobody():
    problem = make_problem(
        [station("A"), station("B", (2.0, 1.0, 0.0), bays=1)],
        [car("c", "A", 30.0), car("d", "B", 30.0)],
        [driver()],
    )
    assert lower_bound(problem) == near(10.0)
    # Or somebody makes room: 500 s for the one there and 500 s for the broken one back, if it may be driven
    broken = replace(problem, cars=(car("c", "A", 30.0), car("d", "B", 30.0, in_service=False)))
    # There with one car and back with the other: twice 300 s
    assert lower_bound(broken) == near(10.0 + 6.0)
    stuck = replace(problem, cars=(car("c", "A", 30.0), car("d", "B", 30.0, in_service=False, can_move=False)))
    assert lower_bound(stuck) == near(20.0)


def test_large_nights_are_bounded_by_shares(monkeypatch):
    # The same two nights as above, as those with more cars are: half of a trip, a quarter of p
    monkeypatch.setattr(model, "MOST_WHOLE", 0)
    trip = make_problem(
        [station("A"), station("B", (1.0, 0.0))],
        [car("c", "A", 30.0)],
        [driver(shift_end_s=250)],
        prices=Prices(lost_trip=10.0, driver_hour=36.0),
    )
    assert lower_bound(trip) == near(5.0 + 2.5)
    plug = make_problem(
        [station("A", (2.0, 1.0, 0.0), plugs=[10.0])],
        [car("p", "A", 30.0, plug_id="A1"), car("c", "A", 10.0)],
        [driver()],
    )
    assert lower_bound(plug) == near((1.5 + 2.0) + 1.5 / 4)


def test_branch_and_bound_that_is_broken_off_proves_no_more_than_it_has():
    # 3a + 3b + 3c >= 4 with whole ones takes two; the linear programme takes four thirds
    programme = Programme()
    columns = [programme.column(cost=1.0, upper=1.0, is_whole=True) for _ in range(3)]
    programme.row([(column, 3.0) for column in columns], lower=4.0)
    assert programme.dual_bound(nodes=0) <= 2.0 + 1e-6
    assert programme.dual_bound(nodes=100) == near(2.0)
    programme.row([(column, 1.0) for column in columns], lower=4.0)
    assert programme.dual_bound(nodes=100) == math.inf


def test_work_at_a_car_takes_its_time():
    # 100 s and 300 s of cleaning at 0.01, or 10 for leaving it
    problem = make_problem(
        [station("A")], [car("c", "A", 30.0)], [driver()], tasks=(Task(id="t", car_id="c", duration_s=300, price=10.0),)
    )
    assert lower_bound(problem) == near(4.0)
    assert lower_bound(replace(problem, drivers=())) == near(10.0)


def test_what_must_be_somewhere_is_driven():
    problem = make_problem(
        [station("A"), station("B")],
        [car("c", "A", 30.0)],
        [driver()],
        musts=(Must(car_id="c", station_ids=frozenset({"B"})),),
    )
    assert lower_bound(problem) == near(5.0)
    assert lower_bound(replace(problem, cars=(car("c", "A", 30.0, can_move=False),))) == near(1000.0)


def test_floors_and_caps_of_zones():
    # Two cars at A where one is allowed, none at B where one is wanted: 7 for each, 5 for a drive
    zones = (Zone(id="full", station_ids=("A",), cap=1), Zone(id="empty", station_ids=("B",), floor=1))
    problem = make_problem(
        [station("A"), station("B")],
        [car("c", "A", 30.0), car("d", "A", 30.0)],
        prices=Prices(lost_trip=0.0, driver_hour=36.0, zone_car=7.0),
        zones=zones,
    )
    assert lower_bound(problem) == near(14.0)
    assert lower_bound(replace(problem, drivers=(driver(),))) == near(5.0)


def test_a_zone_counts_a_station_once():
    # Twice in the sum of the cost and once in the programme, a ready car would put the bound above the cost.
    with pytest.raises(InvalidProblem, match="zone z: station ids appear more than once: A"):
        Zone(id="z", station_ids=("A", "A", "B"), floor=2)


def test_missing_kwh_have_their_price():
    # 5 kWh missing at 0.5 each; on a plug they cost 0.2
    prices = Prices(lost_trip=0.0, driver_hour=36.0, missing_kwh=0.5)
    problem = make_problem(
        [station("A", plugs=[10.0])], [car("c", "A", 30.0, goal_kwh=35.0, plug_id="A1")], prices=prices
    )
    assert lower_bound(problem) == near(1.0)
    loose = replace(problem, cars=(car("c", "A", 30.0, goal_kwh=35.0),))
    assert lower_bound(loose) == near(2.5)
    # 150 s at 0.01 and the power cost as much
    assert lower_bound(replace(loose, drivers=(driver(),))) == near(2.5)
    assert lower_bound(replace(loose, drivers=(driver(),), prices=replace(prices, driver_hour=18.0))) == near(1.75)


@pytest.mark.parametrize("seed", range(60))
def test_no_random_plan_is_cheaper(seed):
    problem = random_night(seed)
    bound = lower_bound(problem)
    assert bound <= cost(problem, NOTHING).total
    assert bound <= cost(problem, plug_and_charge(problem, NOTHING)).total
    costs = [least_cost(problem, random_plan(problem, 100 * seed + draw)) for draw in range(15)]
    assert all(bound <= found for found in costs if found is not None)


@pytest.mark.parametrize("seed", range(12))
def test_no_short_plan_is_cheaper(seed):
    problem = random_night(seed, most_stations=3, most_cars=2, most_drivers=1)
    bound = lower_bound(problem)
    costs = [least_cost(problem, plan) for plan in short_plans(problem)]
    found = min(one for one in costs if one is not None)
    assert bound <= found
    assert check(problem, NOTHING) == ()
