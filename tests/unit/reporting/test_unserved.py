"""Reasons for what is left undone; each is built so that it alone is true."""

from __future__ import annotations

import dataclasses
import json

import pytest

from optimiser.basics.city import Prices
from optimiser.basics.result import StopReason
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Must
from optimiser.reporting import night as night_module
from optimiser.reporting.document import to_json
from optimiser.reporting.unserved import unserved
from tests.builders import problem, station, van
from tests.unit.reporting.nights import night_of, small_night, small_problem


def only(night):
    (entry,) = unserved(night)
    return entry


def test_a_station_within_its_target_has_no_entry_and_one_left_out_keeps_its_reason():
    entry = only(small_night())
    assert (entry.station_id, entry.kind, entry.reason.code) == ("X", "impossible", "FAR_FROM_STREET")
    assert entry.expected_lost_after is None


def test_nothing_done_tells_both_stations_worst_first():
    entries = unserved(night_of(small_problem(), NOTHING))
    assert [(item.station_id, item.bikes_missing, item.bikes_too_many) for item in entries] == [
        ("A", 0, 5),
        ("B", 4, 0),
    ]
    assert {item.reason.code for item in entries} == {"SEARCH_LIMIT"}
    told = entries[0].as_document()
    # A: 100 + 150 + 100 s = 3.50 and 2 km = 2.00 for five bikes that save 50.00; the search could have found it.
    assert told["reasons"][0]["proof"] == "priced"
    assert told["task_id"] == "A:spare"
    assert told["value"] == {"lost_trips": 5.0, "money": 50.0}
    best = told["alternatives"][0]
    assert (best["van_id"], best["position"], best["units"]) == ("van-1", 0, 5)
    assert best["delta"] <= -44.5


@pytest.mark.parametrize("stop_reason", StopReason)
def test_a_night_that_was_cancelled_tells_no_more_than_it_has_time_for(monkeypatch, stop_reason):
    given = small_problem()
    hurried, whole = ("open", "priced") if stop_reason is StopReason.CANCELLED else ("priced", "priced")
    for within_s, proof in ((0.0, hurried), (60.0, whole)):
        monkeypatch.setattr(night_module, "HURRIED_S", within_s)
        night = night_of(given, NOTHING)
        night = dataclasses.replace(night, result=dataclasses.replace(night.result, stop_reason=stop_reason))
        told = [entry.as_document() for entry in unserved(night)]
        assert [(entry["station_id"], entry["bikes_missing"], entry["bikes_too_many"]) for entry in told] == [
            ("A", 0, 5),
            ("B", 4, 0),
        ]
        if stop_reason is not StopReason.OPTIMAL:
            assert {entry["reasons"][0]["proof"] for entry in told} == {proof}


@pytest.mark.parametrize(("shift_s", "code"), [(309, "SHIFT_TIME"), (310, "SEARCH_LIMIT")])
def test_shift_too_short_by_a_second_is_impossible_and_just_long_enough_is_not(shift_s, code):
    # 100 s there, 100 + 10 s for one bike, 100 s back = 310 s.
    given = problem([station("A", 9, low=2, high=4)], [100], vans=[van(shift_s=shift_s)])
    entry = only(night_of(given))
    assert entry.reason.code == code
    if code == "SHIFT_TIME":
        assert entry.kind == "impossible"
        assert "5 min 10 s" in entry.reason.detail
        assert "0 min 01 s too short" in entry.reason.detail
        assert entry.smallest_change[0]["path"] == "/vans/van-1/shift_end_s"
        # 310 s and 2,000 m for one bike: 10.00 - 3.10 - 2.00.
        assert entry.smallest_change[0]["by"] == 1
        assert entry.help == "The shift of van-1 0 min 01 s longer: 1 of 5 served, saves 4.90 SEK."


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
    assert only(night_of(dataclasses.replace(given, travel=slow))).kind == "search_limit"
    tight = dataclasses.replace(given, travel=slow, vans=(van(shift_s=369),))
    assert (only(night_of(tight)).kind, only(night_of(tight)).reason.code) == ("impossible", "SHIFT_TIME")


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
    assert (entry.station_id, entry.kind, entry.reason.code) == ("B", "conflicts", "NO_SURPLUS_LEFT")
    # 2 + 4 asked for, 2 + 1 there.
    assert "ask for 6 bikes, the stations have 3" in entry.reason.detail


