"""Solving: the best of everything that can be tried by hand, limits, stopping, and plans at hand."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import Progress, StopReason
from optimiser.relocation.charging import charge_smartly
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING, Job, Plan, Route
from optimiser.relocation.problem import Problem
from optimiser.relocation.solve import _Best, solve
from tests.unit.relocation.nights import PLAN, car, night
from tests.unit.relocation.whole_nights import whole_night

ROUNDS = SolveLimits(seconds=None, rounds=3)


def brute_force(problem: Problem) -> float:
    """The least cost over all orders of at most one job of each car, one driver, on the first plug that fits."""
    best = cost(problem, charge_smartly(problem, NOTHING)).total
    choices = []
    for one in problem.cars:
        options: list[Job | None] = [None]
        for station in problem.stations:
            job = {"car_id": one.id, "origin_id": one.at, "station_id": station.id, "unplug": one.plug_id is not None}
            options.append(Job(**job))
            options += [Job(**job, plug_id=plug.id) for plug in station.plugs if plug.connector in one.connectors]
        choices.append(options)
    for chosen in product(*choices):
        jobs = [job for job in chosen if job is not None]
        for order in permutations(jobs):
            plan = Plan(routes=(Route(driver_id=problem.drivers[0].id, jobs=order),))
            if order and not check(problem, plan):
                best = min(best, cost(problem, charge_smartly(problem, plan)).total)
    return best


@pytest.mark.parametrize("energy", [6.0, 12.0, 15.0])
def test_small_nights_are_solved_as_well_as_by_trying_everything(energy: float) -> None:
    """Three cars, three stations, one plug: every order of every job."""
    problem = night(cars=(car("full", "a", energy_kwh=30.0), car("low", "a", energy_kwh=energy), car("third", "b")))
    result = solve(problem, ROUNDS)
    assert result.objective <= brute_force(problem) + 1e-6
    assert result.best_bound <= result.objective


def test_the_plan_at_hand_is_never_made_worse() -> None:
    """A start that is valid is a floor under the answer."""
    problem = night()
    result = solve(problem, SolveLimits(seconds=None, rounds=1), start=PLAN)
    assert result.objective <= cost(problem, PLAN).total
    assert result.refused == ()


def test_a_plan_at_hand_that_cannot_be_driven_is_passed_over() -> None:
    """A car without the energy for its way, and a driver nobody knows."""
    problem = night(cars=(car("full", "a", energy_kwh=30.0), car("low", "a", energy_kwh=0.5)))
    for start in (Plan(routes=PLAN.routes), Plan(routes=(Route(driver_id="nobody", jobs=PLAN.routes[0].jobs),))):
        result = solve(problem, ROUNDS, start=start)
        assert check(problem, result.plan) == ()
        assert result.refused == ()


def test_routes_that_no_charge_can_feed_are_passed_over() -> None:
    """The best so far stays."""
    problem = night(cars=(car("low", "a", energy_kwh=0.5),))
    best = _Best(problem, ROUNDS, None)
    best.offer(NOTHING)
    best.offer(Plan(routes=(Route(driver_id="dora", jobs=(Job(car_id="low", origin_id="a", station_id="b"),)),)))
    assert best.plan.routes == ()
    assert best.refused == []


def test_somebody_may_stop_it() -> None:
    """The best so far is kept."""
    result = solve(whole_night(1), SolveLimits(seconds=60), should_stop=lambda: True)
    assert result.stop_reason is StopReason.CANCELLED
    assert check(whole_night(1), result.plan) == ()
    assert result.elapsed_s < 30


def test_progress_only_gets_better() -> None:
    """Objective falls, the bound does not, and the last moment is the answer."""
    moments: list[Progress] = []
    result = solve(whole_night(2), SolveLimits(seconds=1.0), on_progress=moments.append)
    objectives = [moment.objective for moment in moments]
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[-1] == result.objective
    assert result.stop_reason in (StopReason.TIME_LIMIT, StopReason.OPTIMAL)


def test_without_drivers_or_cars_there_is_nothing_to_search() -> None:
    """Charging alone is exact."""
    problem = night(drivers=(), cars=(car("low", "hub", plug_id="p1"),))
    result = solve(problem, SolveLimits(seconds=30))
    assert result.elapsed_s < 10
    assert result.plan.routes == ()
    assert solve(night(cars=()), SolveLimits(seconds=30)).objective == pytest.approx(150.0)


def test_the_same_rounds_give_the_same_plan() -> None:
    """Repeatable, whatever the clock says."""
    problem = whole_night(4)
    assert solve(problem, ROUNDS).plan == solve(problem, ROUNDS).plan
