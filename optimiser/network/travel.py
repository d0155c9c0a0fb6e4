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

    def times(self, places: Sequence[Place]) -> TravelTimes:
        """Fastest travel times between all places."""
        ...

    def path(self, origin: Place, destination: Place) -> tuple[tuple[float, float], ...]:
        """The fastest path as (lon, lat) points, from place to place, for drawing."""
        ...
