"""Of plans that bring as much the cheaper one, without what nobody misses: by hand and for seeded random studies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting import solve as solving
from optimiser.siting.cheapest import cheapest
from optimiser.siting.check import check
from optimiser.siting.conflicts import Kept
from optimiser.siting.cost import total_cost, value
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import Installation, Upgrade
from optimiser.siting.problem import GridNode
from optimiser.siting.served_plan import plan_of
from optimiser.siting.solve import solve
from optimiser.siting.thrift import thrifty
from tests.siting_studies import DRIVERS, FAST, SLOW, point, random_study, site, study, wishes

LIMITS = SolveLimits(seconds=None, rounds=100)


def built(plan):
    return {(item.phase, item.site_id, item.kind_id): item.plugs for item in plan.installations}


def saved(problem, *installations, upgrades=(), over=lambda: 0.0):
    groups = groups_of(problem)
    plan = plan_of(problem, groups, (installations, upgrades), may_miss_floors=False)
    less = thrifty(problem, groups, plan, over=over)
    assert value(problem, less) == pytest.approx(value(problem, plan), rel=1e-9)
    assert not check(problem, less)
    return less


def plugs(site_id, kind_id="slow", count=1, *, phase=0):
    return Installation(phase=phase, site_id=site_id, kind_id=kind_id, plugs=count)


def test_plugs_that_nobody_charges_at_are_not_built():
    # One plug serves any number of people who start no sessions; B is reached by nobody.
    asked = study([point("a", 3)], [site("A"), site("B")], [{"A": 10}], wishes=wishes(1000.0))
    less = saved(asked, plugs("A", count=3), plugs("B"), over=lambda: 1.0)
    assert built(less) == {(0, "A", "slow"): 1}


def test_what_is_not_needed_before_a_later_phase_waits_for_it():
    # 1 driver, then 10: one plug takes 0.116 sessions an hour, 10 drivers want 1, which three take.
    asked = study(
        [point("a", 1, segment="drivers")],
        [site("A", kinds=frozenset({"slow"}))],
        [{"A": 10}],
        wishes=wishes(1000.0, 1000.0),
    )
    phases = (asked.wishes.phases[0], replace(asked.wishes.phases[1], growth={"drivers": 10.0}))
    asked = replace(asked, wishes=replace(asked.wishes, phases=phases))
    assert SLOW.sessions_per_hour(2) < 1.0 <= SLOW.sessions_per_hour(3)
    less = saved(asked, plugs("A", count=4), over=lambda: 1.0)
    assert built(less) == {(0, "A", "slow"): 1, (1, "A", "slow"): 2}


def test_the_dearest_thing_that_others_make_up_for_is_left_out_first():
    # Either site serves both; A opens for 200, B for 100.
    asked = study(
        [point("a", 3), point("b", 5)],
        [site("A", cost=200.0), site("B")],
        [{"A": 10, "B": 10}, {"A": 10, "B": 10}],
        wishes=wishes(1000.0),
    )
    assert built(saved(asked, plugs("A"), plugs("B"))) == {(0, "B", "slow"): 1}


def test_a_dear_kind_goes_with_the_upgrade_that_only_it_needs():
    # A slow plug of 10 kW does for 1 driver. The fast one of 50 kW needs the upgrade.
    node = GridNode(id="G", hosting_kw=20.0, upgrade_kw=50.0, upgrade_cost=30.0)
    asked = study(
        [point("a", 1, segment="drivers")],
        [site("A", grid_node="G")],
        [{"A": 10}],
        grid=[node],
        wishes=wishes(1000.0),
    )
    less = saved(asked, plugs("A"), plugs("A", "fast"), upgrades=(Upgrade(phase=0, node_id="G"),))
    assert (built(less), less.upgrades) == ({(0, "A", "slow"): 1}, ())


def test_a_forced_site_that_nobody_uses_keeps_its_cheapest_plug():
    asked = study([point("a", 3)], [site("A"), site("B")], [{"A": 10}], wishes=wishes(1000.0, force=frozenset({"B"})))
    less = saved(asked, plugs("A"), plugs("B", "fast"), plugs("B", count=2))
    assert built(less) == {(0, "A", "slow"): 1, (0, "B", "slow"): 1}


def test_a_proven_plan_is_the_cheapest_that_brings_as_much(monkeypatch):
    # C serves all three for 140 (it takes fast plugs only); A, B and D serve one each for 110. Without C, the dearest,
    # nobody is missed, so leaving things out comes to 330.
    asked = study(
        [point(id_, 3, segment="drivers") for id_ in "abc"],
        [site("A"), site("B"), site("D"), site("C", kinds=frozenset({"fast"}))],
        [{"A": 10, "C": 10}, {"B": 10, "C": 10}, {"D": 10, "C": 10}],
        wishes=wishes(1000.0),
        kinds=(SLOW, replace(FAST, wait_share=1.0)),
        segments=(replace(DRIVERS, peak_share=0.02),),
    )
    all_of_it = plugs("A"), plugs("B"), plugs("D"), plugs("C", "fast")
    assert total_cost(asked, saved(asked, *all_of_it)) == 330.0
    found = [(all_of_it, ())]
    monkeypatch.setattr(solving, "first_plans", lambda *_, **__: (found, Kept(problem=asked, conflicts=())))
    result = solve(asked, LIMITS)
    assert (result.value, result.upper_bound, total_cost(asked, result.plan)) == (9.0, 9.0, 140.0)


@pytest.mark.parametrize("budget", [140.0, 400.0, 1000.0, None])
def test_more_money_than_can_be_used_is_not_spent(budget):
    # One fast plug at either site takes 1 driver of 0.1 sessions an hour; one slow plug does as well: 110.
    asked = study(
        [point("a", 1, segment="drivers"), point("b", 2)],
        [site("A"), site("B")],
        [{"A": 10, "B": 10}, {"A": 10, "B": 10}],
        wishes=wishes(budget, budget),
    )
    result = solve(asked, LIMITS)
    assert (result.value, total_cost(asked, result.plan)) == (6.0, 110.0)


@pytest.mark.parametrize("seed", range(30))
def test_no_study_brings_less_or_costs_more_for_thrift(seed, monkeypatch):
    asked = random_study(seed, phases=1 + seed % 3, floor=0.2 * (seed % 2))
    after = solve(asked, LIMITS)
    monkeypatch.setattr(solving, "cheapest", lambda *_, **__: None)
    monkeypatch.setattr(solving, "thrifty", lambda _, __, plan, **___: plan)
    before = solve(asked, LIMITS)
    kept = replace(asked, wishes=after.wishes)
    assert not after.refused
    assert not check(kept, after.plan)
    assert after.value == pytest.approx(before.value, rel=1e-9)
    assert after.value == pytest.approx(value(kept, after.plan), rel=1e-12)
    assert total_cost(kept, after.plan) <= total_cost(kept, before.plan) * (1 + 1e-9)
    assert (after.status, after.conflicts) == (before.status, before.conflicts)


@pytest.mark.parametrize("seed", range(0, 30, 2))
def test_nothing_that_a_study_builds_could_be_left_out(seed):
    asked = random_study(seed, phases=1 + seed % 3)
    result, groups = solve(asked, LIMITS), groups_of(asked)
    for item in result.plan.installations:
        fewer = [replace(other, plugs=other.plugs - (other is item)) for other in result.plan.installations]
        less = tuple(other for other in fewer if other.plugs)
        other = plan_of(asked, groups, (less, result.plan.upgrades), may_miss_floors=True)
        assert value(asked, other) < result.value - 1e-9
    for upgrade in result.plan.upgrades:
        upgrades = tuple(other for other in result.plan.upgrades if other is not upgrade)
        without = plan_of(asked, groups, (result.plan.installations, upgrades), may_miss_floors=True)
        assert "grid_hosting" in {broken.rule for broken in check(asked, without)}


def test_large_studies_have_no_cheapest_plan(monkeypatch):
    monkeypatch.setattr("optimiser.siting.exact.MOST_ENTRIES", 1)
    asked = random_study(1)
    assert cheapest(asked, groups_of(asked), 1.0, seconds=1.0) is None
