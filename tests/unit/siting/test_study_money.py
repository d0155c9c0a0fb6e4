"""Money that would do is told to the cent: it does as it stands, and a cent less does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimiser.siting import exact
from optimiser.siting.money import in_words, step_of, up_to_cent, without_noise
from optimiser.siting.solve import solve
from tests.siting_studies import PEOPLE, SLOW, point, site, study, wishes
from tests.unit.siting.conflicts import LIMITS, SEARCHED, conflict_of


@pytest.mark.parametrize(
    ("money", "cents"),
    [(0.1 + 0.2, 0.3), (0.85, 0.85), (0.841, 0.85), (21071.21, 21071.21), (21071.2100001, 21071.22), (3.0, 3.0)],
)
def test_money_is_rounded_up_to_the_cent_and_no_further(money, cents):
    assert up_to_cent(money) == cents


@pytest.mark.parametrize(
    ("money", "told"),
    [(11000.289999999999, "11000.29"), (27990.499999999767, "27990.5"), (0.125, "0.125"), (-1e-10, "0.0")],
)
def test_money_is_as_exact_as_prices(money, told):
    assert str(without_noise(money)) == told


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (1234.0, "1,234"),
        (21071.21, "21,071.21"),
        (21071.2, "21,071.20"),
        (0.1 + 0.2, "0.30"),
        (0.845, "0.845"),
        (1e-7, "0"),
        (0.0, "0"),
    ],
)
def test_cents_are_told_where_there_are_any(money, words):
    assert in_words(money) == words


@pytest.mark.parametrize(
    ("prices", "step"),
    [([100.0, 10.0, 0.0], 10.0), ([0.3, 0.12], 0.06), ([0.125, 0.3], None), ([21071.21, 3.0], 0.01), ([], 0.01)],
)
def test_all_sums_of_prices_are_multiples_of_a_step(prices, step):
    assert step_of(np.array(prices)) == step


def two_cheap_districts(budget, cost=0.125, plug=0.3, **given):
    """Each district has a site of its own; one plug there keeps its floor."""
    kind = replace(SLOW, plug_cost=plug)
    return study(
        [point("a", 5, district="east"), point("b", 5, district="west")],
        [site("A", cost=cost, kinds=frozenset({"slow"})), site("B", cost=cost, kinds=frozenset({"slow"}))],
        [{"A": 10}, {"B": 10}],
        kinds=[kind],
        segments=[replace(PEOPLE, kinds=frozenset({"slow"}))],
        districts=("east", "west"),
        wishes=wishes(budget, floor=0.1, **given),
    )


def test_the_least_budget_is_told_to_the_cent():
    # Two sites with a plug each: 2 * (0.125 + 0.3).
    told = conflict_of(two_cheap_districts(0.84))["budget"]
    assert (told.asked, told.possible, told.is_proven, told.instead.budget) == (0.84, 0.85, True, 0.85)
    assert told.text == "no plan within 0.84 keeps the floors asked for; 0.85 would do, and no less"
    assert conflict_of(two_cheap_districts(0.85)) == {}


@pytest.mark.parametrize(("cost", "plug"), [(10235.5, 300.105), (7000.01, 862.445), (3018.505, 300.005)])
def test_the_least_budget_of_ordinary_prices_does_and_a_cent_less_does_not(cost, plug):
    least = up_to_cent(2 * (cost + plug))
    for less in (0.01, 500.0):
        told = conflict_of(two_cheap_districts(least - less, cost, plug))["budget"]
        assert (told.possible, told.is_proven, told.instead.budget) == (least, True, least)
    assert conflict_of(two_cheap_districts(least, cost, plug)) == {}


@pytest.mark.parametrize(("cost", "plug"), [(1_000_000.01, 35_000.03), (12_345_678.91, 999_999.99)])
def test_a_cent_less_of_millions_does_not_do(cost, plug):
    # Less than what whole values of an integer programme are off, unless it is told to be strict.
    least = up_to_cent(2 * (cost + plug))
    for less in (0.01, 0.02, 0.05):
        assert conflict_of(two_cheap_districts(least - less, cost, plug))["budget"].possible == least
    assert conflict_of(two_cheap_districts(least, cost, plug)) == {}


def test_what_a_search_tells_does_as_it_stands(monkeypatch):
    monkeypatch.setattr(exact, "MOST_ENTRIES", 0)
    (told,) = (item for item in solve(two_cheap_districts(0.5), SEARCHED).conflicts if item.rule == "budget")
    assert (told.possible, told.is_proven) == (0.85, False)
    assert told.text.endswith("0.85 would do, less may, and more seconds may do as well")
    assert solve(two_cheap_districts(told.possible), SEARCHED).conflicts == ()


def test_the_first_charger_costs_cents_as_well():
    free = replace(two_cheap_districts(0.42).wishes, floor=0.0)
    told = conflict_of(replace(two_cheap_districts(0.42), wishes=free))["budget"]
    assert (told.possible, told.instead.budget) == (0.43, 0.43)
    assert told.text.startswith("0.42 do not pay for the first charger; the cheapest that anybody can use costs 0.43")


def test_money_that_pays_for_the_first_charger_but_for_noise_does():
    asked = two_cheap_districts(0.3, cost=0.1, plug=0.2)
    assert conflict_of(replace(asked, wishes=replace(asked.wishes, floor=0.0))) == {}


def test_sites_asked_for_are_told_to_the_cent():
    asked = replace(two_cheap_districts(0.5).wishes, floor=0.0, force=frozenset("AB"))
    told = {item.rule: item for item in solve(replace(two_cheap_districts(0.5), wishes=asked), LIMITS).conflicts}
    assert told["budget"].text == "no plan within 0.50 has the sites asked for; 0.85 would do, and no less"
    assert told["force"].text == "site B costs 0.43 at least, more than is left; it is left out"
