"""Points and areas on the ground: one point for each feature, metres for degrees, and who lies in which polygon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from optimiser.network.snap import project

METRES_PER_DEGREE = 111_195.0


def point_of(geometry: BaseGeometry) -> tuple[float, float] | None:
    """Longitude and latitude of a point, of the middle of a line, or of a point inside a polygon; None of others."""
    if isinstance(geometry, shapely.Point):
        point = geometry
    elif (ground := polygons_in(geometry)) is not None:
        point = ground.representative_point()
    elif isinstance(geometry, shapely.LineString):
        point = geometry.interpolate(0.5, normalized=True)
    elif isinstance(geometry, (shapely.Polygon, shapely.MultiPolygon)):  # Without an area: lines there and back.
        point = geometry.centroid
    elif isinstance(geometry, shapely.MultiPoint) and len(geometry.geoms) == 1:
        point = geometry.geoms[0]
    else:
        return None
    return None if point.is_empty else (float(point.x), float(point.y))


def area_m2(geometry: BaseGeometry) -> float:
    """Area of polygons in degrees, true to scale where they are."""
    _, south, _, north = geometry.bounds
    return float(geometry.area * METRES_PER_DEGREE**2 * math.cos(math.radians((south + north) / 2)))


def polygons_in(geometry: BaseGeometry) -> BaseGeometry | None:
    """The polygons of a geometry, mended ones may have lines beside them; None where there are none."""
    if isinstance(geometry, shapely.Point):
        return None
    parts = [part for part in shapely.get_parts(geometry, return_index=False) if part.geom_type == "Polygon"]
    inner = [
        deeper for part in shapely.get_parts(geometry) if part.geom_type == "MultiPolygon" for deeper in part.geoms
    ]
    polygons = [part for part in (*parts, *inner) if part.area > 0]
    return shapely.MultiPolygon(polygons) if polygons else None


@dataclass(frozen=True, eq=False)
class Areas:
    """Polygons that things lie in."""

    ids: tuple[str, ...]
    tree: shapely.STRtree

    @classmethod
    def of(cls, ids: Sequence[str], polygons: Sequence[BaseGeometry]) -> Areas:
        """Areas by their ids."""
        return cls(tuple(ids), shapely.STRtree(list(polygons)))

    @property
    def outlines(self) -> tuple[tuple[str, BaseGeometry], ...]:
        """Each area with its id, in order."""
        return tuple(zip(self.ids, self.tree.geometries.tolist(), strict=True))

    def holding(self, points: Sequence[tuple[float, float]]) -> tuple[list[str | None], list[int]]:
        """For each point the first area that holds it, border included; and the points that several hold."""
        place, area = self.tree.query(_points(points), predicate="intersects")
        first: list[str | None] = [None] * len(points)
        order = np.lexsort((area, place))
        several = set()
        for index, number in zip(place[order].tolist(), area[order].tolist(), strict=True):
            if first[index] is None:
                first[index] = self.ids[number]
            else:
                several.add(index)
        return first, sorted(several)


@dataclass(frozen=True, eq=False)
class Nearby:
    """Places among which the nearest is asked for."""

    tree: shapely.STRtree
    middle_lat: float

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]]) -> Nearby:
        """At least one place."""
        middle_lat = float(np.mean([lat for _, lat in points]))
        return cls(shapely.STRtree([shapely.Point(point) for point in _flat(points, middle_lat)]), middle_lat)

    def nearest(self, points: Sequence[tuple[float, float]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Position of the nearest place for each point, the first of equals, and how many metres away it is."""
        flat = shapely.points(_flat(points, self.middle_lat))
        (asked, found), metres = self.tree.query_nearest(flat, return_distance=True)
        order = np.lexsort((found, asked))
        first = np.searchsorted(asked[order], np.arange(len(points)))
        return found[order][first], metres[order][first]


def spaced(points: Sequence[tuple[float, float]], spacing_m: float) -> list[int]:
    """Positions of points, in order, each at least so far from those before it."""
    if not points:
        return []
    middle_lat = float(np.mean([lat for _, lat in points]))
    cells: dict[tuple[int, int], list[tuple[float, float]]] = {}
    kept = []
    for index, (x, y) in enumerate(_flat(points, middle_lat).tolist()):
        column, row = math.floor(x / spacing_m), math.floor(y / spacing_m)
        around = ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        if all(math.hypot(x - a, y - b) >= spacing_m for cell in around for a, b in cells.get(cell, ())):
            cells.setdefault((column, row), []).append((x, y))
            kept.append(index)
    return kept


def _points(points: Sequence[tuple[float, float]]) -> NDArray[np.object_]:
    return np.asarray(shapely.points(np.array(points, dtype=np.float64).reshape(len(points), 2)))


def _flat(points: Sequence[tuple[float, float]], middle_lat: float) -> NDArray[np.float64]:
    lon, lat = np.array(points, dtype=np.float64).reshape(len(points), 2).T
    return project(lon, lat, middle_lat)
