"""A valid plan passes; broken in one thing, it breaks exactly the rule about that thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimiser.relocation.check import RULES, check
from optimiser.relocation.plan import NOTHING, Charge, Job, Plan, Route
from optimiser.relocation.problem import Break, Plug, Problem, Station, Task
from tests.unit.relocation.nights import (
    BIKE_MS,
    CHARGE,
    DRIVE_MS,
    FULL_TO_B,
    HOUR,
    LOW_TO_B,
    LOW_TO_HUB,
    PLAN,
    ROAD_M,
    car,
    driver,
    night,
    road,
)


def plan(*jobs: Job, charges: tuple[Charge, ...] = (), **route: Any) -> Plan:
    """One driver's jobs."""
    return Plan(routes=(Route(driver_id="dora", jobs=jobs, **route),), charges=charges)


def hub(**changes: Any) -> tuple[Station, ...]:
    """The stations of the night, the hub changed."""
    stations = night().stations
    return (*stations[:2], replace(stations[2], **changes))


def stations_with_b(**changes: Any) -> tuple[Station, ...]:
    """The stations of the night, b changed."""
    stations = night().stations
    return stations[0], replace(stations[1], **changes), stations[2]


def street(**changes: Any) -> Problem:
    """With a as a zone, changed, the full car in its street 500 m on: a driver is there at 360 s and away at 480 s."""
    zone = replace(night().stations[0], bays=None, **changes)
    places = {**ROAD_M, "street": 1500}
    return night(
        stations=(zone, *night().stations[1:]),
        cars=(car("full", "a", place_id="street", energy_kwh=30.0), car("low", "a")),
        drive=road(DRIVE_MS, places),
        modes=(replace(night().modes[0], travel=road(BIKE_MS, places)),),
    )


FULL_FROM_STREET = replace(FULL_TO_B, origin_id="street")
CLEANING = Task(id="clean", car_id="low", duration_s=600, price=10.0)
LUNCH = Break(duration_s=1800, earliest_s=1000, latest_s=2000)
JOBS = (LOW_TO_HUB, FULL_TO_B, LOW_TO_B)

BROKEN: dict[str, list[tuple[Problem, Plan]]] = {
    "known_ids": [
        (night(), Plan(routes=(Route(driver_id="nobody", jobs=()),))),
        (night(), plan(replace(FULL_TO_B, car_id="ghost"))),
        (night(), plan(replace(FULL_TO_B, origin_id="nowhere"))),
        (night(), plan(replace(FULL_TO_B, station_id="nowhere"))),
        (night(), plan(replace(LOW_TO_HUB, plug_id="p9"))),
        (night(), plan(replace(FULL_TO_B, task_ids=("dance",)))),
        (night(), Plan(charges=(replace(CHARGE, kw=(float("nan"),)),))),
    ],
    "one_route_per_driver": [(night(), Plan(routes=(plan(FULL_TO_B).routes[0], plan().routes[0])))],
    "skills": [
        (night(cars=(car("full", "a", energy_kwh=30.0, needs=frozenset({"B"})), car("low", "a"))), plan(FULL_TO_B)),
        (
            night(tasks=(replace(CLEANING, needs=frozenset({"soap"})),)),
            plan(replace(LOW_TO_HUB, task_ids=("clean",))),
        ),
    ],
    "can_move": [(night(cars=(car("full", "a", energy_kwh=30.0, can_move=False), car("low", "a"))), plan(FULL_TO_B))],
    "task_once": [
        (
            night(tasks=(CLEANING,)),
            plan(
                replace(LOW_TO_HUB, task_ids=("clean",)),
                FULL_TO_B,
                replace(LOW_TO_B, task_ids=("clean",)),
                charges=(CHARGE,),
            ),
        ),
        (night(tasks=(CLEANING,)), plan(replace(FULL_TO_B, task_ids=("clean",)))),
    ],
    "shift_end": [(night(drivers=(driver(shift_end_s=8179),)), PLAN)],
    "break_time": [
        (night(), plan(*JOBS, break_before=1, charges=(CHARGE,))),
        (night(drivers=(driver(break_=LUNCH),)), PLAN),
        (night(drivers=(driver(break_=LUNCH),)), plan(*JOBS, break_before=0, charges=(CHARGE,))),
        (night(drivers=(driver(break_=LUNCH),)), plan(*JOBS, break_before=4, charges=(CHARGE,))),
    ],
    "car_there": [
        (night(), plan(replace(FULL_TO_B, origin_id="hub"))),
        (
            night(drivers=(driver(), driver("emil", start_place_id="hub"))),
            Plan(
                routes=(
                    Route(driver_id="dora", jobs=(LOW_TO_HUB,)),
                    Route(driver_id="emil", jobs=(replace(LOW_TO_B, not_before_s=769),)),
                )
            ),
        ),
    ],
    "plug_state": [
        (night(), plan(LOW_TO_HUB, FULL_TO_B, replace(LOW_TO_B, unplug=False), charges=(CHARGE,))),
        (night(), plan(replace(FULL_TO_B, unplug=True))),
    ],
    "bay_capacity": [(night(stations=stations_with_b(bays=1)), PLAN)],
    "plug_capacity": [
        (night(stations=hub(plugs=(Plug(id="p1", kw=11.0, connector="type2", free_from_s=681),))), plan(LOW_TO_HUB)),
        (night(stations=hub(plugs=(Plug(id="p1", kw=11.0, connector="ccs"),))), plan(LOW_TO_HUB)),
        (
            night(stations=hub(bays=5)),
            plan(LOW_TO_HUB, replace(FULL_TO_B, station_id="hub", plug_id="p1")),
        ),
    ],
    "opening_hours": [
        (night(stations=stations_with_b(closes_s=639)), plan(FULL_TO_B, charges=())),
        (night(stations=stations_with_b(opens_s=7461)), plan(LOW_TO_HUB, LOW_TO_B, charges=(CHARGE,))),
        (night(stations=hub(opens_s=681)), plan(LOW_TO_HUB)),
        (street(opens_s=361), plan(FULL_FROM_STREET)),
        (street(closes_s=479), plan(FULL_FROM_STREET)),
    ],
    "booking": [
        (night(cars=(car("full", "a", energy_kwh=30.0, available_from_s=261), car("low", "a"))), plan(FULL_TO_B)),
        (night(cars=(car("full", "a", energy_kwh=30.0, available_until_s=9 * HOUR), car("low", "a"))), plan(FULL_TO_B)),
        (
            night(cars=(car("low", "hub", available_until_s=1009),)),
            plan(Job(car_id="low", origin_id="hub", station_id="hub", plug_id="p1")),
        ),
    ],
    "reserve": [(night(cars=(car("full", "a", energy_kwh=2.39), car("low", "a"))), plan(FULL_TO_B))],
    "charging_window": [
        (night(), Plan(charges=(CHARGE,))),
        (night(), plan(*JOBS, charges=(replace(CHARGE, kw=(11.0, 11.0, 1.0)),))),
        (night(cars=(car("low", "hub", plug_id="p1", available_until_s=HOUR),)), Plan(charges=(CHARGE,))),
        (night(), plan(*JOBS, charges=(replace(CHARGE, kw=(11.0,)), replace(CHARGE, first_slot=1, kw=(11.0,))))),
    ],
    "charging_power": [
        (night(stations=hub(site_kw=None)), plan(*JOBS, charges=(replace(CHARGE, kw=(11.0, 11.1)),))),
        (night(), plan(*JOBS, charges=(replace(CHARGE, kw=(11.0, -0.1)),))),
        (
            night(
                stations=hub(plugs=(Plug(id="p1", kw=11.0, connector="type2"),)),
                cars=(car("low", "a", energy_kwh=34.0),),
            ),
            plan(LOW_TO_HUB, charges=(replace(CHARGE, kw=(0.0, 6.0)),)),
        ),
    ],
    "site_power": [(night(stations=hub(site_kw=10.9)), PLAN)],
    "battery": [
        (
            night(cars=(car("low", "hub", energy_kwh=39.9, plug_id="p1"),)),
            Plan(charges=(replace(CHARGE, kw=(0.2,)),)),
        )
    ],
}


