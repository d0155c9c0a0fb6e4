"""The bound never crosses what is possible, and is as strong as its relaxation allows."""

import dataclasses
import math

import pulp
import pytest

from optimiser.rebalancing.bound import lower_bound
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Problem
from tests.builders import problem, random_problem, station, van
from tests.oracle import best_plan


def test_where_nothing_is_short_the_bound_is_what_doing_nothing_costs():
    night = problem([station("A", 3, low=2, high=5)], [60])
    assert 0.0 == lower_bound(night).value == cost(night, NOTHING).total


def test_one_bike_moved_by_hand():
    # A has one bike too many, the van must come (60 s), stop (100 s), handle (10 s) and go back (60 s):
    # 230 s x 0.01 + 120 s x 10 m x 0.001 = 2.3 + 1.2 = 3.5 < 10, and the plan costs exactly that.
    # The bound knows all of that here: there is one station, one stop, and no shorter way.
    night = problem([station("A", 6, low=2, high=5)], [60])
    assert 3.5 == pytest.approx(best_plan(night, most_stops=1, most_bikes=2)[0])
    assert 3.5 == pytest.approx(lower_bound(night).value)


def test_a_station_that_needs_two_visits_is_charged_for_two():
    # 4 bikes too many, a van takes 2 at a time: serving 2 of them costs 60 + 120 + 60 = 240 s and 1.2 km = 3.6, and
    # leaves 2 lost trips = 20; doing nothing costs 40. The relaxation takes all 4 in two visits, as a van that unloads
    # in its depot in between may: 4 x 10 + 2 x (100 + 60) s and 2 x 0.6 km = 4.8, and one way back = 1.2.
    night = problem([station("A", 9, low=2, high=5)], [60], vans=[van(slots=2)])
    assert 23.6 == pytest.approx(best_plan(night, most_stops=2, most_bikes=3)[0])
    assert 6.0 == pytest.approx(lower_bound(night).value)


@pytest.mark.parametrize("seed", range(8))
def test_the_bound_is_below_the_best_plan_on_tiny_nights(seed):
    night = random_problem(seed, stations=3, vans=1)
    small = [dataclasses.replace(item, slots=3, initial_load=min(3, item.initial_load)) for item in night.vans]
    night = dataclasses.replace(night, vans=tuple(small))
    best, _ = best_plan(night, most_stops=3, most_bikes=3)
    assert lower_bound(night).value <= best


@pytest.mark.filterwarnings("ignore:PULP_CBC_CMD:DeprecationWarning")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shift_s", [1800, 5 * 3600, 20 * 3600])
def test_the_prices_reach_the_relaxations_linear_programme(seed, shift_s):
    # Strong duality: the best prices give the value of the linear programme, so the search for them is good.
    night = random_problem(seed, stations=12, vans=2, shift_s=shift_s)
    exact = linear_programme(night)
    bound = lower_bound(night).value
    assert bound <= exact + 1e-6
    assert bound == pytest.approx(exact, rel=1e-4)


def linear_programme(night: Problem) -> float:
    """The relaxation of bound.py as PuLP states it, solved by CBC; one van leaves, or nothing moves."""
    index = night.place_index
    model = pulp.LpProblem("relaxation", pulp.LpMinimize)
    slots = [item.slots for item in night.vans]
    nothing = cost(night, NOTHING).total
    objective, seconds, fleet = [], [], []
    for item in night.stations:
        row = index[item.id]
        others = [place for place in range(len(index)) if place != row]
        fastest = max(van.speed_factor for van in night.vans)
        drive_s = min(int(night.travel.travel_s[place, row]) for place in others) / fastest
        length_m = min(int(night.travel.length_m[place, row]) for place in others)
        share = [model.add_variable(f"s_{item.id}_{bikes}", 0, 1) for bikes in range(item.capacity + 1)]
        model += pulp.lpSum(share) == 1
        for bikes, variable in enumerate(share):
            moved = abs(bikes - item.inventory)
            visits = math.ceil(moved / max(slots))
            tau = night.handling.bike_s * moved + visits * (night.handling.stop_s + drive_s)
            kappa = night.prices.van_hour / 3600 * tau + night.prices.van_km / 1000 * visits * length_m
            objective.append((night.prices.lost_trip * item.lost_trips(bikes) + kappa) * variable)
            seconds.append(tau * variable)
            fleet.append(bikes * variable)
    bikes = sum(item.inventory for item in night.stations) + sum(item.initial_load for item in night.vans)
    model += pulp.lpSum(objective)
    model += pulp.lpSum(fleet) <= bikes
    model += pulp.lpSum(fleet) >= bikes - sum(slots)
    backs, first = [], []
    for item in night.vans:
        column = index[item.end_depot_id]
        rows = [index[station.id] for station in night.stations]
        back_s = min(int(night.travel.travel_s[row, column]) for row in rows) / item.speed_factor
        back_m = min(int(night.travel.length_m[row, column]) for row in rows)
        backs.append(max(0, item.shift_end_s - item.shift_start_s - back_s))
        first.append(night.prices.van_use + night.prices.van_hour / 3600 * back_s + night.prices.van_km / 1000 * back_m)
    model += pulp.lpSum(seconds) <= sum(backs)
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    assert pulp.LpStatus[model.status] == "Optimal"
    return min(nothing, pulp.value(model.objective) + min(first))


def test_a_city_without_vans_can_only_do_nothing():
    night = dataclasses.replace(problem([station("A", 9, low=2, high=5)], [60]), vans=())
    assert 40.0 == lower_bound(night).value


def test_the_goals_say_which_way_bikes_should_go():
    # A has 3 bikes too many, B is 3 short, C is fine.
    night = problem(
        [station("A", 8, low=2, high=5), station("B", 1, low=4, high=6), station("C", 4, low=2, high=6)],
        [60, 100, 80],
        vans=[van(slots=5)],
    )
    bound = lower_bound(night)
    assert 5 == bound.goal_high[0] >= bound.goal_low[0]
    assert (4, 4) == bound.goal_high[1:]


def test_a_van_that_unloads_in_its_depot_in_mid_shift_is_not_undercut():
    # 10 bikes too many, 5 slots: the plan that unloads once in the depot moves them all.
    night = problem([station("A", 10, low=0, high=0)], [1], vans=[van(slots=5)])
    twice = Route(
        van_id="van-1",
        stops=(Stop(station_id="A", pickup=5), Stop(station_id="D", dropoff=5), Stop(station_id="A", pickup=5)),
    )
    assert not check(night, Plan(routes=(twice,)))
    assert lower_bound(night).value <= cost(night, Plan(routes=(twice,))).total


def test_swaps_may_make_more_bikes_ready_than_stand_there():
    # Two of four bikes are low on charge; both are worth a trip each when ready.
    low = dataclasses.replace(station("A", 0, low=2, high=2, capacity=2), low_charge=2)
    night = problem([low], [1], vans=[dataclasses.replace(van(slots=5), batteries=2)])
    swaps = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", swaps=2),)),))
    assert not check(night, swaps)
    assert lower_bound(night).value <= cost(night, swaps).total < 20
