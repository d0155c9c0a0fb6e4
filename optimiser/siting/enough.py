"""What would keep the floors that the limits do not allow: money, or a number of sites, by a plan that does."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from optimiser.siting.construct import Scarce, construct_floors
from optimiser.siting.cost import total_cost
from optimiser.siting.groups import Groups
from optimiser.siting.money import in_words, is_beyond, up_to_cent
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import Conflict, Instead
from optimiser.siting.serving import serve

TOLD = 5
"""Grid nodes in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """A plan that keeps all that was asked for, and limits with which it is found again."""

    plan: Built
    money: float
    sites: int
    is_least: bool = False
    """Whether it is proven that no less does."""
    is_needed: bool = False
    """Whether it is proven that nothing does within the limit that it goes beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What no plan within the limits keeps, or none was found that does."""

    is_impossible: bool
    """Whether it is proven that none does."""
    left_out: tuple[str, ...] = ()
    """Sites that were asked for, and that the limits do not allow."""


def enough_at_once(problem: SitingProblem, groups: Groups) -> Enough | None:
    """A plan made without the limits on money, or on new sites, but within them where one is; less may do as well."""
    found = []
    for most, scarce in _ways(problem.wishes.max_new_sites):
        plan = _plan_for_floors(problem, groups, max_new_sites=most, scarce=scarce)
        if plan is not None:
            whole = SitingPlan(installations=plan[0], upgrades=plan[1])
            found.append(Enough(plan=plan, money=total_cost(problem, whole), sites=_new_sites(problem, whole)))
    return min(found, key=lambda enough: not is_within(problem, enough), default=None)


def is_within(problem: SitingProblem, enough: Enough) -> bool:
    """Whether it goes beyond no limit."""
    return beyond(problem, enough.money, enough.sites) == (None, None)


def what_would_do(problem: SitingProblem, enough: Enough, missed: Missed) -> tuple[Conflict, ...]:
    """Of a plan that keeps all that is asked for, the limit that it goes beyond, with what it takes; or nothing."""
    most, given = beyond(problem, enough.money, enough.sites)
    money, opened = up_to_cent(enough.money), counted(enough.sites, "site")
    rule: tuple[str, float, float]
    if most is not None:
        rule, less = ("max_new_sites", most, enough.sites), "no fewer" if given is None else "no less"
        needed = opened if given is None else f"{opened} and {in_words(money)}"
    elif given is not None:
        rule, less, needed = ("budget", given, money), "no less", in_words(money)
    else:
        return ()
    name, asked, possible = rule
    return (
        Conflict(
            rule=name,
            ids=(*promised(problem), *missed.left_out),
            asked=asked,
            possible=possible,
            is_proven=enough.is_least,
            is_impossible=missed.is_impossible,
            text=_nothing_keeps(problem, missed, f"{needed} would do", less, is_least=enough.is_least),
            instead=what_else(problem, enough),
        ),
    )


def _nothing_keeps(problem: SitingProblem, missed: Missed, enough: str, less: str, *, is_least: bool) -> str:
    """No plan does, or none was found that does, and what would do."""
    most, given = problem.wishes.max_new_sites, _given(problem)
    plan = "no plan" if most is None else f"no plan of at most {counted(most, 'new site')}"
    plan = plan if given is None else f"{plan} within {in_words(given)}"
    wishes = [] if not promised(problem) else ["keeps the floors asked for"]
    wishes += [] if not missed.left_out else ["has the sites asked for"]
    asked, enough = " and ".join(wishes), f"{enough}, and {less}" if is_least else f"{enough}, {less[3:]} may"
    if missed.is_impossible:
        return f"{plan} {asked}; {enough}"
    return f"{plan} was found in the time there was that {asked}; {enough}, and more seconds may do as well"


def beyond(problem: SitingProblem, money: float, sites: int) -> tuple[int | None, float | None]:
    """The new sites, and the money, that there are, where a plan of so much goes beyond them."""
    most, given = problem.wishes.max_new_sites, _given(problem)
    is_many, is_dear = most is not None and sites > most, given is not None and is_beyond(money, given)
    return most if is_many else None, given if is_dear else None


def _given(problem: SitingProblem) -> float | None:
    """The money of all phases; None where some phase has no limit."""
    budgets = [phase.budget for phase in problem.wishes.phases]
    return None if any(budget is None for budget in budgets) else math.fsum(budget or 0.0 for budget in budgets)


def what_else(problem: SitingProblem, enough: Enough) -> Instead:
    """Of money and new sites, what is to be asked for instead."""
    most, given = beyond(problem, enough.money, enough.sites)
    return Instead(
        budget=None if given is None else up_to_cent(enough.money),
        max_new_sites=None if most is None else enough.sites,
    )


def counted(count: int, word: str) -> str:
    """So many of something, in words."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _ways(max_new_sites: int | None) -> list[tuple[int | None, Scarce]]:
    """In which plans for floors are looked for: first as cheap as can be, then with few sites, then with any number."""
    if max_new_sites is None:
        return [(None, Scarce.MONEY)]
    return [(max_new_sites, Scarce.MONEY), (max_new_sites, Scarce.SITES), (None, Scarce.SITES)]


def promised(problem: SitingProblem) -> tuple[str, ...]:
    """That are promised a share, and in which anybody is."""
    there = (item.id for item in problem.districts if len(problem.points_of.get(item.id, ())))
    return tuple(id_ for id_ in there if problem.floor_of(id_) > 0)


def _plan_for_floors(
    problem: SitingProblem, groups: Groups, *, max_new_sites: int | None, scarce: Scarce
) -> Built | None:
    """A plan that keeps all floors in the last phase with as much money as it takes; None where none is found."""
    last = replace(problem.wishes.phases[-1], budget=None)
    asked = replace(problem, wishes=replace(problem.wishes, phases=(last,), max_new_sites=max_new_sites))
    installations, upgrades = construct_floors(asked, groups, scarce)
    stand = standing(asked, SitingPlan(installations=installations, upgrades=upgrades))[-1]
    scenarios = range(len(asked.wishes.scenarios))
    if not problem.wishes.force <= {item.site_id for item in installations} or not all(
        serve(asked, groups, stand, phase=0, scenario=scenario) is not None for scenario in scenarios
    ):
        return None
    phase = len(problem.wishes.phases) - 1
    return (
        tuple(replace(item, phase=phase) for item in installations),
        tuple(replace(item, phase=phase) for item in upgrades),
    )


def _new_sites(problem: SitingProblem, plan: SitingPlan) -> int:
    built = standing(problem, plan)[-1].new_sites
    return sum(site.id in built and not site.is_required for site in problem.sites)
