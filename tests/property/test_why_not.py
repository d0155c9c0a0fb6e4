"""For any whole night and valid plan: every reason is there, every change lets in what it says, every proof holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Problem, Van
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.why_not import Insertion, Kind, WhyNot, Wish, applied, put_in, why_not
from optimiser.rebalancing.why_not.wishes import missing
from tests.property.test_whole_nights import nights, plausible_plans_for


def repaired(night: Problem, plan: Plan) -> Plan:
    """The plan with stops taken from vans that break a rule until none does."""
    while broken := check(night, plan):
        guilty = {id_ for violation in broken for id_ in violation.ids}
        routes = [
            replace(route, stops=route.stops[:-1], break_before=None) if route.van_id in guilty else route
            for route in plan.routes
        ]
        if routes == list(plan.routes):
            routes = [replace(route, stops=route.stops[:-1], break_before=None) for route in plan.routes]
        plan = Plan(routes=tuple(route for route in routes if route.stops))
    return plan


@st.composite
def planned_nights(draw: st.DrawFn) -> tuple[Problem, Plan]:
    night = draw(nights())
    night = replace(night, depots=tuple(replace(depot, may_call=draw(st.booleans())) for depot in night.depots))
    return night, repaired(night, draw(plausible_plans_for(night)))


def lacking(night: Problem, plan: Plan, answer: WhyNot) -> int:
    return missing(night, replay(night, plan)).get((answer.wish.station_id, answer.wish.kind), 0)


@settings(max_examples=150, deadline=None)
@given(planned=planned_nights())
def test_every_wish_left_open_has_a_reason_and_no_other(planned):
    night, plan = planned
    answers = why_not(night, plan)
    assert {(a.wish.station_id, a.wish.kind): a.wish.amount for a in answers} == missing(night, replay(night, plan))
    for answer in answers:
        assert answer.reasons
        event(f"{answer.kind} {answer.reasons[0].code} {answer.reasons[0].proof}")


@settings(max_examples=150, deadline=None)
@given(planned=planned_nights())
def test_every_change_lets_its_insertion_in_and_serves(planned):
    night, plan = planned
    for answer in why_not(night, plan):
        for item in answer.smallest_changes:
            changed = applied(night, item.change)
            longer = put_in(night, plan, item.insertion) if item.insertion else plan
            assert () == check(changed, longer)
            assert 1 <= item.effect.units == answer.wish.amount - lacking(changed, longer, answer)
            if item.insertion:
                assert item.effect.delta == pytest.approx(cost(changed, longer).total - cost(changed, plan).total)
            event(f"change {item.change.of} {item.change.field}")


@settings(max_examples=150, deadline=None)
@given(planned=planned_nights())
def test_every_alternative_is_valid_serves_and_costs_what_it_says(planned):
    night, plan = planned
    for answer in why_not(night, plan):
        for item in answer.alternatives:
            longer = put_in(night, plan, item.insertion)
            assert () == check(night, longer)
            assert 1 <= item.effect.units == answer.wish.amount - lacking(night, longer, answer)
            assert item.effect.delta == pytest.approx(cost(night, longer).total - cost(night, plan).total)
        best = min((item.effect.delta for item in answer.alternatives), default=0.0)
        assert (best < -1e-9) == (answer.kind is Kind.SEARCH_LIMIT and bool(answer.alternatives))


@settings(max_examples=100, deadline=None)
@given(planned=planned_nights())
def test_no_plain_new_stop_asks_for_less_of_the_same(planned):
    # Brute force over every van, gap and number of bikes, against the smallest change told for the same field. Where to
    # try is chosen by estimates, which are exact but for breaks that have to move, zones and fairness.
    night, plan = planned
    night = replace(
        night,
        vans=tuple(replace(van, break_=None) for van in night.vans),
        prices=replace(night.prices, zone_bike=0.0, fairness=0.0),
    )
    plan = Plan(routes=tuple(replace(route, break_before=None) for route in plan.routes))
    assume(not check(night, plan))
    for answer in why_not(night, plan):
        told = {item.change.field: item for item in answer.smallest_changes if item.change.field in RULES.values()}
        for tried in every_new_stop(night, plan, answer.wish) if told else ():
            longer = put_in(night, plan, tried)
            broken = check(night, longer)
            fields = {RULES.get(violation.rule) for violation in broken}
            if len(fields) == 1 and (item := told.get(next(iter(fields)))) and len(broken) == 1:
                change = replace(
                    item.change, by=broken[0].amount, id=broken[0].ids[0 if item.change.of == "vans" else -1]
                )
                changed = applied(night, change)
                gain = cost(changed, plan).total - cost(changed, longer).total if not check(changed, longer) else 0
                if gain > 1e-6 and lacking(night, longer, answer) < answer.wish.amount:
                    event(f"asks for no less: {item.change.field}")
                    assert item.effect.pays
                    assert item.change.by <= broken[0].amount


RULES = {"shift_end": "shift_end_s", "range": "range_m", "time_window": "closes_s", "batteries": "batteries"}


WORK = {
    "visit": ({},),
    "swaps": tuple({"swaps": count} for count in (1, 2, 3)),
    "broken": tuple({"broken_pickup": count} for count in (1, 2, 3)),
    **dict.fromkeys(("high", "spare"), tuple({"pickup": count} for count in range(1, 7))),
    **dict.fromkeys(
        ("low", "short"), (*({"dropoff": count} for count in range(1, 7)), *({"swaps": count} for count in (1, 2)))
    ),
}


def every_new_stop(night: Problem, plan: Plan, wish: Wish) -> Iterator[Insertion]:
    """Every van, gap and number of units, without a second stop."""
    stops = {route.van_id: len(route.stops) for route in plan.routes}
    for van, work in product(night.vans, WORK[wish.kind]):
        for gap in range(stops.get(van.id, 0) + 1):
            yield Insertion(van_id=van.id, new=((gap, Stop(station_id=wish.station_id, **work)),))


@settings(max_examples=60, deadline=None)
@given(planned=planned_nights())
def test_what_is_impossible_no_van_can_do_alone(planned):
    night, plan = planned
    for answer in why_not(night, plan):
        if answer.kind is Kind.IMPOSSIBLE:
            event(f"impossible {answer.wish.kind} {answer.reasons[0].code}")
            for tried in every_short_night(night, answer.wish.station_id):
                assert lacking(night, tried, answer) >= answer.wish.amount or check(night, tried), tried


def every_short_night(night: Problem, station_id: str) -> Iterator[Plan]:
    """One van, one unit of each kind of work at the station, one stop before or after for the bike or the batteries."""
    places = [*night.station_by_id, *sorted(night.depot_ids)]
    here = [
        Stop(station_id=station_id, **work)
        for work in ({"pickup": 1}, {"dropoff": 1}, {"swaps": 1}, {"broken_pickup": 1}, {})
    ]
    there = [
        Stop(station_id=id_, **work) for id_ in places for work in ({"pickup": 1}, {"dropoff": 1}, {"swaps": 1}, {})
    ]
    yield NOTHING
    for van, stop in product(night.vans, here):
        for stops in ((stop,), *((other, stop) for other in there), *((stop, other) for other in there)):
            for load, rest in product(_loads(van), range(-1, len(stops) + 1) if van.break_ else (-1,)):
                route = Route(van_id=van.id, stops=stops, start_load=load, break_before=None if rest < 0 else rest)
                yield Plan(routes=(route,))


def _loads(van: Van) -> set[int]:
    return {0, 1, van.initial_load, max(0, van.initial_load - 1), min(van.slots, van.initial_load + 1)}
