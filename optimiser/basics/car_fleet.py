"""A fleet of shared e-cars as the optimiser sees it: stations with plugs, cars, drivers, the grid, prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from optimiser.basics.car_terms import Charging, Handling, Prices
from optimiser.basics.city import Break, Zone
from optimiser.basics.grid import Grid, GridStep

__all__ = [
    "Base",
    "Break",
    "Car",
    "CarFleet",
    "Charging",
    "Driver",
    "Grid",
    "GridStep",
    "Handling",
    "Mode",
    "ModeKind",
    "Must",
    "Plug",
    "Prices",
    "Rates",
    "Station",
    "Task",
    "Wish",
    "WishSource",
    "Zone",
]

HOURS_A_DAY = 24


class WishSource(StrEnum):
    """Where it comes from how many ready cars a station is to open with."""

    TARGET = "target"
    """An interval given by the operator."""
    RATES = "rates"
    """Rentals and returns per hour, through the user dissatisfaction function."""
    DEFAULT = "default"
    """Nothing is known: one ready car at least, one bay free."""
    HUB = "hub"
    """Nobody rents here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Riders who want to rent, and to return, in each hour of the day, local time; 24 entries each."""

    rentals_per_hour: tuple[float, ...]
    returns_per_hour: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How many ready cars a station is to open with."""

    source: WishSource
    low: int = 0
    high: int | None = None
    """None = any number."""
    lost_trips_per_car: float = 1.0
    """Trips lost over the day for each ready car below `low` or above `high`."""
    rates: Rates | None = None
    """Of source `rates`; then the interval says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """One cable that charges one car at a time."""

    id: str
    kw: float
    connector: str
    occupied_until: datetime | None = None
    """Aware; until then somebody else's car holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A place where cars stand: a station with bays, a charging hub, or a free-floating zone."""

    id: str
    name: str
    lon: float
    lat: float
    wish: Wish
    bays: int | None = None
    """Cars that fit, those at plugs included; None = any number, as in a zone."""
    is_zone: bool = False
    """A free-floating zone: its cars stand in the street around, each at a place of its own."""
    plugs: tuple[Plug, ...] = ()
    site_kw: float | None = None
    """What all plugs together may draw from the grid; None = all at full power."""
    open: tuple[time, time] | None = None
    """From when to when drivers may work here, local time; the second before the first means past midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where drivers start and end, beside stations."""

    id: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """A shared e-car at the moment of the snapshot."""

    id: str
    station_id: str
    """Where it stands, or the zone that it stands in."""
    battery_kwh: float
    state_of_charge: float
    """0..1."""
    ready_charge: float
    """State of charge from which it can be rented."""
    kwh_per_km: float
    """Tonight's season included."""
    charge_kw: float
    """What it takes at most, from the grid."""
    connectors: frozenset[str]
    lon: float | None = None
    """Its own place in a zone; None = at the station's place."""
    lat: float | None = None
    type: str = ""
    plug_id: str | None = None
    """The plug of its station that it is on."""
    available_from: datetime | None = None
    """Its rider brings it by then; None = it is there."""
    booked_from: datetime | None = None
    """From then on a rider has it; None = no booking."""
    in_service: bool = True
    can_move: bool = True
    needs: frozenset[str] = frozenset()
    """Skills of whoever drives it."""
    goal_charge: float = 0.0
    """State of charge that it would have at opening best."""

    @property
    def place_id(self) -> str | None:
        """Id of its own place in the travel times; None where it stands at its station's."""
        return None if self.lon is None else f"car:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Somebody who relocates cars, with a shift by the city's local clock."""

    id: str
    start_id: str
    """A base or a station."""
    end_id: str
    shift_start: time
    shift_end: time
    """Earlier than `shift_start` means the next morning."""
    mode: str
    """How the way to the next car is made: name of one of the fleet's modes."""
    name: str = ""
    skills: frozenset[str] = frozenset()
    break_: Break | None = None


class ModeKind(StrEnum):
    """What streets a way between cars uses."""

    FOLDING_BIKE = "folding-bike"
    """Carried in the car; over the streets of bikes."""
    FOOT = "foot"
    SHUTTLE = "shuttle"
    """A van brings drivers; over the streets of cars, with a wait."""
    MATRIX = "matrix"
    """Times of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A way of getting from one car to the next."""

    name: str
    kind: ModeKind
    ride_s: int = 0
    """Added to each ride: to unfold and fold the bike, to wait for the shuttle."""
    price_km: float = 0.0
    pairs: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Of kind `matrix`: seconds and metres from one station or base to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work at a car, before driving it or instead: cleaning, an inspection."""

    id: str
    car_id: str
    minutes: float
    price: float
    """What it costs to leave it undone."""
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """What has to become of one car tonight."""

    car_id: str
    station_ids: frozenset[str] = frozenset()
    """It stands at one of these at opening; none = as you like."""
    charge: float = 0.0
    """State of charge at opening, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarFleet:
    """Everything about a fleet of cars and the evening that it is found in."""

    id: str
    name: str
    time_zone: str
    """IANA name."""
    currency: str
    """ISO 4217 code."""
    as_of: datetime
    """Aware; when cars were where they are said to be."""
    stations: tuple[Station, ...]
    cars: tuple[Car, ...]
    drivers: tuple[Driver, ...]
    modes: tuple[Mode, ...]
    prices: Prices
    grid: Grid
    bases: tuple[Base, ...] = ()
    handling: Handling = field(default_factory=Handling)
    charging: Charging = field(default_factory=Charging)
    opening: time = time(6, 0)
    """Local time at which the day opens: where cars stand and what they hold then is what counts."""
    zones: tuple[Zone, ...] = ()
    """Stations that together are to open with a number of ready cars."""
    tasks: tuple[Task, ...] = ()
    musts: tuple[Must, ...] = ()
    synthetic: tuple[str, ...] = ()
    """What is made up rather than measured, in words; shown wherever the fleet is."""
    attribution: tuple[str, ...] = ()

    @property
    def wish_sources(self) -> dict[WishSource, int]:
        """How many stations have a wish from where."""
        return {source: sum(station.wish.source is source for station in self.stations) for source in WishSource}

    def places(self) -> Iterator[tuple[str, float, float]]:
        """Id, lon and lat of every place: stations, bases, cars that stand at a place of their own."""
        yield from ((station.id, station.lon, station.lat) for station in self.stations)
        yield from ((base.id, base.lon, base.lat) for base in self.bases)
        for car in self.cars:
            if car.place_id is not None and car.lon is not None and car.lat is not None:
                yield car.place_id, car.lon, car.lat
