"""What a dispatcher tells in mid-shift: what was done, what stays, what has happened, how dear changes are."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.rebalancing.plan import Stop
from optimiser.rebalancing.problem import Must, Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a van really is, free to go on, and what it has on board."""

    place_id: str
    """A station or depot; of a van between two, the nearest."""
    load: int
    """Ready bikes."""
    low_load: int = 0
    broken_load: int = 0
    batteries: int | None = None
    """None = as the plan would have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was really done at a stop of the plan."""

    index: int
    """Position of the stop in the van's route, from 0."""
    stop: Stop
    """At the same place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VanReport:
    """What is known of a van beyond the plan; nothing said means that all went as planned."""

    van_id: str
    done: int | None = None
    """How many stops of its route are behind it, skipped ones included; None = as many as the clock says."""
    skipped: frozenset[int] = frozenset()
    """Positions of stops that were not made; their work is open again."""
    outcomes: tuple[Outcome, ...] = ()
    """Of stops that were made otherwise than planned."""
    behind_s: int = 0
    """Seconds that it is behind the plan already."""
    position: Position | None = None
    """None = where the plan would have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """
    Stops that stay as they are, with all stops before them.

    A stop on which a van is working, or to which it is driving, is frozen anyway.
    """

    until_s: int | None = None
    """Stops that are reached before this time, in seconds after the night's start."""
    stops_per_van: int = 0
    """The next stops of every van."""
    stops: tuple[tuple[str, int], ...] = ()
    """Van and position of a stop in its route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VanLost:
    """A van drives no further tonight; what it has on board is out of reach."""

    van_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VanLate:
    """A van stands still for so long before it goes on."""

    van_id: str
    late_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAdded:
    """More must-do work at a station: visits, bounds, swaps and broken bikes are asked for on top of what is."""

    station_id: str
    must: Must


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSeen:
    """What a station really holds now; None = as the plan would have it."""

    station_id: str
    inventory: int | None = None
    low_charge: int | None = None
    broken: int | None = None
    is_closed: bool = False
    """Nobody stops there any more tonight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationChanged:
    """A station as it is now, whole: other losses, opening hours, needs, must-do work."""

    station: Station
    """Its id is that of a station of the night."""


Event = VanLost | VanLate | TaskAdded | StationSeen | StationChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What it costs to tell drivers something new, beside the plan's own cost; counted from simply going on."""

    per_stop: float = 0.0
    """Each stop that another van makes, that is added or dropped."""
    per_detail: float = 0.0
    """Each stop that its van makes with other quantities, or in another order."""
    max_changed: int | None = None
    """Stops of either kind at most; None = any number."""
