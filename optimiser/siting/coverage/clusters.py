"""Points in clusters that share most of their sites, so that they are multiplied as dense tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimiser.siting.coverage.reach import Bools

CLUSTER = 200
"""Points that are multiplied at once."""
PIVOTS = 64
"""Points that others are held against at once."""


class Cluster(NamedTuple):
    """Points whose sites are nearly the same, and these as a dense table."""

    points: NDArray[np.int64]
    sites: NDArray[np.int64]
    within: Bools
    """Where a site reaches a point, shape (points, sites)."""


def clusters_of(within: csr_array, reached: csr_array) -> list[Cluster]:
    """Each point goes to the one of some, evenly spread in their order, with which it has most sites in common."""
    points = within.shape[0]
    pivots = np.linspace(0, points - 1, max(1, points // CLUSTER)).astype(np.int64)
    best, nearest = np.full(points, -1.0), np.zeros(points, dtype=np.int64)
    size = np.diff(within.indptr)
    for start in range(0, len(pivots), PIVOTS):
        some = pivots[start : start + PIVOTS]
        common = (within @ within[some].T).toarray()
        alike = common / (size[:, None] + size[some][None, :] - common)
        column = alike.argmax(axis=1)
        most = alike[np.arange(points), column]
        better = most > best
        best[better], nearest[better] = most[better], start + column[better]
    order = np.argsort(nearest, kind="stable")
    clusters = []
    for members in np.split(order, np.flatnonzero(np.diff(nearest[order])) + 1):
        rows = within[members]
        sites, column = np.unique(rows.indices, return_inverse=True)
        dense = np.zeros((len(members), len(sites)), dtype=np.bool_)
        dense[np.repeat(np.arange(len(members)), np.diff(rows.indptr)), column] = True
        clusters.append(Cluster(members, sites.astype(np.int64), dense))
    return clusters
