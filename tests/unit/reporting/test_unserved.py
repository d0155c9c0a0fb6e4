"""Reasons for what is left undone; each is built so that it alone is true."""

from __future__ import annotations

import dataclasses

import pytest

from optimiser.basics.city import Prices
from optimiser.basics.result import StopReason
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.reporting.unserved import unserved
from tests.builders import problem, station, van
from tests.unit.reporting.nights import night_of, small_night, small_problem


def only(night):
    (entry,) = unserved(night)
    return entry


def test_a_station_within_its_target_has_no_entry_and_one_left_out_keeps_its_reason():
    entry = only(small_night())
    assert (entry.station_id, entry.reason.kind, entry.reason.code) == ("X", "impossible", "FAR_FROM_STREET")
    assert entry.expected_lost_after is None


def test_nothing_done_tells_both_stations_worst_first():
    entries = unserved(night_of(small_problem(), NOTHING))
    assert [(item.station_id, item.bikes_missing, item.bikes_too_many) for item in entries] == [
        ("A", 0, 5),
        ("B", 4, 0),
    ]
    assert {item.reason.code for item in entries} == {"SEARCH_LIMIT"}
    assert entries[0].as_document()["reasons"][0]["proof"] == "open"


@pytest.mark.parametrize(("shift_s", "code"), [(309, "SHIFT_TIME"), (310, "SEARCH_LIMIT")])
def test_shift_too_short_by_a_second_is_impossible_and_just_long_enough_is_not(shift_s, code):
    # 100 s there, 100 + 10 s for one bike, 100 s back = 310 s.
    given = problem([station("A", 9, low=2, high=4)], [100], vans=[van(shift_s=shift_s)])
    entry = only(night_of(given))
    assert entry.reason.code == code
    if code == "SHIFT_TIME":
        assert entry.reason.kind == "impossible"
        assert "5 min 10 s" in entry.reason.detail
        assert "0 min 01 s too short" in entry.reason.detail


def test_the_best_van_decides_whether_a_shift_is_long_enough():
    # Twice the speed: 50 + 110 + 50 = 210 s.
    given = problem([station("A", 9, low=2, high=4)], [100], vans=[van(shift_s=209), van("b", shift_s=210, speed=2.0)])
    assert only(night_of(given)).reason.code == "SEARCH_LIMIT"


def test_a_detour_that_is_faster_than_the_direct_way_counts():
    """Times that break the triangle inequality: straight to B 500 s, over A 10 + 110 + 10 = 130 s."""
    given = problem([station("A", 5, low=4, high=6), station("B", 9, low=2, high=4)], [10, 20], vans=[van(shift_s=370)])
    seconds = given.travel.travel_s.copy()
    seconds[0, 2] = seconds[2, 0] = 500
    seconds.flags.writeable = False
    slow = TravelTimes(place_ids=given.travel.place_ids, travel_s=seconds, length_m=given.travel.length_m)
    # D-A-B-A-D with a bike each time is 10 + 110 + 10 + 110 + 10 + 110 + 10 = 370 s.
    assert only(night_of(dataclasses.replace(given, travel=slow))).reason.code == "SEARCH_LIMIT"
    tight = dataclasses.replace(given, travel=slow, vans=(van(shift_s=369),))
    assert only(night_of(tight)).reason.code == "SHIFT_TIME"


def test_without_vans_nothing_is_possible():
    given = dataclasses.replace(small_problem(), vans=())
    given = dataclasses.replace(
        given,
        travel=TravelTimes(
            place_ids=given.travel.place_ids, travel_s=given.travel.travel_s, length_m=given.travel.length_m
        ),
    )
    assert {item.reason.detail for item in unserved(night_of(given))} == {"No van works tonight."}


def test_no_surplus_is_left_when_every_bike_is_where_it_is_asked_for():
    given = problem([station("A", 2, low=2, high=4), station("B", 1, low=4, high=6)], [10, 20])
    entry = only(night_of(given))
    assert (entry.station_id, entry.reason.kind, entry.reason.code) == ("B", "conflicts", "NO_SURPLUS_LEFT")
    # 2 + 4 asked for, 2 + 1 there.
    assert "ask for 6 bikes, the fleet has 3" in entry.reason.detail


def test_one_spare_bike_on_a_van_is_a_surplus():
    given = problem([station("A", 2, low=2, high=4), station("B", 1, low=4, high=6)], [10, 20], vans=[van(load=1)])
    assert only(night_of(given)).reason.code == "SEARCH_LIMIT"


@pytest.mark.parametrize(("lost_trip", "code"), [(2.4, "VALUE_BELOW_COST"), (2.6, "SEARCH_LIMIT")])
def test_a_stop_that_costs_more_than_all_it_gains_is_not_worth_it(lost_trip, code):
    """
    A has two bikes too many. A stop adds 100 s there, 100 s parking, 100 s back: 3.00; and 2 km: 2.00; total 5.00.

    It gains two trips at most: 4.80 at 2.40 each, 5.20 at 2.60.
    """
    prices = Prices(lost_trip=lost_trip, van_hour=36.0, van_km=1.0, van_use=0.0)
    given = problem([station("A", 6, low=2, high=4)], [100], prices=prices)
    entry = only(night_of(given))
    assert entry.reason.code == code
    if code == "VALUE_BELOW_COST":
        assert entry.reason.proof == "priced"
        assert "at least 5.00 SEK" in entry.reason.detail
        assert "at most 4.80 SEK" in entry.reason.detail


def test_gains_at_the_other_end_count_as_well():
    """The same stop is worth 9.60 when B lacks two bikes that A has too many."""
    prices = Prices(lost_trip=2.4, van_hour=36.0, van_km=1.0, van_use=0.0)
    given = problem([station("A", 6, low=2, high=4), station("B", 2, low=4, high=6)], [100, 120], prices=prices)
    assert {item.reason.code for item in unserved(night_of(given))} == {"SEARCH_LIMIT"}


def test_a_stop_on_the_way_costs_its_parking_only():
    """C lies between A and B: no detour, 100 s of parking = 1.00 against 4 trips x 0.20 = 0.80."""
    prices = Prices(lost_trip=0.2, van_hour=36.0, van_km=1.0, van_use=0.0)
    given = problem(
        [station("A", 9, low=2, high=4), station("B", 0, low=4, high=6), station("C", 8, low=2, high=4)],
        [100, 300, 200],
        prices=prices,
    )
    plan = Plan(
        routes=(Route(van_id="van-1", stops=(Stop(station_id="A", pickup=5), Stop(station_id="B", dropoff=4))),)
    )
    entry = only(night_of(given, plan))
    assert entry.station_id == "C"
    assert entry.reason.code == "VALUE_BELOW_COST"
    assert "at least 1.00 SEK" in entry.reason.detail
    assert "at most 0.80 SEK" in entry.reason.detail


def test_a_proven_best_plan_says_so():
    night = night_of(small_problem(), NOTHING, stop_reason=StopReason.OPTIMAL, best_bound=90.0)
    assert {item.reason.code for item in unserved(night)} == {"VALUE_BELOW_COST"}
    assert {item.reason.proof for item in unserved(night)} == {"proven"}
