"""What is given for the packs of one depot: when empty ones come, where they fit, and what power costs."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.night_grid import NightGrid
from optimiser.basics.require import require_amounts

HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Empty packs that come to a depot together."""

    time_s: int
    """After the night's start."""
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stretch of time in which nothing comes, goes, or changes its price."""

    begin_s: int
    end_s: int
    price: float
    """Of a kWh, its CO2 included."""
    tariff: float
    """Of a kWh alone."""
    co2_kg: float
    """For each kWh."""

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.end_s - self.begin_s) / HOUR_S


@dataclass(frozen=True, kw_only=True)
class Problem:
    """
    Packs of one depot until they are to be full.

    All packs are alike. Whoever brings some puts into free slots what waits; a pack stays in its slot until all are to
    be full, or until somebody takes it out full at one of `changes`, when waiting ones are put in as well.
    """

    depot_id: str
    slots: int
    slot_kw: float
    """From the grid, of a slot whose pack charges."""
    need_kwh: float
    """From the grid, of each pack."""
    arrivals: tuple[Arrival, ...]
    """In time order; those at or after the end are too late."""
    end_s: int
    """When all are to be full, after the night's start."""
    grid: NightGrid
    site_kw: float | None = None
    changes: tuple[int, ...] = ()
    """Seconds after the night's start, in order, within 0..end."""
    co2_price: float = 0.0
    """Of a kg."""

    def __post_init__(self) -> None:
        what = f"packs at {self.depot_id}"
        require_amounts(what, slots=self.slots, slot_kw=self.slot_kw, need_kwh=self.need_kwh, co2_price=self.co2_price)
        if self.site_kw is not None:
            require_amounts(what, site_kw=self.site_kw)
        if self.end_s < 0 or len(self.grid.tariff) * self.grid.slot_s < self.end_s:
            raise InvalidProblem(f"{what}: the grid covers {len(self.grid.tariff)} slots, not {self.end_s} s")
        for arrival in self.arrivals:
            if arrival.packs < 1 or arrival.time_s < 0:
                raise InvalidProblem(f"{what}: {arrival.packs} packs arrive at {arrival.time_s} s")
        times = [arrival.time_s for arrival in self.arrivals]
        if times != sorted(times) or list(self.changes) != sorted(set(self.changes)):
            raise InvalidProblem(f"{what}: arrivals and changes must be in time order")
        if any(not 0 < change < self.end_s for change in self.changes):
            raise InvalidProblem(f"{what}: changes must lie between the night's start and {self.end_s} s")

    @property
    def packs(self) -> int:
        """All that come, too late ones included."""
        return sum(arrival.packs for arrival in self.arrivals)

    @property
    def full_hours(self) -> float:
        """What a pack that has all the power of its slot takes; infinite where there is none."""
        return self.need_kwh / self.slot_kw if self.slot_kw > 0 else float("inf")

    @cached_property
    def moments(self) -> tuple[int, ...]:
        """When somebody is there who can put packs in: packs are brought, or it is time for a change."""
        brought = {arrival.time_s for arrival in self.arrivals if arrival.time_s < self.end_s}
        return tuple(sorted(brought | set(self.changes)))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """From the night's start to the end."""
        grid = self.grid
        edges = {0, self.end_s, *range(0, self.end_s, grid.slot_s), *self.moments}
        return tuple(
            Step(
                begin_s=begin,
                end_s=end,
                price=grid.tariff[begin // grid.slot_s] + self.co2_price * grid.co2_kg[begin // grid.slot_s],
                tariff=grid.tariff[begin // grid.slot_s],
                co2_kg=grid.co2_kg[begin // grid.slot_s],
            )
            for begin, end in pairwise(sorted(edges))
        )

    def step_at(self, time_s: int) -> int:
        """Position of the first step that begins then or later."""
        return bisect_left(self.steps, time_s, key=lambda step: step.begin_s)

    def arrived(self, time_s: int) -> int:
        """Packs that have come by then."""
        return sum(arrival.packs for arrival in self.arrivals if arrival.time_s <= time_s)
