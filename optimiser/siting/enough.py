"""What would keep the floors that the limits do not allow: money, or a number of sites, by a plan that does."""

from __future__ import annotations

import math
from dataclasses import replace

from optimiser.siting.construct import construct_floors
from optimiser.siting.cost import total_cost
from optimiser.siting.groups import Groups
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import Conflict
from optimiser.siting.serving import serve


def enough_for_floors(problem: SitingProblem, groups: Groups) -> tuple[Conflict, ...]:
    """
    The budget, or the number of new sites, that floors contradict, with what would do; nothing where none is known.

    A plan that keeps the floors is made without the limit, so what would do does; less may do as well.
    """
    wishes = problem.wishes
    budgets = [phase.budget for phase in wishes.phases]
    given = None if any(budget is None for budget in budgets) else math.fsum(budget or 0.0 for budget in budgets)
    districts = tuple(item.id for item in problem.districts if problem.floor_of(item.id) > 0)
    for most in dict.fromkeys((wishes.max_new_sites, None)):
        found = _plan_for_floors(problem, groups, max_new_sites=most)
        if found is None:
            continue
        asked, plan = found
        money, sites = total_cost(asked, plan), _new_sites(asked, plan)
        too_few = wishes.max_new_sites is not None and sites > wishes.max_new_sites
        too_poor = given is not None and money > given
        if too_few:
            assert wishes.max_new_sites is not None
            text = f"{wishes.max_new_sites:,} new sites are too few for the floors asked for"
            for_money = f" and {math.ceil(money):,}" if too_poor else ""
            return (
                _conflict(
                    "max_new_sites",
                    districts,
                    wishes.max_new_sites,
                    sites,
                    f"{text}; {sites:,} sites{for_money} would do",
                ),
            )
        if too_poor:
            assert given is not None
            text = f"the floors asked for do not fit into {given:,.0f}; {math.ceil(money):,} would do"
            return (_conflict("budget", districts, given, math.ceil(money), text),)
    return ()


def _conflict(rule: str, ids: tuple[str, ...], asked: float, possible: float, text: str) -> Conflict:
    return Conflict(rule=rule, ids=ids, asked=asked, possible=possible, is_proven=False, text=text)


def _plan_for_floors(
    problem: SitingProblem, groups: Groups, *, max_new_sites: int | None
) -> tuple[SitingProblem, SitingPlan] | None:
    """A plan that keeps all floors in the last phase with as much money as it takes; None where none is found."""
    last = replace(problem.wishes.phases[-1], budget=None)
    asked = replace(problem, wishes=replace(problem.wishes, phases=(last,), max_new_sites=max_new_sites))
    installations, upgrades = construct_floors(asked, groups)
    plan = SitingPlan(installations=installations, upgrades=upgrades)
    stand = standing(asked, plan)[-1]
    scenarios = range(len(asked.wishes.scenarios))
    is_kept = all(serve(asked, groups, stand, phase=0, scenario=scenario) is not None for scenario in scenarios)
    return (asked, plan) if is_kept else None


def _new_sites(problem: SitingProblem, plan: SitingPlan) -> int:
    built = standing(problem, plan)[-1].new_sites
    return sum(site.id in built and not site.is_required for site in problem.sites)
