"""Charging by hand: plug and charge, and the power that costs least."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.relocation.charging import DrivenTooFar, charge_smartly, plug_and_charge
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING, Charge, Job, Plan, Route
from optimiser.relocation.problem import Charging, Grid, Must, Plug, Prices, Zone
from optimiser.relocation.replay import replay
from tests.unit.relocation.builders import HOUR_S, LINEAR, car, driver, make_problem, station

NO_TRIPS = Prices(lost_trip=0.0, driver_hour=0.0, missing_kwh=1.0)


def only_charge(plan: Plan) -> Charge:
    (charge,) = plan.charges
    return charge


def test_power_is_taken_where_it_is_cheap():
    # 12 kWh are missing: 10 in the hour at 0.10, the rest in the one at 0.20
    problem = make_problem(
        [station("A", (1.0, 0.0), plugs=[10.0])],
        [car("c", "A", 8.0, plug_id="A1")],
        tariff=(0.3, 0.2, 0.1, 0.4),
    )
    plan = charge_smartly(problem, NOTHING)
    assert only_charge(plan).first_slot == 1
    assert only_charge(plan).kw == pytest.approx((2.0, 10.0))
    assert cost(problem, plan).total == pytest.approx(10 * 0.1 + 2 * 0.2)


def test_plug_and_charge_begins_at_once_and_ends_full():
    # 42 kWh are missing: four hours at 10 kW are 40
    problem = make_problem([station("A", plugs=[11.0])], [car("c", "A", 18.0, plug_id="A1")])
    assert only_charge(plug_and_charge(problem, NOTHING)).kw == pytest.approx((10.0, 10.0, 10.0, 2.0))


def test_carbon_is_weighed_with_the_tariff():
    # The same tariff; the second slot has 0.5 kg less for each kWh
    problem = make_problem(
        [station("A", plugs=[10.0])],
        [car("c", "A", 40.0, plug_id="A1", goal_kwh=50.0)],
        tariff=(0.1, 0.1),
        grid=Grid(slot_s=HOUR_S, tariff=(0.1, 0.1), co2_kg=(0.6, 0.1)),
        prices=Prices(lost_trip=0.0, driver_hour=0.0, missing_kwh=1.0, co2_kg=0.2),
    )
    plan = charge_smartly(problem, NOTHING)
    assert only_charge(plan).first_slot == 1
    assert cost(problem, plan).co2 == pytest.approx(10 * 0.1 * 0.2)


def test_a_goal_is_worth_no_more_than_its_price():
    problem = make_problem(
        [station("A", plugs=[10.0])], [car("c", "A", 10.0, plug_id="A1", goal_kwh=50.0)], tariff=(0.9, 1.1, 0.9, 1.1)
    )
    plan = charge_smartly(replace(problem, prices=NO_TRIPS), NOTHING)
    # 10 kWh in each hour at 0.9, none at 1.1
    assert only_charge(plan).kw == pytest.approx((10.0, 0.0, 10.0))


def test_power_falls_as_the_battery_fills():
    # From 25 of 50 kWh on, down to none: p = 10 (2 - (e + p) / 25), so p = 10 (2 - e / 25) / (1 + 10 / 25)
    taper = Charging(efficiency=1.0, taper_from=0.5, taper_end=0.0, reserve=0.0)
    problem = make_problem(
        [station("A", plugs=[10.0])],
        [car("c", "A", 15.0, plug_id="A1", goal_kwh=50.0)],
        tariff=(0.1, 0.1, 0.1),
        charging=taper,
        prices=NO_TRIPS,
    )
    second = 10 * (2 - 25 / 25) / 1.4
    third = 10 * (2 - (25 + second) / 25) / 1.4
    for charged in (charge_smartly(problem, NOTHING), plug_and_charge(problem, NOTHING)):
        assert only_charge(charged).kw == pytest.approx((10.0, second, third))
        assert check(problem, charged) == ()


def test_a_slot_counts_while_the_car_is_plugged():
    # Half of the losses: 10 kWh from the grid are 5 in the battery. The driver comes 1800 s into the second hour
    problem = make_problem(
        [station("A", plugs=[10.0]), station("B")],
        [car("c", "A", 10.0, plug_id="A1")],
        [driver()],
        charging=replace(LINEAR, efficiency=0.5),
    )
    job = Job(car_id="c", origin_id="A", station_id="B", unplug=True, not_before_s=5400)
    plan = plug_and_charge(problem, Plan(routes=(Route(driver_id="d", jobs=(job,)),)))
    timeline = replay(problem, plan)
    assert timeline.energy_kwh["c"] == pytest.approx(10 + 0.5 * 10 * 1.5 - 0.2)
    assert check(problem, plan) == ()


def test_a_rider_takes_a_booked_car_off_its_plug():
    # Half of the losses: 10 kW for the hour and a half until its rider comes are 7.5 kWh.
    problem = make_problem(
        [station("A", plugs=[10.0])],
        [car("c", "A", 10.0, plug_id="A1", available_until_s=5400, goal_kwh=38.0)],
        charging=replace(LINEAR, efficiency=0.5),
        prices=NO_TRIPS,
    )
    for plan in (plug_and_charge(problem, NOTHING), charge_smartly(problem, NOTHING)):
        assert replay(problem, plan).energy_kwh["c"] == pytest.approx(17.5)
        assert check(problem, plan) == ()


def test_a_site_cap_is_shared():
    # 10 kW for both: in four hours 40 kWh, 10 at the cheapest hour and so on; each lacks 20
    problem = make_problem(
        [station("A", (2.0, 1.0, 0.0), plugs=[10.0, 10.0], site_kw=10.0)],
        [car("c1", "A", 0.0, plug_id="A1"), car("c2", "A", 0.0, plug_id="A2")],
        tariff=(0.1, 0.2, 0.3, 0.4),
    )
    plan = charge_smartly(problem, NOTHING)
    assert cost(problem, plan).total == pytest.approx(10 * (0.1 + 0.2 + 0.3 + 0.4))
    assert check(problem, plan) == ()
    # Whoever is first in the problem, and was plugged in first, takes all; for 20 kWh that is two hours, then 40 of 50
    first = plug_and_charge(problem, NOTHING)
    assert only_charge(first).kw == pytest.approx((10.0,) * 4)
    assert cost(problem, first).lost_trips == pytest.approx(10.0)


def test_where_not_all_can_be_ready_the_right_ones_are():
    # 20 kWh in all; c1 lacks 15 of being ready, c2 and c3 lack 10 each: two cars, not one
    problem = make_problem(
        [station("A", (3.0, 2.0, 1.0, 0.0), plugs=[10.0, 10.0, 10.0], site_kw=5.0)],
        [car(f"c{index}", "A", energy, plug_id=f"A{index}") for index, energy in ((1, 5.0), (2, 10.0), (3, 10.0))],
    )
    plan = charge_smartly(problem, NOTHING)
    assert {charge.car_id for charge in plan.charges} == {"c2", "c3"}
    assert cost(problem, plan).lost_trips == pytest.approx(10.0)


def test_a_table_that_is_not_convex_is_met():
    # One ready car is worth nothing, two are worth two trips: 20 for 20 kWh at 0.9
    cars = [car("c1", "A", 10.0, plug_id="A1"), car("c2", "A", 10.0, plug_id="A2")]
    problem = make_problem([station("A", (2.0, 2.0, 0.0), plugs=[10.0, 10.0])], cars, tariff=(0.9,) * 4)
    assert cost(problem, charge_smartly(problem, NOTHING)).total == pytest.approx(18.0)
    dear = make_problem([station("A", (2.0, 2.0, 0.0), plugs=[10.0, 10.0])], cars, tariff=(1.1,) * 4)
    assert charge_smartly(dear, NOTHING).charges == ()


def test_a_car_that_would_be_one_too_many_stays_below():
    # Its goal wants energy, but two ready cars cost a trip of 10: it stops just short of 20 kWh
    problem = make_problem(
        [station("A", (1.0, 0.0, 1.0), plugs=[10.0])],
        [car("c1", "A", 30.0), car("c2", "A", 10.0, plug_id="A1", goal_kwh=22.0)],
        prices=Prices(lost_trip=10.0, driver_hour=0.0, missing_kwh=1.0),
    )
    plan = charge_smartly(problem, NOTHING)
    assert cost(problem, plan).lost_trips == 0
    assert cost(problem, plan).total == pytest.approx(10 * 0.2 + 2 * 1.0, abs=1e-4)


def test_zones_have_a_say_in_who_is_ready():
    # A zone that lacks a car at 7; 10 kWh at 0.2 are 2
    problem = make_problem(
        [station("A", plugs=[10.0])],
        [car("c", "A", 10.0, plug_id="A1")],
        zones=(Zone(id="Z", station_ids=("A",), floor=1),),
        prices=Prices(lost_trip=10.0, driver_hour=0.0, zone_car=7.0),
    )
    assert cost(problem, charge_smartly(problem, NOTHING)).total == pytest.approx(2.0)
    cheap = replace(problem, prices=replace(problem.prices, zone_car=1.9))
    assert charge_smartly(cheap, NOTHING).charges == ()


def test_what_must_be_is_charged():
    problem = make_problem(
        [station("A", plugs=[10.0])],
        [car("c", "A", 30.0, plug_id="A1")],
        musts=(Must(car_id="c", energy_kwh=33.0),),
    )
    assert cost(problem, charge_smartly(problem, NOTHING)).total == pytest.approx(3 * 0.2)


def test_nobody_charges_what_changes_nothing():
    # Ready anyway; out of service; no trips are lost at the hub; too empty to be ready in time
    problem = make_problem(
        [station("A", (3.0, 2.0, 1.0, 0.0), plugs=[10.0, 10.0, 1.0]), station("H", plugs=[10.0])],
        [
            car("ready", "A", 30.0, plug_id="A1"),
            car("broken", "A", 10.0, plug_id="A2", in_service=False),
            car("hub", "H", 10.0, plug_id="H1"),
            car("empty", "A", 10.0, plug_id="A3"),
        ],
    )
    assert charge_smartly(problem, NOTHING).charges == ()


def drive_at_three(energy_kwh: float, *, ready_kwh: float = 20.0):
    # 60 km are 12 kWh, the reserve is 5; the driver comes when two hours are over
    job = Job(car_id="c", origin_id="A", station_id="B", unplug=True, not_before_s=2 * HOUR_S)
    problem = make_problem(
        [station("A", plugs=[10.0]), station("B", (1.0, 0.0))],
        [car("c", "A", energy_kwh, plug_id="A1", ready_kwh=ready_kwh)],
        [driver(end="B")],
        km=(0.0, 60.0),
        tariff=(0.4, 0.3, 0.1, 0.1),
        charging=replace(LINEAR, reserve=0.1),
    )
    return problem, Plan(routes=(Route(driver_id="d", jobs=(job,)),))


def test_a_later_drive_needs_energy():
    problem, plan = drive_at_three(5.0, ready_kwh=5.0)
    charged = charge_smartly(problem, plan)
    # 17 - 5 kWh before it leaves: 10 at 0.3 and 2 at 0.4
    assert only_charge(charged).kw == pytest.approx((2.0, 10.0))
    assert check(problem, charged) == ()
    assert charged.routes == plan.routes


def test_readiness_counts_after_the_drive():
    problem, plan = drive_at_three(12.5)
    # 20 + 12 - 12.5 = 19.5 kWh
    assert sum(only_charge(charge_smartly(problem, plan)).kw) == pytest.approx(19.5)


def test_what_cannot_be_driven_is_told():
    # Two hours at 6 kW are 12 kWh, at 5.9 kW they are not
    problem, plan = drive_at_three(5.0)
    enough, short = (replace(problem, stations=(station("A", plugs=[kw]), problem.stations[1])) for kw in (6.0, 5.9))
    assert only_charge(charge_smartly(enough, plan)).kw == pytest.approx((6.0, 6.0))
    with pytest.raises(DrivenTooFar, match="drives of c") as error:
        charge_smartly(short, plan)
    assert error.value.car_ids == ("c",)


def test_a_cap_can_make_drives_impossible():
    # Each lacks 10 kWh before the third hour, the site gives 15
    jobs = tuple(
        Job(car_id=id_, origin_id="A", station_id="B", unplug=True, not_before_s=2 * HOUR_S) for id_ in ("c1", "c2")
    )
    problem = make_problem(
        [station("A", plugs=[10.0, 10.0], site_kw=7.5), station("B")],
        [car("c1", "A", 2.0, plug_id="A1"), car("c2", "A", 2.0, plug_id="A2")],
        [driver("d1", "A", end="B"), driver("d2", "A", end="B")],
        km=(0.0, 60.0),
    )
    plan = Plan(routes=tuple(Route(driver_id=id_, jobs=(job,)) for id_, job in zip(("d1", "d2"), jobs, strict=True)))
    with pytest.raises(DrivenTooFar) as error:
        charge_smartly(problem, plan)
    assert error.value.car_ids == ("c1", "c2")
    wider = replace(problem, stations=(replace(problem.stations[0], site_kw=10.0), problem.stations[1]))
    charged = charge_smartly(wider, plan)
    assert check(wider, charged) == ()
    assert sum(sum(charge.kw) for charge in charged.charges) == pytest.approx(20.0)


def test_two_stays_at_one_plug_share_no_slot():
    # Taken off for cleaning at 5400 s and back on: what is left of that slot belongs to the first stay
    job = Job(car_id="c", origin_id="A", station_id="A", unplug=True, plug_id="A1", not_before_s=5400)
    problem = make_problem(
        [station("A", plugs=[10.0])], [car("c", "A", 0.0, plug_id="A1", goal_kwh=50.0)], [driver()], prices=NO_TRIPS
    )
    plan = Plan(routes=(Route(driver_id="d", jobs=(job,)),))
    for charged in (charge_smartly(problem, plan), plug_and_charge(problem, plan)):
        assert [charge.first_slot for charge in charged.charges] == [0, 2]
        assert check(problem, charged) == ()
        assert replay(problem, charged).energy_kwh["c"] == pytest.approx(15 + 20)


def test_a_plug_is_weaker_than_the_car():
    problem = make_problem(
        [station("A", plugs=[Plug(id="A1", kw=3.0, connector="type2")])],
        [car("c", "A", 0.0, plug_id="A1")],
    )
    assert only_charge(plug_and_charge(problem, NOTHING)).kw == pytest.approx((3.0,) * 4)
