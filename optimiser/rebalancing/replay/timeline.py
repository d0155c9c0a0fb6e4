"""A plan as the night sees it: every stop with its clock, what the van holds and what the place holds afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.rebalancing.plan import Route, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStop:
    """A stop with its clock, the leg that led to it, and what the van and the place hold afterwards."""

    stop: Stop
    arrival_s: int
    departure_s: int
    drive_s: int
    length_m: int
    load_after: int
    """Ready bikes on board."""
    inventory_after: int
    """Ready bikes at the station, or in the depot's stock."""
    wait_s: int = 0
    """From arrival until the station opens."""
    lifted: int = 0
    """All bikes lifted; at a depot with the low-charge and broken ones that stay there."""
    refilled: int = 0
    """Batteries taken on board at a depot."""
    low_load_after: int = 0
    broken_load_after: int = 0
    batteries_after: int = 0
    """Charged ones on board."""
    low_charge_after: int = 0
    """Low-charge bikes at the station."""
    broken_after: int = 0
    """Broken bikes at the station."""
    freed_after: int = 0
    """Docks of the station that were blocked and are free, or hold a ready bike."""

    @property
    def begin_s(self) -> int:
        """When the work begins."""
        return self.arrival_s + self.wait_s

    @property
    def on_board_after(self) -> int:
        """Bikes of all kinds on board."""
        return self.load_after + self.low_load_after + self.broken_load_after


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRoute:
    """A route with its clock; the last leg leads back to the end depot, where everything on board stays."""

    route: Route
    van_id: str
    stops: tuple[TimedStop, ...]
    start_s: int
    """When the shift starts; loading for a start load comes next."""
    leave_s: int
    """When the van leaves the depot, or goes into a break before its first leg."""
    end_s: int
    last_drive_s: int
    last_length_m: int
    start_load: int
    """Ready bikes on board when it leaves."""
    load_at_end: int
    """Ready bikes on board when it is back; they go to the end depot."""
    low_load_at_end: int = 0
    broken_load_at_end: int = 0
    break_start_s: int | None = None
    """None where no break is taken."""
    break_s: int = 0

    @property
    def duration_s(self) -> int:
        """The working time: from the start of the shift to being back, with waiting and break."""
        return self.end_s - self.start_s

    @property
    def distance_m(self) -> int:
        """Metres driven, the way back included."""
        return sum(stop.length_m for stop in self.stops) + self.last_length_m


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotChange:
    """Ready bikes that a van takes out of a depot's stock (negative) or brings there."""

    depot_id: str
    van_id: str
    time_s: int
    bikes: int
    stock_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotHolding:
    """What a depot holds in the end, without the vans that never left."""

    ready: int
    low_charge: int = 0
    """Brought home tonight."""
    broken: int = 0
    """Brought home tonight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole night."""

    routes: tuple[TimedRoute, ...]
    """Routes with at least one stop, in the plan's order."""
    inventories: dict[str, int]
    """Ready bikes at each station in the end, by id."""
    low_charge: dict[str, int]
    """Low-charge bikes at each station in the end, by id."""
    broken: dict[str, int]
    """Broken bikes at each station in the end, by id."""
    freed: dict[str, int]
    """Docks of each station that were blocked and are free or hold a ready bike in the end, by id."""
    depots: dict[str, DepotHolding]
    """By id."""
    depot_changes: tuple[DepotChange, ...]
    """In time order."""
