"""Travel without streets: the great circle times a circuity factor, for places whose streets are not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimiser.basics.findings import Findings
from optimiser.basics.hashing import content_hash
from optimiser.network.geodesy import coordinates, great_circle_m
from optimiser.network.travel import FarPlace, Place, TravelTimes


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

    def times(self, places: Sequence[Place]) -> TravelTimes:
        """Travel times between all places, whole seconds rounded up, metres rounded to the nearest."""
        lon, lat = coordinates(places).T
        length_m = self.circuity * great_circle_m(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
        np.fill_diagonal(length_m, 0.0)
        # Rounded up, so that a detour never seems faster; the millimetre of slack absorbs floating point.
        travel_s = np.ceil((length_m - 1e-3).clip(0.0) * 3.6 / self.speed_kmh).astype(np.int32)
        metres = np.rint(length_m).astype(np.int32)
        for array in (travel_s, metres):
            array.flags.writeable = False
        return TravelTimes(
            place_ids=tuple(place.id for place in places), travel_s=travel_s, length_m=metres, label=self.label
        )

    def path(self, origin: Place, destination: Place) -> tuple[tuple[float, float], ...]:
        """Both places; drawn straight because no street is known."""
        return tuple((float(lon), float(lat)) for lon, lat in coordinates((origin, destination)))
