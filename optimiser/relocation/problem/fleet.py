"""Cars as the night finds them, what is to be done with some of them, and the drivers who do it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.require import require_amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """A shared e-car at the start of the night."""

    id: str
    station_id: str
    """Where it stands, or where its rider is going to leave it."""
    battery_kwh: float
    energy_kwh: float
    """What is in the battery when it is available first."""
    ready_kwh: float
    """From this on it can be rented."""
    kwh_per_km: float
    """Tonight's season included."""
    charge_kw: float
    """What it can take at most, from the grid."""
    connectors: frozenset[str]
    place_id: str | None = None
    """Where it stands in a zone: a place of its own in the travel times; None = at the station's place."""
    plug_id: str | None = None
    """The plug of its station that it is on."""
    available_from_s: int = 0
    """Its rider brings it by then; its bay is kept free until then."""
    available_until_s: int | None = None
    """A rider has it from then on; before opening: and looks for it where it stands now. None = no booking."""
    in_service: bool = True
    """Whether it can be rented once it is charged."""
    can_move: bool = True
    """Whether it can be driven."""
    needs: frozenset[str] = frozenset()
    """Skills of whoever drives it: a licence, a language of the board computer."""
    goal_kwh: float = 0.0
    """What it would have at opening best; each kWh less has a price."""

    @property
    def at(self) -> str:
        """The place where it is found first."""
        return self.station_id if self.place_id is None else self.place_id

    def __post_init__(self) -> None:
        name = f"car {self.id}"
        require_amounts(name, energy_kwh=self.energy_kwh, ready_kwh=self.ready_kwh, kwh_per_km=self.kwh_per_km)
        require_amounts(name, charge_kw=self.charge_kw, goal_kwh=self.goal_kwh, available_from_s=self.available_from_s)
        if not (math.isfinite(self.battery_kwh) and self.battery_kwh > 0):
            raise InvalidProblem(f"{name}: battery of {self.battery_kwh} kWh, must be above 0")
        for what in ("energy_kwh", "ready_kwh", "goal_kwh"):
            if getattr(self, what) > self.battery_kwh:
                raise InvalidProblem(
                    f"{name}: {what.replace('_', ' ')} is {getattr(self, what)}, its battery holds {self.battery_kwh}"
                )
        if self.available_until_s is not None and self.available_until_s < self.available_from_s:
            raise InvalidProblem(f"{name}: available {self.available_from_s}..{self.available_until_s} s is reversed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work at a car that a driver can do before driving it or instead: cleaning, an inspection."""

    id: str
    car_id: str
    duration_s: int
    price: float
    """What it costs to leave it undone, in the city's currency."""
    needs: frozenset[str] = frozenset()
    """Skills of whoever does it."""

    def __post_init__(self) -> None:
        require_amounts(f"task {self.id}", duration_s=self.duration_s, price=self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """What has to become of one car tonight; whatever is missing is priced, so an impossible wish stops no plan."""

    car_id: str
    station_ids: frozenset[str] = frozenset()
    """It stands at one of these at opening; none = as you like."""
    energy_kwh: float = 0.0
    """It has this at opening, at least."""

    def __post_init__(self) -> None:
        require_amounts(f"must of car {self.car_id}", energy_kwh=self.energy_kwh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A driver's break: how long, and between when and when it begins, in seconds after the night's start."""

    duration_s: int
    earliest_s: int
    latest_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Somebody who relocates cars during a shift, in seconds after the night's start."""

    id: str
    start_place_id: str
    end_place_id: str
    shift_start_s: int
    shift_end_s: int
    mode: str
    """How the way to the next car is made: name of one of the problem's modes."""
    skills: frozenset[str] = frozenset()
    break_: Break | None = None
    """Due on a route that ends after its latest start."""

    def __post_init__(self) -> None:
        if not 0 <= self.shift_start_s <= self.shift_end_s:
            raise InvalidProblem(
                f"driver {self.id}: shift {self.shift_start_s}..{self.shift_end_s} s is reversed or before the night"
            )
        if self.break_ is not None:
            self._require_possible(self.break_)

    def _require_possible(self, break_: Break) -> None:
        window = f"driver {self.id}: break between {break_.earliest_s} and {break_.latest_s} s"
        if break_.duration_s <= 0:
            raise InvalidProblem(f"driver {self.id}: break of {break_.duration_s} s, must be above 0")
        if break_.earliest_s > break_.latest_s:
            raise InvalidProblem(f"{window} is reversed")
        if break_.latest_s < self.shift_start_s:
            raise InvalidProblem(f"{window} is over before the shift starts at {self.shift_start_s} s")
