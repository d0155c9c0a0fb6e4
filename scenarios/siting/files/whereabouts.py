"""Tells a file whose places are all far from those of the others, and single places with swapped degrees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from optimiser.basics.findings import Findings
from optimiser.network.geodesy import FloatArray, great_circle_m
from scenarios.cross_checks import FAR_FROM_THE_REST_M
from scenarios.feed import named

SWAPPED = (1, 0, 3, 2)
"""Sides of a box whose longitudes and latitudes change places."""


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Where the places of a file are."""

    source: str
    boxes: FloatArray
    """West, south, east and north of each place; shape (n, 4), at least one."""
    ids: tuple[str, ...] = ()
    """Of the places; none where they are not told one by one."""

    @classmethod
    def of_points(cls, source: str, points: Iterable[tuple[float, float]], ids: Iterable[str] = ()) -> Whereabouts:
        """Places without an extent."""
        return cls(source, np.array([(*point, *point) for point in points]).reshape(-1, 4), tuple(ids))

    @property
    def middles(self) -> FloatArray:
        """Longitude and latitude of each place; shape (n, 2)."""
        middles: FloatArray = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        return middles

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude in the midst of most places."""
        lon, lat = np.median(self.middles, axis=0).tolist()
        return lon, lat

    def away_m(self, point: tuple[float, float]) -> float:
        """Metres from a point to the nearest place."""
        nearest = np.clip(np.array(point), self.boxes[:, :2], self.boxes[:, 2:])
        return float(great_circle_m(nearest[:, 0], nearest[:, 1], *point).min())

    def is_near(self, other: Whereabouts) -> bool:
        """Whether a place of one is near the middle of the other; a register of a whole country is near its cities."""
        return min(self.away_m(other.middle), other.away_m(self.middle)) <= FAR_FROM_THE_REST_M

    def looks_swapped(self, other: Whereabouts) -> bool:
        """Whether the places would be near those of the other with longitude for latitude."""
        turned = self.boxes[:, SWAPPED]
        return bool(np.abs(turned[:, 1::2]).max() <= 90.0) and Whereabouts(self.source, turned).is_near(other)

    def swapped_singly(self, other: Whereabouts) -> list[str]:
        """Ids of places that are far from the middle of the other, and would not be with longitude for latitude."""
        lon, lat = self.middles.T
        is_far = great_circle_m(lon, lat, *other.middle) > FAR_FROM_THE_REST_M
        would_be_near = (np.abs(lon) <= 90.0) & (great_circle_m(lat, lon, *other.middle) <= FAR_FROM_THE_REST_M)
        return [id_ for id_, is_swapped in zip(self.ids, is_far & would_be_near, strict=False) if is_swapped]


def tell_far(files: Sequence[Whereabouts], streets: Whereabouts | None, findings: Findings) -> None:
    """
    An error for each file far from the streets; where these are not known, from what most files are near.

    Single places that are far are not told, as files may hold whole countries; with swapped degrees they are.
    """
    if not files:
        return
    near = [sum(file.is_near(other) for other in files) for file in files]
    home = files[int(np.argmax(near))] if streets is None else streets
    is_sure = streets is not None or 2 * max(near) > len(files)
    for file in files:
        if file.is_near(home):
            _tell_swapped(file, home, findings)
            continue
        count, away_km = len(file.boxes), file.away_m(home.middle) / 1000
        places = f"the {count:,} places lie" if count > 1 else "the place lies"
        is_swapped = file.looks_swapped(home)
        hint = "longitude and latitude look swapped" if is_swapped else "degrees of longitude and latitude, in one city"
        findings.error(
            "coordinates_swapped" if is_swapped else "coordinates_far",
            f"{places} {away_km:,.0f} km from {home.source}{' or further' * (count > 1)}",
            source=file.source,
            value=list(file.middle),
            hint=hint if is_sure else f"{hint}; here or in {home.source}",
        )


def _tell_swapped(file: Whereabouts, home: Whereabouts, findings: Findings) -> None:
    swapped = file.swapped_singly(home)
    if swapped:
        places, it = ("1 place lies", "it") if len(swapped) == 1 else (f"{len(swapped):,} places lie", "they")
        findings.warning(
            "coordinates_swapped",
            f"{places} far from the city, in which {it} would lie with longitude for latitude: {named(swapped)}",
            source=file.source,
            value=len(swapped),
            hint="longitude and latitude look swapped",
        )
