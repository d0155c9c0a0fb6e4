"""Lines and marks of the report's map, in whole drawing units; what they look like is the page's matter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

SIDE = 20_000
"""Drawing units along the longer side of the frame: 20 to a pixel on a map 1,000 pixels wide."""
METRES_PER_DEGREE = 111_195.0
"""Of latitude."""
_ARROW_GAP = 1_400
"""Units between two arrows on a route, and from its start to the first one at most."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of the globe laid flat around its middle latitude; x grows east, y grows south."""

    west: float
    north: float
    x_scale: float
    y_scale: float
    width: int
    height: int

    def xy(self, lon: float, lat: float) -> tuple[int, int]:
        """Drawing units of a position."""
        return round((lon - self.west) * self.x_scale), round((self.north - lat) * self.y_scale)

    def flat(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """A geometry of longitudes and latitudes in drawing units, not rounded."""
        origin, scale = np.array([self.west, self.north]), np.array([self.x_scale, -self.y_scale])
        return shapely.transform(geometry, lambda degrees: (degrees - origin) * scale)

    @property
    def unit_m(self) -> float:
        """Metres that a drawing unit stands for."""
        return METRES_PER_DEGREE / self.y_scale


@dataclass(frozen=True, slots=True)
class Arrow:
    """A direction mark: where, and its angle in degrees clockwise from east."""

    x: int
    y: int
    angle: int


def frame_around(points: Iterable[tuple[float, float]], *, margin: float = 0.06) -> Frame:
    """The frame that holds all (lon, lat) points with a margin on each side; at least some 300 m wide."""
    lons, lats = zip(*points, strict=True)
    middle = (min(lats) + max(lats)) / 2
    squeeze = max(0.01, math.cos(math.radians(middle)))
    height, width = max(lats) - min(lats), (max(lons) - min(lons)) * squeeze
    pad = max(0.0015, margin * max(height, width))
    height, width = height + 2 * pad, width + 2 * pad
    scale = SIDE / max(height, width)
    return Frame(
        west=min(lons) - pad / squeeze,
        north=max(lats) + pad,
        x_scale=scale * squeeze,
        y_scale=scale,
        width=round(width * scale),
        height=round(height * scale),
    )


def line_path(frame: Frame, points: Sequence[Sequence[float]], *, tolerance: float = 2.0) -> str:
    """One SVG path of (lon, lat) points; loses no more than `tolerance` units."""
    return drawn(shapely.LineString([frame.xy(*point) for point in points]), tolerance=tolerance)


def drawn(line: shapely.Geometry, *, tolerance: float) -> str:
    """One SVG path of a line in drawing units; loses no more than `tolerance` of them."""
    return _encode(np.rint(shapely.get_coordinates(shapely.simplify(line, tolerance))).astype(np.int64))


def arrows(frame: Frame, points: Sequence[Sequence[float]]) -> list[Arrow]:
    """Direction marks along a leg, evenly spaced; none on a leg too short to hold one."""
    line = [frame.xy(*point) for point in points]
    length = sum(math.dist(a, b) for a, b in pairwise(line))
    if length < _ARROW_GAP / 3:
        return []
    count = max(1, round(length / _ARROW_GAP))
    wanted = [(index + 0.5) * length / count for index in range(count)]
    marks: list[Arrow] = []
    walked = 0.0
    for (ax, ay), (bx, by) in pairwise(line):
        step = math.dist((ax, ay), (bx, by))
        while len(marks) < count and step > 0 and wanted[len(marks)] <= walked + step:
            share = (wanted[len(marks)] - walked) / step
            angle = round(math.degrees(math.atan2(by - ay, bx - ax)))
            marks.append(Arrow(round(ax + share * (bx - ax)), round(ay + share * (by - ay)), angle))
        walked += step
    return marks


def _encode(points: NDArray[np.int64]) -> str:
    """`M` to the first point, then relative steps; empty for a street shorter than a unit."""
    steps = np.diff(points, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if not len(steps):
        return ""
    text = "".join(f"{' ' if number >= 0 else ''}{number}" for number in steps.ravel().tolist())
    return f"M{points[0, 0]} {points[0, 1]}l{text.lstrip()}"
