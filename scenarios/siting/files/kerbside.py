"""Sites along streets, for cities where nothing better is known: street corners at some distance from each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optimiser.network.graph import StreetGraph
from scenarios.siting.files.ground import spaced

SPACING_M = 250.0
MOST = 5000
"""Sites; in a larger city they are further apart."""
FAST = frozenset({"motorway", "motorway_link", "trunk", "trunk_link", "primary_link", "secondary_link", "busway"})
"""Along these nobody parks."""
CORNER = "a street corner where cars may stop; nobody has looked at it yet"
IN_GAP = "a street corner, offered since the extract knows few places near here; nobody has looked at it yet"
PLACE = "a place where people start from; streets and car parks are not known"


class Kerbside(NamedTuple):
    """Points along streets, and how far they are from each other."""

    points: tuple[tuple[float, float], ...]
    spacing_m: float


def corners(graph: StreetGraph) -> Kerbside:
    """Corners of streets where one may stop, those of most streets first."""
    fast = [index for index, name in enumerate(graph.highways) if name in FAST]
    streets = graph.can_stop & ~np.isin(graph.highway, fast)
    ends = graph.ends[streets if streets.any() else graph.can_stop]
    node, meeting = np.unique(ends, return_counts=True)
    order = np.lexsort((node, -meeting))
    return thinned(
        [
            (float(lon), float(lat))
            for lon, lat in zip(graph.node_lon[node[order]], graph.node_lat[node[order]], strict=True)
        ]
    )


def thinned(points: Sequence[tuple[float, float]]) -> Kerbside:
    """Those that are far enough from all before them."""
    spacing_m = SPACING_M
    kept = spaced(points, spacing_m)
    while len(kept) > MOST:
        spacing_m *= 1.5
        kept = spaced(points, spacing_m)
    return Kerbside(tuple(points[index] for index in kept), spacing_m)
