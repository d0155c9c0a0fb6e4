"""Sites that are asked for where the limits do not allow all of them: as many as can be are kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from optimiser.siting.check import check
from optimiser.siting.conflicts import possible_wishes
from optimiser.siting.forced import together
from optimiser.siting.groups import groups_of
from optimiser.siting.problem import GridNode
from optimiser.siting.solve import solve
from tests.siting_studies import FAST, SLOW, point, random_study, site, study, wishes
from tests.unit.siting.conflicts import LIMITS


def asked_for(sites, money, **given):
    """All of some sites, of which people reach the first."""
    force = frozenset(item.id for item in sites)
    grid = given.pop("grid", ())
    return study([point("p", 3)], sites, [{sites[0].id: 10}], wishes=wishes(money, force=force, **given), grid=grid)


def kept(asked):
    possible = possible_wishes(asked, groups_of(asked))
    assert all(item.is_proven for item in possible.conflicts)
    return "".join(sorted(possible.problem.wishes.force))


def test_money_keeps_the_cheaper_sites_also_where_dearer_ones_come_first():
    # One plug more each: 110, 60, 50 and 40; 150 pay for the last three to the last coin.
    sites = [site("A"), site("B", cost=50.0), site("C", cost=40.0), site("D", cost=30.0)]
    asked = asked_for(sites, 150.0)
    assert kept(asked) == "BCD"
    result = solve(asked, LIMITS)
    assert {item.site_id for item in result.plan.installations} == set("BCD")
    assert [item.text for item in result.conflicts if item.rule == "force"] == [
        "site A costs 110 at least, more than is left; it is left out"
    ]


def test_a_site_that_is_near_to_two_others_gives_way_to_them():
    # 0.001 degrees are 111 m; A in the middle is 111 m from B and from C.
    sites = [site("A", lon=0.001), site("B", lon=0.0), site("C", lon=0.002)]
    asked = asked_for(sites, 1000.0, spacing_m=150.0)
    assert kept(asked) == "BC"
    assert {item.id for item in together(asked, asked.wishes.force).sites} == {"B", "C"}
    # Where money pays for one only, it is one of those that are had with more.
    assert kept(asked_for(sites, 110.0, spacing_m=150.0)) in "BC"


def test_a_site_that_fills_a_grid_node_gives_way_to_two_others_there():
    # The node carries 20 kW; only fast plugs of 50 kW may come to A, of 10 kW to B and C.
    fast, slow = frozenset({FAST.id}), frozenset({SLOW.id})
    sites = [
        site("A", cost=1.0, kinds=fast, grid_node="G"),
        site("B", kinds=slow, grid_node="G"),
        site("C", kinds=slow, grid_node="G"),
    ]
    grid = [GridNode(id="G", hosting_kw=FAST.grid_kw)]
    assert kept(asked_for(sites, 1000.0, grid=grid)) == "BC"
    # Upgraded, it carries all of them.
    grid = [GridNode(id="G", hosting_kw=FAST.grid_kw, upgrade_kw=2 * SLOW.grid_kw, upgrade_cost=100.0)]
    assert kept(asked_for(sites, 1000.0, grid=grid)) == "ABC"
    assert kept(asked_for(sites, 220.0 + 41.0 + 99.0, grid=grid)) == "BC"


@pytest.mark.parametrize("seed", range(20))
def test_no_more_of_them_can_be_had(seed):
    asked = random_study(seed, sites=5)
    force = [item.id for item in asked.sites]
    money, number = asked.wishes.phases[0].budget, asked.wishes.max_new_sites

    def is_possible(ids):
        had = together(asked, ids)
        is_few = number is None or had.new_sites <= number
        return len(had.sites) == len(ids) and had.cost <= money and is_few

    wished = wishes(money, force=frozenset(force), max_new_sites=number, spacing_m=asked.wishes.spacing_m)
    told = possible_wishes(replace(asked, wishes=wished), groups_of(asked))
    most = max(count for count in range(6) if any(map(is_possible, combinations(force, count))))
    assert len(told.problem.wishes.force) == most
    result = solve(replace(asked, wishes=wished), LIMITS)
    assert len(result.wishes.force) == most
    assert not check(replace(asked, wishes=result.wishes), result.plan)
