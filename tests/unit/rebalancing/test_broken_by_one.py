"""The tight night of `whole_nights`: each rule just holds, and with one number changed it alone is broken."""

from dataclasses import replace

import pytest

from optimiser.rebalancing.check import RULES, check
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Break, Depot, Must
from tests.unit.rebalancing.whole_nights import (
    PLAN,
    make_a,
    make_b,
    make_van,
    whole_night,
    with_route,
    with_stop,
)

AT_A = Stop(station_id="A", pickup=1)


def van_2(*stops: Stop, **changes) -> Plan:
    return with_route(1, stops=stops, **changes)


BROKEN_BY_DATA = [
    ("van_capacity", ("van-1", "A"), 1, {"van_1": make_van(slots=5)}),
    ("station_inventory", ("B", "van-1"), 1, {"b": make_b(capacity=3)}),
    ("station_inventory", ("A", "van-1"), 1, {"a": make_a(low_charge=1)}),
    ("station_inventory", ("A", "van-1"), 1, {"a": make_a(broken=0)}),
    ("depot_stock", ("D", "van-1"), 1, {"depots": (Depot(id="D", stock=0, room=2),)}),
    ("depot_stock", ("D", "van-1"), 1, {"depots": (Depot(id="D", stock=1, room=1),)}),
    ("depot_stock", ("D", "van-1"), 1, {"depots": ()}),
    ("batteries", ("van-1", "A"), 1, {"van_1": make_van(batteries=1)}),
    ("shift_end", ("van-1",), 1, {"van_1": make_van(shift_end_s=1049)}),
    ("break_time", ("van-1",), 1, {"van_1": make_van(break_=Break(duration_s=100, earliest_s=300, latest_s=309))}),
    ("break_time", ("van-1",), 1, {"van_1": make_van(break_=Break(duration_s=100, earliest_s=311, latest_s=400))}),
    ("break_time", ("van-1",), 1, {"van_1": make_van(break_=None)}),
    ("range", ("van-1",), 1, {"van_1": make_van(range_m=3199)}),
    ("time_window", ("van-1", "B"), 1, {"b": make_b(closes_s=949)}),
    ("skills", ("van-1", "A"), 1, {"van_1": make_van(skills=frozenset({"crane"}))}),
    ("forbidden", ("van-1", "B"), 1, {"b": make_b(is_forbidden=True)}),
    ("dropoff_forbidden", ("van-1", "B"), 3, {"b": make_b(may_drop_off=False)}),
    ("one_visit", ("A",), 1, {"a": make_a(once=True)}),
]

BROKEN_BY_DECISION = [
    ("known_ids", ("van-2", "nowhere"), 1, van_2(Stop(station_id="nowhere", pickup=1))),
    ("one_route_per_van", ("van-2",), 1, Plan(routes=(*PLAN.routes, PLAN.routes[1]))),
    ("whole_bikes", ("van-2", "A"), 0, van_2(Stop(station_id="A"), AT_A)),
    ("whole_bikes", ("van-2", "A"), 0, van_2(Stop(station_id="A", pickup=1.5))),
    ("whole_bikes", ("van-2", "A"), 1, van_2(Stop(station_id="A", pickup=1, swaps=-1))),
    ("whole_bikes", ("van-2", "E"), 0, van_2(Stop(station_id="E"), AT_A)),
    ("whole_bikes", ("van-2", "E"), 1, van_2(AT_A, start_load=-1)),
    ("van_capacity", ("van-2", "B"), 1, van_2(AT_A, Stop(station_id="B", dropoff=2))),
    ("station_inventory", ("A", "van-1"), 1, with_stop(0, broken_pickup=2)),
    ("station_inventory", ("A", "van-1"), 1, with_stop(0, low_pickup=2)),
    ("depot_stock", ("E", "van-2"), 1, van_2(AT_A, start_load=1)),
    ("depot_stock", ("D", "van-1"), 1, with_stop(1, dropoff=2, swaps=1)),
    ("depot_stock", ("D", "van-1"), 1, with_stop(1, dropoff=2, low_pickup=1)),
    ("batteries", ("van-2", "A"), 1, van_2(Stop(station_id="A", pickup=1, swaps=1))),
    ("break_time", ("van-1",), 100, with_route(break_before=None)),
    ("break_time", ("van-1",), 1, with_route(break_before=4)),
    ("break_time", ("van-2",), 1, van_2(AT_A, break_before=0)),
    ("pickup_forbidden", ("van-2", "B"), 1, van_2(Stop(station_id="B", pickup=1))),
]


