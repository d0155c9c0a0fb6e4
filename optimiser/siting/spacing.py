"""Which new sites stand too near to each other, as sets of which at most one can be."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from optimiser.network.geodesy import EARTH_RADIUS_M
from optimiser.siting.problem import SitingProblem


def too_near(problem: SitingProblem) -> tuple[tuple[int, ...], ...]:
    """
    Sets of sites, by row, all of which are too near to each other; every such pair is in one of them.

    Sites that stand already keep no distance.
    """
    new = [row for row, site in enumerate(problem.sites) if not site.is_required]
    if problem.wishes.spacing_m <= 0 or len(new) < 2:
        return ()
    lon = np.radians([problem.sites[row].lon for row in new])
    lat = np.radians([problem.sites[row].lat for row in new])
    ball = EARTH_RADIUS_M * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    # The straight way through the globe for that way along it.
    chord = 2 * EARTH_RADIUS_M * np.sin(problem.wishes.spacing_m / EARTH_RADIUS_M / 2)
    near: dict[int, set[int]] = {number: set() for number in range(len(new))}
    for one, other in cKDTree(ball).query_pairs(chord * (1 - 1e-9)):
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
