"""Prices of the night that was counted by hand, term by term."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.relocation.cost import cost, ready_cars, unserved_musts
from optimiser.relocation.plan import NOTHING, Job, Plan, Route
from optimiser.relocation.problem import Must, Prices, Problem, Task, Zone
from optimiser.relocation.replay import replay
from tests.unit.relocation.nights import HOUR, LOW_TO_HUB, PLAN, car, night

FIRST_KWH = 11 * 2830 / HOUR


def test_terms_of_the_hand_count() -> None:
    """a has no car any more (0.5 trips), b two; energy in the two dear hours."""
    terms = cost(night(), PLAN)
    assert terms.lost_trips == pytest.approx(100 * 0.5)
    assert terms.driver_hours == pytest.approx(36 * 8180 / HOUR)
    assert terms.driver_use == 5.0
    assert terms.ride_km == pytest.approx(0.1 * 8)
    assert terms.car_km == pytest.approx(0.5 * 6)
    assert terms.energy == pytest.approx(FIRST_KWH + 11)
    assert terms.co2 == pytest.approx(2 * 0.1 * (FIRST_KWH + 11))
    assert (terms.missing_kwh, terms.tasks, terms.must, terms.zones) == (0, 0, 0, 0)
    assert terms.total == pytest.approx(50 + 81.8 + 5 + 0.8 + 3 + 1.2 * (FIRST_KWH + 11))


def test_nothing_costs_what_is_lost() -> None:
    """One ready car at a, none at b."""
    assert cost(night(), NOTHING).total == pytest.approx(100 * 1.0)


@pytest.mark.parametrize(
    ("changes", "ready"),
    [
        ({}, 1),
        ({"energy_kwh": 15.9}, 0),
        ({"energy_kwh": 16.0}, 1),
        ({"in_service": False}, 0),
        ({"available_until_s": 9 * HOUR}, 0),
        ({"available_until_s": 10 * HOUR}, 1),
        ({"available_from_s": 10 * HOUR}, 1),
        ({"available_from_s": 10 * HOUR + 1}, 0),
    ],
)
def test_which_cars_are_ready(changes: dict[str, object], ready: int) -> None:
    """In service, charged, there, and not booked away."""
    problem = night(cars=(car("full", "a", **{"energy_kwh": 30.0} | changes),))
    assert ready_cars(problem, replay(problem, NOTHING))["a"] == ready


def test_wishes_have_prices() -> None:
    """Goals, tasks, musts and zones, each missed by a known amount."""
    problem = night(
        cars=(car("full", "a", energy_kwh=30.0, goal_kwh=32.0), car("low", "a")),
        tasks=(Task(id="clean", car_id="low", duration_s=600, price=7.0),),
        musts=(Must(car_id="low", station_ids=frozenset({"b", "hub"}), energy_kwh=9.5),),
        zones=(Zone(id="z", station_ids=("a", "b"), floor=3), Zone(id="y", station_ids=("a",), cap=0)),
        prices=Prices(lost_trip=0.0, driver_hour=0.0, missing_kwh=2.0, must=10.0, zone_car=3.0),
    )
    terms = cost(problem, NOTHING)
    assert (terms.missing_kwh, terms.tasks, terms.must, terms.zones) == pytest.approx((4.0, 7.0, 25.0, 9.0))
    (must,) = unserved_musts(problem, replay(problem, NOTHING))
    assert (must.misplaced, must.missing_kwh) == (True, 1.5)
    brought = Plan(routes=(Route(driver_id="dora", jobs=(replace(LOW_TO_HUB, task_ids=("clean",)),)),))
    terms = cost(problem, brought)
    assert (terms.tasks, terms.must) == pytest.approx((0.0, 10 * (9.5 - 7.4)))


def test_the_price_is_told_by_the_plan_alone() -> None:
    """Jobs of a driver without any cost nothing."""
    idle = Plan(routes=(Route(driver_id="dora", jobs=()),))
    assert cost(night(), idle) == cost(night(), NOTHING)


def test_a_fingerprint_tells_problems_apart() -> None:
    """The same night twice has one, a changed one another."""
    one: Problem = night()
    assert one.input_hash == night().input_hash
    assert one.input_hash != night(cars=(car("full", "a", energy_kwh=30.5), car("low", "a"))).input_hash
    assert Job(car_id="low", origin_id="a", station_id="b") == Job(car_id="low", origin_id="a", station_id="b")
