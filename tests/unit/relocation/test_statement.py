"""From the local clock of a city to the seconds of a night: shifts, breaks, hours, bookings, tariffs, tables."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from optimiser.basics.car_fleet import (
    Break,
    Car,
    CarFleet,
    Driver,
    Grid,
    GridStep,
    Mode,
    ModeKind,
    Must,
    Plug,
    Prices,
    Rates,
    Station,
    Task,
    Wish,
    WishSource,
    Zone,
)
from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.demand.dissatisfaction import losses
from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem.statement import state_problem
from optimiser.relocation.problem.wishes import lost_trip_tables

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 3, 10, 21, tzinfo=BERLIN)
TWO_OR_THREE = Wish(source=WishSource.TARGET, low=2, high=3, lost_trips_per_car=2.0)


def station(id_="A", **more):
    return Station(**{"id": id_, "name": id_, "lon": 10.0, "lat": 50.0, "wish": TWO_OR_THREE, "bays": 4} | more)


def car(id_="c", **more):
    usual = {"battery_kwh": 50.0, "state_of_charge": 0.5, "ready_charge": 0.4, "kwh_per_km": 0.2, "charge_kw": 11.0}
    return Car(**{"id": id_, "station_id": "A", "connectors": frozenset({"type2"}), **usual} | more)


def driver(id_="d", start=time(22), end=time(4), **more):
    return Driver(id=id_, start_id="A", end_id="A", shift_start=start, shift_end=end, mode="foot", **more)


def fleet(**more):
    usual = {
        "as_of": EVENING,
        "stations": (station(), station("B")),
        "cars": (car(),),
        "drivers": (driver(),),
        "grid": Grid(
            steps=(GridStep(begin=time(0), tariff=0.1, co2_kg=0.1), GridStep(begin=time(6), tariff=0.3, co2_kg=0.2))
        ),
    }
    return CarFleet(
        id="town",
        name="Town",
        time_zone="Europe/Berlin",
        currency="EUR",
        modes=(Mode(name="foot", kind=ModeKind.FOOT),),
        prices=Prices(lost_trip=1.0, driver_hour=1.0),
        **usual | more,
    )


def state(made, as_of=EVENING, findings=None, without=()):
    ids = tuple(id_ for id_, _, _ in made.places() if id_ not in without)
    apart = np.full((len(ids), len(ids)), 60, dtype=np.int32)
    np.fill_diagonal(apart, 0)
    times = TravelTimes(place_ids=ids, travel_s=apart, length_m=apart * 10)
    return state_problem(made, as_of, times, {"foot": times}, findings=findings)


def test_the_night_runs_from_the_first_shift_until_opening():
    problem = state(fleet(drivers=(driver(), driver("e", time(23), time(5, 30)))))
    assert problem.start == datetime(2026, 3, 10, 21, tzinfo=UTC)
    # 22:00 to 06:00 are 8 hours.
    assert problem.opening_s == 8 * 3600
    assert [(d.shift_start_s, d.shift_end_s) for d in problem.drivers] == [(0, 6 * 3600), (3600, 7.5 * 3600)]


def test_a_night_in_which_the_clock_springs_forward_is_an_hour_shorter():
    before = datetime(2026, 3, 28, 21, tzinfo=BERLIN)
    problem = state(fleet(as_of=before), before)
    assert problem.opening_s == 7 * 3600
    assert problem.drivers[0].shift_end_s == 5 * 3600


def test_a_shift_that_goes_on_after_opening_ends_then_and_one_after_it_is_not_tonight():
    findings = Findings()
    crew = (driver(end=time(7)), driver("day", time(9), time(17)))
    problem = state(fleet(drivers=crew), findings=findings)
    assert [(d.id, d.shift_end_s) for d in problem.drivers] == [("d", 8 * 3600)]
    assert {finding.code for finding in findings.warnings} == {"shift_cut", "shift_after_opening"}


def test_breaks_hours_plugs_and_bookings_count_from_the_start():
    made = fleet(
        stations=(
            station(
                open=(time(20), time(1)),
                plugs=(
                    Plug(id="1", kw=11, connector="type2", occupied_until=datetime(2026, 3, 10, 23, 30, tzinfo=BERLIN)),
                    Plug(id="2", kw=11, connector="type2", occupied_until=datetime(2026, 3, 10, 20, tzinfo=BERLIN)),
                ),
            ),
            station("B"),
        ),
        cars=(
            car(booked_from=datetime(2026, 3, 11, 5, tzinfo=BERLIN), goal_charge=0.8),
            car("late", available_from=datetime(2026, 3, 10, 22, 45, tzinfo=BERLIN)),
        ),
        drivers=(driver(break_=Break(duration_s=1200, earliest=time(0), latest=time(1, 30))),),
    )
    problem = state(made)
    first = problem.stations[0]
    # Open since 20:00, closed at 01:00, three hours after 22:00.
    assert (first.opens_s, first.closes_s) == (0, 3 * 3600)
    assert [plug.free_from_s for plug in first.plugs] == [5400, 0]
    assert (problem.cars[0].available_until_s, problem.cars[1].available_from_s) == (7 * 3600, 2700)
    assert (problem.cars[0].energy_kwh, problem.cars[0].ready_kwh, problem.cars[0].goal_kwh) == (25, 20, 40)
    break_ = problem.drivers[0].break_
    assert (break_.duration_s, break_.earliest_s, break_.latest_s) == (1200, 7200, 12600)


def test_tariffs_by_the_hour_follow_the_local_clock():
    steps = tuple(GridStep(begin=time(hour), tariff=hour / 100, co2_kg=hour / 1000) for hour in range(24))
    problem = state(fleet(grid=Grid(steps=steps, slot_s=1800)))
    assert problem.grid.tariff[:5] == (0.22, 0.22, 0.23, 0.23, 0.0)
    assert problem.grid.tariff[-1] == 0.05
    assert len(problem.grid.tariff) == 16


def test_a_slot_that_two_steps_share_costs_their_mean():
    steps = (GridStep(begin=time(0), tariff=0.1, co2_kg=0.0), GridStep(begin=time(22, 15), tariff=0.4, co2_kg=0.0))
    problem = state(fleet(grid=Grid(steps=steps, slot_s=3600)))
    # A quarter at 0.1, three at 0.4; at midnight the first step of the day begins.
    assert problem.grid.tariff[:3] == (pytest.approx(0.325), 0.4, 0.1)


def test_given_days_have_to_cover_the_night():
    def made(until):
        steps = tuple(
            GridStep(begin=datetime(2026, 3, 10, hour, tzinfo=BERLIN), tariff=0.2, co2_kg=0.1) for hour in (20, 21)
        )
        return fleet(grid=Grid(steps=steps, end=until))

    assert set(state(made(datetime(2026, 3, 11, 6, tzinfo=BERLIN))).grid.tariff) == {0.2}
    with pytest.raises(InvalidInput, match="covers"):
        state(made(datetime(2026, 3, 11, 5, tzinfo=BERLIN)))


def test_tables_of_intervals_hubs_and_zones():
    made = fleet(
        stations=(
            station(),
            station("hub", wish=Wish(source=WishSource.HUB)),
            station("zone", bays=None, is_zone=True, wish=Wish(source=WishSource.TARGET, low=1)),
        ),
        cars=tuple(car(str(number)) for number in range(3)),
    )
    tables = lost_trip_tables(made)
    # Two trips for each car below 2 or above 3.
    assert tables == {"A": (4, 2, 0, 0, 2), "hub": (0,), "zone": (1, 0, 0, 0)}


def test_a_table_of_an_interval_reaches_as_far_as_cars_stand_where_there_are_more_than_bays():
    crowded = fleet(stations=(station(bays=1),), cars=tuple(car(str(number)) for number in range(6)))
    # The fourth, fifth and sixth car are above the interval all the same: each costs two trips until it is driven away.
    assert lost_trip_tables(crowded) == {"A": (4, 2, 0, 0, 2, 4, 6)}


def test_rates_are_the_user_dissatisfaction_function_of_the_day_after_opening():
    by_hour = tuple(0.5 if hour == 6 else 0.0 for hour in range(24))
    none = (0.0,) * 24
    wish = Wish(source=WishSource.RATES, rates=Rates(rentals_per_hour=by_hour, returns_per_hour=none))
    table = lost_trip_tables(fleet(stations=(station(wish=wish, bays=2),)))["A"]
    # Riders come by Poisson with mean 0.5: without a car all are lost; with one all but the first.
    assert table[0] == pytest.approx(0.5)
    assert table[1] == pytest.approx(0.5 - (1 - np.exp(-0.5)))
    rental = np.zeros((1, 48))
    rental[0, :2] = 0.5 / 3600
    expected = losses(rental, np.zeros((1, 48)), np.array([2]), slot_s=1800).trips[0]
    assert table == pytest.approx(tuple(expected))


def test_what_is_out_of_reach_is_left_out_with_its_cars_and_told():
    made = fleet(
        cars=(car(), car("b", station_id="B")),
        zones=(Zone(id="z", station_ids=("A", "B"), floor=1),),
        tasks=(Task(id="t", car_id="b", minutes=10, price=1.0),),
        musts=(
            Must(car_id="b", charge=0.8),
            Must(car_id="c", station_ids=frozenset({"B"})),
        ),
    )
    findings = Findings()
    problem = state(made, findings=findings, without={"B"})
    assert [thing.id for thing in problem.stations] == ["A"]
    assert [thing.id for thing in problem.cars] == ["c"]
    assert (problem.tasks, problem.musts) == ((), ())
    assert problem.zones[0].station_ids == ("A",)
    codes = [finding.code for finding in findings.warnings]
    assert sorted(codes) == ["cars_left_out", "must_left_out", "must_left_out", "tasks_left_out", "zone_in_part"]


def test_cars_in_zones_keep_their_own_place():
    zone = station("Z", bays=None, is_zone=True)
    made = fleet(stations=(station(), zone), cars=(car("z", station_id="Z", lon=10.001, lat=50.001),))
    problem = state(made)
    assert problem.cars[0].at == "car:z"
    assert "car:z" in problem.drive.place_ids
    assert [car_.id for car_ in state(made, without={"car:z"}).cars] == []


def test_a_later_moment_leaves_what_is_left_of_the_shift():
    late = datetime(2026, 3, 10, 23, 30, tzinfo=BERLIN)
    problem = state(fleet(), late)
    assert (problem.start, problem.opening_s) == (late.astimezone(UTC), int(6.5 * 3600))
