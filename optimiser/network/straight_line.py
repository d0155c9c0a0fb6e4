"""Travel without streets: the great circle times a circuity factor, for places whose streets are not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from optimiser.basics.hashing import content_hash
from optimiser.network.geodesy import coordinates, great_circle_m
from optimiser.network.limits import Limits, limits_of
from optimiser.network.travel import AccessPairs, FarPlace, Isochrone, Place, TravelTimes


@dataclass(frozen=True, slots=True)
class StraightLine:
    """
    Stands in for a street graph: length is great circle × `circuity`, time is length at `speed_kmh`.

    Symmetric and complete. Circuity of city streets is about 1.2 to 1.5 (Boeing, The morphology and circuity
    of walkable and drivable street networks, 2019).
    """

    circuity: float
    speed_kmh: float

    def __post_init__(self) -> None:
        findings = Findings()
        for name, value, right, fine in (
            ("circuity", self.circuity, "at least 1", self.circuity >= 1),
            ("speed_kmh", self.speed_kmh, "above 0", self.speed_kmh > 0),
        ):
            if not (fine and math.isfinite(value)):
                findings.error(
                    name,
                    f"{name} is {value}",
                    source="straight line",
                    where=f"/{name}",
                    value=value,
                    hint=f"must be a number {right}",
                )
        findings.raise_errors("straight line")

    @property
    def label(self) -> str:
        """How times are made, in words."""
        return f"straight line × {self.circuity:g} at {self.speed_kmh:g} km/h, no streets"

    @property
    def content_hash(self) -> str:
        """Changes with circuity and speed."""
        return content_hash("straight line", float(self.circuity), float(self.speed_kmh))

    def far_places(self, places: Sequence[Place], *, max_snap_m: float) -> tuple[FarPlace, ...]:
        """Nothing is far from streets where there are none; raises InvalidInput for positions off the globe."""
        coordinates(places)
        return ()

    def off_street_m(self, places: Sequence[Place]) -> NDArray[np.float64]:
        """Nothing: a straight line goes from place to place."""
        return np.zeros(len(places))

    def times(self, places: Sequence[Place]) -> TravelTimes:
        """Travel times between all places, whole seconds rounded up, metres rounded to the nearest."""
        lon, lat = coordinates(places).T
        travel_s, metres = self.figures(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
        for array in (travel_s, metres):
            np.fill_diagonal(array, 0)
            array.flags.writeable = False
        return TravelTimes(
            place_ids=tuple(place.id for place in places), travel_s=travel_s, length_m=metres, label=self.label
        )

    def access(
        self,
        demand: Sequence[Place],
        sites: Sequence[Place],
        *,
        cutoff_s: float | None,
        cutoff_m: float | None,
        max_snap_m: float,
    ) -> AccessPairs:
        """
        Every way from a demand point to a site within both limits, None being no limit; figures are those of `times`.

        `max_snap_m` says nothing here: there are no streets to be far from.
        """
        # Imported here: planning a city by straight lines needs no compiler.
        from optimiser.network.straight_access import straight_pairs

        limits = limits_of(cutoff_s, cutoff_m)
        return straight_pairs(demand, sites, limits, self.figures, reach_m=self._reach_m(limits), label=self.label)

    def isochrone(self, site: Place, *, cutoff_s: float | None, cutoff_m: float | None) -> Isochrone:
        """A circle around the site."""
        from optimiser.network.isochrone import circle

        coordinates((site,))
        return circle(site, self._reach_m(limits_of(cutoff_s, cutoff_m)))

    def _reach_m(self, limits: Limits) -> float:
        """Great circle within both limits."""
        return min(limits.ms / 3600 * self.speed_kmh, limits.mm / 1000) / self.circuity

    def figures(self, lon_1: Any, lat_1: Any, lon_2: Any, lat_2: Any) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Whole seconds rounded up and rounded metres between points; broadcasts like NumPy."""
        length_m = self.circuity * great_circle_m(lon_1, lat_1, lon_2, lat_2)
        # Rounded up, so that a detour never seems faster; the millimetre of slack absorbs floating point.
        travel_s = np.ceil((length_m - 1e-3).clip(0.0) * 3.6 / self.speed_kmh).astype(np.int32)
        return travel_s, np.rint(length_m).astype(np.int32)

    def path(self, origin: Place, destination: Place) -> tuple[tuple[float, float], ...]:
        """Both places; drawn straight because no street is known."""
        return tuple((float(lon), float(lat)) for lon, lat in coordinates((origin, destination)))
