"""Stations as the night finds them, what has to be done there, and groups of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.require import require_distinct
from optimiser.demand.targets import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """Work to be done at one station; whatever is missing is priced, so an impossible wish stops no plan."""

    visit: bool = False
    """A stop at least, even one at which nothing is done."""
    low: int | None = None
    """Ready bikes at opening, at least; None = as you like."""
    high: int | None = None
    """Ready bikes at opening, at most."""
    swaps: int = 0
    """Batteries swapped, at least."""
    broken: int = 0
    """Broken bikes taken home, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station as the night finds it."""

    id: str
    capacity: int
    """Ready bikes that fit tonight while the blocked docks stay blocked: what stands there now plus free docks."""
    inventory: int
    """Ready bikes: those that can be rented."""
    target: Target
    """Its `lost_trips` has `capacity` + 1 entries."""
    low_charge: int = 0
    """Bikes too low on charge to be rented; each blocks a dock until it is swapped or taken away."""
    broken: int = 0
    """Bikes that cannot be rented until they are repaired at home; each blocks a dock until it is taken away."""
    lost_trips_freed: tuple[tuple[float, ...], ...] = ()
    """
    Lost trips by ready bikes at opening when 1, 2, ... of the blocked docks are free or hold a ready bike.

    Row k - 1 has `capacity` + k + 1 entries and is convex. More freed docks than there are rows bring nothing
    more: the last row holds, at its last entry where more bikes stand there than it tells of.
    """
    needs: frozenset[str] = frozenset()
    """Skills that a van must have to stop here."""
    opens_s: int | None = None
    """A stop begins not before; a van that comes early waits. Seconds after the night's start."""
    closes_s: int | None = None
    """A stop is over by then."""
    may_pick_up: bool = True
    """Whether ready bikes may be taken away; low-charge and broken ones may anyway."""
    may_drop_off: bool = True
    """Whether ready bikes may be brought."""
    is_forbidden: bool = False
    """No van stops here."""
    once: bool = False
    """At most one stop here, over all vans."""
    must: Must | None = None

    def __post_init__(self) -> None:
        name = f"station {self.id}"
        if not 0 <= self.inventory <= self.capacity:
            raise InvalidProblem(f"{name}: inventory {self.inventory} is outside 0..{self.capacity}")
        if len(self.target.lost_trips) != self.capacity + 1:
            raise InvalidProblem(
                f"{name}: target covers inventories 0..{len(self.target.lost_trips) - 1}, capacity is {self.capacity}"
            )
        _require_counts(name, low_charge=self.low_charge, broken=self.broken)
        self._require_freed_tables(name)
        if self.opens_s is not None and self.closes_s is not None and self.opens_s > self.closes_s:
            raise InvalidProblem(f"{name}: opening hours {self.opens_s}..{self.closes_s} s are reversed")
        if self.must is not None:
            _require_counts(f"{name}: must", swaps=self.must.swaps, broken=self.must.broken)
            _require_interval(f"{name}: must", self.must.low, self.must.high)

    @property
    def blocked(self) -> int:
        """Docks that hold a bike which cannot be rented, at the start of the night."""
        return self.low_charge + self.broken

    def lost_trips(self, inventory: int, freed: int = 0) -> float:
        """
        Expected trips lost over the next day when it opens with so many ready bikes.

        `freed` of its blocked docks are free or hold a ready bike; the inventory is within 0..capacity + freed.
        """
        if not 0 <= freed <= self.blocked:
            raise IndexError(f"station {self.id}: {freed} freed docks is outside 0..{self.blocked}")
        if not 0 <= inventory <= self.capacity + freed:
            raise IndexError(f"station {self.id}: inventory {inventory} is outside 0..{self.capacity + freed}")
        table = self._lost_table(freed)
        return table[min(inventory, len(table) - 1)]

    def lost_by_inventory(self, freed: int = 0) -> tuple[float, ...]:
        """`lost_trips` by every inventory 0..capacity + freed."""
        table = self._lost_table(freed)
        return table + table[-1:] * (self.capacity + freed + 1 - len(table))

    def _lost_table(self, freed: int) -> tuple[float, ...]:
        known = min(freed, len(self.lost_trips_freed))
        return self.lost_trips_freed[known - 1] if known else self.target.lost_trips

    def worth_of_next_in(self, inventory: int, freed: int = 0) -> float | None:
        """Trips that one more bike saves, negative where it loses some; None where it does not fit."""
        if inventory >= self.capacity + freed:
            return None
        return self.lost_trips(inventory, freed) - self.lost_trips(inventory + 1, freed)

    def worth_of_next_out(self, inventory: int, freed: int = 0) -> float | None:
        """Trips that one bike less saves, negative where it loses some; None where there is none."""
        return self.lost_trips(inventory, freed) - self.lost_trips(inventory - 1, freed) if inventory > 0 else None

    def _require_freed_tables(self, name: str) -> None:
        if len(self.lost_trips_freed) > self.blocked:
            raise InvalidProblem(
                f"{name}: lost trips for {len(self.lost_trips_freed)} freed docks, only {self.blocked} are blocked"
            )
        for freed, table in enumerate(self.lost_trips_freed, start=1):
            which = f"{name}: lost trips with {freed} freed docks"
            if len(table) != self.capacity + freed + 1:
                raise InvalidProblem(f"{which} have {len(table)} entries, expected {self.capacity + freed + 1}")
            if not all(math.isfinite(value) and value >= 0 for value in table):
                raise InvalidProblem(f"{which} must be finite and at least 0")
            steps = [after - before for before, after in pairwise(table)]
            if any(after < before - 1e-9 for before, after in pairwise(steps)):
                raise InvalidProblem(f"{which} are not convex in the inventory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Stations that together are to open with a number of ready bikes; being short or over is priced."""

    id: str
    station_ids: tuple[str, ...]
    floor: int | None = None
    cap: int | None = None

    def __post_init__(self) -> None:
        name = f"zone {self.id}"
        if not self.station_ids:
            raise InvalidProblem(f"{name}: has no stations")
        require_distinct(f"{name}: station", self.station_ids)
        _require_interval(name, self.floor, self.cap)


def _require_counts(name: str, **counts: int) -> None:
    for what, count in counts.items():
        if count < 0:
            raise InvalidProblem(f"{name}: {what} is {count}, must be at least 0")


def _require_interval(name: str, least: int | None, most: int | None) -> None:
    ends = [end for end in (least, most) if end is not None]
    if any(end < 0 for end in ends) or ends != sorted(ends):
        raise InvalidProblem(f"{name}: {least}..{most} bikes is reversed or below 0")