def test_one_spare_bike_on_a_van_is_a_surplus():
    given = problem([station("A", 2, low=2, high=4), station("B", 1, low=4, high=6)], [10, 20], vans=[van(load=1)])
    assert only(night_of(given)).reason.code == "SEARCH_LIMIT"


@pytest.mark.parametrize(("lost_trip", "code"), [(2.6, "VALUE_BELOW_COST"), (2.61, "SEARCH_LIMIT")])
def test_a_stop_that_costs_as_much_as_it_gains_is_not_worth_it(lost_trip, code):
    """
    A has two bikes too many. A stop adds 100 s there, 120 s for it and two bikes, 100 s back: 3.20; and 2 km: 2.00.

    It gains two trips: 5.20 at 2.60 each, 5.22 at 2.61.
    """
    prices = Prices(lost_trip=lost_trip, van_hour=36.0, van_km=1.0, van_use=0.0)
    given = problem([station("A", 6, low=2, high=4)], [100], prices=prices)
    entry = only(night_of(given))
    assert entry.reason.code == code
    if code == "VALUE_BELOW_COST":
        assert entry.reason.proof == "priced"
        assert "van-1: fetch 2 bikes from Station A (its only work). Costs 0.00 SEK more" in entry.reason.detail
        assert entry.help == "A lost trip priced 0.01 SEK higher: served, saves 0.02 SEK."
    else:
        assert "Saves 0.02 SEK; the search ended first" in entry.reason.detail


def test_gains_at_the_other_end_count_as_well():
    """The same stop is worth 9.60 when B lacks two bikes that A has too many."""
    prices = Prices(lost_trip=2.4, van_hour=36.0, van_km=1.0, van_use=0.0)
    given = problem([station("A", 6, low=2, high=4), station("B", 2, low=4, high=6)], [100, 120], prices=prices)
    assert {item.reason.code for item in unserved(night_of(given))} == {"SEARCH_LIMIT"}


def test_a_stop_on_the_way_costs_its_parking_only():
    """C lies between A and B: no detour, 100 s of parking and 4 x 10 s = 1.40 against 4 trips x 0.20 = 0.80."""
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
    assert "fetch 4 bikes from Station C (after its stop 2). Costs 0.60 SEK more than it gains." in entry.reason.detail


def test_a_proven_best_plan_says_so():
    # 5.20 for a stop that gains two trips at 1.00: nobody moves, and 2.00 for the two trips is the least there is.
    prices = Prices(lost_trip=1.0, van_hour=36.0, van_km=1.0, van_use=0.0)
    given = problem([station("A", 6, low=2, high=4)], [100], prices=prices)
    entry = only(night_of(given, stop_reason=StopReason.OPTIMAL, best_bound=2.0))
    assert (entry.kind, entry.reason.code, entry.reason.proof) == ("not_worth_it", "VALUE_BELOW_COST", "proven")
    assert "proven best at 2.00 SEK" in entry.reason.detail


def test_must_do_work_is_told_first_beside_the_stations_target():
    # A must have 8 bikes, its target is 4..6, it has 1: two wishes, the must-do one is worth 7 x 1000.
    asked = dataclasses.replace(station("A", 1, low=4, high=6), must=Must(low=8, visit=True))
    given = problem([asked, station("B", 9, low=2, high=4)], [100, 200])
    entries = unserved(night_of(given))
    assert [(item.station_id, item.task, item.amount) for item in entries] == [
        ("A", "low", 7),
        ("A", "visit", 1),
        ("B", "spare", 5),
        ("A", "short", 3),
    ]
    assert entries[0].money == 1000 * 7 + 10 * 1
    assert entries[0].task_text == "must: 7 bikes more"


def test_every_entry_is_plain_values_for_json():
    entries = unserved(night_of(small_problem()))
    document = [entry.as_document() for entry in entries]
    assert json.loads(to_json(document)) == document
    assert set(document[0]) == {
        *("task_id", "station_id", "name", "task", "amount", "bikes_missing", "bikes_too_many", "expected_lost_after"),
        *("kind", "value", "reasons", "smallest_change", "alternatives"),
    }
