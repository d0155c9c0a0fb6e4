"""Choose the sites of a capacitated maximal covering, say who is served where, and prove how good that is."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimiser.siting.capacitated_coverage.cost import served
from optimiser.siting.capacitated_coverage.problem import CapacitatedCoverageProblem
from optimiser.siting.capacitated_coverage.programme import Merged, close, merged
from optimiser.siting.coverage.problem import Floats
from optimiser.siting.status import Status

LARGEST = 100_000
"""Pairs that differ, up to which the integer programme is solved: with more HiGHS is not broken off in time."""
CLOSE = 1e-6
"""Of what can be served: answers that differ by less are as good, and HiGHS tells no less apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacitatedCoverageAnswer:
    """Sites, whom they serve, and what no answer can exceed."""

    sites: tuple[int, ...]
    """In order."""
    share: tuple[float, ...]
    """Of each pair of a point and a site within its reach, the part of the point that the site serves."""
    served: float
    upper_bound: float
    status: Status


def solve(problem: CapacitatedCoverageProblem, *, seconds: float) -> CapacitatedCoverageAnswer:
    """Best answer found in `seconds` of wall time, with a proven bound: greedy, then an integer programme."""
    started_s = time.monotonic()
    points = merged(problem)
    pairs = len(points.site)
    values, bound = _greedy(problem, points), _simple_bound(problem, points)
    is_whole = problem.is_whole and not problem.may_split
    unit = 1.0 - CLOSE if is_whole else CLOSE * max(1.0, bound)
    if pairs <= LARGEST:
        left_s = seconds - (time.monotonic() - started_s)
        closed = close(problem, points, values, unit=unit, seconds=left_s)
        bound = min(bound, closed.bound)
        values = values if closed.values is None else _kept(problem, points, closed.values)
    share = values[:pairs][points.pair].tolist()
    found = served(problem, share)
    bound = max(found, float(np.floor(bound + CLOSE)) if is_whole else bound)
    return CapacitatedCoverageAnswer(
        sites=tuple(np.flatnonzero(values[pairs:]).tolist()),
        share=tuple(share),
        served=found,
        upper_bound=bound,
        status=Status.PROVEN if bound < found + unit else Status.BOUNDED,
    )


def _simple_bound(problem: CapacitatedCoverageProblem, points: Merged) -> float:
    """As if no two sites reached the same demand, or as if one reached all that any does."""
    sites, reached = problem.covering.sites, np.zeros(len(points.weight), dtype=np.bool_)
    reached[points.point[points.most > 0]] = True
    most = np.bincount(points.site, weights=points.most * points.weight[points.point], minlength=sites)
    most = np.sort(np.minimum(most, problem.capacity))
    return float(min(points.weight[reached].sum(), most[-problem.covering.p :].sum()))


def _greedy(problem: CapacitatedCoverageProblem, points: Merged) -> Floats:
    """Open what serves most of what is left, time and again; those first that fewest sites reach, or who need most."""
    sites, pairs = problem.covering.sites, len(points.site)
    by_site = np.argsort(points.site, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(points.site, minlength=sites))])
    reached = np.bincount(points.point, minlength=len(points.weight))
    rank = reached if problem.may_split else -points.weight
    left, values = np.ones(len(points.weight)), np.zeros(pairs + sites)
    for _ in range(problem.covering.p):
        part = np.minimum(points.most, left[points.point])
        won = np.bincount(points.site, weights=part * points.weight[points.point], minlength=sites)
        won = np.where(values[pairs:] > 0, -1.0, np.minimum(won, problem.capacity))
        site = int(won.argmax())
        values[pairs + site], room = 1.0, float(problem.capacity[site])
        own = by_site[first[site] : first[site + 1]]
        for pair in own[np.argsort(rank[points.point[own]], kind="stable")].tolist():
            weight = float(points.weight[points.point[pair]])
            taken = min(float(points.most[pair]), float(left[points.point[pair]]), room / weight if weight else 1.0)
            if problem.may_split or taken == 1.0:
                values[pair] = taken
                left[points.point[pair]] -= taken
                room = max(0.0, room - taken * weight)
    return values


def _kept(problem: CapacitatedCoverageProblem, points: Merged, values: Floats) -> Floats:
    """Values of a programme without what its tolerances allow: all rules are kept."""
    pairs, sites = len(points.site), problem.covering.sites
    is_open = values[pairs:] > 0.5
    share = np.clip(values[:pairs], 0.0, points.most) * is_open[points.site]
    if not problem.may_split:
        share = np.round(share)
    share /= np.maximum(1.0, np.bincount(points.point, weights=share, minlength=len(points.weight)))[points.point]
    load = np.bincount(points.site, weights=share * points.weight[points.point], minlength=sites)
    if problem.may_split:
        fits = np.divide(np.minimum(load, problem.capacity), load, out=np.ones(sites), where=load > 0)
        share *= fits[points.site]
    return np.concatenate([share, is_open])
