"""Where no money and no number of sites keeps floors: what the grid lacks for them, or what distance would do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from optimiser.siting.ceilings import beside_others, floors_asked, with_lowered, without_grid
from optimiser.siting.enough import Enough
from optimiser.siting.forced import together, with_forced
from optimiser.siting.groups import Groups
from optimiser.siting.in_the_way import (
    Apart,
    InTheWay,
    grid_needed,
    nearer,
    spacing_needed,
    with_any_grid,
    with_spacing,
)
from optimiser.siting.keeping import Looking, keeping, with_money, with_sites
from optimiser.siting.lowered import Ending, LoweredFloor, with_ending
from optimiser.siting.nearest import HALVINGS, LEAST_SHARE, is_proven, sought_anyhow
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import Conflict

MORE = 1e-3
"""By as much of itself more of a floor has to be had with a limit lifted, so that the limit is in its way."""

_OPEN = {
    Ending.PROVEN_FOR_ALL: Ending.PROVEN_FOR_ALL_OPEN,
    Ending.PROVEN_BESIDE_SITES: Ending.PROVEN_BESIDE_SITES_OPEN,
}
"""How sentences end where other limits were not looked at to the end."""

Lows = tuple[LoweredFloor, ...]


def nothing_would_do(
    problem: SitingProblem,
    groups: Groups,
    floors: tuple[Conflict, ...],
    looking: Looking,
    briefly: Looking,
    *,
    asked: SitingProblem,
    low: Lows = (),
) -> tuple[Conflict, ...]:
    """Floors that gave way where no money and no sites are known that would do, with other limits in their way."""
    ending, rich = Ending.OPEN_FOR_ALL, with_money(with_sites(problem, None), None)
    bare = replace(rich, wishes=replace(rich.wishes, force=frozenset()))
    if is_proven(rich, groups, looking, briefly):
        is_alike = not rich.wishes.force or is_proven(bare, groups, looking, briefly)
        ending = Ending.PROVEN_FOR_ALL if is_alike else Ending.PROVEN_BESIDE_SITES
    elif is_proven(problem, groups, looking, briefly):
        ending = Ending.PROVEN_WITHIN
    told, is_over = limits_in_the_way(problem, groups, looking, briefly, asked=asked, low=low)
    if not is_over:
        ending = _OPEN.get(ending, ending)
    return (*(with_ending(item, ending) for item in floors), *told)


def limits_in_the_way(
    problem: SitingProblem,
    groups: Groups,
    looking: Looking,
    briefly: Looking,
    *,
    asked: SitingProblem,
    low: Lows = (),
) -> tuple[tuple[InTheWay, ...], bool]:
    """
    What the grid lacks for floors, and what distance would do; and whether what was not found is proven not to be.

    Both are for all sites that are `asked` for, also those that had to give way to the grid or to others. Where neither
    would do alone, what of both together would is told. Floors that no plan keeps are `low`: with a limit lifted as
    much of them counts as can be had then, where that is more.
    """
    told, is_over = tuple[InTheWay, ...](), True
    for rules in _ways(problem):
        if len(rules) > 1 and (told or not is_over):
            break
        free, within = _with_all_forced(_lifted(asked, rules)), problem
        if low:
            had = _had(without_grid(free) if "grid" in rules else free, groups, low, looking)
            if not had:
                continue
            free, within = with_lowered(free, had), with_lowered(problem, had)
        sought = sought_anyhow(free, groups, looking, briefly)
        is_over = is_over and (sought.enough is not None or sought.is_never)
        if sought.enough is None:
            continue
        is_sure = is_proven(with_money(with_sites(within, None), None), groups, looking, briefly)
        wished = replace(asked, wishes=replace(free.wishes, spacing_m=asked.wishes.spacing_m))
        told += _in_the_way(rules, groups, looking, briefly, wished=wished, enough=sought.enough, is_sure=is_sure)
    return told, is_over or bool(told)


def _ways(problem: SitingProblem) -> Iterator[tuple[str, ...]]:
    """Limits to lift: each that there is, then all of them."""
    rules = [("grid", bool(problem.grid)), ("spacing", problem.wishes.spacing_m > 0)]
    there = [rule for rule, is_there in rules if is_there]
    yield from ((rule,) for rule in there)
    if len(there) > 1:
        yield tuple(there)


def _lifted(problem: SitingProblem, rules: tuple[str, ...]) -> SitingProblem:
    """The same without these limits."""
    free = with_any_grid(problem) if "grid" in rules else problem
    return with_spacing(free, 0) if "spacing" in rules else free


def _in_the_way(
    rules: tuple[str, ...],
    groups: Groups,
    looking: Looking,
    briefly: Looking,
    *,
    wished: SitingProblem,
    enough: Enough,
    is_sure: bool,
) -> tuple[InTheWay, ...]:
    """What would do of these limits, as near to what was asked as is found; of both the distance first."""
    apart = None
    if "spacing" in rules:
        other = with_any_grid(wished) if "grid" in rules else wished
        item = nearer(spacing_needed(other, enough, is_impossible=is_sure), groups, seconds=looking.seconds)
        item = _further_apart(item, groups, briefly)
        if "grid" not in rules:
            return (item,)
        enough, apart = item.enough, Apart(asked_m=wished.wishes.spacing_m, is_furthest=item.is_nearest)
        wished = with_spacing(wished, int(item.possible))
    short = grid_needed(wished, enough, is_impossible=is_sure, apart=apart)
    return () if short is None else (nearer(short, groups, seconds=looking.seconds),)


def _had(free: SitingProblem, groups: Groups, low: Lows, looking: Looking) -> Lows:
    """As much of low floors as can be had with a limit lifted; none where that is no more than with it."""
    most = tuple(replace(item, beside=None) for item in low)
    had = beside_others(free, groups, most, looking) or most
    before, now = floors_asked(low), floors_asked(had)
    is_held = any(item.beside is not None for item in low)
    return had if not is_held or any(now[id_] > share * (1 + MORE) for id_, share in before.items()) else ()


def _with_all_forced(problem: SitingProblem) -> SitingProblem:
    """The same with all sites that can be had of those asked for, whatever money and number there are."""
    return with_forced(problem, together(problem, problem.wishes.force))


def _further_apart(item: InTheWay, groups: Groups, briefly: Looking) -> InTheWay:
    """The same with new sites as far apart as a search finds that keeps the floors."""
    low, high = int(item.possible), math.ceil(item.asked)
    for _ in range(HALVINGS if not item.is_nearest else 0):
        middle = (low + high) // 2
        if middle <= low or briefly.gone() >= LEAST_SHARE:
            break
        plan = keeping(with_spacing(item.within, middle), groups, briefly)
        if plan is None:
            high = middle
        else:
            item = item.nearer(plan, is_nearest=False)
            low = int(item.possible)
    return item
