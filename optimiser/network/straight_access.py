"""Which sites are within reach of which demand points in a straight line, found through search trees on the globe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from optimiser.network.geodesy import chord, coordinates, on_sphere
from optimiser.network.limits import Limits
from optimiser.network.travel import AccessPairs, Place

ROWS_AT_ONCE = 4096
SLACK_M = 1.0
"""More than rounding could add to what is within reach."""

Ints = NDArray[np.int32]
Figures = Callable[[Any, Any, Any, Any], tuple[Ints, Ints]]
"""Seconds and metres between points in degrees."""


def straight_pairs(
    demand: Sequence[Place], sites: Sequence[Place], limits: Limits, figures: Figures, *, reach_m: float, label: str
) -> AccessPairs:
    """The pairs within the limits; `reach_m` is the great circle that they allow."""
    origins, ends = coordinates(demand), coordinates(sites)
    tree, within = cKDTree(on_sphere(ends)), float(chord(reach_m + SLACK_M))
    count = np.zeros(len(origins), dtype=np.int64)
    parts: list[tuple[Ints, Ints, Ints]] = [(np.zeros(0, np.int32),) * 3]
    for begin in range(0, len(origins), ROWS_AT_ONCE):
        some = origins[begin : begin + ROWS_AT_ONCE]
        near = cKDTree(on_sphere(some)).sparse_distance_matrix(tree, within, output_type="ndarray")
        order = np.lexsort((near["j"], near["i"]))
        row, site = near["i"][order], near["j"][order]
        travel_s, length_m = figures(some[row, 0], some[row, 1], ends[site, 0], ends[site, 1])
        kept = (travel_s <= limits.ms // 1000) & (length_m <= limits.mm // 1000)
        count[begin : begin + len(some)] = np.bincount(row[kept], minlength=len(some))
        parts.append((site[kept].astype(np.int32), travel_s[kept], length_m[kept]))
    site, travel_s, length_m = (np.concatenate(column) for column in zip(*parts, strict=True))
    return AccessPairs(
        demand_ids=tuple(place.id for place in demand),
        site_ids=tuple(place.id for place in sites),
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        site=site,
        travel_s=travel_s,
        length_m=length_m,
        label=label,
    )
