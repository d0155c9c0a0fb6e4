"""
Ways on foot from door to door: along the streets and straight beside them, or straight where that is nearer.

Who is nearer to a site than both are to the streets, as on one plot, does not go out and in again: that way has nothing
to do with how far it is along the streets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from optimiser.network.geodesy import chord, coordinates, great_circle_m, on_sphere
from optimiser.network.travel import AccessPairs, Place

WALK_KMH = 4.8
SLACK_M = 0.01
"""More than rounding could add to a way beside the streets."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def walked(
    found: AccessPairs,
    demand: Sequence[Place],
    sites: Sequence[Place],
    *,
    off_demand_m: Floats,
    off_sites_m: Floats,
    max_snap_m: float,
) -> AccessPairs:
    """Ways along the streets with those to and from them, beside the ways that do without; all there are of these."""
    point, site, straight_m = _beside(demand, sites, off_demand_m, off_sites_m)
    is_near = (off_demand_m[point] <= max_snap_m) & (off_sites_m[site] <= max_snap_m)
    point, site, straight_m = point[is_near], site[is_near], straight_m[is_near]
    off_m = off_demand_m[found.demand] + off_sites_m[found.site]
    by_street = ~np.isin(_number(found.demand, found.site, sites), _number(point, site, sites))
    points = np.concatenate([found.demand[by_street], point])
    ends = np.concatenate([found.site[by_street], site]).astype(np.int32)
    travel_s = np.concatenate([(found.travel_s + walk_s(off_m))[by_street], walk_s(straight_m)])
    length_m = np.concatenate([(found.length_m + _whole(off_m))[by_street], _whole(straight_m)])
    order = np.lexsort((ends, points))
    return replace(
        found,
        first=np.concatenate([[0], np.cumsum(np.bincount(points, minlength=len(demand)))]).astype(np.int64),
        site=ends[order],
        travel_s=travel_s[order],
        length_m=length_m[order],
    )


def walk_s(metres: Floats) -> NDArray[np.int32]:
    """Whole seconds, rounded up, of ways beside the streets."""
    # As along straight lines: a detour never seems faster, and a millimetre is floating point.
    return np.ceil((metres - 1e-3).clip(0.0) * 3.6 / WALK_KMH).astype(np.int32)


def _beside(
    demand: Sequence[Place], sites: Sequence[Place], off_demand_m: Floats, off_sites_m: Floats
) -> tuple[Ints, Ints, Floats]:
    """Points and sites that are nearer to each other than both are to the streets, and how near."""
    start, end = coordinates(demand), coordinates(sites)
    # One of the two is at least half as far from the streets as they are from each other.
    point, site = _around(start, end, 2 * off_demand_m)
    other_site, other_point = _around(end, start, 2 * off_sites_m)
    number = np.unique(np.concatenate([_number(point, site, sites), _number(other_point, other_site, sites)]))
    point, site = np.divmod(number, max(len(sites), 1))
    straight_m = great_circle_m(start[point, 0], start[point, 1], end[site, 0], end[site, 1])
    is_beside = straight_m <= off_demand_m[point] + off_sites_m[site]
    return point[is_beside], site[is_beside], straight_m[is_beside]


def _around(centres: Floats, others: Floats, reach_m: Floats) -> tuple[Ints, Ints]:
    """Of each centre off the streets, the others within its own distance, as pairs of their numbers."""
    from scipy.spatial import cKDTree  # Who only reads a city does not wait for it.

    off = np.flatnonzero(reach_m > 0)
    near = cKDTree(on_sphere(others)).query_ball_point(on_sphere(centres[off]), chord(reach_m[off] + SLACK_M))
    count = np.fromiter(map(len, near), dtype=np.int64, count=len(off))
    other = np.fromiter(chain.from_iterable(near), dtype=np.int64, count=int(count.sum()))
    return np.repeat(off, count), other


def _number(point: NDArray[np.integer], site: NDArray[np.integer], sites: Sequence[Place]) -> Ints:
    return np.asarray(point, dtype=np.int64) * len(sites) + site


def _whole(metres: Floats) -> NDArray[np.int32]:
    return np.rint(metres).astype(np.int32)
