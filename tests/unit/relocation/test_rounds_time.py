"""What the bound of small nights knows of the clock: who stands in for whom, plugs in turn, and stays that are paid."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimiser.relocation.problem import Break, Driver, Prices, Problem
from optimiser.relocation.rounds import bound_by_rounds
from optimiser.relocation.rounds.cases import cases
from optimiser.relocation.rounds.model import RoundsModel
from tests.unit.relocation.builders import HOUR_S, car, driver, make_problem, random_night, station
from tests.unit.relocation.routes import least_cost, random_plan
from tests.unit.relocation.test_rounds import bound, near, nothing

PRICES = Prices(lost_trip=100.0, driver_hour=36.0)


def a_car_for_b(*drivers: Driver) -> Problem:
    """A ready car stands at A and is wanted at B: 500 s for whoever starts and ends at A."""
    return make_problem([station("A"), station("B", (1.0, 0.0))], [car("c", "A", 30.0)], drivers, prices=PRICES)


def who_sets_out(problem: Problem) -> set[tuple[str, ...]]:
    model = RoundsModel(problem)
    return {
        tuple(crew.driver.id for crew in model.crews if case.fixed[crew.used] == (1.0, 1.0))
        for case in cases(model, problem.drivers)
    }


def test_of_alike_drivers_the_first_ones_set_out():
    other = driver("z", shift_start_s=900)
    assert who_sets_out(a_car_for_b(driver("d"), driver("e"), other)) == {
        (),
        ("d",),
        ("z",),
        ("d", "e"),
        ("d", "z"),
        ("d", "e", "z"),
    }


@pytest.mark.parametrize(
    "less",
    [
        {"break_": Break(duration_s=300, earliest_s=0, latest_s=400)},
        {"shift_end_s": 3 * HOUR_S},
        {"skills": frozenset("x")},
    ],
)
def test_who_can_do_all_that_another_can_sets_out_first(less):
    more = {"skills": frozenset("xy")} if "skills" in less else {}
    problem = a_car_for_b(driver("less", **less), driver("more", **more))
    assert who_sets_out(problem) == {(), ("more",), ("less", "more")}
    assert bound(problem) == near(5.0)


@pytest.mark.parametrize("other", [{"shift_start_s": 1}, {"end": "B"}, {"shift_end_s": 5000, "skills": frozenset("x")}])
def test_who_differs_is_no_stand_in(other):
    assert who_sets_out(a_car_for_b(driver("d"), driver("e", **other))) == {(), ("d",), ("e",), ("d", "e")}


@pytest.mark.parametrize("seed", range(300, 308))
def test_no_plan_of_two_alike_and_one_other_driver_is_cheaper(seed):
    problem = random_night(seed, most_cars=3, most_drivers=1)
    (one,) = problem.drivers
    rested = replace(one, id="rested", break_=Break(duration_s=600, earliest_s=1800, latest_s=5400))
    problem = replace(problem, drivers=(rested, one, replace(one, id="twin"), driver("other", "A", shift_start_s=600)))
    least = bound_by_rounds(problem, objective=nothing(problem) + 1.0, left_s=lambda: math.inf)
    costs = [least_cost(problem, random_plan(problem, 100 * seed + draw)) for draw in range(15)]
    assert all(least <= found for found in costs if found is not None)


def two_cars_for_one_plug() -> Problem:
    """One is on the plug of A and wanted at B, where the driver lives; the other has to be charged at A."""
    return make_problem(
        [station("A", (1.0, 0.0), plugs=[10.0]), station("B", (1.0, 0.0))],
        [car("full", "A", 30.0, plug_id="A1"), car("low", "A", 15.0)],
        [driver(at="B")],
        prices=PRICES,
    )


def test_a_plug_is_given_up_before_it_is_taken_again():
    # 200 s to A, 150 s off the plug, 150 s on it, 300 s to B, and 5 kWh; the full car driven off at once would take
    # 50 s less, and the driver away from the plug
    problem = two_cars_for_one_plug()
    assert bound(problem) == near(8.0 + 1.0)
    two_plugs = replace(problem.stations[0], plugs=station("A", plugs=[10.0, 10.0]).plugs)
    assert bound(replace(problem, stations=(two_plugs, problem.stations[1]))) == near(7.0 + 1.0)


def test_where_jobs_take_no_time_plugs_have_no_order():
    problem = two_cars_for_one_plug()
    free = replace(problem.handling, handover_s=0, park_s=0, plug_in_s=0, unplug_s=0)
    # 200 s to A and 100 s to B
    assert bound(replace(problem, handling=free)) == near(3.0 + 1.0)


def test_a_car_may_be_put_on_a_plug_in_no_time():
    # Nobody is paid for it, and it is charged all night: 5 kWh
    problem = make_problem([station("A", (1.0, 0.0), plugs=[10.0])], [car("low", "A", 15.0)], [driver()], prices=PRICES)
    free = replace(problem.handling, handover_s=0, park_s=0, plug_in_s=0, unplug_s=0)
    assert bound(replace(problem, handling=free)) == near(1.0)


def a_car_that_is_charged_first(**more) -> Problem:
    """On the plug of A, wanted at B, where it needs 5.2 kWh more; driving it takes 350 s, and nobody goes home."""
    return make_problem(
        [station("A", plugs=[10.0]), station("B", (1.0, 0.0))],
        [car("c", "A", 15.0, plug_id="A1")],
        [driver(end="B", shift_start_s=0)],
        prices=PRICES,
        **more,
    )


def test_who_waits_for_a_charge_is_paid():
    # 5.2 kWh at 10 kW are 1872 s, and 350 s to B, of which 200 s might be a car's that comes back
    assert 20.22 - 1e-4 <= bound(a_car_that_is_charged_first()) - 5.2 * 0.2 <= 22.22


def test_kwh_are_as_cheap_as_while_somebody_is_at_work():
    # Waiting for the cheap hour would cost 36
    problem = a_car_that_is_charged_first(tariff=(1.0, 0.1, 0.1, 0.1))
    assert 20.22 - 1e-4 <= bound(problem) - 5.2 * 1.0 <= 22.22


def test_a_rise_of_the_bound_is_told():
    rises: list[bool] = []
    problem = a_car_for_b(driver())
    bound_by_rounds(problem, objective=nothing(problem), left_s=lambda: math.inf, on_rise=lambda: rises.append(True))
    assert rises
