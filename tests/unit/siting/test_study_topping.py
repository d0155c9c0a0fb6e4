"""Money that is left buys what some scenario still lacks, and nothing that none does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.siting.check import check
from optimiser.siting.construct import construct
from optimiser.siting.cost import total_cost, value
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import Installation
from optimiser.siting.problem import Scenario
from optimiser.siting.served_plan import plan_of
from optimiser.siting.topping import topped_up
from tests.siting_studies import DRIVERS, SLOW, point, random_study, site, study, wishes

LOW_AND_HIGH = (
    Scenario(name="low", probability=0.5, by_segment={"drivers": 0.5}),
    Scenario(name="high", probability=0.5, by_segment={"drivers": 1.5}),
)


def drivers(plugs_worth: float, *budgets: float | None):
    """A site in reach of so many drivers that so many plugs serve them, as expected over two scenarios."""
    weight = plugs_worth * SLOW.sessions_per_hour(1) / DRIVERS.sessions_per_hour
    wished = wishes(*budgets, scenarios=LOW_AND_HIGH)
    problem = study([point("d", weight, segment="drivers")], [site("A")], [{"A": 10}], wishes=wished)
    one = Installation(site_id="A", kind_id="slow", phase=0, plugs=1)
    plan = plan_of(problem, groups_of(problem), ((one,), ()), may_miss_floors=False)
    assert plan is not None
    return problem, plan


def topped(problem, plan):
    return topped_up(problem, groups_of(problem), plan)


def test_a_plug_that_only_one_scenario_lacks_is_built():
    # Of 0.8 plugs' worth one serves all that is expected, and of the 1.2 of the high scenario five sixths.
    problem, plan = drivers(0.8, 120.0)
    more = topped(problem, plan)
    assert more is not None
    assert [(item.kind_id, item.plugs) for item in more[0]] == [("slow", 2)]
    better = plan_of(problem, groups_of(problem), more, may_miss_floors=False)
    assert better is not None
    weight = problem.demand[0].weight
    assert value(problem, plan) == pytest.approx(0.5 * 0.5 * weight + 0.5 * 1.5 * weight * (1 / 1.2))
    assert value(problem, better) == pytest.approx(0.5 * 0.5 * weight + 0.5 * 1.5 * weight)


@pytest.mark.parametrize(("worth", "budget"), [(0.6, 200.0), (0.8, 119.0)])
def test_nothing_is_built_that_no_scenario_lacks_or_no_money_pays_for(worth, budget):
    # 0.6 are 0.9 in the high scenario; opening a site with one plug takes 110 and another plug 10.
    assert topped(*drivers(worth, budget)) is None


def test_what_is_left_of_earlier_phases_counts_and_is_spent_in_the_last():
    problem, plan = drivers(0.8, 115.0, 5.0)
    more = topped(problem, plan)
    assert more is not None
    assert [(item.phase, item.plugs) for item in more[0]] == [(0, 1), (1, 1)]


def test_random_plans_bring_no_less_and_break_no_rule():
    grown = 0
    for seed in range(40):
        problem = random_study(seed, points=8, sites=5, phases=1 + seed % 3)
        wished = replace(problem.wishes, scenarios=LOW_AND_HIGH)
        problem = replace(problem, wishes=wished)
        groups = groups_of(problem)
        plan = plan_of(problem, groups, construct(problem, groups), may_miss_floors=True)
        # Whoever is served anew by more plugs leaves others free, so that another round may find more.
        while (more := topped_up(problem, groups, plan)) is not None:
            better = plan_of(problem, groups, more, may_miss_floors=True)
            assert not check(problem, better)
            assert total_cost(problem, better) > total_cost(problem, plan)
            assert value(problem, better) > value(problem, plan)
            plan, grown = better, grown + 1
    assert grown >= 5
