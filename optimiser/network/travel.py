"""
The narrow door between streets and planning: places in, travel times and paths out.

The built-in street graph, a straight line with a circuity factor, or later an OSRM server stand behind
`TravelSource`; nobody outside this room knows which.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point that travel starts from or goes to; WGS84 degrees."""

    id: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FarPlace:
    """A place further from the streets than allowed."""

    place: Place
    distance_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelTimes:
    """
    Fastest travel times between all places.

    `travel_s` and `length_m` are int32 of shape (n, n) in the order of `place_ids`, read-only, zero on the
    diagonal, and need not be symmetric; `length_m` is measured along the fastest path. A pair that cannot
    be reached holds -1 in both and is listed by id in `unreachable`.
    """

    place_ids: tuple[str, ...]
    travel_s: NDArray[np.int32]
    length_m: NDArray[np.int32]
    unreachable: tuple[tuple[str, str], ...] = ()
    label: str = ""
    """How they were made, in words, for reports: e.g. `street graph, drive, night`."""

    def without(self, place_ids: Container[str]) -> TravelTimes:
        """The same times with some places taken out."""
        kept = [index for index, id_ in enumerate(self.place_ids) if id_ not in place_ids]
        if len(kept) == len(self.place_ids):
            return self
        rows = np.ix_(kept, kept)
        travel_s, length_m = self.travel_s[rows], self.length_m[rows]
        travel_s.flags.writeable = length_m.flags.writeable = False
        return replace(
            self,
            place_ids=tuple(self.place_ids[index] for index in kept),
            travel_s=travel_s,
            length_m=length_m,
            unreachable=tuple(
                (origin, end) for origin, end in self.unreachable if origin not in place_ids and end not in place_ids
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccessPairs:
    """
    The ways from demand points to sites that are within a cut-off: compressed rows, one for each demand point.

    Demand point i reaches the sites `site[first[i]:first[i + 1]]`, rising positions in `site_ids`; `travel_s` (whole
    seconds, rounded up) and `length_m` (rounded, along the fastest way) stand beside them, as in `TravelTimes`.
    All read-only; never a full matrix.
    """

    demand_ids: tuple[str, ...]
    site_ids: tuple[str, ...]
    first: NDArray[np.int64]
    """Shape (demand points + 1,)."""
    site: NDArray[np.int32]
    travel_s: NDArray[np.int32]
    length_m: NDArray[np.int32]
    far_demand: tuple[FarPlace, ...] = ()
    """Demand points too far from a street; their rows are empty."""
    far_sites: tuple[FarPlace, ...] = ()
    """Sites too far from a street; no row names them."""
    label: str = ""
    """How they were made, in words, for reports."""

    def __post_init__(self) -> None:
        for array in (self.first, self.site, self.travel_s, self.length_m):
            array.flags.writeable = False

    @property
    def demand(self) -> NDArray[np.int64]:
        """The demand point of each pair, beside `site`."""
        return np.repeat(np.arange(len(self.demand_ids)), np.diff(self.first))

    def within(self, *, cutoff_s: float | None = None, cutoff_m: float | None = None) -> AccessPairs:
        """The pairs that are within narrower limits as well."""
        kept = np.ones(len(self.site), dtype=np.bool_)
        for limit, figure in ((cutoff_s, self.travel_s), (cutoff_m, self.length_m)):
            if limit is not None:
                kept &= figure <= limit
        before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        return replace(
            self,
            first=before[self.first],
            site=self.site[kept],
            travel_s=self.travel_s[kept],
            length_m=self.length_m[kept],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Isochrone:
    """From where a site is reached within a cut-off, for maps."""

    site: Place
    lines: tuple[tuple[tuple[float, float], ...], ...]
    """Stretches of street, (lon, lat) points; none where streets are not known."""
    area: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    """Polygons, each its outer ring and then its holes, closed, as GeoJSON's MultiPolygon has them."""


class TravelSource(Protocol):
    """Answers travel questions about one city for one profile."""

    @property
    def label(self) -> str:
        """How times are made, in words, for reports."""
        ...

    @property
    def content_hash(self) -> str:
        """Changes whenever an answer could."""
        ...

    def far_places(self, places: Sequence[Place], *, max_snap_m: float) -> tuple[FarPlace, ...]:
        """Every place further than `max_snap_m` from the nearest street, with its distance."""
        ...

    def off_street_m(self, places: Sequence[Place]) -> NDArray[np.float64]:
        """Metres from each place straight to where it meets the streets, which no time and no length counts."""
        ...

    def times(self, places: Sequence[Place]) -> TravelTimes:
        """Fastest travel times between all places."""
        ...

    def access(
        self,
        demand: Sequence[Place],
        sites: Sequence[Place],
        *,
        cutoff_s: float | None,
        cutoff_m: float | None,
        max_snap_m: float,
    ) -> AccessPairs:
        """Every way from a demand point to a site within both limits, None being no limit."""
        ...

    def isochrone(self, site: Place, *, cutoff_s: float | None, cutoff_m: float | None) -> Isochrone:
        """From where the site is reached within both limits, at least one of them given."""
        ...

    def path(self, origin: Place, destination: Place) -> tuple[tuple[float, float], ...]:
        """The fastest path as (lon, lat) points, from place to place, for drawing."""
        ...
