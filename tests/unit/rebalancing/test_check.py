"""A valid plan, broken by one thing at a time, breaks that one rule."""

import dataclasses

import pytest

from optimiser.rebalancing.check import RULES, check
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from tests.builders import problem, station, van

# Depot 0 s, A at 60 s, B at 100 s: the route below takes 60 + 130 + 40 + 130 + 100 = 460 s.
VALID = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", pickup=3), Stop(station_id="B", dropoff=3))),))


def night(*, slots: int = 5, shift_s: int = 460, load: int = 0):
    return problem(
        [station("A", 8, low=2, high=5), station("B", 1, low=4, high=6)],
        [60, 100],
        vans=[van(slots=slots, shift_s=shift_s, load=load), van("van-2")],
    )


def rules(plan: Plan, **changes: int) -> list[str]:
    return [violation.rule for violation in check(night(**changes), plan)]


def stops(*made: Stop) -> Plan:
    return Plan(routes=(Route(van_id="van-1", stops=made),))


def test_the_valid_plan_and_doing_nothing_break_no_rule():
    assert [] == rules(VALID)
    assert [] == rules(NOTHING)


def test_a_shift_one_second_too_short():
    (violation,) = check(night(shift_s=459), VALID)
    assert ("shift_end", ("van-1",), 1) == (violation.rule, violation.ids, violation.amount)
    assert "van van-1 is back 1 s after its shift ends" == violation.text


def test_one_slot_too_few():
    assert [] == rules(VALID, slots=3)
    (violation,) = check(night(slots=2), VALID)
    assert ("van_capacity", ("van-1", "A"), 1) == (violation.rule, violation.ids, violation.amount)


def test_a_van_cannot_drop_what_it_does_not_carry():
    plan = stops(Stop(station_id="A", pickup=3), Stop(station_id="B", dropoff=4))
    (violation,) = check(night(shift_s=9999), plan)
    assert ("van_capacity", 1) == (violation.rule, violation.amount)


def test_the_first_load_counts():
    assert [] == rules(stops(Stop(station_id="B", dropoff=2)), load=2)
    assert ["van_capacity"] == rules(stops(Stop(station_id="B", dropoff=2)), load=1)


def test_a_station_cannot_give_more_bikes_than_it_has():
    assert [] == rules(stops(Stop(station_id="A", pickup=8)), slots=9, shift_s=9999)
    (violation,) = check(night(slots=9, shift_s=9999), stops(Stop(station_id="A", pickup=9)))
    assert ("station_inventory", ("A", "van-1"), 1) == (violation.rule, violation.ids, violation.amount)


def test_a_station_cannot_hold_more_bikes_than_fit():
    assert [] == rules(stops(Stop(station_id="A", dropoff=2)), load=2)
    assert ["station_inventory"] == rules(stops(Stop(station_id="A", dropoff=3)), load=3)


def test_a_station_may_be_overfull_neither_at_the_end_nor_in_between():
    plan = stops(Stop(station_id="A", dropoff=3), Stop(station_id="B", dropoff=1), Stop(station_id="A", pickup=3))
    assert ["station_inventory"] == rules(plan, load=4, shift_s=9999)


@pytest.mark.parametrize(("pickup", "dropoff"), [(0, 0), (-1, 0), (1.5, 0), (0, -2)])
def test_bikes_are_whole_and_at_least_one_moves(pickup, dropoff):
    broken = stops(Stop(station_id="A", pickup=pickup, dropoff=dropoff))
    assert "whole_bikes" in rules(broken, shift_s=9999, load=2)


def test_a_van_drives_one_route():
    twice = Plan(routes=(*VALID.routes, Route(van_id="van-1", stops=(Stop(station_id="A", pickup=1),))))
    assert ["one_route_per_van"] == rules(twice, shift_s=9999)


def test_unknown_ids_are_all_named():
    plan = Plan(
        routes=(
            dataclasses.replace(VALID.routes[0], van_id="ghost"),
            Route(van_id="van-2", stops=(Stop(station_id="nowhere", pickup=1),)),
        )
    )
    violations = check(night(), plan)
    assert [("known_ids", ("ghost",)), ("known_ids", ("van-2", "nowhere"))] == [
        (violation.rule, violation.ids) for violation in violations
    ]


def test_every_rule_has_a_function_of_its_name():
    from optimiser.rebalancing import check as module

    assert all(callable(getattr(module, rule)) for rule in RULES)
