"""Vans with their shifts and breaks, and the depots that they start from, end at and visit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from optimiser.basics.errors import InvalidProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where vans start and end; in mid-shift they take ready bikes and charged batteries there, and leave the rest."""

    id: str
    stock: int = 0
    """Ready bikes that vans may take."""
    room: int | None = None
    """Ready bikes that fit; None = any number. Low-charge and broken ones go elsewhere."""
    may_call: bool = True
    """Whether vans may stop here in mid-shift."""

    def __post_init__(self) -> None:
        if self.stock < 0:
            raise InvalidProblem(f"depot {self.id}: stock is {self.stock}, must be at least 0")
        if self.room is not None and self.stock > self.room:
            raise InvalidProblem(f"depot {self.id}: stock {self.stock} is outside 0..{self.room}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A driver's break: how long, and between when and when it starts, in seconds after the night's start."""

    duration_s: int
    earliest_s: int
    latest_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Van:
    """A van with its shift, in seconds after the start of the night."""

    id: str
    slots: int
    initial_load: int
    """Ready bikes on board when the shift starts."""
    start_depot_id: str
    end_depot_id: str
    shift_start_s: int
    shift_end_s: int
    speed_factor: float = 1.0
    batteries: int = 0
    """Charged packs after every visit of a depot, and at the start."""
    range_m: int | None = None
    """Metres that it can drive in its shift; None = any."""
    skills: frozenset[str] = frozenset()
    break_: Break | None = None
    """Due on a route that ends after its latest start."""
    initial_low_load: int = 0
    """Low-charge bikes on board when the shift starts: a van taken over in mid-shift has what it has."""
    initial_broken_load: int = 0
    """Broken bikes on board when the shift starts."""
    initial_batteries: int | None = None
    """Charged packs on board when the shift starts, where that is not `batteries`."""

    @property
    def first_batteries(self) -> int:
        """Charged packs on board when the shift starts."""
        return self.batteries if self.initial_batteries is None else self.initial_batteries

    def __post_init__(self) -> None:
        if self.slots < 1:
            raise InvalidProblem(f"van {self.id}: slots is {self.slots}, must be at least 1")
        if not 0 <= self.initial_load <= self.slots:
            raise InvalidProblem(f"van {self.id}: initial load {self.initial_load} is outside 0..{self.slots}")
        others = (self.initial_low_load, self.initial_broken_load)
        if min(others) < 0 or self.initial_load + sum(others) > self.slots:
            raise InvalidProblem(
                f"van {self.id}: {self.initial_load} ready, {others[0]} low-charge and {others[1]} broken bikes "
                f"on board at the start, together 0..{self.slots} are possible"
            )
        if not 0 <= self.shift_start_s <= self.shift_end_s:
            raise InvalidProblem(
                f"van {self.id}: shift {self.shift_start_s}..{self.shift_end_s} s is reversed or before the night"
            )
        if not (math.isfinite(self.speed_factor) and self.speed_factor > 0):
            raise InvalidProblem(f"van {self.id}: speed factor is {self.speed_factor}, must be above 0")
        if self.batteries < 0:
            raise InvalidProblem(f"van {self.id}: batteries is {self.batteries}, must be at least 0")
        if not 0 <= self.first_batteries <= self.batteries:
            raise InvalidProblem(
                f"van {self.id}: initial batteries is {self.initial_batteries}, outside 0..{self.batteries}"
            )
        if self.range_m is not None and self.range_m < 0:
            raise InvalidProblem(f"van {self.id}: range is {self.range_m} m, must be at least 0")
        if self.break_ is not None:
            self._require_possible(self.break_)

    def _require_possible(self, break_: Break) -> None:
        window = f"van {self.id}: break between {break_.earliest_s} and {break_.latest_s} s"
        if break_.duration_s <= 0:
            raise InvalidProblem(f"van {self.id}: break of {break_.duration_s} s, must be above 0")
        if break_.earliest_s > break_.latest_s:
            raise InvalidProblem(f"{window} is reversed")
        if break_.latest_s < self.shift_start_s:
            raise InvalidProblem(f"{window} is over before its shift starts at {self.shift_start_s} s")
