"""
Who may want to charge, made up from real buildings: people from floors, where nobody has counted them.

Rules of thumb, the same for every city; whatever is made with them says that it is made up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import osmium
import shapely

from scenarios.extracts import METRES_PER_DEGREE

LEVELS = 6
"""Of a building that does not tell."""
CELL_M = 80.0
"""People of a square of this side start from one point: the middle of its buildings, by people."""
FLOOR_M2_PER_PERSON: Mapping[str, Mapping[str, float]] = {
    "apartments": {"residents": 60.0},
    "residential": {"residents": 60.0},
    "office": {"workers": 40.0},
    "retail": {"workers": 60.0, "visitors": 30.0},
    "hotel": {"workers": 150.0, "visitors": 50.0},
    "yes": {"residents": 240.0, "workers": 120.0},
}
"""Floor that one person stands for, by `building` and segment; buildings of other kinds count for nobody."""

Row = tuple[str, float, float, float, str]


def demand_rows(source: Path) -> Iterator[Row]:
    """Id, lon, lat, people and segment of every square of an extract that holds people of the segment."""
    cells: dict[tuple[str, int, int], list[tuple[float, float, float]]] = defaultdict(list)
    factory = osmium.geom.WKBFactory()
    for area in osmium.FileProcessor(str(source)).with_areas().with_filter(osmium.filter.KeyFilter("building")):
        if not isinstance(area, osmium.osm.Area):
            continue
        rule = FLOOR_M2_PER_PERSON.get(area.tags["building"], {})
        shape = shapely.from_wkb(factory.create_multipolygon(area))
        middle = shape.representative_point()
        north_m = METRES_PER_DEGREE
        east_m = north_m * math.cos(math.radians(middle.y))
        floor_m2 = shape.area * north_m * east_m * _levels(area.tags.get("building:levels") or "")
        for segment, each_m2 in rule.items():
            cell = segment, math.floor(middle.x * east_m / CELL_M), math.floor(middle.y * north_m / CELL_M)
            cells[cell].append((floor_m2 / each_m2, middle.x, middle.y))
    for number, ((segment, _, _), people) in enumerate(sorted(cells.items()), start=1):
        total = math.fsum(weight for weight, _, _ in people)
        lon, lat = (math.fsum(item[0] * item[axis] for item in people) / total for axis in (1, 2))
        yield f"{segment[0]}{number}", round(lon, 6), round(lat, 6), round(total, 1), segment


def _levels(text: str) -> float:
    try:
        return min(max(float(text.replace(",", ".")), 1.0), 60.0)
    except ValueError:
        return LEVELS
