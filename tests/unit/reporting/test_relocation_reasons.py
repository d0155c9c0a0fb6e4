"""Why a night of e-cars leaves things undone: each reason from a night in which it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimiser.relocation.plan import NOTHING, Charge, Job, Plan, Route
from optimiser.relocation.problem import Must, Plug, Prices, Problem, Task, Zone
from optimiser.reporting.relocation_unserved import UnservedWish, unserved_wishes
from optimiser.reporting.relocation_words import KINDS, REASONS
from tests.car_nights import planned
from tests.unit.relocation.nights import HOUR, LOW_TO_HUB, car, driver, night

FULL = car("full", "a", energy_kwh=30.0)
A, B, HUB = night().stations
CCS = frozenset({"ccs"})
ELSEWHERE = Must(car_id="low", station_ids=frozenset({"b"}))
CHARGED = Must(car_id="low", energy_kwh=20.0)


def wish(problem: Problem, kind: str, id_: str, plan: Plan = NOTHING) -> UnservedWish:
    """What is told of one wish; every code and kind has its words."""
    (found,) = [found for found in unserved_wishes(planned(problem, plan)) if (found.kind, found.id) == (kind, id_)]
    assert found.code in REASONS
    assert found.kind in KINDS
    return found


def with_low(**changes: Any) -> dict[str, Any]:
    """The cars of the night, the low one changed."""
    return {"cars": (FULL, car("low", "a", **changes))}


def with_full(**changes: Any) -> dict[str, Any]:
    """The cars of the night, the ready one changed."""
    return {"cars": (replace(FULL, **changes), car("low", "a"))}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("NO_DRIVER_TIME", {"drivers": ()}),
        ("CANNOT_MOVE", with_low(can_move=False)),
        # 3 km to the hub take 0.6 kWh, the reserve is 2: it has half a kWh too little.
        ("CANNOT_REACH_PLUG", with_low(energy_kwh=2.1)),
        ("CLOSED", {"stations": (A, B, replace(HUB, closes_s=0))}),
        ("CLOSED", {"stations": (replace(A, closes_s=60), B, HUB)}),
        # Nobody comes before 9:50 of 10 hours, 8 kWh are missing.
        ("TOO_LITTLE_TIME_TO_CHARGE", {"drivers": (driver(shift_start_s=9 * HOUR + 3000, shift_end_s=10 * HOUR),)}),
    ],
)
def test_a_car_that_no_plan_could_make_ready(code: str, changes: dict[str, Any]) -> None:
    assert wish(night(**changes), "car", "low").code == code


def test_a_goal_or_a_zone_may_be_what_makes_charging_worth_it() -> None:
    """A driver for 2.50 and energy for 4.80: not worth 0.10 of lost trips, but worth 10.00 for a ready car in town."""
    prices = Prices(lost_trip=0.1, driver_hour=20.0, co2_kg=1.0)
    assert wish(night(prices=prices), "car", "low").code == "NOT_WORTH_IT"
    town = (Zone(id="town", station_ids=("a", "b"), floor=2),)
    dear = night(prices=replace(prices, zone_car=10.0), zones=town)
    assert wish(dear, "car", "low").code == "SEARCH_LIMIT"
    goal = replace(car("low", "a"), goal_kwh=16.0)
    assert wish(night(prices=replace(prices, missing_kwh=2.0), cars=(FULL, goal)), "car", "low").code == "SEARCH_LIMIT"


def on_plug(problem: Problem) -> str:
    """Why the low car is not ready that is put on the plug and given nothing."""
    return wish(problem, "car", "low", Plan(routes=(Route(driver_id="dora", jobs=(LOW_TO_HUB,)),))).code


def test_a_car_that_ends_on_a_plug() -> None:
    """8.6 kWh are missing: at once would do, a plug of 0.8 kW gives 7.8 in 9.8 h, a site of 0.8 kW no more."""
    weak = Plug(id="p1", kw=0.8, connector="type2")
    assert on_plug(night()) == "NOT_WORTH_IT"
    assert on_plug(night(stations=(A, B, replace(HUB, plugs=(weak,))))) == "TOO_LITTLE_TIME_TO_CHARGE"
    assert on_plug(night(stations=(A, B, replace(HUB, site_kw=0.8)))) == "NO_POWER"


@pytest.mark.parametrize(
    ("code", "must", "changes"),
    [
        ("CANNOT_MOVE", ELSEWHERE, with_low(can_move=False)),
        ("BOOKED", ELSEWHERE, with_low(available_until_s=9 * HOUR)),
        ("NO_DRIVER_TIME", ELSEWHERE, {"drivers": ()}),
        ("NO_CONNECTOR", CHARGED, with_low(connectors=CCS)),
        ("TOO_LITTLE_TIME_TO_CHARGE", CHARGED, with_low(charge_kw=1.0)),
        ("SEARCH_LIMIT", CHARGED, {}),
    ],
)
def test_must_do_work(code: str, must: Must, changes: dict[str, Any]) -> None:
    assert wish(night(musts=(must,), **changes), "must", "low").code == code


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("NOT_THERE_YET", with_low(available_from_s=8 * HOUR)),
        ("BOOKED", with_low(available_until_s=0)),
        # 1 km by bike there and back, 260 s each with unfolding: 1240 s in all
        ("NO_DRIVER_TIME", {"drivers": (driver(shift_end_s=1239),)}),
        ("SEARCH_LIMIT", {"drivers": (driver(shift_end_s=1240),)}),
        ("NO_DRIVER_TIME", {"drivers": ()}),
    ],
)
def test_a_task_of_ten_minutes(code: str, changes: dict[str, Any]) -> None:
    """Taking the car over takes two more, the driver comes from home and goes back; the shift has eight hours."""
    clean = Task(id="clean", car_id="low", duration_s=600, price=50.0)
    assert wish(night(tasks=(clean,), **changes), "task", "clean").code == code


def test_time_is_left_where_a_route_passes_by_anyway() -> None:
    """260 s to a, 510 s for the low car to the hub, 860 s home; the other car at a takes 120 + 600 s and no way."""
    clean = Task(id="clean", car_id="full", duration_s=600, price=50.0)
    plan = Plan(routes=(Route(driver_id="dora", jobs=(LOW_TO_HUB,)),))
    enough = night(tasks=(clean,), drivers=(driver(shift_end_s=1630 + 720),))
    assert wish(enough, "task", "clean", plan).code == "SEARCH_LIMIT"
    told = wish(night(tasks=(clean,), drivers=(driver(shift_end_s=1630 + 719),)), "task", "clean", plan)
    assert told.code == "NO_DRIVER_TIME"
    assert told.text.endswith("with the way there it takes 12 minutes, driver dora has 11 left")


def test_a_task_that_nobody_can_do_says_who_is_missing() -> None:
    """Skills of the car and of the task together."""
    task = Task(id="fix", car_id="low", duration_s=60, price=50.0, needs=frozenset({"brakes"}))
    told = wish(night(tasks=(task,), **with_low(needs=frozenset({"van"}))), "task", "fix")
    assert (told.code, told.text) == ("NO_SKILL", "car low: no driver has brakes, van")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("CANNOT_MOVE", with_full(can_move=False)),
        ("NO_SKILL", with_full(needs=frozenset({"van"}))),
        ("NO_DRIVER_TIME", {"drivers": ()}),
        ("CLOSED", {"stations": (A, replace(B, closes_s=0), HUB)}),
        ("NO_BAY", {"stations": (A, replace(B, bays=0), HUB)}),
    ],
)
def test_a_station_to_which_no_ready_car_can_come(code: str, changes: dict[str, Any]) -> None:
    assert wish(night(**changes), "station", "b").code == code


def zone(id_: str = "z", **changes: Any) -> dict[str, Any]:
    """A zone of b alone, at 100 for each ready car short or over; trips cost nothing."""
    zones = (Zone(**{"id": id_, "station_ids": ("b",), "floor": 1} | changes),)
    return {"zones": zones, "prices": Prices(lost_trip=0.0, driver_hour=36.0, zone_car=100.0)}


def test_a_zone_that_is_missed_is_told_with_its_price() -> None:
    """Two short of two at 100 each; a car from a would save 100 for 380 s of a driver."""
    told = wish(night(**zone(floor=2)), "zone", "z")
    assert (told.code, told.money) == ("SEARCH_LIMIT", 200.0)
    assert told.text.startswith("0 ready cars, 2 wanted: a car from Alma")


def test_why_a_zone_is_missed() -> None:
    """No spare car, not worth it, and one too many."""
    none = with_full(energy_kwh=10.0)
    assert wish(night(**zone(), **none), "zone", "z").code == "NO_SPARE_CAR"
    cheap = zone() | {"prices": Prices(lost_trip=0.0, driver_hour=36.0, zone_car=1.0)}
    assert wish(night(**cheap), "zone", "z").code == "NOT_WORTH_IT"
    over = zone(station_ids=("a",), floor=None, cap=0)
    told = wish(night(**over), "zone", "z")
    assert (told.code, told.money, told.text[:33]) == ("SEARCH_LIMIT", 100.0, "1 ready car, 0 at most: a car fro")
    # Moving within a zone changes nothing for it.
    both = zone(station_ids=("a", "b"), floor=2)
    assert wish(night(**both), "zone", "z").code == "NO_SPARE_CAR"


def test_a_zone_that_is_kept_is_not_told() -> None:
    """One ready car from a to b."""
    bring = Plan(routes=(Route(driver_id="dora", jobs=(Job(car_id="full", origin_id="a", station_id="b"),)),))
    assert not [told for told in unserved_wishes(planned(night(**zone()), bring)) if told.kind == "zone"]


def test_a_plug_that_others_hold_is_not_free() -> None:
    """The low car would need 44 minutes; a third car leaves the only plug 40 minutes before opening."""
    cars = (FULL, car("low", "a"), car("long", "hub", plug_id="p1"))
    take_off = Job(car_id="long", origin_id="hub", station_id="b", unplug=True, not_before_s=9 * HOUR + 900)
    plan = Plan(
        routes=(Route(driver_id="dora", jobs=(take_off,)),),
        charges=(Charge(car_id="long", station_id="hub", plug_id="p1", first_slot=0, kw=(11.0,)),),
    )
    problem = night(cars=cars, drivers=(driver(shift_end_s=10 * HOUR),))
    assert wish(problem, "car", "low", plan).code == "NO_FREE_PLUG"
