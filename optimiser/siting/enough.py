"""What would keep the floors that the limits do not allow: money, or a number of sites, by a plan that does."""

from __future__ import annotations

import math
from dataclasses import replace

from optimiser.siting.construct import Scarce, construct_floors
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
    districts = _districts(problem)
    for most, scarce in _ways(wishes.max_new_sites):
        found = _plan_for_floors(problem, groups, max_new_sites=most, scarce=scarce)
        if found is None:
            continue
        asked, plan = found
        money, sites = total_cost(asked, plan), _new_sites(asked, plan)
        too_few = wishes.max_new_sites is not None and sites > wishes.max_new_sites
        is_too_dear = given is not None and money > given
        if too_few:
            assert wishes.max_new_sites is not None
            text = f"{wishes.max_new_sites:,} new sites are too few for the floors asked for"
            for_money = f" and {math.ceil(money):,}" if is_too_dear else ""
            return (
                _conflict(
                    "max_new_sites",
                    districts,
                    wishes.max_new_sites,
                    sites,
                    f"{text}; {sites:,} sites{for_money} would do",
                ),
            )
        if is_too_dear:
            assert given is not None
            return (too_poor(problem, given, money),)
    return ()


def _ways(max_new_sites: int | None) -> list[tuple[int | None, Scarce]]:
    """In which plans for floors are looked for: first as cheap as can be, then with few sites, then with any number."""
    if max_new_sites is None:
        return [(None, Scarce.MONEY)]
    return [(max_new_sites, Scarce.MONEY), (max_new_sites, Scarce.SITES), (None, Scarce.SITES)]


def too_poor(problem: SitingProblem, given: float, money: float) -> Conflict:
    """The floors ask for more money than is given, and so much would do."""
    text = f"the floors asked for do not fit into {given:,.0f}; {math.ceil(money):,} would do"
    return _conflict("budget", _districts(problem), given, math.ceil(money), text)


def _districts(problem: SitingProblem) -> tuple[str, ...]:
    """That are promised a share."""
    return tuple(item.id for item in problem.districts if problem.floor_of(item.id) > 0)


def _conflict(rule: str, ids: tuple[str, ...], asked: float, possible: float, text: str) -> Conflict:
    return Conflict(rule=rule, ids=ids, asked=asked, possible=possible, is_proven=False, text=text)


def _plan_for_floors(
    problem: SitingProblem, groups: Groups, *, max_new_sites: int | None, scarce: Scarce
) -> tuple[SitingProblem, SitingPlan] | None:
    """A plan that keeps all floors in the last phase with as much money as it takes; None where none is found."""
    last = replace(problem.wishes.phases[-1], budget=None)
    asked = replace(problem, wishes=replace(problem.wishes, phases=(last,), max_new_sites=max_new_sites))
    installations, upgrades = construct_floors(asked, groups, scarce)
    plan = SitingPlan(installations=installations, upgrades=upgrades)
    stand = standing(asked, plan)[-1]
    scenarios = range(len(asked.wishes.scenarios))
    is_kept = all(serve(asked, groups, stand, phase=0, scenario=scenario) is not None for scenario in scenarios)
    return (asked, plan) if is_kept else None


def _new_sites(problem: SitingProblem, plan: SitingPlan) -> int:
    built = standing(problem, plan)[-1].new_sites
    return sum(site.id in built and not site.is_required for site in problem.sites)