def test_every_rule_is_broken_by_some_plan() -> None:
    """No rule without a plan that breaks it."""
    assert tuple(BROKEN) == RULES


@pytest.mark.parametrize(
    ("rule", "problem", "broken"), [(rule, *case) for rule, cases in BROKEN.items() for case in cases]
)
def test_broken_in_one_thing(rule: str, problem: Problem, broken: Plan) -> None:
    """Exactly the rule about that thing is told, with ids, an amount above 0 and a sentence."""
    violations = check(problem, broken)
    assert {violation.rule for violation in violations} == {rule}
    assert all(violation.ids and violation.amount > 0 and violation.text for violation in violations)


def test_the_valid_plans() -> None:
    """The night of the hand count, and staying at home."""
    assert check(night(), PLAN) == ()
    assert check(night(), NOTHING) == ()
    assert (
        check(night(drivers=(driver(break_=LUNCH),)), replace(PLAN, routes=(replace(PLAN.routes[0], break_before=2),)))
        == ()
    )


@pytest.mark.parametrize(
    ("problem", "just"),
    [
        (night(drivers=(driver(shift_end_s=8180),)), PLAN),
        (night(stations=hub(site_kw=11.0)), PLAN),
        (night(stations=hub(opens_s=680)), plan(LOW_TO_HUB)),
        (street(opens_s=360, closes_s=480), plan(FULL_FROM_STREET)),
        (night(stations=stations_with_b(closes_s=1270)), plan(replace(FULL_TO_B, not_before_s=890))),
        (night(cars=(car("full", "a", energy_kwh=2.4), car("low", "a"))), plan(FULL_TO_B)),
        (night(cars=(car("full", "a", energy_kwh=30.0, available_from_s=260), car("low", "a"))), plan(FULL_TO_B)),
        (
            night(stations=hub(plugs=(Plug(id="p1", kw=11.0, connector="type2", free_from_s=680),))),
            plan(LOW_TO_HUB),
        ),
    ],
)
def test_just_possible(problem: Problem, just: Plan) -> None:
    """The last second, the last kWh, the last kW."""
    assert check(problem, just) == ()


def test_a_bay_is_free_in_the_second_in_which_a_car_leaves() -> None:
    """One car comes to the only bay as the other leaves it, and a second earlier it does not find it."""
    problem = night(
        stations=(Station(id="a", lost_trips=(0.0,), bays=3), Station(id="b", lost_trips=(0.0,), bays=1), *hub()[2:]),
        cars=(car("full", "a", energy_kwh=30.0), car("other", "b", energy_kwh=30.0)),
        drivers=(driver(), driver("emil", start_place_id="b")),
    )

    def moves(leave_s: int) -> Plan:
        away = Job(car_id="other", origin_id="b", station_id="a", not_before_s=leave_s - 120)
        return Plan(
            routes=(Route(driver_id="dora", jobs=(FULL_TO_B,)), Route(driver_id="emil", jobs=(away,))),
        )

    # home -> a 260, handover 120, drive 200: there at 580.
    assert check(problem, moves(580)) == ()
    assert [violation.rule for violation in check(problem, moves(581))] == ["bay_capacity"]
