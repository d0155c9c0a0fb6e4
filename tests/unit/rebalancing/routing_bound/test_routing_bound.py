"""The bound as a whole: never above the optimum, exact where it may run to the end, repeatable, stoppable."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.result import StopReason
from optimiser.rebalancing.routing_bound import RoutingBound, routing_lower_bound
from optimiser.rebalancing.routing_bound.result import Budget
from optimiser.rebalancing.routing_bound.sets import Integers
from tests.unit.rebalancing.routing_bound.brute_force import (
    BENCHMARK,
    best_cost,
    length,
    random_case,
    shared_cases,
    start_loads,
)


def bound(cost: Integers, demand: Integers, capacity: int, **options: object) -> RoutingBound:
    return routing_lower_bound(cost, demand, capacity, **{"seconds": None, **options})  # type: ignore[arg-type]


def test_two_stations_that_fit_one_van_share_it():
    # depot -> 1 -> 2 -> depot: 10 + 1 + 10 = 21
    cost = np.array([[0, 10, 10], [10, 0, 1], [10, 1, 0]])
    found = bound(cost, np.array([0, 4, -4]), 5)
    assert 21 == found.value
    assert found.stop_reason is StopReason.OPTIMAL


def test_two_pickups_that_fill_a_van_need_two_routes():
    # 4 + 4 > 5, so out and back twice: 2 x (10 + 10) = 40
    cost = np.array([[0, 10, 10], [10, 0, 1], [10, 1, 0]])
    assert 40 == bound(cost, np.array([0, 4, 4]), 5).value


def test_the_order_of_stops_matters_where_the_sum_does_not():
    # Shortest is 3, 1, 2: 10 + 9 + 1 + 10 = 30, but the load would go -5, -1, 3. In the order 1, 3, 2 it goes
    # 4, -1, 3 and stays within 5: 10 + 9 + 9 + 10 = 38. With a van for one of them: 49 or more.
    cost = np.array([[0, 10, 10, 10], [10, 0, 1, 9], [10, 1, 0, 9], [10, 9, 9, 0]])
    assert 38 == bound(cost, np.array([0, 4, 4, -5]), 5).value
    assert 30 == bound(cost, np.array([0, 4, 4, -5]), 8).value


def test_a_station_without_demand_is_visited_all_the_same():
    # 7 out, 8 back
    assert 15 == bound(np.array([[0, 7], [8, 0]]), np.array([0, 0]), 3).value


def test_the_depots_demand_does_not_count():
    assert 15 == bound(np.array([[0, 7], [8, 0]]), np.array([99, 0]), 3).value


def test_no_stations_cost_nothing():
    assert 0 == bound(np.array([[0]]), np.array([0]), 3).value


def test_a_bound_between_two_possible_costs_is_rounded_up():
    # All costs are multiples of 100; an allowance for floating-point sums comes off first.
    budget = Budget(seconds=None, rounds=None, unit=100, upper_bound=None, should_stop=None, on_bound=None)
    assert [12600, 12600, 12700] == [budget.rounded(value) for value in (12550, 12600.00005, 12601)]


def test_costs_that_are_multiples_give_bounds_that_are_multiples():
    cost, demand, capacity = random_case(2, stations=20)
    for rounds in range(1, 30, 4):
        found = bound(100 * cost, demand, capacity, rounds=rounds)
        assert 0 == found.value % 100


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("stations", [3, 4, 5, 6])
def test_brute_force_agrees(seed, stations):
    cost, demand, capacity = random_case(seed, stations=stations)
    found = bound(cost, demand, capacity)
    assert best_cost(cost, demand, capacity) == found.value
    assert found.stop_reason is StopReason.OPTIMAL
    assert found.routes is not None
    assert sorted(station for route in found.routes for station in route) == list(range(1, stations + 1))
    assert all(start_loads(route, np.where(np.arange(stations + 1) > 0, demand, 0), capacity) for route in found.routes)
    assert found.value == sum(length(route, cost) for route in found.routes)


@pytest.mark.parametrize("seed", range(6))
def test_a_known_plan_changes_the_effort_and_not_the_bound(seed):
    cost, demand, capacity = random_case(100 + seed, stations=6)
    best = best_cost(cost, demand, capacity)
    for upper_bound in (best, best + 0.5, best + 1, 2 * best, float("inf")):
        assert best == bound(cost, demand, capacity, upper_bound=upper_bound).value


def test_the_bound_holds_after_any_number_of_rounds():
    cost, demand, capacity = random_case(7, stations=6, capacity=4)
    best = best_cost(cost, demand, capacity)
    values = [bound(cost, demand, capacity, rounds=rounds).value for rounds in range(0, 60, 3)]
    assert all(value <= best for value in values)
    assert values == sorted(values)
    assert 0 == values[0]


def test_same_rounds_same_bound():
    cost, demand, capacity = random_case(3, stations=25)
    first, second = (bound(cost, demand, capacity, rounds=60) for _ in range(2))
    assert first == second
    assert first.stop_reason is StopReason.TIME_LIMIT
    assert 60 == first.rounds


def test_better_bounds_are_told_in_rising_order():
    cost, demand, capacity = random_case(5, stations=20)
    told: list[float] = []
    found = bound(cost, demand, capacity, rounds=40, on_bound=told.append)
    assert told == sorted(set(told))
    assert found.value == told[-1]
    assert found.arc_value <= found.root_value <= found.value


def test_the_caller_may_stop_it():
    cost, demand, capacity = random_case(5, stations=20)
    asked = iter([False, False, True])
    found = bound(cost, demand, capacity, should_stop=lambda: next(asked))
    assert found.stop_reason is StopReason.CANCELLED
    assert 2 == found.rounds


def test_no_time_gives_no_bound_but_zero():
    cost, demand, capacity = random_case(5, stations=20)
    assert 0 == bound(cost, demand, capacity, seconds=1e-9).value


def test_more_than_a_van_holds_is_refused():
    with pytest.raises(InvalidProblem, match="vertex 1 has demand 6, a van holds 5"):
        bound(np.array([[0, 1], [1, 0]]), np.array([0, 6]), 5)


def test_wrong_shapes_are_refused():
    with pytest.raises(InvalidProblem, match="must be 2 x 2"):
        bound(np.zeros((3, 3), dtype=np.int64), np.array([0, 1]), 5)


@pytest.mark.skipif(not BENCHMARK.exists(), reason="the shared benchmark instances are not here")
@pytest.mark.parametrize(("name", "optimum"), [("3Bari10", 20600), ("9Bergamo12", 13500), ("23Ottawa10", 17576)])
def test_published_optima_are_proven(name, optimum):
    ((_, cost, demand, capacity),) = shared_cases(name)
    assert optimum == bound(cost, demand, capacity, upper_bound=optimum).value
    assert optimum >= bound(cost, demand, capacity, rounds=50).value
