"""The grid's series: the operator's own, or the synthetic day that is bundled."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import time
from functools import cache
from pathlib import Path

from optimiser.basics.grid import Grid, GridStep
from scenarios.schema_grid import GridModel, GridStepModel

SYNTHETIC_DAY = Path(__file__).parent / "grid_day.csv"
SYNTHETIC = (
    "Tariff and CO2 of electricity are a made-up day with cheap, cleaner hours from midnight to five and a peak in the "
    "evening; give {own} for your own."
)


def grid_of(grid: GridModel, steps: Sequence[GridStepModel], *, own: str) -> tuple[Grid, tuple[str, ...]]:
    """The series of a city, and what of it is made up, in words; `own` is the file where an operator's own stands."""
    slot_s = 60 * grid.slot_minutes
    if not steps:
        rate = 1.0 if grid.currency_per_euro is None else grid.currency_per_euro
        made_up = tuple(
            GridStep(begin=time(hour), tariff=round(tariff * rate, 6), co2_kg=co2_g / 1000)
            for hour, tariff, co2_g in _synthetic_day()
        )
        return Grid(steps=made_up, slot_s=slot_s, source="synthetic day bundled with evenfleet"), (
            SYNTHETIC.format(own=own),
        )
    source = grid.source or "given by the operator"
    hourly = [(step.hour, step) for step in steps if step.hour is not None]
    if hourly:
        by_hour = tuple(
            GridStep(begin=time(hour), tariff=step.tariff, co2_kg=step.co2_g_per_kwh / 1000)
            for hour, step in sorted(hourly, key=lambda item: item[0])
        )
        return Grid(steps=by_hour, slot_s=slot_s, source=source), ()
    timed = [(step.time, step) for step in steps if step.time is not None]
    dated = tuple(
        GridStep(begin=moment, tariff=step.tariff, co2_kg=step.co2_g_per_kwh / 1000) for moment, step in timed
    )
    # The schema saw to it that there are two at least, all as long as the first.
    end = timed[-1][0] + (timed[1][0] - timed[0][0])
    return Grid(steps=dated, end=end, slot_s=slot_s, source=source), ()


@cache
def _synthetic_day() -> tuple[tuple[int, float, float], ...]:
    """Hour, euros and grams of CO2 for each kWh."""
    with SYNTHETIC_DAY.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple((int(row["hour"]), float(row["tariff"]), float(row["co2_g_per_kwh"])) for row in rows)
