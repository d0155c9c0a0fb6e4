"""The judge of New York answers prices by hand, passes what is right, and finds each thing that is broken by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenarios.benchmarks.judge_nyc import judge_nyc, miles_between, price_nyc
from scenarios.benchmarks.nyc import NycRoute
from tests.unit.scenarios.benchmarks.instances import STEP_MILES, meridian, route

RIGHT = (route(("A", 10), ("B", -8)),)


def only_fault(instance, routes, **claimed):
    (fault,) = judge_nyc(instance, routes, **claimed)
    return fault.rule, fault.ids, fault.amount


def test_the_price_is_miles_and_half_of_each_bike_off_its_target():
    # Depot, one step to A, one to B, two back; B lacks 2 of its 10 bikes: 4 x 0.691150 + 0.5 x 2 = 3.764602
    price = price_nyc(meridian(), RIGHT)
    assert price.miles == pytest.approx(4 * STEP_MILES, abs=1e-9)
    assert 1.0 == price.penalty
    assert price.total == pytest.approx(3.764602, abs=1e-6)


def test_a_unit_weighs_the_penalty():
    instance = replace(meridian(), unit=meridian().unit * 0.25)
    # Nobody drives: 0.5 x 0.25 x (10 + 10)
    assert 2.5 == price_nyc(instance, ()).total


def test_miles_are_those_of_a_great_circle():
    # A quarter of the way round: 3960 x pi / 2
    assert miles_between((0.0, 0.0), (90.0, 0.0)) == pytest.approx(6220.353, abs=1e-3)
    assert 0 == miles_between((-74.0, 40.7), (-74.0, 40.7))


def test_a_right_answer_has_no_fault():
    total = price_nyc(meridian(), RIGHT).total
    assert () == judge_nyc(meridian(), RIGHT, cost=total, lower_bound=total)
    assert () == judge_nyc(meridian(), (), cost=10.0, lower_bound=0)


def test_what_is_taken_must_be_there_over_all_visits():
    # A has 12 bikes: one van takes 10, the other 2, then 3.
    assert () == judge_nyc(meridian(), (route(("A", 10)), route(("A", 2))))
    assert ("station_inventory", ("A", "1"), 1) == only_fault(meridian(), (route(("A", 10)), route(("A", 3))))


def test_what_is_brought_must_find_docks_over_all_visits():
    # B has 17 free docks: 9 and 8 more fill it, 9 and 9 are one too many.
    assert () == judge_nyc(meridian(), (route(("B", -9), ("B", -8)),))
    assert ("station_inventory", ("B", "0"), 1) == only_fault(meridian(), (route(("B", -9), ("B", -9)),))


def test_visits_count_in_the_order_of_the_miles_driven():
    # B has 3 bikes. The first van brings 9 after two steps; the other takes 12 at two steps, after it in the list.
    assert () == judge_nyc(meridian(), (route(("B", -9)), route(("B", 12))))
    # Taken at two steps, brought after a detour by A at four: nine bikes are not there yet.
    detour = route(("B", 0), ("A", 0), ("B", -9))
    assert ("station_inventory", ("B", "1"), 9) == only_fault(meridian(), (detour, route(("B", 12))))


def test_a_van_holds_twenty_five_from_any_load_at_its_start():
    instance = meridian(available=(20, 3), docks=(40, 40))
    assert () == judge_nyc(instance, (route(("B", -5), ("A", 20), ("A", 0)),))
    assert () == judge_nyc(instance, (route(("B", -25)),))
    assert ("load_window", ("0",), 1) == only_fault(instance, (route(("B", -25), ("B", -1)),))


def test_bikes_are_whole():
    assert ("whole_bikes", ("0", "A"), 0.5) == only_fault(meridian(), (route(("A", 9.5)),))


def test_two_vans_and_no_third():
    assert () == judge_nyc(meridian(), (*RIGHT, route(("A", 1)), route()))
    assert ("vans", (), 1) == only_fault(meridian(), (*RIGHT, route(("A", 1)), route(("A", 1))))


@pytest.mark.parametrize(
    ("routes", "ids"),
    [
        ((route(("C", 1)),), ("0", "C")),
        ((NycRoute(depot=(0.0, 0.0), stops=RIGHT[0].stops),), ("0",)),
    ],
)
def test_places_must_be_those_of_the_instance(routes, ids):
    assert ("known_places", ids, 1) == only_fault(meridian(), routes)


def test_a_claimed_price_or_bound_that_is_not_so_is_found():
    total = price_nyc(meridian(), RIGHT).total
    rule, _, amount = only_fault(meridian(), RIGHT, cost=total - 1)
    assert ("cost", pytest.approx(-1)) == (rule, amount)
    rule, _, amount = only_fault(meridian(), RIGHT, lower_bound=total + 0.01)
    assert ("lower_bound", pytest.approx(0.01)) == (rule, amount)
    rule, _, _ = only_fault(meridian(), RIGHT, cost=float("nan"))
    assert "cost" == rule
