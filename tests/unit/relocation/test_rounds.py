"""The bound of small nights by rounds: by hand where it is exact, and below every plan that is found otherwise."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import scenarios.benchmarks
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import StopReason
from optimiser.relocation.bound import lower_bound
from optimiser.relocation.charging import charge_smartly
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING, Job, Plan, Route
from optimiser.relocation.problem import Break, Prices, Problem, Task
from optimiser.relocation.rounds import bound_by_rounds, is_small
from optimiser.relocation.solve import solve
from scenarios.benchmarks.relocation_files import read_relocation
from tests.unit.relocation.builders import car, driver, make_problem, random_night, station
from tests.unit.relocation.routes import least_cost, random_plan, short_plans

NIGHTS = Path(scenarios.benchmarks.__file__).parent / "nights"
PRICES = Prices(lost_trip=20.0, driver_hour=36.0)


def near(amount: float):
    return pytest.approx(amount, abs=1e-4)


def nothing(problem: Problem) -> float:
    return cost(problem, charge_smartly(problem, NOTHING)).total


def bound(problem: Problem) -> float:
    return bound_by_rounds(problem, objective=nothing(problem), left_s=lambda: math.inf)


def test_a_break_takes_its_time():
    # 500 s for the car to B and home; a break of 300 s is due on a route that ends after 400 s
    problem = make_problem([station("A"), station("B", (1.0, 0.0))], [car("c", "A", 30.0)], [driver()], prices=PRICES)
    assert bound(problem) == near(5.0)
    pause = Break(duration_s=300, earliest_s=0, latest_s=400)
    assert bound(replace(problem, drivers=(driver(break_=pause),))) == near(8.0)
    assert bound(replace(problem, drivers=(driver(break_=replace(pause, latest_s=500)),))) == near(5.0)


def two_tasks_at_one_car() -> Problem:
    """Each by another driver, the second when the first is gone; nobody has to drive."""
    return make_problem(
        [station("A", plugs=[10.0])],
        [car("c", "A", 30.0)],
        [driver("d", skills=frozenset("x")), driver("e", skills=frozenset("y"))],
        prices=PRICES,
        tasks=tuple(
            Task(id=name, car_id="c", duration_s=100, price=10.0, needs=frozenset(name)) for name in ("x", "y")
        ),
    )


def test_a_car_may_come_back_to_where_it_was():
    # Two tasks at one car, one by somebody who only comes when the other is gone: nobody drives, 100 + 100 s each
    problem = two_tasks_at_one_car()
    jobs = [
        Job(car_id="c", origin_id="A", station_id="A", task_ids=(name,), not_before_s=1000 * order)
        for order, name in enumerate("xy")
    ]
    plan = Plan(routes=tuple(Route(driver_id=id_, jobs=(job,)) for id_, job in zip("de", jobs, strict=True)))
    assert bound(problem) == near(4.0)
    assert bound(problem) <= cost(problem, plan).total


def test_broken_off_it_says_nothing_wrong():
    problem = make_problem([station("A"), station("B", (1.0, 0.0))], [car("c", "A", 30.0)], [driver()], prices=PRICES)
    assert bound_by_rounds(problem, objective=20.0, left_s=lambda: 0.0) <= 5.0


def test_what_is_cheaper_than_the_plan_at_hand_is_offered():
    problem = make_problem([station("A"), station("B", (1.0, 0.0))], [car("c", "A", 30.0)], [driver()], prices=PRICES)
    offered: list[Plan] = []

    def offer(plans: tuple[Plan, ...]) -> float:
        offered.extend(plans)
        return min(cost(problem, plan).total for plan in plans)

    assert bound_by_rounds(problem, objective=nothing(problem), left_s=lambda: math.inf, offer=offer) == near(5.0)
    assert min(cost(problem, plan).total for plan in offered) == near(5.0)


@pytest.mark.parametrize("seed", range(200, 205))
def test_no_random_plan_is_cheaper(seed):
    problem = random_night(seed, most_cars=3)
    least = min(bound(problem), nothing(problem))
    costs = [least_cost(problem, random_plan(problem, 100 * seed + draw)) for draw in range(10)]
    assert all(least <= found for found in costs if found is not None)


@pytest.mark.parametrize("seed", range(4))
def test_no_short_plan_is_cheaper(seed):
    problem = random_night(seed, most_stations=3, most_cars=2, most_drivers=1)
    found = min(one for one in (least_cost(problem, plan) for plan in short_plans(problem)) if one is not None)
    assert bound(problem) <= found


def test_a_night_from_real_streets_is_proven(monkeypatch):
    """Its rounds of drivers hang together; those of `lower_bound` need not."""
    monkeypatch.setattr("optimiser.relocation.solve.PROVEN_FROM", 50)
    problem = read_relocation(NIGHTS / "goteborg-small-1.json").problem
    assert is_small(problem)
    result = solve(problem, SolveLimits(seconds=None, rounds=50))
    assert result.stop_reason is StopReason.OPTIMAL
    assert result.best_bound == near(result.objective)
    assert lower_bound(problem) < result.objective - 0.1


@pytest.mark.parametrize("looks", [0, 9])
def test_a_stop_during_the_proof_keeps_the_plan_and_what_is_proven(monkeypatch, looks):
    """Told to stop when the proof begins, or has looked nine times whether to go on."""
    monkeypatch.setattr("optimiser.relocation.solve.PROVEN_FROM", 50)
    looked: list[bool] = []

    def proof(*args, **options) -> float:
        looked.append(True)
        return bound_by_rounds(*args, **options)

    def should_stop() -> bool:
        looked.extend([True] if looked else [])
        return len(looked) > looks + 1

    monkeypatch.setattr("optimiser.relocation.solve.bound_by_rounds", proof)
    problem = read_relocation(NIGHTS / "goteborg-small-1.json").problem
    result = solve(problem, SolveLimits(seconds=None, rounds=50), should_stop=should_stop)
    assert result.stop_reason is StopReason.CANCELLED
    assert check(problem, result.plan) == ()
    assert result.best_bound >= lower_bound(problem)
    # Of the proven night of the test before.
    assert result.best_bound < 105.4 < result.objective


def test_a_search_that_stalls_is_told_as_such_after_the_proof():
    """The proof of a night in which somebody has to wait ends below its cost: rounds know no waiting."""
    problem = two_tasks_at_one_car()
    result = solve(problem, SolveLimits(seconds=3600, stalled_s=3.0))
    assert result.stop_reason is StopReason.STALLED
    assert result.best_bound == near(4.0)
    assert result.objective > 4.5
    assert result.elapsed_s < 1800


def test_a_proof_without_news_stalls(monkeypatch):
    """It goes on for as long as its bound rises, and a while longer; by a clock that each look at it moves on."""
    now_s, look_s, stalled_s = 0.0, 0.01, 1.0

    def monotonic() -> float:
        nonlocal now_s
        now_s += look_s
        return now_s

    def proof(problem: Problem, *, left_s, on_rise, **options) -> float:
        nonlocal now_s
        for _ in range(8):
            now_s += 0.8 * stalled_s
            assert left_s() > 0
            on_rise()
        now_s += 1.2 * stalled_s
        assert left_s() == 0
        return 0.0

    monkeypatch.setattr("optimiser.relocation.solve.bound_by_rounds", proof)
    monkeypatch.setattr("optimiser.relocation.solve.time", SimpleNamespace(monotonic=monotonic))
    result = solve(two_tasks_at_one_car(), SolveLimits(seconds=3600, stalled_s=stalled_s))
    assert result.stop_reason is StopReason.STALLED


def test_large_nights_are_not_tried():
    assert not is_small(read_relocation(NIGHTS / "goteborg-medium-1.json").problem)
