"""Which chargers lie outside what a study is about, as files of them may hold whole countries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from optimiser.basics.findings import Findings
from optimiser.network.geodesy import FloatArray
from scenarios.feed import some
from scenarios.siting.files.draft import NODES, Surroundings
from scenarios.siting.files.feature import Feature
from scenarios.siting.files.grid import FAR_M
from scenarios.siting.files.ground import Nearby, point_of
from scenarios.siting.files.whereabouts import Single

FASTEST_KMH = {"walk": 6.0, "bike": 40.0, "drive": 160.0}
"""Nobody gets further along a straight line, also where a sensitivity has them go a fifth further."""


class Outside(NamedTuple):
    """A charger that is left out."""

    id: str
    feature: Feature
    away_m: float
    """From the nearest demand."""

    @property
    def single(self) -> Single:
        """It as a place of its file."""
        return Single(self.id, self.feature.where, point_of(self.feature.geometry) or (0.0, 0.0))


def outside(features: Sequence[Feature], around: Surroundings) -> dict[int, float]:
    """
    Positions of those that nobody gets to and no grid node is near to, with their metres to the nearest demand.

    One that lies in a district or in the area of a node, or that names its node, is none of them. Without demand
    nobody knows.
    """
    placed = {
        row: point
        for row, feature in enumerate(features)
        if feature.spelled(NODES) is None and (point := point_of(feature.geometry)) is not None
    }
    if not placed or not around.demand or not around.segments:
        return {}
    points = list(placed.values())
    demand_m = _metres([(point.lon, point.lat) for point in around.demand], points)
    is_out = demand_m > max(FAR_M, _furthest_m(around))
    if around.grid is not None and around.grid.points:
        is_out &= _metres(around.grid.points, points) > FAR_M
    for known in (around.grid, around.districts):
        if known is not None:
            is_out &= np.array([area is None for area in known.areas.holding(points)[0]])
    found: npt.NDArray[np.intp] = np.flatnonzero(is_out)
    rows = list(placed)
    return {rows[at]: float(demand_m[at]) for at in found.tolist()}


def tell_outside(left_out: Sequence[Outside], findings: Findings, *, of: int) -> None:
    """One warning of all that are left out, the nearest first; a file that is elsewhere as a whole is told as such."""
    if not left_out or any(error.source == left_out[0].feature.source for error in findings.errors):
        return
    first, *others = nearest = sorted(left_out, key=lambda place: place.away_m)
    lie, are = ("lie", "they are left out and hold") if others else ("lies", "it is left out and holds")
    findings.warning(
        "charger_far",
        f"{len(nearest):,} of {of:,} chargers {lie} where nobody of the study gets to, so that {are} no power of the "
        f"grid: {some([f'{place.id} ({place.away_m / 1000:,.1f} km)' for place in nearest])}",
        source=first.feature.source,
        where="" if others else first.feature.where,
        value=len(nearest),
        hint="so far is the nearest demand; a charger of the city may name its grid_node",
    )


def _furthest_m(around: Surroundings) -> float:
    """As far as anybody goes, at most."""
    there = {point.segment for point in around.demand}
    ways = [part.reach_s * FASTEST_KMH[part.profile] / 3.6 for part in around.segments if part.id in there]
    return max(ways, default=0.0)


def _metres(places: Sequence[tuple[float, float]], points: Sequence[tuple[float, float]]) -> FloatArray:
    """From each of the points to the nearest place."""
    return Nearby.of(places).nearest(points)[1]
