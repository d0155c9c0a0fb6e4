"""What electricity costs and emits when: a day that comes again, or given days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True, kw_only=True)
class GridStep:
    """What a kWh costs and emits from one moment on."""

    begin: time | datetime
    """Local time of every day, or an aware moment."""
    tariff: float
    """Price of a kWh, in the city's currency."""
    co2_kg: float
    """kg of CO2 for each kWh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The series of a day that comes again every day, or of given days; steps in order of time."""

    steps: tuple[GridStep, ...]
    end: datetime | None = None
    """When the last step of given days ends; None for days that come again."""
    slot_s: int = 900
    """What charging is planned in."""
    source: str = ""
    """Where the series is from, in words."""