def test_the_night_is_valid_and_so_is_doing_nothing():
    assert () == check(whole_night(), PLAN)
    assert () == check(whole_night(), NOTHING)


@pytest.mark.parametrize(("rule", "ids", "amount", "changes"), BROKEN_BY_DATA)
def test_one_number_of_the_night_breaks_one_rule(rule, ids, amount, changes):
    (violation,) = check(whole_night(**changes), PLAN)
    assert (rule, ids, amount) == (violation.rule, violation.ids, violation.amount)
    assert all(id_ in violation.text for id_ in ids)


@pytest.mark.parametrize(("rule", "ids", "amount", "plan"), BROKEN_BY_DECISION)
def test_one_decision_breaks_one_rule(rule, ids, amount, plan):
    # Only the rule asked for is tight: B takes more bikes and stops, A has a third low-charge bike, van 1 more of all.
    van_1 = make_van(shift_end_s=2000, slots=8, break_=Break(duration_s=100, earliest_s=300, latest_s=400))
    night = whole_night(a=make_a(low_charge=3), b=make_b(capacity=6, once=False, closes_s=None), van_1=van_1)
    found = check(night, plan)
    assert [(rule, ids, amount)] == [(violation.rule, violation.ids, violation.amount) for violation in found]
    assert all(id_ in found[0].text for id_ in ids)


def test_every_rule_is_broken_by_one_above():
    assert set(RULES) == {rule for rule, *_ in (*BROKEN_BY_DATA, *BROKEN_BY_DECISION)}


def test_a_freed_dock_holds_a_ready_bike_and_no_more():
    # B is full with 1 bike beside a broken one: with that gone one more fits.
    night = whole_night(b=make_b(capacity=1, broken=1, opens_s=None), van_1=make_van(break_=None))

    def rules(dropoff: int, broken: int) -> list[str]:
        stops = (Stop(station_id="B", dropoff=dropoff, broken_pickup=broken),)
        return [item.rule for item in check(night, with_route(break_before=None, stops=stops))]

    assert ["station_inventory"] == rules(1, 0)
    assert [] == rules(1, 1)
    assert ["station_inventory"] == rules(2, 1)


def test_just_calling_is_allowed_where_a_visit_is_must_do_work_and_where_it_serves_the_van():
    calling = van_2(Stop(station_id="A"))
    assert ["whole_bikes"] == [violation.rule for violation in check(whole_night(), calling)]
    assert () == check(whole_night(a=make_a(must=Must(visit=True))), calling)
    # Van 1 leaves a broken bike at D and takes 2 batteries there, or batteries alone.
    assert () == check(whole_night(depots=(Depot(id="D", stock=1),), b=make_b(capacity=6)), with_stop(1, dropoff=0))
    for first in (Stop(station_id="A", swaps=2), Stop(station_id="A", broken_pickup=1)):
        stops = (first, Stop(station_id="D"), Stop(station_id="B", dropoff=1))
        night = whole_night(van_1=make_van(break_=None))
        assert () == check(night, with_route(start_load=None, break_before=None, stops=stops))


def test_no_break_is_due_on_a_route_that_is_back_in_time():
    # E to A and back: 140 + 110 + 140 = 390 s.
    def rules(latest_s: int) -> list[str]:
        night = whole_night()
        rested = replace(night.vans[1], break_=Break(duration_s=60, earliest_s=100, latest_s=latest_s))
        return [violation.rule for violation in check(replace(night, vans=(night.vans[0], rested)), PLAN)]

    assert [] == rules(390)
    assert ["break_time"] == rules(389)


def test_depots_are_watched_in_time_order_over_all_vans():
    # Van 1 leaves its bike at D 10 s after its shift starts; van 2 loads it there until 10 s.
    def rules(shift_start_s: int) -> list[str]:
        first = make_van(shift_start_s=shift_start_s, shift_end_s=9000, break_=None)
        night = whole_night(depots=(), van_1=first)
        night = replace(night, vans=(first, replace(night.vans[1], start_depot_id="D")))
        plan = Plan(
            routes=(
                Route(van_id="van-1", start_load=0, stops=(Stop(station_id="A", swaps=1),)),
                Route(van_id="van-2", start_load=1, stops=(AT_A,)),
            )
        )
        return [violation.rule for violation in check(night, plan)]

    assert [] == rules(0)
    assert ["depot_stock"] == rules(1)
