"""Any edited plan is priced and checked, however wrong; what cannot be priced is said."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import Cost, cost
from optimiser.rebalancing.evaluate import Moved, compare, evaluate
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Must
from tests.builders import problem, station, van
from tests.property.test_whole_nights import nights, plans_for
from tests.unit.rebalancing.whole_nights import PLAN, whole_night

A_UP = Stop(station_id="A", pickup=3)
B_DOWN = Stop(station_id="B", dropoff=3)


def two_vans(**must):
    """A (8 bikes, 4..6 wanted) at 60 s, B (0 bikes, 3 wanted) at 100 s, depot at 0 s."""
    return problem(
        [station("A", 8, low=4, high=6), replace(station("B", 0, low=3, high=10), must=Must(**must) if must else None)],
        [60, 100],
        vans=[van("van-1"), van("van-2")],
    )


def one_van(*stops: Stop, van_id: str = "van-1", **changes) -> Plan:
    return Plan(routes=(Route(van_id=van_id, stops=stops, **changes),))


def test_a_valid_plan_costs_what_cost_says_and_tells_clock_loads_and_time_left():
    # 60 s + 100 + 30 = 190 s at A; 40 + 100 + 30 = 360 s at B; 100 s back: 460 s of 3600.
    found = evaluate(two_vans(), one_van(A_UP, B_DOWN))
    assert found.is_valid
    assert found.unpriced == ()
    assert cost(two_vans(), one_van(A_UP, B_DOWN)) == found.cost
    (route,) = found.routes
    assert [190, 360] == [stop.departure_s for stop in route.timed.stops]
    assert [3, 0] == [stop.load_after for stop in route.timed.stops]
    assert (3140, None, (0, 1)) == (route.time_left_s, route.range_left_m, route.positions)


def test_time_left_is_negative_where_the_van_is_late_and_range_is_told():
    night = two_vans()
    late = replace(night, vans=(replace(night.vans[0], shift_end_s=400, range_m=3000), night.vans[1]))
    found = evaluate(late, one_van(A_UP, B_DOWN))
    # Back at 460 s, driven 200 s x 10 m.
    assert (-60, 1000) == (found.routes[0].time_left_s, found.routes[0].range_left_m)
    assert ["shift_end"] == [violation.rule for violation in found.violations]


def test_unknown_vans_and_places_are_violations_and_the_rest_is_priced():
    edited = Plan(
        routes=(
            Route(van_id="van-9", stops=(A_UP,)),
            Route(van_id="van-1", stops=(A_UP, Stop(station_id="nowhere", pickup=1), B_DOWN), start_load=0),
        )
    )
    found = evaluate(two_vans(), edited)
    assert [("known_ids", ("van-9",)), ("known_ids", ("van-1", "nowhere"))] == [
        (violation.rule, violation.ids) for violation in found.violations
    ]
    assert found.cost == cost(two_vans(), one_van(A_UP, B_DOWN))
    assert (0, 2) == found.routes[0].positions
    assert [("van-9",), ("van-1", "nowhere")] == [item.ids for item in found.unpriced]


def test_a_break_before_a_stop_after_an_unknown_place_stays_before_that_stop():
    edited = replace(PLAN.routes[0], break_before=2, stops=(PLAN.routes[0].stops[0], A_UP, *PLAN.routes[0].stops[1:]))
    unknown = replace(edited.stops[1], station_id="nowhere")
    edited = replace(edited, stops=(edited.stops[0], unknown, *edited.stops[2:]))
    found = evaluate(whole_night(), Plan(routes=(edited, PLAN.routes[1])))
    assert ["known_ids"] == [violation.rule for violation in found.violations]
    assert 310 == found.routes[0].timed.break_start_s


@pytest.mark.parametrize("wrong", [1.5, "3", None, float("nan")])
def test_numbers_that_are_none_are_violations_and_count_as_nothing(wrong):
    found = evaluate(two_vans(), one_van(replace(A_UP, pickup=wrong), A_UP, B_DOWN, start_load=wrong))
    assert "whole_bikes" in {violation.rule for violation in found.violations}
    assert ("van-1", "A") in {item.ids for item in found.unpriced}
    assert 0 == found.routes[0].timed.stops[0].load_after


def test_a_station_that_would_hold_too_many_is_priced_at_its_room_and_this_is_said():
    # B holds 10: 12 bikes break a rule; priced as if 10 were there, which loses nothing.
    found = evaluate(two_vans(), one_van(Stop(station_id="B", dropoff=12)))
    assert {"station_inventory", "van_capacity"} == {violation.rule for violation in found.violations}
    assert [("B",)] == [item.ids for item in found.unpriced]
    # A keeps 8 where 6 are wanted: 2 trips at 10.
    assert 20 == found.cost.lost_trips


def test_work_left_open_is_told():
    night = two_vans(visit=True, low=4)
    assert {("visit", 1), ("low", 4)} == {(item.kind, item.amount) for item in evaluate(night, NOTHING).unserved_musts}
    kinds = [(item.kind, item.amount) for item in evaluate(night, one_van(A_UP, B_DOWN)).unserved_musts]
    assert [("low", 1)] == kinds


def test_the_difference_tells_cost_by_term_and_stops_by_route():
    # Van 2 takes over B with bikes of its own: 100 s there, 130 s, 100 s back = 330 s; van 1 is back at 250 s.
    before = one_van(A_UP, B_DOWN)
    after = Plan(
        routes=(Route(van_id="van-1", stops=(A_UP,)), Route(van_id="van-2", stops=(B_DOWN,))),
    )
    found = evaluate(two_vans(), after, against=before)
    assert found.difference is not None
    # 250 + 330 - 460 s at 0.01; (120 + 200 - 200) s x 10 m at 1 per km.
    assert (1.2, 1.2) == (
        pytest.approx(found.difference.cost.van_hours),
        pytest.approx(found.difference.cost.van_km),
    )
    first, second = found.difference.stops.routes
    moved = (Moved(station_id="B", from_van_id="van-1", to_van_id="van-2"),)
    assert (("A",), moved) == (first.kept, first.moved_out)
    assert moved == second.moved_in
    assert (1, 1, 0) == (
        found.difference.stops.churn,
        found.difference.stops.kept,
        found.difference.stops.details,
    )


def test_other_quantities_other_order_added_and_dropped_are_told_apart():
    before = one_van(A_UP, B_DOWN, Stop(station_id="C", pickup=1), Stop(station_id="E", pickup=1))
    after = one_van(B_DOWN, Stop(station_id="C", pickup=2), A_UP, Stop(station_id="F", pickup=1), van_id="van-1")
    (route,) = compare(before, after).routes
    assert {"A", "B", "C"} == set(route.kept)
    assert ("A",) == route.reordered
    assert (("F",), ("E",)) == (route.added, route.dropped)
    ((one, other),) = [(item.before.pickup, item.after.pickup) for item in route.other_quantities]
    assert (1, 2) == (one, other)
    assert not route.is_same
    assert compare(before, before).routes[0].is_same


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_edit_of_any_night_is_answered_and_agrees_with_the_checker(data):
    night = data.draw(nights())
    plan = data.draw(plans_for(night, least=-2))
    found = evaluate(night, plan, against=data.draw(plans_for(night, least=-2)))
    assert check(night, plan) == found.violations
    if found.is_valid:
        assert cost(night, plan) == found.cost
        assert found.unpriced == ()
    strange = replace(plan, routes=(*plan.routes, Route(van_id="?", stops=(Stop(station_id="?"),))))
    again = evaluate(night, strange)
    assert again.cost == found.cost
    assert len(again.violations) == len(found.violations) + 2


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_difference_is_what_two_prices_say_and_counts_every_stop_once(data):
    night = data.draw(nights())
    one, other = data.draw(plans_for(night)), data.draw(plans_for(night))
    there, back = (evaluate(night, a, against=b).difference for a, b in ((one, other), (other, one)))
    assert there is not None
    assert back is not None
    for field in fields(Cost):
        assert getattr(there.cost, field.name) == -getattr(back.cost, field.name)
    stops = sum(len(route.stops) for route in one.routes)
    moved, added = (sum(len(getattr(route, name)) for route in there.stops.routes) for name in ("moved_in", "added"))
    assert stops == there.stops.kept + moved + added
    assert there.stops.churn == back.stops.churn
    assert there.stops.details == back.stops.details
