"""Floors that no plan keeps even by themselves, whatever is spent: lowered to what can be, for the sake of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from optimiser.siting.exact import NEAR as SETTLED
from optimiser.siting.exact import even_exactly
from optimiser.siting.groups import Groups
from optimiser.siting.keeping import TINY, Looking, floors_of, with_floors, with_money, with_sites
from optimiser.siting.lowered import AT_MOST, SAFE, LoweredFloor, lowered
from optimiser.siting.problem import SitingProblem

NEAR = 1e-6
"""Of a floor, how near to the most that can be kept of it that is found."""
CEILINGS_SHARE = 0.5
"""Of the time for the study, from which on no more of them are looked for."""


def floors_beyond_all(
    problem: SitingProblem, groups: Groups, districts: Iterable[str], looking: Looking
) -> tuple[LoweredFloor, ...]:
    """Of some districts those whose floor alone no plan keeps, whatever there is, with the most that can be kept."""
    districts, told = list(districts), list[LoweredFloor]()
    free = _without_limits(problem)
    for id_ in districts:
        if looking.gone() >= CEILINGS_SHARE:
            break
        floor = problem.floor_of(id_)
        alone = replace(free, wishes=replace(free.wishes, floor=0.0, floors={id_: floor}))
        even = even_exactly(alone, groups, seconds=looking.seconds / len(districts), near=NEAR)
        if even is not None and even.bound < 1.0 - TINY and even.bound <= even.share + SETTLED:
            share, most = even.share * floor, even.bound * floor
            told.append(lowered(id_, floor, share, AT_MOST, is_proven=most - share <= SAFE))
    return tuple(told)


def _without_limits(problem: SitingProblem) -> SitingProblem:
    """The same without limits of money, number, distance and grid, and with no site that has to be."""
    rich = without_grid(with_money(with_sites(problem, None), None))
    return replace(rich, wishes=replace(rich.wishes, spacing_m=0.0, force=frozenset()))


def without_grid(problem: SitingProblem) -> SitingProblem:
    """The same with no grid node that anything depends on."""
    return replace(problem, grid=(), sites=tuple(replace(site, grid_node=None) for site in problem.sites))


def beside_others(
    problem: SitingProblem, groups: Groups, low: Iterable[LoweredFloor], looking: Looking
) -> tuple[LoweredFloor, ...]:
    """
    The same with as much of each, all alike, as can be had together and beside all others whole, whatever is spent.

    None where nothing can.
    """
    rich = with_money(with_sites(problem, None), None)
    others = frozenset(floors_of(problem).keys() - {item.ids[0] for item in low})
    even = even_exactly(with_lowered(rich, low), groups, seconds=looking.seconds / 2, whole=others)
    if even is None or even.share <= TINY:
        return ()
    if even.share >= 1 - SETTLED:
        return tuple(low)
    share = min(1.0, even.share) * (1 - TINY)
    is_settled = min(1.0, even.bound) <= even.share + SETTLED
    return tuple(replace(item, beside=share * item.possible, is_settled=is_settled) for item in low)


def with_lowered(problem: SitingProblem, low: Iterable[LoweredFloor]) -> SitingProblem:
    """The same with floors as low as they are told."""
    return with_floors(problem, floors_asked(low))


def floors_asked(low: Iterable[LoweredFloor]) -> Mapping[str, float]:
    """What is asked of the districts of lowered floors."""
    return {item.ids[0]: item.possible if item.beside is None else item.beside for item in low}
