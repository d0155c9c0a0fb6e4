"""Clocks, places and batteries of a night that was counted by hand."""

from __future__ import annotations

import pytest

from optimiser.relocation.plan import Job, Plan, Route
from optimiser.relocation.problem import Break
from optimiser.relocation.replay import replay
from tests.unit.relocation.nights import HOUR, LOW_TO_HUB, PLAN, car, driver, night

GRID_KWH = 11 * 2830 / HOUR + 11


def test_the_driver_is_where_the_hand_count_has_them() -> None:
    """Arrivals, departures and the way home, to the second."""
    (route,) = replay(night(), PLAN).routes
    times = [(job.arrival_s, job.start_s, job.leave_s, job.reach_s, job.end_s) for job in route.jobs]
    assert times == [(260, 260, 380, 680, 770), (1430, 1430, 1550, 1750, 1810), (2070, 7200, 7360, 7460, 7520)]
    assert (route.end_s, route.last_ride_s, route.duration_s) == (8180, 660, 8180)
    assert route.ride_m == 1000 + 3000 + 1000 + 3000
    assert [job.drive_m for job in route.jobs] == [3000, 2000, 1000]


def test_the_car_stays_where_the_jobs_leave_it() -> None:
    """Bays are taken from arrival to departure, plugs give energy from the end of a job to the start of the next."""
    stays = replay(night(), PLAN).stays["low"]
    assert [(stay.station_id, stay.from_s, stay.until_s) for stay in stays] == [
        ("a", 0, 380),
        ("hub", 680, 7360),
        ("b", 7460, None),
    ]
    assert (stays[1].plug_id, stays[1].plugged_from_s, stays[1].plugged_until_s) == ("p1", 770, 7200)


def test_energy_is_what_is_driven_and_what_flows() -> None:
    """A slot in which the car is on the plug for a part of it gives that part."""
    timeline = replay(night(), PLAN)
    (charged,) = timeline.charged
    assert charged.grid_kwh == pytest.approx((11 * 2830 / HOUR, 11.0))
    assert timeline.energy_kwh == pytest.approx({"full": 30 - 0.4, "low": 8 - 0.6 + GRID_KWH - 0.2})
    assert timeline.least_kwh["low"] == pytest.approx((7.4, 7.4 + GRID_KWH - 0.2))


def test_a_charge_without_a_stay_gives_nothing() -> None:
    """Power that is promised to a car that is not there."""
    timeline = replay(night(), Plan(charges=PLAN.charges))
    assert timeline.charged[0].stay is None
    assert timeline.energy_kwh["low"] == 8.0


def test_a_break_is_taken_before_the_way_to_a_job() -> None:
    """Half an hour before the second job moves all that comes after it, but for the wait."""
    lunch = Break(duration_s=1800, earliest_s=0, latest_s=2 * HOUR)
    problem = night(drivers=(driver(break_=lunch),))
    (route,) = replay(problem, Plan(routes=(Route(driver_id="dora", jobs=PLAN.routes[0].jobs, break_before=1),))).routes
    assert (route.break_start_s, route.break_s) == (770, 1800)
    assert [job.arrival_s for job in route.jobs] == [260, 3230, 3870]


def test_a_job_may_leave_the_car_where_it_is() -> None:
    """Plugging in on the spot: no drive, no parking, the same bay."""
    job = Job(car_id="low", origin_id="hub", station_id="hub", plug_id="p1")
    problem = night(cars=(car("low", "hub"),))
    timeline = replay(problem, Plan(routes=(Route(driver_id="dora", jobs=(job,)),)))
    (timed,) = timeline.routes[0].jobs
    assert (timed.arrival_s, timed.leave_s, timed.reach_s, timed.end_s) == (860, 980, 980, 1010)
    assert not timed.drives
    assert timeline.least_kwh["low"] == ()


def test_nobody_rides_to_where_they_are() -> None:
    """Two cars of one station by the same driver who ends there."""
    there = driver(start_place_id="a")
    (route,) = replay(night(drivers=(there,)), Plan(routes=(Route(driver_id="dora", jobs=(LOW_TO_HUB,)),))).routes
    assert route.jobs[0].arrival_s == 0
