"""Clock, loads, stations, depots and cost of the night of `whole_nights`, by hand."""

import pytest

from optimiser.basics.city import Prices
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Depot
from optimiser.rebalancing.replay import DepotHolding, replay
from tests.unit.rebalancing.whole_nights import PLAN, make_a, make_b, whole_night, with_route, with_stop


def test_the_clock_knows_loading_swaps_breaks_depots_and_waiting():
    first, second = replay(whole_night(), PLAN).routes
    assert (0, 10, 1050) == (first.start_s, first.leave_s, first.end_s)
    assert (310, 100) == (first.break_start_s, first.break_s)
    assert [(70, 0, 310), (470, 0, 700), (800, 20, 950)] == [
        (timed.arrival_s, timed.wait_s, timed.departure_s) for timed in first.stops
    ]
    assert [60, 60, 100, 100] == [*(timed.drive_s for timed in first.stops), first.last_drive_s]
    assert (1050, 3200) == (first.duration_s, first.distance_m)
    assert (0, 0, 140 + 110 + 140) == (second.start_s, second.leave_s, second.end_s)
    assert second.break_start_s is None


def test_the_van_carries_bikes_of_three_kinds_and_batteries():
    first = replay(whole_night(), PLAN).routes[0]
    at_a, at_d, at_b = first.stops
    assert (5, 0, 1, 6) == (at_a.load_after, at_a.low_load_after, at_a.broken_load_after, at_a.on_board_after)
    assert (3, 0, 0, 3) == (at_d.load_after, at_d.low_load_after, at_d.broken_load_after, at_d.on_board_after)
    assert (0, 2, 2) == (at_a.batteries_after, at_d.batteries_after, at_b.batteries_after)
    assert (0, 2, 0) == (at_a.refilled, at_d.refilled, at_b.refilled)
    # At D two ready bikes go down, and the broken one.
    assert (4, 3, 3) == (at_a.lifted, at_d.lifted, at_b.lifted)
    assert (2, 0, 0) == (first.start_load, first.load_at_end, first.broken_load_at_end)


def test_stations_and_depots_hold_what_vans_leave():
    timeline = replay(whole_night(), PLAN)
    # Van 2 takes one at 250 s, before van 1 departs at 310 s.
    assert 7 == timeline.routes[1].stops[0].inventory_after
    assert (7 + 2 - 3, 0, 0, 3) == (
        timeline.routes[0].stops[0].inventory_after,
        timeline.low_charge["A"],
        timeline.broken["A"],
        timeline.freed["A"],
    )
    assert {"A": 6, "B": 4} == timeline.inventories
    # D: 1 - 1 at the start, 2 ready and a broken one in mid-shift; E: the bike of van 2.
    assert {"D": DepotHolding(ready=2, broken=1), "E": DepotHolding(ready=1)} == timeline.depots
    assert [("D", "van-1", 10, -1, 0), ("E", "van-2", 390, 1, 1), ("D", "van-1", 700, 2, 2)] == [
        (change.depot_id, change.van_id, change.time_s, change.bikes, change.stock_after)
        for change in timeline.depot_changes
    ]


def test_low_charge_bikes_are_taken_home_like_broken_ones():
    timeline = replay(whole_night(), with_stop(0, swaps=1, low_pickup=1))
    at_a, at_d, _ = timeline.routes[0].stops
    assert (5, 1, 1) == (at_a.load_after, at_a.low_load_after, at_a.broken_load_after)
    assert (100 + 5 * 10 + 50, 4) == (at_a.departure_s - at_a.arrival_s, at_d.lifted)
    assert (7 + 1 - 3, 0, 3) == (timeline.inventories["A"], timeline.low_charge["A"], timeline.freed["A"])
    assert DepotHolding(ready=2, low_charge=1, broken=1) == timeline.depots["D"]


def test_bikes_on_board_at_the_end_stay_in_the_end_depot():
    stops = (Stop(station_id="A", pickup=1, low_pickup=1, broken_pickup=1),)
    timeline = replay(whole_night(), Plan(routes=(Route(van_id="van-1", stops=stops),)))
    (route,) = timeline.routes
    assert (2, 1, 1) == (route.load_at_end, route.low_load_at_end, route.broken_load_at_end)
    assert DepotHolding(ready=1 + 2, low_charge=1, broken=1) == timeline.depots["D"]


def test_a_van_may_leave_bikes_before_it_sets_out():
    # 1 bike down at D: 10 s.
    timeline = replay(whole_night(), Plan(routes=(Route(van_id="van-1", start_load=0, stops=(Stop(station_id="A"),)),)))
    assert (10, 0) == (timeline.routes[0].leave_s, timeline.routes[0].start_load)
    assert DepotHolding(ready=2) == timeline.depots["D"]


@pytest.mark.parametrize(("before", "start_s"), [(0, 10), (1, 310), (2, 600), (3, 830)])
def test_a_break_falls_before_any_leg_and_always_takes_its_time(before, start_s):
    # Without waiting the route takes 10 + 300 + 60 + 230 + 100 + 130 + 100 s of work and drive and 100 s of break.
    (route, _) = replay(whole_night(b=make_b(opens_s=None)), with_route(break_before=before)).routes
    assert start_s == route.break_start_s
    assert 1030 == route.end_s


def test_each_term_has_its_own_price():
    # 1050 + 390 s of work, mean 720: 2 x 330 s apart = 0.18333 h. 3.2 + 2.8 km. 2 swaps, no broken bike left.
    # A opens with 6 (4..6 are fine), B with 4 where 3 are best: one trip lost.
    prices = Prices(
        lost_trip=10, van_hour=36, van_km=1, van_use=7, swap=3, broken_left=5, must=100, zone_bike=2, fairness=60
    )
    night = whole_night(prices=prices, a=make_a(broken=3))
    priced = cost(night, PLAN)
    assert 10 == pytest.approx(priced.lost_trips)
    assert 36 * 1440 / 3600 == pytest.approx(priced.van_hours)
    assert 6.0 == pytest.approx(priced.van_km)
    assert 14 == priced.van_use
    assert 6 == priced.swaps
    assert 10 == priced.broken_left
    assert 60 * 660 / 3600 == pytest.approx(priced.fairness)
    assert 0 == priced.must == priced.zones
    assert 10 + 14.4 + 6 + 14 + 6 + 10 + 11 == pytest.approx(priced.total)
    assert (15, 0) == (cost(night, NOTHING).broken_left, cost(night, NOTHING).fairness)


def test_one_van_alone_is_fair():
    night = whole_night(prices=Prices(lost_trip=0, van_hour=0, van_km=0, van_use=0, fairness=60))
    assert 0 == cost(night, Plan(routes=PLAN.routes[:1])).total


def test_depots_that_only_vans_name_have_no_stock_and_any_room():
    night = whole_night()
    assert Depot(id="E") == night.depot_by_id["E"]
    assert {"D", "E"} == night.depot_ids
    assert 1 == night.depot_by_id["D"].stock
