"""The night's problem from city, snapshot and wishes: clocks, blocked docks, rules, zones, and what holds in part."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from optimiser.basics.city import Break as CityBreak
from optimiser.basics.city import Depot as CityDepot
from optimiser.basics.city import Must as CityMust
from optimiser.basics.city import Snapshot, StationRules, StationStatus
from optimiser.basics.city import Zone as CityZone
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.demand.targets import interval_target
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import Place
from optimiser.nightly import plan_night
from optimiser.rebalancing.problem import Break, Depot, Must, Zone
from optimiser.rebalancing.problem.shifts import next_break, open_spans
from optimiser.rebalancing.problem.statement import state_problem
from tests.builders import KM_DEG, START, city_van, small_city

LINE = StraightLine(1.0, 36.0)
LIMITS = SolveLimits(seconds=None, rounds=1)
OSLO = ZoneInfo("Europe/Oslo")


def stated(city, *statuses, musts=(), targets=None, findings=None, as_of=START, left_out=()):
    places = [Place(id=item.id, lon=item.lon, lat=item.lat) for item in (*city.depots, *city.stations)]
    targets = targets or [
        interval_target(item.id, capacity=item.capacity, low=3, high=5, trips_per_bike=1.0, reason="by hand")
        for item in city.stations
    ]
    return state_problem(
        city,
        Snapshot(as_of=as_of, stations=statuses),
        LINE.times(places),
        targets=targets,
        musts=musts,
        findings=findings,
        left_out=left_out,
    )


FULL = StationStatus(station_id="S0", bikes=6, docks=1, disabled=2, low_charge=3)
"""Of ten docks six hold bikes, three of them low, two hold broken ones, one is free, one is out of order."""
PLAIN = StationStatus(station_id="S1", bikes=5)


def test_every_bike_of_the_snapshot_stands_in_the_problem_once():
    station = stated(small_city(), FULL, PLAIN).stations[0]
    # Three ready ones, and one more fits; five docks are blocked.
    assert (station.inventory, station.low_charge, station.broken) == (3, 3, 2)
    assert (station.capacity, station.blocked) == (4, 5)


def test_an_interval_of_the_operator_counts_ready_bikes_however_many_docks_are_freed():
    station = stated(small_city(), FULL, PLAIN).stations[0]
    # 3..5 wanted: with four docks there is no way to 6 bikes, with two freed ones there is, and it is one too many.
    assert station.lost_trips(4) == 0
    assert [station.lost_trips(bikes, 2) for bikes in range(7)] == [3, 2, 1, 0, 0, 0, 1]
    assert len(station.lost_trips_freed) == 5


def test_a_zone_has_no_docks_to_free():
    city = small_city()
    zone = replace(city.stations[0], is_zone=True)
    station = stated(replace(city, stations=(zone, city.stations[1])), FULL, PLAIN).stations[0]
    assert (station.lost_trips_freed, station.broken) == ((), 2)


def test_vans_depots_and_rules_come_with_everything_that_the_city_says():
    city = small_city(zone="Europe/Oslo")
    van = replace(city.vans[0], batteries=4, range_m=9000, skills=frozenset({"key"}))
    van = replace(van, break_=CityBreak(duration_s=600, earliest=time(23), latest=time(1)))
    rules = StationRules(station_id="S0", needs=frozenset({"key"}), open=(time(23), time(2)), once=True)
    other = StationRules(station_id="S1", may_pick_up=False, may_drop_off=False, is_forbidden=True)
    city = replace(
        city,
        vans=(van,),
        depots=(replace(city.depots[0], stock=2, room=7), CityDepot(id="E", name="E", lon=3 * KM_DEG, lat=0.0)),
        rules=(rules, other),
        zones=(CityZone(id="z", station_ids=("S0", "S1"), floor=4, cap=6),),
    )
    must = CityMust(station_id="S1", visit=True, low=1, high=2, swaps=3, broken=4)
    problem = stated(city, FULL, PLAIN, musts=[must])
    # 21:00 UTC is 22:00 in Oslo, when the shift starts.
    made = problem.vans[0]
    assert (made.batteries, made.range_m, made.skills) == (4, 9000, frozenset({"key"}))
    assert made.break_ == Break(duration_s=600, earliest_s=3600, latest_s=3 * 3600)
    assert problem.depots == (Depot(id="D", stock=2, room=7), Depot(id="E"))
    assert problem.depot_ids == {"D", "E"}
    first, second = problem.stations
    assert (first.needs, first.once, first.opens_s, first.closes_s) == (frozenset({"key"}), True, 3600, 4 * 3600)
    assert (second.may_pick_up, second.may_drop_off, second.is_forbidden) == (False, False, True)
    assert second.must == Must(visit=True, low=1, high=2, swaps=3, broken=4)
    assert problem.zones == (Zone(id="z", station_ids=("S0", "S1"), floor=4, cap=6),)


@pytest.mark.parametrize(
    ("as_of", "window"),
    [
        ("2026-11-22T21:00", (2 * 3600, 4 * 3600)),  # before the shift of 22:00: midnight and two o'clock
        ("2026-11-23T01:00", (-3600, 3600)),  # in the shift, cut to begin at one
        ("2026-11-23T02:00", (-7200, 0)),  # at the last moment
        ("2026-11-23T02:01", None),  # it has been had
    ],
)
def test_a_break_stays_where_the_clock_says_however_late_the_plan_is_made(as_of, window):
    van = replace(city_van(), break_=CityBreak(duration_s=900, earliest=time(0), latest=time(2)))
    at = datetime.fromisoformat(as_of).replace(tzinfo=OSLO)
    start = max(at, datetime(2026, 11, 22, 22, tzinfo=OSLO)).astimezone(UTC)
    made = next_break(van, "Europe/Oslo", at, start=start)
    assert window == (made and (made.earliest_s, made.latest_s))


def test_a_break_in_the_hour_that_autumn_repeats_is_as_late_as_it_really_is():
    # Clocks go back from 03:00 to 02:00 on 25 October: from 22:00 to 04:00 are seven hours.
    van = replace(city_van(), break_=CityBreak(duration_s=900, earliest=time(1), latest=time(4)))
    at = datetime(2026, 10, 24, 22, tzinfo=OSLO)
    made = next_break(van, "Europe/Oslo", at, start=at.astimezone(UTC))
    assert (made.earliest_s, made.latest_s) == (3 * 3600, 7 * 3600)


def test_what_lies_in_the_hour_that_spring_skips_stays_possible():
    # Clocks go from 02:00 to 03:00 on 29 March: 02:15 is 03:15, later than 03:00.
    van = replace(city_van(), break_=CityBreak(duration_s=900, earliest=time(2, 15), latest=time(3)))
    at = datetime(2026, 3, 28, 22, tzinfo=OSLO)
    made = next_break(van, "Europe/Oslo", at, start=at.astimezone(UTC))
    assert (made.earliest_s, made.latest_s) == (4 * 3600, 4 * 3600)
    night = (at.astimezone(UTC), datetime(2026, 3, 29, 5, tzinfo=OSLO).astimezone(UTC))
    (span,) = open_spans((time(2, 15), time(3)), "Europe/Oslo", night)
    assert span[0].astimezone(OSLO) == datetime(2026, 3, 30, 2, 15, tzinfo=OSLO)


def spans(hours, first, last):
    night = tuple(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    return [f"{begin:%d %H:%M} to {end:%d %H:%M}" for begin, end in open_spans(hours, "UTC", night)]


def test_opening_hours_are_those_that_the_night_meets():
    night = ("2026-11-22T22:00", "2026-11-23T05:00")
    assert spans((time(6), time(23)), *night) == ["22 06:00 to 22 23:00"]
    assert spans((time(23), time(4)), *night) == ["22 23:00 to 23 04:00"]
    assert spans((time(2), time(3)), *night) == ["23 02:00 to 23 03:00"]
    # Before midnight and again in the morning.
    assert spans((time(4), time(23)), *night) == ["22 04:00 to 22 23:00", "23 04:00 to 23 23:00"]
    # Closed all night: the next time.
    assert spans((time(5), time(22)), *night) == ["23 05:00 to 23 22:00"]


def test_hours_that_hold_only_in_part_are_told():
    city = replace(
        small_city(),
        rules=(
            StationRules(station_id="S0", open=(time(3), time(23))),
            StationRules(station_id="S1", open=(time(8), time(20))),
        ),
    )
    findings = Findings()
    # The shift is 22:00 to 05:00 UTC; S0 is open from 22 to 23 and, longer, from 3 to 5.
    first, second = stated(city, FULL, PLAIN, findings=findings, as_of=START.replace(hour=22)).stations
    assert (first.opens_s, first.closes_s) == (5 * 3600, 25 * 3600)
    assert (second.opens_s, second.closes_s) == (10 * 3600, 22 * 3600)
    assert [(warning.code, warning.where) for warning in findings.warnings] == [
        ("hours_split", "station S0"),
        ("closed_tonight", "station S1"),
    ]


def test_a_station_that_is_open_when_the_night_begins_needs_no_waiting():
    city = replace(small_city(), rules=(StationRules(station_id="S0", open=(time(20), time(23))),))
    station = stated(city, FULL, PLAIN, as_of=START.replace(hour=22)).stations[0]
    assert (station.opens_s, station.closes_s) == (None, 3600)


def test_zones_count_the_stations_that_take_part_and_say_which_do_not():
    city = replace(
        small_city(),
        zones=(
            CityZone(id="part", station_ids=("S0", "S1"), floor=4),
            CityZone(id="none", station_ids=("S1",), floor=4),
        ),
    )
    findings = Findings()
    problem = stated(city, FULL, PLAIN, findings=findings, left_out={"S1"})
    assert problem.zones == (Zone(id="part", station_ids=("S0",), floor=4),)
    assert [(warning.code, warning.where, warning.value) for warning in findings.warnings] == [
        ("zone_in_part", "zone part", 1),
        ("zone_in_part", "zone none", 1),
    ]


def test_must_do_work_where_nobody_can_go_is_kept_and_told():
    musts = [CityMust(station_id="S1", visit=True), CityMust(station_id="closed", swaps=2)]
    night = plan_night(small_city(), Snapshot(as_of=START, stations=(FULL,)), LINE, limits=LIMITS, musts=musts)
    assert night.musts_out == tuple(musts)
    assert [(warning.code, warning.where) for warning in night.warnings] == [
        ("must_left_out", "station S1"),
        ("must_left_out", "station closed"),
    ]


def test_must_do_work_is_part_of_the_night():
    must = CityMust(station_id="S1", low=9)
    night = plan_night(small_city(), Snapshot(as_of=START, stations=(FULL, PLAIN)), LINE, limits=LIMITS, musts=[must])
    assert night.problem.station_by_id["S1"].must == Must(low=9)
    # Four bikes short of nine, at the price of a unit of must-do work.
    assert night.cost_before.must == 4 * 1000
