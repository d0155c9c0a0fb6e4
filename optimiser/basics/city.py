"""The city as the optimiser sees it: places, fleet, prices, and the state of its stations at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from optimiser.basics.battery_terms import Batteries


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A place where bikes are rented and returned."""

    id: str
    name: str
    lon: float
    lat: float
    capacity: int
    is_zone: bool = False
    """A free-floating zone: its capacity is soft, returns are never refused there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where vans start and end, and where bikes left on a van at the end of its shift are kept."""

    id: str
    name: str
    lon: float
    lat: float
    stock: int = 0
    """Ready bikes that vans may take."""
    room: int | None = None
    """Ready bikes that fit; None = any number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A driver's break: how long, and between when and when it begins, in the city's local time."""

    duration_s: int
    earliest: time
    latest: time
    """Both within the shift; a time before `shift_start` means the next morning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Van:
    """Carries bikes and charged batteries from station to station during its shift."""

    id: str
    slots: int
    """Bikes that fit."""
    initial_load: int
    """Bikes on board when the shift starts."""
    start_depot_id: str
    end_depot_id: str
    shift_start: time
    """Local time of the city."""
    shift_end: time
    """Local time; earlier than `shift_start` means the next morning."""
    speed_factor: float = 1.0
    """Above 1 drives faster than the street graph says."""
    batteries: int = 0
    """Charged packs on board when the shift starts; every visit of a depot brings them back to this number."""
    range_m: int | None = None
    """Metres that it can drive in a shift; None = any."""
    skills: frozenset[str] = frozenset()
    """What it has that a station may need: a key, a crane."""
    break_: Break | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRules:
    """What holds for stops at one station, night after night."""

    station_id: str
    needs: frozenset[str] = frozenset()
    """Skills that a van must have to stop here."""
    open: tuple[time, time] | None = None
    """From when to when vans may work here, local time; the second before the first means past midnight."""
    may_pick_up: bool = True
    """Whether ready bikes may be taken away."""
    may_drop_off: bool = True
    """Whether ready bikes may be brought."""
    is_forbidden: bool = False
    """No van stops here."""
    once: bool = False
    """At most one stop a night, over all vans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Stations that together are to open with a number of ready bikes."""

    id: str
    station_ids: tuple[str, ...]
    floor: int | None = None
    cap: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """Work to be done tonight at one station."""

    station_id: str
    visit: bool = False
    """A stop at least."""
    low: int | None = None
    """Ready bikes at opening, at least."""
    high: int | None = None
    """Ready bikes at opening, at most."""
    swaps: int = 0
    """Batteries swapped, at least."""
    broken: int = 0
    """Broken bikes taken home, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Time at a stop: once for parking and unlocking, for each bike that is lifted, for each battery swapped."""

    stop_s: int
    bike_s: int
    """Each ready, low-charge or broken bike that goes up or down."""
    swap_s: int = 90
    """Each battery of a low-charge bike swapped for a charged one."""
    depot_s: int = 300
    """Once for each visit of a depot in mid-shift, instead of `stop_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What things are worth, in the city's currency."""

    lost_trip: float
    van_hour: float
    van_km: float
    van_use: float
    """Once for each van that leaves its depot."""
    swap: float = 0.0
    """Each battery swapped."""
    broken_left: float = 0.0
    """Each broken bike that stays in the street."""
    must: float = 1000.0
    """Each unit of must-do work that is not done: a visit, a bike outside its interval, a swap, a broken bike."""
    zone_bike: float = 0.0
    """Each bike by which a group of stations opens below its floor or above its cap."""
    fairness: float = 0.0
    """Each hour by which a van's working time differs from the mean of the vans that drive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationStatus:
    """What one station holds."""

    station_id: str
    bikes: int
    """Bikes that can be rented."""
    docks: int | None = None
    """Free docks that accept a bike; None = unknown, capacity tells."""
    ebikes: int | None = None
    """How many of `bikes` are e-bikes; None = unknown."""
    disabled: int = 0
    """Bikes that stand there and cannot be rented until they are repaired; none of them is among `bikes`."""
    low_charge: int = 0
    """How many of `bikes` are too low on charge to be rented; they hold a dock all the same."""

    @property
    def usable(self) -> int:
        """Bikes that riders can rent."""
        return self.bikes - self.low_charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The city's state at `as_of`."""

    as_of: datetime
    """Aware."""
    stations: tuple[StationStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Everything about a city that does not change from one night to the next."""

    id: str
    name: str
    time_zone: str
    """IANA name."""
    currency: str
    """ISO 4217 code."""
    stations: tuple[Station, ...]
    depots: tuple[Depot, ...]
    vans: tuple[Van, ...]
    handling: Handling
    prices: Prices
    rules: tuple[StationRules, ...] = ()
    """For some of the stations, each at most once."""
    zones: tuple[Zone, ...] = ()
    batteries: Batteries | None = None
    """How packs that vans bring to the depots are charged; None = not planned."""
    synthetic: tuple[str, ...] = ()
    """What is made up rather than measured, in words; shown wherever the city is."""
    attribution: tuple[str, ...] = ()
    """Whom to name wherever the city is shown, e.g. OpenStreetMap contributors."""
