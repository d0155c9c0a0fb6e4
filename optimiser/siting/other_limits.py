"""Where no money and no number of sites keeps floors: what the grid lacks for them, or what distance would do."""

from __future__ import annotations

import math
from dataclasses import replace

from optimiser.siting.ceilings import beside_others, floors_asked, with_lowered, without_grid
from optimiser.siting.forced import together, with_forced
from optimiser.siting.groups import Groups
from optimiser.siting.in_the_way import InTheWay, grid_needed, nearer, spacing_needed, with_any_grid, with_spacing
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

    Both are for all sites that are `asked` for, also those that had to give way to the grid or to others. Floors that
    no plan keeps are `low`: with either limit lifted as much of them counts as can be had then, where that is more.
    """
    rules = [("grid", bool(problem.grid)), ("spacing", problem.wishes.spacing_m > 0)]
    told, is_over = tuple[InTheWay, ...](), True
    for rule in [rule for rule, is_there in rules if is_there]:
        free = _with_all_forced(with_any_grid(asked) if rule == "grid" else with_spacing(asked, 0))
        within = problem
        if low:
            had = _had(without_grid(free) if rule == "grid" else free, groups, low, looking)
            if not had:
                continue
            free, within = with_lowered(free, had), with_lowered(problem, had)
        sought = sought_anyhow(free, groups, looking, briefly)
        is_over = is_over and (sought.enough is not None or sought.is_never)
        if sought.enough is None:
            continue
        is_sure = is_proven(with_money(with_sites(within, None), None), groups, looking, briefly)
        wished = replace(asked, wishes=replace(free.wishes, spacing_m=asked.wishes.spacing_m))
        if rule == "spacing":
            item = nearer(spacing_needed(wished, sought.enough, is_impossible=is_sure), groups, seconds=looking.seconds)
            told += (_further_apart(item, groups, briefly),)
        elif (short := grid_needed(wished, sought.enough, is_impossible=is_sure)) is not None:
            told += (nearer(short, groups, seconds=looking.seconds),)
    return told, is_over or bool(told)


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
