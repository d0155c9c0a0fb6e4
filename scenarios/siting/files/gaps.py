"""Where a street extract knows too few places for chargers, street corners are offered beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from optimiser.network.snap import project
from optimiser.siting.problem import DemandPoint, Segment
from scenarios.siting.files.draft import Surroundings
from scenarios.siting.files.kerbside import corners

FEWEST = 3
"""Sites that somebody is to have within reach before corners are offered."""
CIRCUITY = 1.3
"""Ways along streets are longer than straight ones by so much (Boeing 2019)."""
SPEED_KMH = {"walk": 4.8, "bike": 15.0, "drive": 25.0}

Offer = tuple[tuple[float, float], Collection[str]]
"""Where a site is, and the kinds that may come there."""


class Gaps(NamedTuple):
    """Corners for demand that has too few sites."""

    corners: tuple[tuple[float, float], ...]
    spacing_m: float
    points: int
    """Demand points with fewer than `FEWEST` sites within reach."""
    people: float


def gaps(around: Surroundings, known: Sequence[Offer], kerb_kinds: Callable[[], Collection[str]]) -> Gaps | None:
    """
    Corners within reach of whoever has too few sites, away from those; None where nobody has, or none helps.

    `kerb_kinds` are asked for only where somebody has too few: what is assumed of kerbs is told then.
    """
    if around.graph is None or not around.demand:
        return None
    flat = _Flat(float(np.mean([point.lat for point in around.demand])))
    short: list[DemandPoint] = []
    reaches: list[float] = []
    for segment in around.segments:
        points = [point for point in around.demand if point.segment == segment.id]
        serving = [place for place, kinds in known if segment.kinds & set(kinds)]
        few = flat.count(points, serving, _straight_m(segment)) < FEWEST
        if not few.any() or not segment.kinds & set(kerb_kinds()):
            continue
        short += [point for point, is_short in zip(points, few.tolist(), strict=True) if is_short]
        reaches += [_straight_m(segment)] * int(few.sum())
    if not short:
        return None
    found = corners(around.graph)
    is_helpful = flat.reach_any(found.points, short, reaches)
    is_beside = flat.nearest(found.points, [place for place, _ in known]) < found.spacing_m
    kept = tuple(
        place for place, is_kept in zip(found.points, (is_helpful & ~is_beside).tolist(), strict=True) if is_kept
    )
    people = math.fsum(point.weight for point in short)
    return Gaps(kept, found.spacing_m, len(short), people) if kept else None


def _straight_m(segment: Segment) -> float:
    """How far they come along a straight line, about."""
    return segment.reach_s * SPEED_KMH[segment.profile] / 3.6 / CIRCUITY


class _Flat:
    """Distances in metres near a latitude."""

    def __init__(self, middle_lat: float) -> None:
        self._middle_lat = middle_lat

    def count(
        self, points: Sequence[DemandPoint], places: Sequence[tuple[float, float]], reach_m: float
    ) -> NDArray[np.int64]:
        """Places within reach of each point."""
        if not points or not places:
            return np.zeros(len(points), dtype=np.int64)
        tree = cKDTree(self._metres(places))
        return np.asarray(tree.query_ball_point(self._metres(_places(points)), reach_m, return_length=True))

    def reach_any(
        self, places: Sequence[tuple[float, float]], points: Sequence[DemandPoint], reach_m: Sequence[float]
    ) -> NDArray[np.bool_]:
        """Whether each place is within reach of a point."""
        is_near = np.zeros(len(places), dtype=np.bool_)
        metres, starts, reach = self._metres(places), self._metres(_places(points)), np.array(reach_m)
        for one in np.unique(reach):
            near, _ = cKDTree(starts[reach == one]).query(metres, distance_upper_bound=float(one) + 1e-9)
            is_near |= np.isfinite(near)
        return is_near

    def nearest(
        self, places: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]
    ) -> NDArray[np.float64]:
        """Metres from each place to the nearest other."""
        if not others:
            return np.full(len(places), np.inf)
        return np.asarray(cKDTree(self._metres(others)).query(self._metres(places))[0])

    def _metres(self, places: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        lon, lat = np.array(places, dtype=np.float64).reshape(len(places), 2).T
        return project(lon, lat, self._middle_lat)


def _places(points: Sequence[DemandPoint]) -> list[tuple[float, float]]:
    return [(point.lon, point.lat) for point in points]
