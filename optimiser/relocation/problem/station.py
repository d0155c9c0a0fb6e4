"""Where cars stand: stations with bays and plugs, free-floating zones, charging sites; and groups of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.require import require_amounts, require_distinct


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """One cable that charges one car at a time."""

    id: str
    kw: float
    """What it gives at most, from the grid."""
    connector: str
    free_from_s: int = 0
    """Until then somebody else's car holds it."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.kw) and self.kw > 0):
            raise InvalidProblem(f"plug {self.id}: {self.kw} kW, must be above 0")
        require_amounts(f"plug {self.id}", free_from_s=self.free_from_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """
    A place where cars stand.

    A place where nobody rents, such as a charging hub, has the one entry 0 in `lost_trips`.
    """

    id: str
    lost_trips: tuple[float, ...]
    """Expected trips lost over the next day by ready cars at opening: entry k for k cars, the last for more."""
    bays: int | None = None
    """Cars that fit at once, those at plugs included; None = a zone, any number."""
    plugs: tuple[Plug, ...] = ()
    site_kw: float | None = None
    """What all its plugs together may draw; None = all at full power."""
    opens_s: int = 0
    closes_s: int | None = None
    """Drivers may work here from when to when; None = until the end."""

    def __post_init__(self) -> None:
        if not self.lost_trips:
            raise InvalidProblem(f"station {self.id}: no entry in lost trips")
        for lost in self.lost_trips:
            require_amounts(f"station {self.id}", lost_trips=lost)
        require_distinct(f"station {self.id}: plug", (plug.id for plug in self.plugs))
        require_amounts(f"station {self.id}", bays=self.bays or 0, site_kw=self.site_kw or 0.0, opens_s=self.opens_s)
        if self.closes_s is not None and self.closes_s < self.opens_s:
            raise InvalidProblem(f"station {self.id}: open {self.opens_s}..{self.closes_s} s is reversed")

    def lost(self, ready: int) -> float:
        """Expected trips lost over the next day with so many ready cars at opening."""
        return self.lost_trips[min(ready, len(self.lost_trips) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Stations that together are to open with a number of ready cars."""

    id: str
    station_ids: tuple[str, ...]
    floor: int | None = None
    cap: int | None = None

    def __post_init__(self) -> None:
        require_distinct(f"zone {self.id}: station", self.station_ids)
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            raise InvalidProblem(f"zone {self.id}: floor {self.floor} is above cap {self.cap}")
