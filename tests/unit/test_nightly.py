"""From city and snapshot to the problem of the night: shifts, room, places off the streets."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from optimiser.basics.city import Snapshot, StationStatus
from optimiser.basics.errors import InvalidInput
from optimiser.basics.limits import SolveLimits
from optimiser.demand.rooms import tonight_room
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import FarPlace, Place, TravelTimes
from optimiser.nightly import next_shift, plan_night
from optimiser.rebalancing.check import check
from tests.builders import START, city_van, small_city

STEPS = SolveLimits(seconds=None, rounds=2000)
LINE = StraightLine(1.0, 36.0)  # ten metres a second
SNAPSHOT = Snapshot(
    as_of=START,
    stations=(StationStatus(station_id="S0", bikes=10), StationStatus(station_id="S1", bikes=0)),
)


class Streets:
    """A straight line on which some places are far away or cannot be reached."""

    label, content_hash = "test", "test"

    def __init__(self, *, far: dict[str, float] | None = None, cut_off: set[str] | None = None) -> None:
        self.far, self.cut_off = far or {}, cut_off or set()

    def far_places(self, places, *, max_snap_m):
        return tuple(
            FarPlace(place=place, distance_m=self.far[place.id])
            for place in places
            if self.far.get(place.id, 0) > max_snap_m
        )

    def times(self, places):
        whole = LINE.times(places)
        broken = tuple(
            (a.id, b.id)
            for a in places
            for b in places
            if a is not b and (a.id in self.cut_off or b.id in self.cut_off)
        )
        travel_s, length_m = np.array(whole.travel_s), np.array(whole.length_m)
        for origin, end in broken:
            pair = whole.place_ids.index(origin), whole.place_ids.index(end)
            travel_s[pair] = length_m[pair] = -1
        return TravelTimes(place_ids=whole.place_ids, travel_s=travel_s, length_m=length_m, unreachable=broken)

    def path(self, origin: Place, destination: Place):
        return LINE.path(origin, destination)


def test_a_night_is_planned_checked_and_priced():
    # Targets: half full, give or take 15 %: 3..7. S0 has 3 too many, S1 3 too few: 6 lost trips before, none after.
    night = plan_night(small_city(), SNAPSHOT, LINE, limits=STEPS)
    assert () == check(night.problem, night.result.plan)
    assert 60.0 == night.cost_before.total
    assert 0.0 == night.cost_after.lost_trips
    assert night.cost_after.total == night.result.objective < 60.0
    assert {"S0": 7, "S1": 3} == night.timeline.inventories
    assert "van-1" == night.result.plan.routes[0].van_id


@pytest.mark.parametrize(
    ("as_of", "begin", "end"),
    [
        ("2026-11-22T13:00", "2026-11-22T22:00", "2026-11-23T05:00"),  # in the afternoon: tonight
        ("2026-11-22T23:30", "2026-11-22T23:30", "2026-11-23T05:00"),  # in the shift: what is left of it
        ("2026-11-23T02:00", "2026-11-23T02:00", "2026-11-23T05:00"),  # after midnight: the same shift
        ("2026-11-23T05:00", "2026-11-23T22:00", "2026-11-24T05:00"),  # just over: the next one
    ],
)
def test_the_shift_is_the_one_that_runs_or_comes_next(as_of, begin, end):
    zone = ZoneInfo("Europe/Stockholm")
    at, first, last = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (as_of, begin, end))
    assert (first, last) == next_shift(city_van(), "Europe/Stockholm", at)


def test_a_shift_within_one_day_and_seconds_cut_to_whole_ones():
    van = city_van(shift=(time(9), time(12)))
    at = datetime(2026, 11, 22, 10, 0, 0, 250_000, tzinfo=UTC)
    begin, end = next_shift(van, "UTC", at)
    assert (datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)) == (begin, end)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 6), ("2026-10-24", 8), ("2026-11-22", 7)])
def test_a_shift_over_a_clock_change_is_as_long_as_it_really_is(day, hours):
    # 22:00 to 05:00 is 7 hours on the clock; in spring one is skipped, in autumn one comes twice.
    zone = ZoneInfo("Europe/Stockholm")
    begin, end = next_shift(city_van(), "Europe/Stockholm", datetime.fromisoformat(f"{day}T20:00").replace(tzinfo=zone))
    assert hours * 3600 == (end - begin).total_seconds()


@pytest.mark.parametrize(
    ("status", "room"),
    [
        (StationStatus(station_id="A", bikes=4), 10),
        (StationStatus(station_id="A", bikes=4, docks=6), 10),
        (StationStatus(station_id="A", bikes=4, docks=3), 7),  # three docks out of order
        (StationStatus(station_id="A", bikes=4, disabled=2), 8),  # two docks hold broken bikes
        (StationStatus(station_id="A", bikes=4, docks=9), 10),  # a feed that promises too much
        (StationStatus(station_id="A", bikes=6, docks=4, low_charge=2), 8),  # two docks hold bikes that nobody can rent
        (StationStatus(station_id="A", bikes=12, docks=0), 12),  # overfull stays possible, but takes no more
    ],
)
def test_tonights_room_counts_only_docks_that_can_take_a_bike(status, room):
    assert room == tonight_room(small_city(capacities=(10,)).stations[0], status)


def test_far_stations_are_left_out_with_their_distance_and_a_warning():
    night = plan_night(small_city(), SNAPSHOT, Streets(far={"S1": 400.0}), limits=STEPS)
    (item,) = night.left_out
    assert ("S1", "FAR_FROM_STREET", 400.0) == (item.station_id, item.code, item.distance_m)
    assert ["S0"] == [station.id for station in night.problem.stations]
    (warning,) = night.warnings
    assert "station S1" == warning.where
    assert "400 m from the nearest street, 250 m are allowed" in warning.message


def test_the_policy_drop_leaves_out_without_a_warning():
    night = plan_night(small_city(), SNAPSHOT, Streets(far={"S1": 400.0}), limits=STEPS, on_far="drop")
    assert 1 == len(night.left_out)
    assert () == night.warnings


def test_the_policy_reject_names_every_far_place():
    with pytest.raises(InvalidInput) as raised:
        plan_night(small_city(), SNAPSHOT, Streets(far={"S0": 300.0, "S1": 400.0}), limits=STEPS, on_far="reject")
    assert ["station S0", "station S1"] == [finding.where for finding in raised.value.findings]


def test_a_depot_off_the_streets_is_always_an_error():
    with pytest.raises(InvalidInput, match="depot D: 999 m from the nearest street"):
        plan_night(small_city(), SNAPSHOT, Streets(far={"D": 999.0}), limits=STEPS, on_far="drop")


def test_a_station_out_of_reach_is_left_out_and_nothing_infinite_is_planned():
    night = plan_night(small_city(), SNAPSHOT, Streets(cut_off={"S1"}), limits=STEPS)
    (item,) = night.left_out
    assert ("S1", "UNREACHABLE") == (item.station_id, item.code)
    assert (night.problem.travel.travel_s >= 0).all()


def test_a_station_without_status_takes_no_part():
    night = plan_night(small_city(), replace(SNAPSHOT, stations=SNAPSHOT.stations[:1]), LINE, limits=STEPS)
    assert ["S0"] == [station.id for station in night.problem.stations]


def test_another_day_is_another_problem_and_the_same_day_the_same():
    first, again = (plan_night(small_city(), SNAPSHOT, LINE, limits=STEPS).result for _ in range(2))
    other = plan_night(small_city(capacities=(10, 11)), SNAPSHOT, LINE, limits=STEPS).result
    assert (first.input_hash, first.plan) == (again.input_hash, again.plan)
    assert first.input_hash != other.input_hash


def test_bikes_low_on_charge_stay_hold_a_dock_and_are_not_moved():
    # S0 holds 10, 6 of them empty: 4 can be rented or moved, and 4 usable ones fit beside the 6.
    empty = StationStatus(station_id="S0", bikes=10, low_charge=6)
    snapshot = replace(SNAPSHOT, stations=(empty, SNAPSHOT.stations[1]))
    assert 4 == empty.usable
    night = plan_night(small_city(), snapshot, LINE, limits=STEPS)
    station = night.problem.station_by_id["S0"]
    assert (4, 4) == (station.inventory, station.capacity)
    assert all(stop.pickup <= 4 for route in night.result.plan.routes for stop in route.stops)
