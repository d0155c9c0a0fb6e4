"""
Districts, grid nodes and candidate sites for a city that has zones with people and nothing of its own for these.

Districts and grid nodes are made up from a seed; candidates are real street corners which nobody has been asked about.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from scenarios.extracts import Point, metres

ROUNDS = 100
GRID_M = 1e-5
"""Coordinates to about a metre, as those of the zones."""
PEOPLE_PER_CANDIDATE = 1000.0
CANDIDATE_SPACING_M = 250.0
HOSTING_KW = (100, 160, 250, 400)
"""Power that a transformer has to spare for charging."""


@dataclass(frozen=True)
class Area:
    """A zone with people."""

    id: str
    people: float
    shape: BaseGeometry

    @property
    def middle(self) -> tuple[float, float]:
        """In degrees, longitudes shortened so that distances are alike in both directions."""
        point = self.shape.representative_point()
        return point.x * math.cos(math.radians(point.y)), point.y


def read_areas(path: Path) -> list[Area]:
    """The zones of a GeoJSON file with `id` and `population`."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [
        Area(
            id=feature["properties"]["id"],
            people=feature["properties"]["population"],
            shape=shapely.make_valid(shapely.from_geojson(json.dumps(feature["geometry"]))),
        )
        for feature in features
    ]


def grouped(areas: Sequence[Area], count: int, *, seed: int) -> list[list[Area]]:
    """
    Zones in `count` groups around middles of people: k-means of their middles, weighted, the best of some starts.

    Lloyd 1982, *IEEE Transactions on Information Theory* 28. Groups come from south to north.
    """
    rng = random.Random(seed)  # noqa: S311 - districts are made up here, no secret
    best: tuple[float, list[int]] | None = None
    for _ in range(20):
        middles = [area.middle for area in rng.sample(list(areas), count)]
        nearest: list[int] = []
        for _ in range(ROUNDS):
            before = nearest
            nearest = [min(range(count), key=lambda k: math.dist(area.middle, middles[k])) for area in areas]
            if nearest == before:
                break
            middles = [
                _middle([a for a, k in zip(areas, nearest, strict=True) if k == g], middles[g]) for g in range(count)
            ]
        spread = math.fsum(
            area.people * math.dist(area.middle, middles[k]) ** 2 for area, k in zip(areas, nearest, strict=True)
        )
        if best is None or spread < best[0]:
            best = spread, nearest
    assert best is not None
    groups = [[area for area, k in zip(areas, best[1], strict=True) if k == g] for g in range(count)]
    return sorted((group for group in groups if group), key=lambda group: _middle(group, (0, 0))[::-1])


def write_districts(path: Path, groups: Sequence[Sequence[Area]]) -> None:
    """One feature for each group, its zones joined; each says that it is made up."""
    lines = []
    for number, group in enumerate(groups, start=1):
        joined = shapely.set_precision(shapely.unary_union([area.shape for area in group]), GRID_M)
        feature = {
            "type": "Feature",
            "properties": {"id": f"D{number}", "name": f"District {number} (made up)", "synthetic": True},
            "geometry": _rounded(mapping(joined)),
        }
        lines.append(json.dumps(feature, separators=(",", ":")))
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


@dataclass(frozen=True)
class Node:
    """A made-up transformer."""

    id: str
    point: Point
    hosting_kw: int


def grid_nodes(areas: Sequence[Area], count: int, *, seed: int) -> list[Node]:
    """Transformers in the middle of the most populous zone of each of `count` groups, with power drawn at random."""
    rng = random.Random(seed)  # noqa: S311 - a grid is made up here, no secret
    nodes = []
    for number, group in enumerate(grouped(areas, count, seed=seed), start=1):
        middle = max(group, key=lambda area: (area.people, area.id)).shape.representative_point()
        nodes.append(Node(f"T{number:02d}", (round(middle.x, 5), round(middle.y, 5)), rng.choice(HOSTING_KW)))
    return nodes


def corners_for(areas: Sequence[Area], corners: Sequence[tuple[Point, str]]) -> list[tuple[Point, str]]:
    """
    Street corners, with the name of their street, where chargers might stand.

    In each zone one for every 1000 people and two at least, those nearest to its middle first; none is within 250 m of
    another.
    """
    tree = shapely.STRtree([shapely.Point(point) for point, _ in corners])
    taken: list[tuple[Point, str]] = []
    for area in areas:
        point = area.shape.representative_point()
        middle = (point.x, point.y)
        inside = [corners[row] for row in tree.query(area.shape, predicate="intersects")]
        wanted = max(2, math.ceil(area.people / PEOPLE_PER_CANDIDATE))
        for corner in sorted(set(inside), key=lambda corner: (metres(corner[0], middle), corner)):
            if wanted and all(metres(corner[0], other) >= CANDIDATE_SPACING_M for other, _ in taken):
                taken.append(corner)
                wanted -= 1
    return taken


def _middle(group: Sequence[Area], otherwise: tuple[float, float]) -> tuple[float, float]:
    people = math.fsum(area.people for area in group)
    if people <= 0:
        return otherwise
    x, y = (math.fsum(area.people * area.middle[axis] for area in group) / people for axis in (0, 1))
    return x, y


def _rounded(geometry: dict[str, object]) -> dict[str, object]:
    def rounded(value: object) -> object:
        return [rounded(item) for item in value] if isinstance(value, (list, tuple)) else round(float(value), 5)  # type: ignore[arg-type]

    return {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}
