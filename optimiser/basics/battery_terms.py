"""Battery packs of bikes as a city describes them: what a pack takes, and where at the depots packs are charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from optimiser.basics.grid import Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Cabinet:
    """Where a depot charges packs."""

    depot_id: str
    slots: int
    """Packs that charge side by side."""
    slot_kw: float
    """What a slot draws from the grid while its pack charges: constant, see docs/models/batteries.md."""
    site_kw: float | None = None
    """What the depot may draw for packs in all; None = every slot at once."""
    waiting: int = 0
    """Empty packs that lie there when the night starts."""
    changes: tuple[time, ...] = ()
    """Local times, day by day, at which somebody takes full packs out and puts empty ones in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batteries:
    """Packs, all alike, and how they are charged between two nights."""

    pack_kwh: float
    """What a full pack holds."""
    grid: Grid
    cabinets: tuple[Cabinet, ...]
    """At most one for each depot."""
    state_of_charge: float = 0.1
    """0..1, of a pack that comes out of a bike."""
    efficiency: float = 0.9
    """Of a kWh from the grid, what reaches the pack."""
    ready_by: time | None = None
    """Local time by which all are to be full, next after the night's start; None = when the next night begins."""
    co2_kg: float = 0.0
    """Price of a kg of CO2."""

    @property
    def need_kwh(self) -> float:
        """From the grid, to fill a pack that comes out of a bike."""
        return self.pack_kwh * (1 - self.state_of_charge) / self.efficiency
