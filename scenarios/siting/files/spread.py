"""Splits wide areas of demand: people live along the streets of a zone, not in its middle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from optimiser.network.graph import StreetGraph
from optimiser.network.snap import project
from scenarios.siting.files.ground import area_m2, polygons_in
from scenarios.siting.files.whereabouts import Whereabouts

SIDE_M = 400.0
"""People of a square of this side start from one corner; smaller areas from one point."""
MOST_POINTS = 100
"""Of one area, whose squares are wider then."""


@dataclass(frozen=True, eq=False)
class Corners:
    """Where streets meet."""

    lon_lat: NDArray[np.float64]
    """Shape (n, 2)."""
    tree: shapely.STRtree

    @classmethod
    def of(cls, graph: StreetGraph) -> Corners:
        """The nodes of streets along which one may stop."""
        nodes = np.unique(graph.ends[graph.can_stop])
        lon_lat = np.column_stack([graph.node_lon[nodes], graph.node_lat[nodes]])
        return cls(lon_lat, shapely.STRtree([shapely.Point(point) for point in lon_lat]))

    @property
    def whereabouts(self) -> Whereabouts:
        """The box around them."""
        return Whereabouts("the streets", np.array([[*self.lon_lat.min(axis=0), *self.lon_lat.max(axis=0)]]))


def spread(
    geometry: BaseGeometry, point: tuple[float, float], corners: Corners | None
) -> tuple[tuple[float, float], ...]:
    """
    The points from which the people of an area start, `point` alone where it is small or its streets are not known.

    In each square that has corners of the area, the corner nearest to their middle.
    """
    ground = polygons_in(geometry)
    if ground is None or corners is None or area_m2(ground) <= SIDE_M**2:
        return (point,)
    inside = np.sort(corners.tree.query(ground, predicate="intersects"))
    if len(inside) == 0:
        return (point,)
    side_m = max(SIDE_M, math.sqrt(area_m2(ground) / MOST_POINTS))
    flat = project(corners.lon_lat[inside, 0], corners.lon_lat[inside, 1], point[1])
    _, square = np.unique(np.floor(flat / side_m).astype(np.int64), axis=0, return_inverse=True)
    square = square.reshape(len(inside))
    count = np.bincount(square)
    middle = np.column_stack([np.bincount(square, weights=flat[:, axis]) / count for axis in (0, 1)])
    away = np.hypot(*(flat - middle[square]).T)
    order = np.lexsort((inside, away, square))
    first = order[np.searchsorted(square[order], np.arange(len(count)))]
    return tuple((float(lon), float(lat)) for lon, lat in corners.lon_lat[inside[first]])
