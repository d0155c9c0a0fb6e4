"""From where on the streets a site is reached within a cut-off, as lines and as an area, for maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from optimiser.network.access import reversed_graph
from optimiser.network.graph import StreetGraph
from optimiser.network.limits import Limits
from optimiser.network.matrix import doors
from optimiser.network.paths import cut
from optimiser.network.reach import Starts, labels_within
from optimiser.network.search import MM_BITS, MM_MASK, NEVER, IntArray, SearchGraph
from optimiser.network.snap import Snapping, project, unproject
from optimiser.network.travel import Isochrone, Place

BESIDE_M = 60.0
"""The area reaches so far to either side of a street, about half a block."""
CORNER_M = 5.0
"""Its outline may be drawn so much simpler than it is."""

FloatArray = NDArray[np.float64]
Line = tuple[tuple[float, float], ...]


def isochrone_of(graph: StreetGraph, over: SearchGraph, snapping: Snapping, *, limits: Limits) -> Isochrone:
    """
    The stretches of street from which the one snapped site is reached within the limits.

    A stretch ends where a limit is met, or where the way round the other end begins to be faster.
    """
    at = doors(graph, snapping)
    labels = labels_within(reversed_graph(over), Starts(at.street, at.in_node, at.in_cost, at.along), limits)
    stretches = _stretches(graph, over, labels, limits)
    own, share = int(snapping.street[0]), float(snapping.fraction[0])
    ahead, behind = (_reach(over, edges[[own]], np.zeros(1, np.int64), limits) for edges in _directions(graph))
    stretches += [(own, max(0.0, share - float(ahead[0])), share), (own, share, min(1.0, share + float(behind[0])))]
    lines = [_line(graph, *stretch) for stretch in _merged(stretches) if stretch[1] < stretch[2]]
    return Isochrone(site=snapping.places[0], lines=tuple(lines), area=_area(lines))


def _directions(graph: StreetGraph) -> tuple[IntArray, IntArray]:
    return graph.forward_edge, graph.backward_edge


def _reach(over: SearchGraph, edge: IntArray, label: IntArray, limits: Limits) -> FloatArray:
    """The share of each edge, up from its head with that label, that is within the limits; 0 where it is closed."""
    is_open = (edge >= 0) & (label != NEVER)
    ms, mm = over.cost[edge] >> MM_BITS, np.maximum(over.cost[edge] & MM_MASK, 1)
    left_ms, left_mm = limits.ms - (label >> MM_BITS), limits.mm - (label & MM_MASK)
    return np.where(is_open, np.clip(np.minimum(left_ms / ms, left_mm / mm), 0.0, 1.0), 0.0)


def _stretches(
    graph: StreetGraph, over: SearchGraph, labels: IntArray, limits: Limits
) -> list[tuple[int, float, float]]:
    """Street, from and to, as shares of its length along its geometry; by way of its end and of its beginning."""
    (forward, backward), (begin, end) = _directions(graph), labels[graph.ends].T
    up_to = _reach(over, backward, begin, limits)
    down_to = 1.0 - _reach(over, forward, end, limits)
    # Where both ways take as long: begin + share × backward = end + (1 - share) × forward.
    both = (forward >= 0) & (backward >= 0) & (begin != NEVER) & (end != NEVER)
    forward_ms, backward_ms = over.cost[forward] >> MM_BITS, over.cost[backward] >> MM_BITS
    even = ((end >> MM_BITS) + forward_ms - (begin >> MM_BITS)) / (forward_ms + backward_ms)
    even = np.clip(even, 0.0, 1.0)
    up_to, down_to = np.where(both, np.minimum(up_to, even), up_to), np.where(both, np.maximum(down_to, even), down_to)
    whole = np.flatnonzero(up_to >= down_to).tolist()
    lower = np.flatnonzero((up_to > 0) & (up_to < down_to)).tolist()
    upper = np.flatnonzero((down_to < 1) & (up_to < down_to)).tolist()
    return [
        *((street, 0.0, 1.0) for street in whole),
        *((street, 0.0, float(up_to[street])) for street in lower),
        *((street, float(down_to[street]), 1.0) for street in upper),
    ]


def _merged(stretches: Sequence[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """The same, those of a street that touch each other joined."""
    merged: list[tuple[int, float, float]] = []
    for street, begin, finish in sorted(stretches):
        if merged and merged[-1][0] == street and begin <= merged[-1][2]:
            merged[-1] = (street, merged[-1][1], max(finish, merged[-1][2]))
        else:
            merged.append((street, begin, finish))
    return merged


def _line(graph: StreetGraph, street: int, begin: float, finish: float) -> Line:
    return tuple((lon, lat) for lon, lat in cut(graph.points(street), begin, finish).tolist())


def _area(lines: Sequence[Line]) -> tuple[tuple[Line, ...], ...]:
    """The ground to either side of the lines."""
    if not lines:
        return ()
    points = np.array([point for line in lines for point in line])
    middle_lat = float((points[:, 1].min() + points[:, 1].max()) / 2)
    flat = project(points[:, 0], points[:, 1], middle_lat)
    owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    ground = shapely.union_all(shapely.buffer(shapely.linestrings(flat, indices=owner), BESIDE_M, quad_segs=4))
    return _polygons(shapely.simplify(ground, CORNER_M), middle_lat)


def circle(site: Place, radius_m: float) -> Isochrone:
    """Everything so near in a straight line."""
    centre = shapely.Point(project(np.array([site.lon]), np.array([site.lat]), site.lat)[0])
    return Isochrone(site=site, lines=(), area=_polygons(shapely.buffer(centre, radius_m), site.lat))


def _polygons(ground: shapely.Geometry, middle_lat: float) -> tuple[tuple[Line, ...], ...]:
    """Polygons on the plane, back as rings of (lon, lat)."""
    polygons = [part for part in shapely.get_parts(ground) if isinstance(part, shapely.Polygon)]
    return tuple(
        tuple(_ring(shapely.get_coordinates(ring), middle_lat) for ring in (part.exterior, *part.interiors))
        for part in polygons
    )


def _ring(x_y: FloatArray, middle_lat: float) -> Line:
    lon, lat = unproject(x_y, middle_lat)
    return tuple(zip(lon.tolist(), lat.tolist(), strict=True))
