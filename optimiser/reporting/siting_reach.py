"""Which demand has a charger that serves it within reach, and which could have one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.plugs import Standing
from optimiser.siting.problem import ChargerKind, Segment, Site, SitingProblem

Bools = NDArray[np.bool_]
TINY = 1e-6


def may_come(problem: SitingProblem, site: Site, kind: ChargerKind) -> bool:
    """Whether a plug of a kind may be added at a site, whatever grid, money and other sites say."""
    return problem.may_add(site, kind) > 0 and (site.max_kw is None or kind.power_kw <= site.max_kw + TINY)


def pairs_standing(problem: SitingProblem, stand: Standing) -> Bools:
    """Access pairs, within reach, whose site has a plug that serves their demand point."""
    kinds: dict[str, set[str]] = {}
    for (site_id, kind_id), plugs in stand.plugs.items():
        if plugs > 0:
            kinds.setdefault(site_id, set()).add(kind_id)
    return _pairs(problem, lambda site, segment: bool(kinds.get(site.id, set()) & segment.kinds))


def pairs_possible(problem: SitingProblem) -> Bools:
    """The same for what stands or may be built."""

    def fits(site: Site, segment: Segment) -> bool:
        return any(
            kind.id in segment.kinds and (site.plugs.get(kind.id, 0) > 0 or may_come(problem, site, kind))
            for kind in problem.kinds
        )

    return _pairs(problem, fits)


def pairs_near(problem: SitingProblem) -> Bools:
    """Access pairs within reach, whatever is at their site."""
    reach_s = np.array([item.reach_s for item in problem.segments], dtype=np.int64)
    is_near: Bools = problem.access.travel_s <= reach_s[_segment_of_pair(problem)]
    return is_near


def _pairs(problem: SitingProblem, fits: Callable[[Site, Segment], bool]) -> Bools:
    table = np.array([[fits(site, segment) for segment in problem.segments] for site in problem.sites], dtype=np.bool_)
    if not len(problem.point):
        return np.zeros(0, dtype=np.bool_)
    return pairs_near(problem) & table[problem.access.site, _segment_of_pair(problem)]


def _segment_of_pair(problem: SitingProblem) -> NDArray[np.int64]:
    """Row of the segment of each access pair."""
    row = {segment.id: number for number, segment in enumerate(problem.segments)}
    return np.array([row[point.segment] for point in problem.demand], dtype=np.int64)[problem.point]


def points_with(problem: SitingProblem, pairs: Bools) -> NDArray[np.int64]:
    """How many of the pairs each demand point has, shape (points,)."""
    return np.bincount(problem.point[pairs], minlength=len(problem.demand))
