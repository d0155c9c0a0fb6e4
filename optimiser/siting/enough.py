"""What would keep the floors that the limits do not allow: money, or a number of sites, by a plan that does."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations

from optimiser.siting.check import distance_m
from optimiser.siting.construct import Scarce, construct_floors
from optimiser.siting.cost import total_cost
from optimiser.siting.groups import Groups
from optimiser.siting.plan import Built, SitingPlan
from optimiser.siting.plugs import held_kw, standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import Conflict
from optimiser.siting.serving import serve

ENDLESS_KW = 1e9
"""More than any node is asked for."""
TINY = 1e-8
"""What sums of floating-point numbers may be off, in units of the last digit told."""
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
    money, opened = f"{math.ceil(enough.money - TINY):,}", _counted(enough.sites, "site")
    ids = (*_districts(problem), *missed.left_out)
    if most is not None:
        less = "no fewer" if given is None else "no less"
        needed = opened if given is None else f"{opened} and {money}"
        text = _nothing_keeps(problem, missed, f"{needed} would do", less, is_least=enough.is_least)
        told = _found("max_new_sites", ids, most, enough.sites, text, is_impossible=missed.is_impossible)
        return (replace(told, is_proven=enough.is_least),)
    if given is not None:
        text = _nothing_keeps(problem, missed, f"{money} would do", "no less", is_least=enough.is_least)
        possible = math.ceil(enough.money - TINY)
        told = _found("budget", ids, given, possible, text, is_impossible=missed.is_impossible)
        return (replace(told, is_proven=enough.is_least),)
    return ()


def _nothing_keeps(problem: SitingProblem, missed: Missed, enough: str, less: str, *, is_least: bool) -> str:
    """No plan does, or none was found that does, and what would do."""
    most, given = problem.wishes.max_new_sites, _given(problem)
    plan = "no plan" if most is None else f"no plan of at most {_counted(most, 'new site')}"
    plan = plan if given is None else f"{plan} within {given:,.0f}"
    wishes = [] if not _districts(problem) else ["keeps the floors asked for"]
    wishes += [] if not missed.left_out else ["has the sites asked for"]
    asked, enough = " and ".join(wishes), f"{enough}, and {less}" if is_least else f"{enough}, {less[3:]} may"
    if missed.is_impossible:
        return f"{plan} {asked}; {enough}"
    return f"{plan} was found in the time there was that {asked}; {enough}, and more seconds may do as well"


def beyond(problem: SitingProblem, money: float, sites: int) -> tuple[int | None, float | None]:
    """The new sites, and the money, that there are, where a plan of so much goes beyond them."""
    most, given = problem.wishes.max_new_sites, _given(problem)
    is_many, is_dear = most is not None and sites > most, given is not None and money > given * (1 + TINY) + TINY
    return most if is_many else None, given if is_dear else None


def _given(problem: SitingProblem) -> float | None:
    """The money of all phases; None where some phase has no limit."""
    budgets = [phase.budget for phase in problem.wishes.phases]
    return None if any(budget is None for budget in budgets) else math.fsum(budget or 0.0 for budget in budgets)


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _ways(max_new_sites: int | None) -> list[tuple[int | None, Scarce]]:
    """In which plans for floors are looked for: first as cheap as can be, then with few sites, then with any number."""
    if max_new_sites is None:
        return [(None, Scarce.MONEY)]
    return [(max_new_sites, Scarce.MONEY), (max_new_sites, Scarce.SITES), (None, Scarce.SITES)]


def with_any_grid(problem: SitingProblem) -> SitingProblem:
    """The same with nodes that carry whatever is asked of them, once upgraded where they can be: that costs as much."""
    return replace(
        problem,
        grid=tuple(
            replace(node, upgrade_kw=ENDLESS_KW) if node.upgrade_kw > 0 else replace(node, hosting_kw=ENDLESS_KW)
            for node in problem.grid
        ),
    )


def grid_needed(problem: SitingProblem, plan: Built, *, is_impossible: bool) -> tuple[Conflict, ...]:
    """
    Grid nodes that have to carry more in a plan that keeps the floors, with what else that takes; or nothing.

    The grid is in the way where it is proven that no plan without that keeps them, whatever else there is. That less
    would not do is not known.
    """
    whole = SitingPlan(installations=plan[0], upgrades=plan[1])
    held = held_kw(problem, standing(problem, whole)[-1])
    short = [node for node in problem.grid if held[node.id] > node.hosting_kw + node.upgrade_kw]
    if not short:
        return ()
    told = ", ".join(
        f"{node.id} ({_instead(held[node.id], node.hosting_kw + node.upgrade_kw)} kW)" for node in short[:TOLD]
    )
    others = f" and {len(short) - TOLD} more" if len(short) > TOLD else ""
    given, needed = (
        math.fsum(kw) for kw in zip(*((n.hosting_kw + n.upgrade_kw, held[n.id]) for n in short), strict=True)
    )
    more = _with_more(problem, total_cost(problem, whole), _new_sites(problem, whole))
    if is_impossible:
        text = "the grid is in the way of the floors asked for; they would be kept if nodes carried more: "
        text += f"{told}{others}{more}"
    else:
        text = "with nodes that carry more a plan was found that keeps the floors asked for: "
        text += f"{told}{others}{more}; more seconds may find one without"
    ids = tuple(node.id for node in short)
    return (_found("grid", ids, given, math.ceil(needed), text, is_impossible=is_impossible),)


def with_spacing(problem: SitingProblem, metres: int) -> SitingProblem:
    """The same with new sites so far apart."""
    return replace(problem, wishes=replace(problem.wishes, spacing_m=float(metres)))


def nearest_m(problem: SitingProblem, plan: Built) -> int:
    """Whole metres by which all its new sites are apart, or as many as are asked for where that is less."""
    opened = sorted({item.site_id for item in plan[0]})
    new = [id_ for id_ in opened if not problem.sites[problem.site_index[id_]].is_required]
    apart = [distance_m(problem, *pair) for pair in combinations(new, 2)]
    return math.floor(min([*apart, problem.wishes.spacing_m]))


def spacing_needed(problem: SitingProblem, enough: Enough, metres: int, *, is_impossible: bool) -> tuple[Conflict, ...]:
    """The distance between new sites that stands against the floors, with what would do, and what else that takes."""
    asked, more = problem.wishes.spacing_m, _with_more(problem, enough.money, enough.sites)
    if is_impossible:
        text = f"the distance of {asked:,.10g} m between new sites is in the way of the floors asked for; "
        text += f"{metres:,} m would do{more}"
    else:
        text = f"with less than {asked:,.10g} m between new sites a plan was found that keeps the floors asked for; "
        text += f"{metres:,} m would do{more}; more seconds may find one without"
    return (_found("spacing", _districts(problem), asked, metres, text, is_impossible=is_impossible),)


def _with_more(problem: SitingProblem, money: float, sites: int) -> str:
    """What else a plan of so much takes, in words."""
    most, given = beyond(problem, money, sites)
    more = [] if most is None else [f"{_counted(sites, 'new site')} instead of {most:,}"]
    more += [] if given is None else [f"a budget of {math.ceil(money):,} instead of {given:,.0f}"]
    return f", with {' and '.join(more)}" if more else ""


def _instead(needed: float, given: float) -> str:
    """Both with as many digits as tell them apart; what is needed is rounded up, so that it does."""
    told = [
        (_decimal(math.ceil(needed * 10**digits - TINY) / 10**digits, digits), _decimal(given, digits))
        for digits in range(1, 7)
    ]
    more, there = next((pair for pair in told if pair[0] != pair[1]), told[-1])
    return f"{more} instead of {there}"


def _decimal(number: float, digits: int) -> str:
    """With so many digits behind the point, or fewer where the last are 0."""
    return f"{number:,.{digits}f}".rstrip("0").rstrip(".")


def _districts(problem: SitingProblem) -> tuple[str, ...]:
    """That are promised a share."""
    return tuple(item.id for item in problem.districts if problem.floor_of(item.id) > 0)


def _found(
    rule: str, ids: tuple[str, ...], asked: float, possible: float, text: str, *, is_impossible: bool
) -> Conflict:
    """With what a plan was found that has it; another may come nearer to what was asked."""
    return Conflict(
        rule=rule,
        ids=ids,
        asked=asked,
        possible=possible,
        is_proven=False,
        is_impossible=is_impossible,
        text=text,
    )


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
