"""The grid through one night: from steps by the local clock, or of given days, to slots after the night's start."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from optimiser.basics import car_fleet
from optimiser.basics.car_fleet import CarFleet, GridStep
from optimiser.basics.findings import Findings
from optimiser.relocation.problem.terms import Grid

MINUTE_S = 60


def night_grid(fleet: CarFleet, start: datetime, opening_s: int, findings: Findings) -> Grid:
    """
    Tariff and CO2 in each slot until opening: the mean of the steps that fall into it, to the minute.

    Where given days do not cover the night that is an error in `findings`, and the nearest step is taken.
    """
    series = fleet.grid
    slots = max(1, -(-opening_s // series.slot_s))
    _check_cover(series, start, start + timedelta(seconds=opening_s), findings)
    minutes = max(1, series.slot_s // MINUTE_S)
    clock = _Clock(fleet)
    tariff, co2_kg = [], []
    for slot in range(slots):
        begin = start + timedelta(seconds=slot * series.slot_s)
        steps = [clock.step_at(begin + timedelta(seconds=MINUTE_S * minute)) for minute in range(minutes)]
        # Rounded, so that the mean of equal prices is that price.
        tariff.append(round(sum(step.tariff for step in steps) / minutes, 9))
        co2_kg.append(round(sum(step.co2_kg for step in steps) / minutes, 9))
    return Grid(slot_s=series.slot_s, tariff=tuple(tariff), co2_kg=tuple(co2_kg))


def _check_cover(series: car_fleet.Grid, start: datetime, end: datetime, findings: Findings) -> None:
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

    def __init__(self, fleet: CarFleet) -> None:
        self._steps, self._zone = fleet.grid.steps, ZoneInfo(fleet.time_zone)
        self._moments = [step.begin.astimezone(UTC) for step in self._steps if isinstance(step.begin, datetime)]
        self._times = [step.begin for step in self._steps if isinstance(step.begin, time)]

    def step_at(self, moment: datetime) -> GridStep:
        if self._moments:
            return self._steps[max(0, bisect_right(self._moments, moment.astimezone(UTC)) - 1)]
        # Before the first step of the day the last one of the day before still holds: index -1.
        return self._steps[bisect_right(self._times, moment.astimezone(self._zone).time()) - 1]
