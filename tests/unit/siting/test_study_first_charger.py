"""The money that pays for a charger that anybody can use, beside the sites that are asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.siting.problem import GridNode
from optimiser.siting.result import Instead
from optimiser.siting.solve import solve
from tests.siting_studies import DRIVERS, FAST, SLOW, point, site, study, wishes
from tests.unit.siting.conflicts import LIMITS, conflict_of


def far_site_asked_for(*budgets, **given):
    """One plug at the site that somebody reaches takes 110, one at the site that is asked for and nobody reaches 20."""
    asked = wishes(*budgets, force=frozenset({"FAR"}), **given)
    return study([point("a", 3)], [site("NEAR"), site("FAR", cost=10.0, lon=0.1)], [{"NEAR": 10}], wishes=asked)


def test_sites_that_are_asked_for_are_paid_first():
    told = conflict_of(far_site_asked_for(40.0))["budget"]
    assert (told.ids, told.asked, told.possible, told.is_proven) == (("NEAR",), 40.0, 130, True)
    assert told.text == (
        "40 do not pay for a charger that anybody can use beside the sites asked for; with these the cheapest costs "
        "130, at NEAR"
    )
    assert conflict_of(far_site_asked_for(129.0))["budget"].possible == 130
    enough = solve(far_site_asked_for(130.0), LIMITS)
    assert (enough.conflicts, enough.value) == ((), pytest.approx(3.0))


def two_in_one_district(budget, *travel, **given):
    """Two people in a district of which all are to be served, by A and B; one plug takes 110."""
    points = [point("a", 3, district="west"), point("b", 3, district="west")]
    node = GridNode(id="G", hosting_kw=SLOW.grid_kw)
    sites = [site("A", grid_node="G"), site("B", lon=0.1, grid_node="G")]
    asked = wishes(budget, floor=1.0, **given)
    return study(points, sites, list(travel), grid=[node], districts=("west",), wishes=asked)


def test_it_is_not_told_beside_what_would_do_for_floors():
    # One node carries one of the two plugs that it takes.
    told = conflict_of(two_in_one_district(100.0, {"A": 10}, {"B": 10}))
    assert set(told) == {"floor", "grid"}
    assert (told["grid"].instead.grid_kw, told["grid"].instead.budget) == ({"G": 2 * SLOW.grid_kw}, 220)


def test_where_no_money_would_do_for_floors_it_has_nothing_instead(monkeypatch):
    monkeypatch.setattr("optimiser.siting.beginning.nothing_would_do", lambda *its, **_: its[2])
    told = conflict_of(two_in_one_district(100.0, {"A": 10}, {"B": 10}))
    assert set(told) == {"floor", "budget"}
    assert (told["budget"].ids, told["budget"].possible, told["budget"].instead) == (("A",), 110, Instead())
    # Where only those who have no site gave way, it would do.
    told = conflict_of(two_in_one_district(100.0, {"A": 10}, {}, force=frozenset()))
    assert told["budget"].instead == Instead(budget=110)


def test_no_money_is_told_where_sites_that_are_asked_for_are_as_many_as_may_be():
    assert solve(far_site_asked_for(40.0, max_new_sites=1), LIMITS).conflicts == ()


def test_nothing_is_told_where_somebody_is_served_by_what_stands_beside_the_sites_that_are_asked_for():
    asked = far_site_asked_for(40.0)
    near, far = asked.sites
    stands = replace(asked, sites=(replace(near, plugs={"slow": 1}), far))
    assert solve(stands, LIMITS).conflicts == ()
    # Without a wish for a site the money is of no use.
    told = conflict_of(replace(stands, wishes=wishes(40.0)))["budget"]
    assert (told.ids, told.possible) == (("NEAR",), 110)


def test_at_a_site_that_is_asked_for_it_is_of_a_kind_that_somebody_can_use():
    # The cheapest plug at A takes 110 and serves nobody; one that serves drivers takes 140.
    only_fast = replace(DRIVERS, kinds=frozenset({"fast"}))
    asked = study(
        [point("a", 3, segment="drivers")],
        [site("A")],
        [{"A": 10}],
        segments=(only_fast,),
        wishes=wishes(115.0, force=frozenset({"A"})),
    )
    told = conflict_of(asked)["budget"]
    assert (told.ids, told.possible) == (("A",), 140)
    assert solve(replace(asked, wishes=wishes(140.0, force=frozenset({"A"}))), LIMITS).conflicts == ()


def test_a_grid_node_is_upgraded_for_both():
    # Its 10 kW carry one slow plug; a second one takes the upgrade for 30: 2 x 110 + 30.
    node = GridNode(id="G", hosting_kw=SLOW.grid_kw, upgrade_kw=FAST.grid_kw, upgrade_cost=30.0)
    asked = study(
        [point("a", 3)],
        [site("NEAR", grid_node="G"), site("FAR", lon=0.1, grid_node="G")],
        [{"NEAR": 10}],
        grid=[node],
        wishes=wishes(200.0, force=frozenset({"FAR"})),
    )
    assert conflict_of(asked)["budget"].possible == 250
