"""What is built in the end stands as early as its money has come, by hand and for seeded random studies."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting import solve as solving
from optimiser.siting.check import check
from optimiser.siting.conflicts import Kept
from optimiser.siting.cost import total_cost, value
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import Installation, SitingPlan, Upgrade
from optimiser.siting.plugs import standing
from optimiser.siting.problem import GridNode
from optimiser.siting.served_plan import plan_of
from optimiser.siting.solve import solve
from optimiser.siting.sooner import sooner
from tests.siting_studies import point, random_study, site, study, wishes


def late(site_id: str, *, plugs: int = 1, phase: int = 1, kind: str = "slow") -> Installation:
    return Installation(phase=phase, site_id=site_id, kind_id=kind, plugs=plugs)


def moved(problem, *installations, upgrades=()):
    return sooner(problem, groups_of(problem), (installations, upgrades))


def test_what_brings_most_for_its_price_comes_first():
    # 110 a year: A serves 3 and B serves 5 for 110 each, so B comes with the first money.
    asked = study(
        [point("a", 3), point("b", 5)], [site("A"), site("B")], [{"A": 10}, {"B": 10}], wishes=wishes(110.0, 110.0)
    )
    installations, _ = moved(asked, late("A"), late("B"))
    assert installations == (late("B", phase=0), late("A"))


def test_money_that_a_later_phase_has_spent_already_is_not_spent_before():
    # Over three years 110 come: B, in the second, takes all that is there by then; A waits for the third.
    asked = study(
        [point("a", 9), point("b", 5)],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        wishes=wishes(100.0, 10.0, 110.0),
    )
    installations, _ = moved(asked, late("B"), late("A", phase=2))
    assert installations == (late("B"), late("A", phase=2))


def test_some_plugs_come_sooner_where_money_is_short_for_all():
    # 10 drivers want 1 session an hour. The first 120 pay for the site and two plugs, not for the third.
    asked = study([point("a", 10, segment="drivers")], [site("A")], [{"A": 10}], wishes=wishes(120.0, 10.0))
    installations, _ = moved(asked, late("A", plugs=3))
    assert installations == (late("A", phase=0, plugs=2), late("A", plugs=1))


@pytest.mark.parametrize(("budget", "phase"), [(160.0, 0), (159.0, 1)])
def test_an_upgrade_comes_with_the_plug_that_needs_it(budget, phase):
    # 110 for the plug and 50 for the upgrade, without which not even one plug of 10 kW may stand.
    node = GridNode(id="G", hosting_kw=5.0, upgrade_kw=10.0, upgrade_cost=50.0)
    asked = study([point("a", 3)], [site("A", grid_node="G")], [{"A": 10}], grid=[node], wishes=wishes(budget, 1.0))
    plan = moved(asked, late("A"), upgrades=(Upgrade(phase=1, node_id="G"),))
    assert plan == ((late("A", phase=phase),), (Upgrade(phase=phase, node_id="G"),))


def test_what_serves_nobody_before_the_end_does_not_come_sooner():
    asked = study([point("a", 3)], [site("A"), site("B")], [{"A": 10}], wishes=wishes(500.0, 500.0))
    installations, _ = moved(asked, late("A"), late("B"))
    assert installations == (late("A", phase=0), late("B"))


def test_a_plan_that_keeps_floors_does_not_wait_for_the_last_phase(monkeypatch):
    # The floor takes all the money, for A and B; a search for it builds both in the end. Either serves 2 from the first
    # phase on, so that 2 + 4 are served instead of 0 + 4.
    asked = study(
        [point("a", 2, district="D"), point("b", 2, district="D"), point("c", 9)],
        [site("A"), site("B"), site("C")],
        [{"A": 10}, {"B": 10}, {"C": 10}],
        districts=["D"],
        wishes=wishes(110.0, 110.0, floors={"D": 1.0}),
    )
    found = [((late("A"), late("B")), ())]
    monkeypatch.setattr(solving, "first_plans", lambda *_, **__: (found, Kept(problem=asked, conflicts=())))
    result = solve(asked, SolveLimits(seconds=None, rounds=100), should_stop=lambda: True)
    assert (result.value, sorted(item.phase for item in result.plan.installations)) == (6.0, [0, 1])


@pytest.mark.parametrize("seed", range(30))
def test_nothing_is_lost_and_no_rule_broken_by_what_comes_sooner(seed):
    asked = random_study(seed, phases=3)
    result = solve(asked, SolveLimits(seconds=None, rounds=100))
    last = len(asked.wishes.phases) - 1
    plan = result.plan
    in_the_end = (
        tuple(replace(item, phase=last) for item in _together(plan.installations)),
        tuple(replace(item, phase=last) for item in plan.upgrades),
    )
    groups = groups_of(asked)
    before = plan_of(asked, groups, in_the_end, may_miss_floors=False)
    after = plan_of(asked, groups, sooner(asked, groups, in_the_end), may_miss_floors=False)
    assert not check(asked, after)
    assert value(asked, after) >= value(asked, before) - 1e-9
    assert math.isclose(total_cost(asked, after), total_cost(asked, before))
    assert (
        standing(asked, after)[-1]
        == standing(asked, SitingPlan(installations=in_the_end[0], upgrades=in_the_end[1]))[-1]
    )


def _together(installations):
    """Each place once."""
    plugs = {}
    for item in installations:
        plugs[item.site_id, item.kind_id] = plugs.get((item.site_id, item.kind_id), 0) + item.plugs
    return [late(site_id, kind=kind, plugs=count) for (site_id, kind), count in sorted(plugs.items())]
