"""Which new sites stand too near to each other, as sets of which at most one can be."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from optimiser.network.geodesy import chord, on_sphere
from optimiser.siting.problem import SitingProblem


def too_near(problem: SitingProblem) -> tuple[tuple[int, ...], ...]:
    """
    Sets of sites, by row, all of which are too near to each other; every such pair is in one of them.

    Sites that stand already keep no distance.
    """
    new = [row for row, site in enumerate(problem.sites) if not site.is_required]
    if problem.wishes.spacing_m <= 0 or len(new) < 2:
        return ()
    places = on_sphere(np.array([(problem.sites[row].lon, problem.sites[row].lat) for row in new]))
    within = float(chord(problem.wishes.spacing_m)) * (1 - 1e-9)
    near: dict[int, set[int]] = {number: set() for number in range(len(new))}
    for one, other in cKDTree(places).query_pairs(within):
        near[one].add(other)
        near[other].add(one)
    left = {(one, other) for one, others in near.items() for other in others if one < other}
    sets = []
    for one, other in sorted(left):
        if (one, other) in left:
            together = [one, other]
            common = near[one] & near[other]
            while common:
                best = max(sorted(common), key=lambda site: len(near[site] & common))
                together.append(best)
                common &= near[best]
            together.sort()
            left -= {(a, b) for a in together for b in together if a < b}
            sets.append(tuple(new[number] for number in together))
    return tuple(sets)
