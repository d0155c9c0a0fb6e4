"""Where the names of districts lie on a study's map: inside, and beside its marks where that can be."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import shapely

from optimiser.reporting.map import SIDE, Frame
from optimiser.reporting.siting_study import Study

PIXEL = SIDE / 750
"""Drawing units to a pixel where a usual window shows the whole city."""
_LETTER, _LINE, _MARK = 7.0, 13.0, 22.0
"""Pixels that a letter, a line and a mark take, with a margin."""
_LETTERS = (18, 10)
"""Of a line; words are not torn."""
_INSIDE = 0.7
"""Of a name's width, so much lies in the district; the rest may reach over its border."""
_ROWS = 16
"""So many strips of a district are looked at between."""


@dataclass(frozen=True, kw_only=True)
class DistrictName:
    """A name on the map, around its middle."""

    x: int
    y: int
    lines: Sequence[str]
    fits: int
    """Drawing units to a pixel, at most, where the district has room for it."""


class _Place(NamedTuple):
    """Somewhere in a district, and how wide this is on both sides of it."""

    x: float
    y: float
    room: float


def district_names(study: Study, marks: Sequence[Mapping[str, Any]], frame: Frame) -> list[DistrictName]:
    """Names of districts whose borders are known, each in the largest part of its district that the frame shows."""
    window = shapely.box(0, 0, frame.width, frame.height)
    spots = shapely.STRtree([shapely.Point(mark["x"], mark["y"]) for mark in marks])
    names = []
    for district in study.problem.districts:
        area = study.outlines.districts.get(district.id)
        seen = [] if area is None else polygons(shapely.intersection(frame.flat(area), window))
        if seen:
            names.append(_placed(district.name, max(seen, key=lambda part: part.area), spots))
    return names


def polygons(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons that a geometry consists of, whatever else it has; nothing has one that is empty."""
    parts = shapely.get_parts(geometry).tolist()
    return [part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0]


def _placed(name: str, part: shapely.Polygon, spots: shapely.STRtree) -> DistrictName:
    """The name where there is room for it and the fewest marks lie on it, in few lines, where most room is."""

    def rank(lines: Sequence[str], place: _Place) -> tuple[bool, int, int, float]:
        half_x = (_width(lines) + _MARK) * PIXEL / 2
        half_y = (_LINE * len(lines) + _MARK) * PIXEL / 2
        around = shapely.box(place.x - half_x, place.y - half_y, place.x + half_x, place.y + half_y)
        covered = len(spots.query(around, predicate="intersects"))
        return place.room < _INSIDE * _width(lines) * PIXEL, covered, len(lines), -place.room

    ways = [textwrap.wrap(name, letters, break_long_words=False) or [name] for letters in _LETTERS]
    lines, place = min(((lines, place) for place in _places(part) for lines in ways), key=lambda way: rank(*way))
    return DistrictName(
        x=round(place.x), y=round(place.y), lines=lines, fits=int(place.room / (_INSIDE * _width(lines)))
    )


def _width(lines: Sequence[str]) -> float:
    return _LETTER * max(1, *map(len, lines))


def _places(part: shapely.Polygon) -> Iterator[_Place]:
    """Across the district at several heights: the middle of it, and left and right of that."""
    west, north, east, south = part.bounds
    for row in range(1, _ROWS):
        y = north + (south - north) * row / _ROWS
        across = shapely.intersection(part, shapely.LineString([(west, y), (east, y)]))
        for piece in shapely.get_parts(across).tolist():
            left, _, right, _ = piece.bounds
            for share in (0.5, 0.35, 0.65, 0.2, 0.8):
                yield _Place(left + share * (right - left), y, 2 * min(share, 1 - share) * (right - left))
