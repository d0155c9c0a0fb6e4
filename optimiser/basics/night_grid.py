"""The grid through one night: from steps by the local clock, or of given days, to slots after the night's start."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.findings import Findings
from optimiser.basics.grid import Grid, GridStep
from optimiser.basics.require import require_amounts

MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NightGrid:
    """What a kWh costs and emits in each slot of the night, from its start on."""

    slot_s: int
    tariff: tuple[float, ...]
    """Price of a kWh in each slot."""
    co2_kg: tuple[float, ...]
    """kg of CO2 for each kWh in each slot."""

    def __post_init__(self) -> None:
        if self.slot_s < 1:
            raise InvalidProblem(f"grid: slots of {self.slot_s} s, must be at least 1")
        if len(self.tariff) != len(self.co2_kg):
            raise InvalidProblem(f"grid: {len(self.tariff)} slots of tariff and {len(self.co2_kg)} of CO2")
        for tariff, co2_kg in zip(self.tariff, self.co2_kg, strict=True):
            require_amounts("grid", tariff=tariff, co2_kg=co2_kg)


def night_grid(series: Grid, time_zone: str, start: datetime, end_s: int, findings: Findings) -> NightGrid:
    """
    Tariff and CO2 in each slot until so many seconds after the start: the mean of its steps, to the minute.

    Where given days do not cover the night that is an error in `findings`, and the nearest step is taken.
    """
    slots = max(1, -(-end_s // series.slot_s))
    _check_cover(series, start, start + timedelta(seconds=end_s), findings)
    minutes = max(1, series.slot_s // MINUTE_S)
    clock = _Clock(series, time_zone)
    tariff, co2_kg = [], []
    for slot in range(slots):
        begin = start + timedelta(seconds=slot * series.slot_s)
        steps = [clock.step_at(begin + timedelta(seconds=MINUTE_S * minute)) for minute in range(minutes)]
        # Rounded, so that the mean of equal prices is that price.
        tariff.append(round(sum(step.tariff for step in steps) / minutes, 9))
        co2_kg.append(round(sum(step.co2_kg for step in steps) / minutes, 9))
    return NightGrid(slot_s=series.slot_s, tariff=tuple(tariff), co2_kg=tuple(co2_kg))


def _check_cover(series: Grid, start: datetime, end: datetime, findings: Findings) -> None:
    first = series.steps[0].begin
    if not isinstance(first, datetime) or series.end is None:
        return
    if first <= start and series.end >= end:
        return
    findings.error(
        "grid_gap",
        f"covers {first.isoformat()} to {series.end.isoformat()}, the night {start.isoformat()} to {end.isoformat()}",
        source="grid",
        value=first.isoformat(),
        hint="a series that covers the whole night, or one by hour that comes again every day",
    )


class _Clock:
    """Finds the step of a moment."""

    def __init__(self, series: Grid, time_zone: str) -> None:
        self._steps, self._zone = series.steps, ZoneInfo(time_zone)
        self._moments = [step.begin.astimezone(UTC) for step in self._steps if isinstance(step.begin, datetime)]
        self._times = [step.begin for step in self._steps if isinstance(step.begin, time)]

    def step_at(self, moment: datetime) -> GridStep:
        if self._moments:
            return self._steps[max(0, bisect_right(self._moments, moment.astimezone(UTC)) - 1)]
        # Before the first step of the day the last one of the day before still holds: index -1.
        return self._steps[bisect_right(self._times, moment.astimezone(self._zone).time()) - 1]
