"""Places meet streets: the nearest point on the nearest street where one may stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from optimiser.network.geodesy import EARTH_RADIUS_M, coordinates, great_circle_m
from optimiser.network.graph import StreetGraph
from optimiser.network.travel import FarPlace, Place

AT_NODE_M = 0.01
"""A point this close to the end of a street is at the node, and may go on in any direction."""


@dataclass(frozen=True, slots=True, eq=False)
class StreetIndex:
    """A graph with a search tree over its streets; made once, then asked often."""

    graph: StreetGraph
    streets: NDArray[np.int64]
    """The street of each line in the tree."""
    lines: NDArray[np.object_]
    tree: shapely.STRtree
    middle_lat: float
    """Degrees; where the local projection is true to scale."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapping:
    """Where places meet the streets; arrays of shape (n,) in the order of `places`."""

    places: tuple[Place, ...]
    street: NDArray[np.int64]
    fraction: NDArray[np.float64]
    """Share of the street's length before the point, 0..1 along its geometry; exactly 0 or 1 at a node."""
    distance_m: NDArray[np.float64]
    """From the place to the point, great circle; not part of travel times."""
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def far(self, *, max_snap_m: float) -> tuple[FarPlace, ...]:
        """Every place further than that from its street."""
        far = np.flatnonzero(self.distance_m > max_snap_m).tolist()
        return tuple(FarPlace(place=self.places[index], distance_m=float(self.distance_m[index])) for index in far)


def index_streets(graph: StreetGraph) -> StreetIndex:
    """Prepare a graph for snapping: only streets where one may stop, unless there is no such street."""
    streets = np.flatnonzero(graph.can_stop) if graph.can_stop.any() else np.arange(len(graph.can_stop))
    middle_lat = float((graph.point_lat.min() + graph.point_lat.max()) / 2)
    x_y = project(graph.point_lon, graph.point_lat, middle_lat)
    owner = np.repeat(np.arange(len(graph.can_stop)), np.diff(graph.point_start))
    lines = np.asarray(shapely.linestrings(x_y, indices=owner))[streets]
    return StreetIndex(graph, streets, lines, shapely.STRtree(lines), middle_lat)


def snap(index: StreetIndex, places: Sequence[Place]) -> Snapping:
    """
    Snap each place to the nearest point of the nearest street; of equally near streets to the first.

    However far it is: the caller decides what is too far. Distances are measured on a plane that is true to
    scale in the middle of the graph, good to 1 % within 50 km of it.

    Raises
    ------
    InvalidInput
        Names every place that is not on the globe.
    """
    lon_lat = coordinates(places)
    points = shapely.points(project(lon_lat[:, 0], lon_lat[:, 1], index.middle_lat))
    place, line = index.tree.query_nearest(points, all_matches=True)
    order = np.lexsort((line, place))
    first = np.searchsorted(place[order], np.arange(len(places)))
    line = line[order][first] if len(places) else line
    street = index.streets[line]

    chosen = index.lines[line]
    along = shapely.line_locate_point(chosen, points)
    total = shapely.length(chosen)
    along = np.where(along <= AT_NODE_M, 0.0, np.where(along >= total - AT_NODE_M, total, along))
    fraction = np.divide(along, total, out=np.zeros_like(total), where=total > 0)
    # The interpolated point itself is drawn, so it is taken back from the plane.
    x_y = shapely.get_coordinates(shapely.line_interpolate_point(chosen, along))
    lon, lat = unproject(x_y, index.middle_lat)
    return Snapping(
        places=tuple(places),
        street=street,
        fraction=fraction,
        distance_m=great_circle_m(lon_lat[:, 0], lon_lat[:, 1], lon, lat),
        lon=lon,
        lat=lat,
    )


def project(lon: NDArray[np.float64], lat: NDArray[np.float64], middle_lat: float) -> NDArray[np.float64]:
    """Metres east and north on a plane that is true to scale at `middle_lat`, shape (n, 2)."""
    return EARTH_RADIUS_M * np.column_stack([np.radians(lon) * np.cos(np.radians(middle_lat)), np.radians(lat)])


def unproject(x_y: NDArray[np.float64], middle_lat: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees of longitude and of latitude."""
    x, y = x_y[:, 0] / EARTH_RADIUS_M, x_y[:, 1] / EARTH_RADIUS_M
    return np.degrees(x / np.cos(np.radians(middle_lat))), np.degrees(y)
