"""A plan that is fine, with one thing broken: exactly that is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting.check import check
from optimiser.siting.cost import total_cost
from optimiser.siting.plan import Installation, Upgrade
from optimiser.siting.problem import GridNode
from optimiser.siting.solve import solve
from tests.siting_studies import point, site, study, wishes

NODE = GridNode(id="G", hosting_kw=200.0)
WISHES = wishes(150.0, 160.0, max_new_sites=2)


def asked():
    """Two people's points and a drivers' one, two candidates and an existing site."""
    return study(
        [
            point("a", 4, district="west"),
            point("b", 6, district="east"),
            point("c", 2, segment="drivers", district="east"),
        ],
        [site("A", grid_node="G", max_kw=100.0), site("B", lon=0.01), site("C", plugs={"fast": 1}, lon=0.02)],
        [{"A": 10, "C": 120}, {"B": 10}, {"B": 20, "C": 30}],
        grid=[NODE],
        districts=("west", "east"),
        wishes=WISHES,
    )


def fine():
    return solve(asked(), SolveLimits(seconds=5.0)).plan


def rules(problem, plan):
    return {violation.rule for violation in check(problem, plan)}


def built(plan, *items):
    return replace(plan, installations=(*plan.installations, *(Installation(**item) for item in items)))


def item(site_id, kind_id="slow", *, plugs=1, phase=1):
    return {"phase": phase, "site_id": site_id, "kind_id": kind_id, "plugs": plugs}


def test_the_plan_is_fine():
    plan = fine()
    assert plan.installations
    assert check(asked(), plan) == ()


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (item("nowhere"), "unknown_id"),
        (item("A", "nuclear"), "unknown_id"),
        (item("A", phase=7), "unknown_id"),
        (item("A", plugs=-1), "plugs_positive"),
        (item("A", plugs=40), "kind_plugs"),
        (item("A", "fast", plugs=2), "site_power"),
        (item("A", plugs=4), "site_plugs"),
    ],
)
def test_one_more_installation_breaks_its_rule(more, rule):
    generous = replace(asked(), wishes=wishes(None, None))
    assert rule in rules(generous, built(fine(), more))


def test_one_unit_of_money_less_is_too_little():
    plan, spent = fine(), 220.0
    just = replace(asked(), wishes=wishes(110.0, spent - 110.0))
    assert check(just, plan) == ()
    assert rules(replace(just, wishes=wishes(110.0, spent - 111.0)), plan) == {"budget"}


def test_a_cent_less_is_too_little_of_millions_as_well():
    dear = replace(asked(), sites=tuple(replace(item, open_cost=item.open_cost + 1e8) for item in asked().sites))
    spent = total_cost(dear, fine())
    assert rules(replace(dear, wishes=wishes(spent, 0.0)), fine()) == set()
    assert rules(replace(dear, wishes=wishes(spent - 0.01, 0.0)), fine()) == {"budget"}


def test_one_site_fewer_is_one_too_many():
    assert rules(replace(asked(), wishes=replace(WISHES, max_new_sites=1)), fine()) == {"max_new_sites"}


def test_sites_a_kilometre_apart_are_too_near_for_two():
    # A hundredth of a degree is 1112 m.
    assert rules(replace(asked(), wishes=replace(WISHES, spacing_m=1111.0)), fine()) == set()
    assert rules(replace(asked(), wishes=replace(WISHES, spacing_m=1113.0)), fine()) == {"spacing"}


def test_banned_and_forced_sites():
    assert rules(replace(asked(), wishes=replace(WISHES, ban=frozenset("A"))), fine()) == {"ban"}
    assert rules(replace(asked(), wishes=replace(WISHES, force=frozenset("C"))), fine()) == {"force"}


def test_a_kind_that_may_not_be_there():
    sites = tuple(replace(one, kinds=frozenset({"fast"})) if one.id == "A" else one for one in asked().sites)
    assert rules(replace(asked(), sites=sites), fine()) == {"kind_allowed"}


def test_a_transformer_that_carries_one_kilowatt_less():
    # One slow plug at A holds 10 kW ready.
    assert check(replace(asked(), grid=(replace(NODE, hosting_kw=10.0),)), fine()) == ()
    assert rules(replace(asked(), grid=(replace(NODE, hosting_kw=9.0),)), fine()) == {"grid_hosting"}


def test_an_upgrade_that_there_is_not():
    assert rules(asked(), replace(fine(), upgrades=(Upgrade(phase=0, node_id="G"),))) == {"grid_upgrade"}


def test_a_floor_that_is_not_reached():
    east = replace(asked(), wishes=replace(WISHES, floors={"east": 1.0}))
    assert check(east, fine()) == ()
    plan = fine()
    last = plan.servings[-1]
    less = replace(last, share=last.share * 0.9)
    assert rules(east, replace(plan, servings=(*plan.servings[:-1], less))) == {"floor"}


def with_last(plan, **changes):
    return replace(plan, servings=(*plan.servings[:-1], replace(plan.servings[-1], **changes)))


def test_more_than_all_of_a_point():
    plan = fine()
    assert "served_share" in rules(asked(), with_last(plan, share=plan.servings[-1].share * 1.5))


def test_somebody_who_goes_too_far():
    plan = fine()
    far = int(np.flatnonzero(asked().access.travel_s == 120)[0])
    last = plan.servings[-1]
    moved = with_last(plan, pair=np.where(last.pair == last.pair[0], far, last.pair))
    assert "reach" in rules(asked(), moved)


def test_a_kind_that_does_not_serve_them():
    plan = fine()
    fast = np.full_like(plan.servings[-1].kind, 1)
    assert "kind_serves" in rules(asked(), with_last(plan, kind=fast))


def test_a_phase_that_nobody_tells_of():
    plan = fine()
    assert rules(asked(), replace(plan, servings=plan.servings[:-1])) == {"serving_once"}


def test_more_drivers_than_waiting_allows():
    # Two drivers want 0.2 sessions an hour; a hundred want 10.
    crowd = tuple(replace(one, weight=100.0) if one.id == "c" else one for one in asked().demand)
    assert rules(replace(asked(), demand=crowd), fine()) == {"waiting"}
