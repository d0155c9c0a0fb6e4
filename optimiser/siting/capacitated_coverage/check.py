"""Every rule that an answer breaks; knows no solver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from optimiser.basics.result import Violation
from optimiser.siting.capacitated_coverage.problem import CapacitatedCoverageProblem
from optimiser.siting.coverage.problem import Floats

TOLERANCE = 1e-6
"""Of shares, and of capacities relatively: what floating-point numbers may be off."""


def check(problem: CapacitatedCoverageProblem, sites: Sequence[int], share: Sequence[float]) -> tuple[Violation, ...]:
    """All that is wrong with these sites, and with the share of each pair of a point and a site within its reach."""
    return tuple(_violations(problem, sites, np.asarray(share, dtype=np.float64)))


def _violations(problem: CapacitatedCoverageProblem, sites: Sequence[int], share: Floats) -> Iterator[Violation]:
    covering = problem.covering
    known = [site for site in sorted(set(sites)) if 0 <= site < covering.sites]
    if len(known) != covering.p or len(sites) != covering.p:
        text = f"{len(known)} different sites are open, {covering.p} are to be"
        yield Violation(rule="sites", ids=(), amount=abs(covering.p - len(known)) or 1, text=text)
    if share.shape != covering.site.shape or not np.isfinite(share).all() or (share < -TOLERANCE).any():
        text = "every pair of a point and a site within its reach needs a share of 0 or more"
        yield Violation(rule="share", ids=(), amount=1.0, text=text)
        return
    is_open = np.zeros(covering.sites, dtype=np.bool_)
    is_open[known] = True
    for pair in np.flatnonzero((share > TOLERANCE) & ~is_open[covering.site]):
        point, site = problem.point[pair], covering.site[pair]
        text = f"site {site} serves point {point}, and is closed"
        yield Violation(rule="open", ids=(str(point), str(site)), amount=float(share[pair]), text=text)
    whole = np.bincount(problem.point, weights=share, minlength=covering.demand)
    for point in np.flatnonzero(whole > 1 + TOLERANCE):
        text = f"point {point} is served {whole[point]:g} times"
        yield Violation(rule="served_share", ids=(str(point),), amount=float(whole[point] - 1), text=text)
    load = np.bincount(covering.site, weights=share * covering.weight[problem.point], minlength=covering.sites)
    for site in np.flatnonzero(load > problem.capacity + TOLERANCE * np.maximum(1.0, problem.capacity)):
        over = float(load[site] - problem.capacity[site])
        text = f"site {site} serves {load[site]:g}, {over:g} more than it can"
        yield Violation(rule="capacity", ids=(str(site),), amount=over, text=text)
    if not problem.may_split:
        for pair in np.flatnonzero((share > TOLERANCE) & (share < 1 - TOLERANCE)):
            point, site = problem.point[pair], covering.site[pair]
            text = f"site {site} serves {share[pair]:g} of point {point}, all or nothing is asked"
            yield Violation(rule="split", ids=(str(point), str(site)), amount=float(share[pair]), text=text)
