"""What is told that would do, does: asked again with it, all wishes are kept together that can be."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from optimiser.siting import exact
from optimiser.siting.conflicts import possible_wishes
from optimiser.siting.groups import groups_of
from optimiser.siting.in_the_way import with_spacing
from optimiser.siting.keeping import with_money, with_sites
from optimiser.siting.problem import GridNode
from optimiser.siting.solve import solve
from tests.siting_studies import FAST, SLOW, point, random_study, site, study, wishes
from tests.unit.siting.conflicts import LIMITS, SEARCHED, beyond_all


def wishful_study(seed):
    """A random one with floors, sites that are asked for, and hardly any money or new sites."""
    rng, asked = random.Random(seed), random_study(seed, floor=random.Random(seed).choice([0.0, 0.5, 0.9]))
    force = rng.sample([item.id for item in asked.sites], rng.randint(1, 3))
    budget, most = rng.choice([(0.0, None), (60.0, 1), (None, 1), (120.0, 0), (60.0, None)])
    phases = wishes(budget).phases
    return replace(asked, wishes=replace(asked.wishes, force=frozenset(force), phases=phases, max_new_sites=most))


def asked_again(asked, told):
    """With what is told to do."""
    for item in told:
        if item.instead.max_new_sites is not None:
            asked = with_sites(asked, item.instead.max_new_sites)
        if item.instead.budget is not None:
            asked = with_money(asked, item.instead.budget)
        if item.instead.spacing_m is not None:
            asked = with_spacing(asked, item.instead.spacing_m)
        kw = item.instead.grid_kw
        grid = (
            replace(node, hosting_kw=kw.get(node.id, node.hosting_kw + node.upgrade_kw) - node.upgrade_kw)
            for node in asked.grid
        )
        asked = replace(asked, grid=tuple(grid))
    return asked


def never_kept(asked):
    """Wishes that cannot be kept whatever money and number of new sites there are."""
    rich = with_money(with_sites(asked, None), None)
    return {(item.rule, item.ids) for item in possible_wishes(rich, groups_of(rich)).conflicts}


def check_that_it_does(asked, limits):
    """Whether something was told, and that asking again with it ends without it."""
    told = [item for item in solve(asked, limits).conflicts if item.rule in ("budget", "max_new_sites")]
    assert len(told) <= 1
    if not told:
        return False
    conflicts = solve(asked_again(asked, told), limits).conflicts
    again = {(item.rule, item.ids) for item in conflicts} - beyond_all(conflicts)
    if not set(told[0].ids) & {item.id for item in asked.districts}:
        # It does for sites; floors cannot be kept beside them, or nothing is known that does for these as well, or it
        # does not pay for a charger that anybody can use besides.
        again = {(rule, ids) for rule, ids in again if rule not in ("floor", "grid", "spacing", "budget")}
    assert again <= never_kept(asked)
    return True


def narrow_study(seed):
    """A random one with high floors, new sites far apart, and every other one a grid that carries next to nothing."""
    asked = random_study(seed, points=8, sites=6, floor=random.Random(seed).choice([0.3, 0.6, 0.9]))
    grid = tuple(
        replace(node, hosting_kw=2.0 if seed % 2 else 60.0, upgrade_kw=random.Random(seed).choice([0.0, 9.0]))
        for node in asked.grid
    )
    wished = replace(asked.wishes, spacing_m=900.0, max_new_sites=None, phases=wishes(900.0).phases)
    return replace(asked, grid=grid, wishes=wished)


@pytest.mark.parametrize("seed", range(40))
def test_a_grid_or_a_distance_that_would_do_does_and_nothing_nearer_would(seed):
    asked = narrow_study(seed)
    for item in in_the_way(asked):
        again = solve(asked_again(asked, [item]), LIMITS).conflicts
        # Where no plan keeps a floor by itself, more of it may be had with the other limit lifted as well.
        others = {"grid", "spacing"} - {item.rule} if beyond_all(again) else set()
        left = {(other.rule, other.ids) for other in again if other.rule not in others}
        assert left <= never_kept(asked) | beyond_all(again)
        assert item.is_proven
        metres, (weakest, *_) = item.instead.spacing_m, (*item.instead.grid_kw, "")
        kw = {id_: kw - 0.2 * (id_ == weakest) for id_, kw in item.instead.grid_kw.items()}
        nearer = replace(item.instead, spacing_m=None if metres is None else metres + 1, grid_kw=kw)
        assert solve(asked_again(asked, [replace(item, instead=nearer)]), LIMITS).conflicts


def in_the_way(asked):
    return [item for item in solve(asked, LIMITS).conflicts if item.rule in ("grid", "spacing")]


def test_in_some_narrow_studies_a_grid_and_in_others_a_distance_is_in_the_way():
    rules = [item.rule for seed in range(40) for item in in_the_way(narrow_study(seed))]
    assert (rules.count("grid") > 3, rules.count("spacing") > 3) == (True, True), rules


def test_most_wishful_studies_are_told_what_would_do():
    assert sum(map(is_told, range(60))) > 30


def is_told(seed):
    asked = wishful_study(seed)
    return any("would do" in item.text for item in solve(asked, LIMITS).conflicts)


@pytest.mark.parametrize("seed", range(60))
def test_what_would_do_does_for_floors_and_sites_together(seed):
    check_that_it_does(wishful_study(seed), LIMITS)


@pytest.mark.parametrize("seed", range(60))
def test_what_a_search_tells_that_would_do_does_as_well(seed, monkeypatch):
    monkeypatch.setattr(exact, "MOST_ENTRIES", 0)
    monkeypatch.setattr(exact, "MOST_IN_TIME", 0)
    check_that_it_does(wishful_study(seed), SEARCHED)


def floor_beside_a_site(budget, **given):
    """A serves nobody of the west and is asked for; B serves all of it. Each takes 110."""
    return study(
        [point("a", 4), point("b", 6, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(budget, floor=0.9, force=frozenset("A"), **given),
    )


@pytest.mark.parametrize("is_large", [False, True])
def test_one_amount_is_told_for_a_floor_and_a_site_that_both_gave_way(is_large, monkeypatch):
    if is_large:
        monkeypatch.setattr(exact, "MOST_ENTRIES", 0)
        monkeypatch.setattr(exact, "MOST_IN_TIME", 0)
    both = "keeps the floors asked for and has the sites asked for"
    for asked, told in (
        (floor_beside_a_site(50.0), f"no plan within 50 {both}; 220"),
        (
            floor_beside_a_site(None, max_new_sites=0),
            f"no plan of at most 0 new sites {both}; 2 sites",
        ),
        (
            floor_beside_a_site(0.0, max_new_sites=0),
            f"no plan of at most 0 new sites within 0 {both}; 2 sites and 220",
        ),
    ):
        conflicts = solve(asked, LIMITS).conflicts
        (limit,) = (item for item in conflicts if item.rule not in ("force", "floor"))
        less = ("fewer may" if limit.text.endswith("fewer may") else "less may") if is_large else "and no "
        assert limit.text.startswith(f"{told} would do, {less}")
        assert (limit.ids, limit.is_impossible, limit.is_proven) == (("west", "A"), True, not is_large)
        assert check_that_it_does(asked, LIMITS)


def test_where_floors_cannot_be_kept_beside_sites_it_is_told_what_these_take():
    # B is too near to A, which is asked for.
    asked = floor_beside_a_site(50.0, spacing_m=200.0)
    told = {item.rule: item for item in solve(asked, LIMITS).conflicts}
    assert told["budget"].text == "no plan within 50 has the sites asked for; 110 would do, and no less"
    assert told["floor"].text.endswith(
        "; no plan that has the sites asked for keeps all floors, whatever money and number of sites there are"
    )


def test_sites_at_a_node_share_its_power_as_cheaply_as_can_be():
    # The node carries two of ten kW for 15 each, or one of fifteen for 10 and nothing beside it; an upgrade is dear.
    kinds = [replace(SLOW, power_kw=15.0), replace(FAST, power_kw=10.0, plug_cost=15.0)]
    node = GridNode(id="G", hosting_kw=20.0, upgrade_kw=50.0, upgrade_cost=500.0)
    sites = [site(id_, grid_node="G", cost=100.0) for id_ in "AB"]
    asked = study(
        [point("a", 4, segment="drivers"), point("b", 4, segment="drivers")],
        sites,
        [{"A": 10}, {"B": 10}],
        kinds=kinds,
        grid=[node],
        wishes=wishes(230.0, force=frozenset("AB")),
    )
    assert not solve(asked, LIMITS).conflicts
    poor = replace(asked, wishes=replace(asked.wishes, phases=wishes(229.0).phases))
    told = {item.rule: item for item in solve(poor, LIMITS).conflicts}
    # A alone takes 110.
    assert told["force"].text == "site B costs 120 at least, more than is left; it is left out"
    assert told["budget"].possible == 230


def far_apart(**given):
    """A and B are 111 m apart, and each serves half of the west; C, 1.1 km away, serves nobody there."""
    return study(
        [point("a", 5, district="west"), point("b", 5, district="west")],
        [site("A"), site("B", lon=0.001), site("C", lon=0.01)],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(given.pop("budget", None), floor=0.9, spacing_m=500.0, **given),
    )


@pytest.mark.parametrize("is_large", [False, True])
def test_a_distance_that_is_in_the_way_of_floors_is_told_with_one_that_would_do(is_large, monkeypatch):
    if is_large:
        monkeypatch.setattr(exact, "MOST_ENTRIES", 0)
        monkeypatch.setattr(exact, "MOST_IN_TIME", 0)
    for asked, more in (
        (far_apart(), ""),
        (
            far_apart(budget=120.0, max_new_sites=1),
            ", with 2 new sites instead of 1 and a budget of 220 instead of 120",
        ),
    ):
        told = {item.rule: item for item in solve(asked, LIMITS).conflicts}["spacing"]
        assert (told.ids, told.asked, told.possible, told.is_impossible) == (("west",), 500.0, 111, not is_large)
        assert f"; 111 m would do{more}; more {'may do' if is_large else 'would not'}" in told.text
        assert (told.is_proven, told.instead.spacing_m) == (not is_large, 111)
        again = replace(asked, wishes=replace(wishes(220.0, max_new_sites=2), floor=0.9, spacing_m=111.0))
        assert not solve(again, LIMITS).conflicts


def test_a_distance_is_told_that_is_as_great_as_can_be():
    # A is cheaper, and 111 m from B; D serves as many, and is 222 m from B.
    asked = study(
        [point("a", 5, district="west"), point("b", 5, district="west")],
        [site("A"), site("B", lon=0.001), site("C", lon=0.01), site("D", lon=-0.001, cost=150.0)],
        [{"A": 10, "D": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(None, floor=0.9, spacing_m=500.0),
    )
    told = {item.rule: item for item in solve(asked, LIMITS).conflicts}["spacing"]
    assert (told.possible, told.is_proven) == (222, True)
    assert told.text.endswith("; 222 m would do; more would not")
    for metres, rules in ((222.0, set()), (223.0, {"floor", "spacing"})):
        again = replace(asked, wishes=replace(asked.wishes, spacing_m=metres))
        assert {item.rule for item in solve(again, LIMITS).conflicts} == rules
    # 220 pay for A and B, and not for D.
    poor = replace(asked, wishes=replace(asked.wishes, phases=wishes(220.0).phases))
    assert {item.rule: item.possible for item in solve(poor, LIMITS).conflicts}["spacing"] == 111


def test_a_distance_that_would_do_does_for_sites_that_gave_way_to_it_as_well():
    # Without C, which is asked for and 1.0 km from B and 1.1 km from A, 1,200 m would not do.
    asked = far_apart(force=frozenset("C"))
    asked = replace(asked, wishes=replace(asked.wishes, spacing_m=1200.0))
    told = {item.rule: item for item in solve(asked, LIMITS).conflicts}["spacing"]
    assert told.possible == 111
    assert not solve(replace(asked, wishes=replace(asked.wishes, spacing_m=111.0)), LIMITS).conflicts


def test_a_distance_that_is_not_in_the_way_is_not_told():
    # Nobody has B within reach.
    asked = far_apart()
    alone = study(
        asked.demand, asked.sites, [{"A": 10}, {}], districts=("west",), wishes=replace(asked.wishes, floors={})
    )
    assert {item.rule for item in solve(alone, LIMITS).conflicts} == {"floor"}
