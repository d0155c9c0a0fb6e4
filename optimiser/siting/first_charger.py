"""The first charger that anybody can use, where the money does not pay for it."""

from __future__ import annotations

import math

import numpy as np

from optimiser.siting.forced import Asking, Together
from optimiser.siting.groups import Groups
from optimiser.siting.money import in_words, up_to_cent
from optimiser.siting.problem import ChargerKind, Site, SitingProblem
from optimiser.siting.result import Conflict, Instead

NOISE = 1e-9
"""What sums of floating-point numbers may be off, of themselves and of money."""

Useful = dict[int, list[ChargerKind]]
"""Of sites, by row, the kinds that somebody within reach could use."""


def first_charger(problem: SitingProblem, groups: Groups, told: tuple[Conflict, ...] = ()) -> tuple[Conflict, ...]:
    """
    Money that pays for no charger that anybody could use beside the sites that are asked for.

    Where sites are asked for and somebody is served by what stands already, it is spent on what it was asked for. Where
    floors gave way, it is not what would do: nothing where it is `told` what would, else the price with no `instead`.
    """
    if any(item.rule != "floor" for item in told):
        return ()
    budgets = [phase.budget for phase in problem.wishes.phases]
    given = 0.0 if any(budget is None for budget in budgets) else math.fsum(budget or 0.0 for budget in budgets)
    if not given:
        return ()
    useful = _useful(problem, groups)
    if problem.wishes.force and _stands(problem, useful):
        return ()
    found = _cheapest(problem, useful)
    if found is None or found[0] <= given * (1 + NOISE) + NOISE:
        return ()
    price, id_ = found
    first = "the first charger; the cheapest that anybody can use costs"
    if problem.wishes.force:
        first = "a charger that anybody can use beside the sites asked for; with these the cheapest costs"
    least = up_to_cent(price)
    text = f"{in_words(given)} do not pay for {first} {in_words(least)}, at {id_}"
    return (
        Conflict(
            rule="budget",
            ids=(id_,),
            asked=given,
            possible=least,
            is_proven=True,
            is_impossible=True,
            text=text,
            instead=Instead() if told else Instead(budget=least),
        ),
    )


def _useful(problem: SitingProblem, groups: Groups) -> Useful:
    """Where somebody is within reach whom a kind serves."""
    segment = np.array([problem.demand[row].segment for row in groups.example.tolist()], dtype=object)
    useful: Useful = {}
    for item in problem.segments:
        kinds = [kind for kind in problem.kinds if kind.id in item.kinds]
        for site in np.unique(groups.arc_site[(segment == item.id)[groups.arc_group]]).tolist():
            useful[site] = [kind for kind in problem.kinds if kind in kinds or kind in useful.get(site, ())]
    return useful


def _stands(problem: SitingProblem, useful: Useful) -> bool:
    """Whether a charger that somebody can use is there already."""
    return any(problem.sites[row].plugs.get(kind.id, 0) > 0 for row, kinds in useful.items() for kind in kinds)


def _cheapest(problem: SitingProblem, useful: Useful) -> tuple[float, str] | None:
    """The least that such a charger and all sites that are asked for cost together, and where it is; None for none."""
    asking = Asking(problem)
    forced = [problem.sites[problem.site_index[id_]] for id_ in sorted(problem.wishes.force)]
    every = _together(asking, forced)
    prices = []
    for row, kinds in useful.items():
        site = problem.sites[row]
        is_forced = site.id in problem.wishes.force
        others = _together(asking, [item for item in forced if item.id != site.id]) if is_forced else every
        beside = None if others is None else asking.and_(others, site, kinds=kinds)
        most = problem.wishes.max_new_sites
        if beside is not None and (most is None or beside.new_sites <= most):
            prices.append((beside.cost, site.id))
    return min(prices, default=None)


def _together(asking: Asking, sites: list[Site]) -> Together | None:
    """All of them; None where they cannot be."""
    found: Together | None = Together()
    for site in sites:
        found = None if found is None else asking.and_(found, site)
    return found
