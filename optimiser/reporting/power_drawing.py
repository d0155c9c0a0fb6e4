"""Power through a night as a drawing: steps of two plans, shades of the tariff, a cap, hours of the local clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from optimiser.basics.night_grid import NightGrid
from optimiser.reporting import words

WIDTH, HEIGHT = 640, 206
LEFT, RIGHT = 50, 610
_TOP, _FLOOR = 22, 176
STEPS = 5
"""Shades of the tariff, from cheap to dear."""
LEAST_KW = 0.05
"""Less is not drawn."""
_ROOM = 2.5
"""A cap that is so many times above all that is drawn is told, not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all drawings of a night share."""

    grid: NightGrid
    end_s: int
    """Seconds after the night's start at which the drawings end."""
    local_time: Callable[[int], datetime]
    clock: Callable[[int], str]

    @property
    def slots(self) -> int:
        """Of the grid until the end, the last perhaps only in part."""
        return -(-self.end_s // self.grid.slot_s)

    @property
    def tariff(self) -> tuple[float, ...]:
        """Of these slots."""
        return self.grid.tariff[: self.slots]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """From slots and kW to drawing units."""

    end: float
    """Slots until the end, the last perhaps only in part."""
    top_kw: float

    def x(self, slot: float) -> float:
        """Where a slot begins."""
        return round(LEFT + (RIGHT - LEFT) * min(slot / self.end, 1.0), 1)

    def y(self, kw: float) -> float:
        """Height of a power."""
        return round(_FLOOR - (_FLOOR - _TOP) * kw / self.top_kw, 1)


def drawing(stage: Stage, smart: Sequence[float], plain: Sequence[float], *, cap: float | None) -> dict[str, Any]:
    """Mean kW of each slot, planned and at once, as shapes and rows; not both may be nothing throughout."""
    most = max(*smart, *plain)
    shows_cap = cap is not None and cap <= _ROOM * most
    axes = Axes(
        end=stage.end_s / stage.grid.slot_s,
        top_kw=1.06 * max(most, cap if cap is not None and shows_cap else 0.0),
    )
    seconds = slot_seconds(stage)
    return {
        "cap": cap,
        "cap_y": axes.y(cap) if cap is not None and shows_cap else None,
        "kwh": sum(kw * s for kw, s in zip(smart, seconds, strict=True)) / 3600,
        "kwh_plain": sum(kw * s for kw, s in zip(plain, seconds, strict=True)) / 3600,
        "peak": max(smart),
        "peak_plain": max(plain),
        "bands": _bands(stage, axes),
        "smart": _steps(axes, smart, closed=True),
        "plain": _steps(axes, plain, closed=False),
        "hours": _hours(stage, axes),
        "levels": [(axes.y(kw), words.number(kw, 0 if kw == round(kw) else 1)) for kw in _levels(axes.top_kw)],
        "rows": _rows(stage, smart, plain),
    }


def slot_seconds(stage: Stage) -> list[int]:
    """Seconds of each slot that are before the end."""
    slot_s = stage.grid.slot_s
    return [min(slot_s, stage.end_s - slot * slot_s) for slot in range(stage.slots)]


def tariff_steps(stage: Stage) -> list[int]:
    """Shade of each slot's tariff, 0 for the cheapest of the night."""
    tariff = stage.tariff
    low, high = min(tariff, default=0.0), max(tariff, default=0.0)
    if high <= low:
        return [0] * len(tariff)
    return [min(STEPS - 1, int(STEPS * (price - low) / (high - low))) for price in tariff]


def tariff_range(stage: Stage) -> tuple[float, float]:
    """Cheapest and dearest kWh of the night."""
    return min(stage.tariff, default=0.0), max(stage.tariff, default=0.0)


def _bands(stage: Stage, axes: Axes) -> list[dict[str, Any]]:
    """Stretches of one shade of the tariff."""
    bands, at = [], 0
    for step, group in groupby(tariff_steps(stage)):
        count = len(list(group))
        width = round(axes.x(at + count) - axes.x(at), 1)
        bands.append({"step": step, "x": axes.x(at), "width": width, "y": _TOP, "height": _FLOOR - _TOP})
        at += count
    return bands


def _steps(axes: Axes, kw: Sequence[float], *, closed: bool) -> str:
    """A path with one step a slot; closed along the floor where it is filled."""
    path = [f"M{axes.x(0)} {axes.y(0)}" if closed else f"M{axes.x(0)} {axes.y(kw[0])}"]
    level = None
    for slot, power in enumerate(kw):
        if power != level:
            path.append(f"H{axes.x(slot)}V{axes.y(power)}")
            level = power
    path.append(f"H{axes.x(len(kw))}" + (f"V{axes.y(0)}Z" if closed else ""))
    return "".join(path)


def _hours(stage: Stage, axes: Axes) -> list[tuple[float, str]]:
    """Full hours of the local clock along the floor, not more than ten."""
    moments = []
    for seconds in range(0, stage.end_s + 1, 60):
        moment = stage.local_time(seconds)
        if not moment.minute and not moment.second:
            moments.append(seconds)
    gap = max(1, math.ceil(len(moments) / 9))
    return [(axes.x(s / stage.grid.slot_s), stage.clock(s)) for s in moments[::gap]]


def _levels(top_kw: float) -> list[float]:
    """Two to five round powers from 0 up."""
    size = 10.0 ** math.floor(math.log10(top_kw))
    gap = next(size * part for part in (0.2, 0.5, 1, 2, 5) if top_kw / (size * part) < 5)
    return [gap * number for number in range(int(top_kw / gap) + 1)]


def _rows(stage: Stage, smart: Sequence[float], plain: Sequence[float]) -> list[dict[str, Any]]:
    """The same as a table: stretches in which no figure changes are one row."""
    grid = stage.grid
    told = [
        {
            "smart": words.number(kw, 1),
            "plain": words.number(at_once, 1),
            "tariff": words.number(grid.tariff[slot], 2),
            "co2_g": words.number(1000 * grid.co2_kg[slot]),
        }
        for slot, (kw, at_once) in enumerate(zip(smart, plain, strict=True))
    ]
    changes = [0, *(slot for slot in range(1, len(told)) if told[slot] != told[slot - 1]), len(told)]
    return [
        {
            "begin": stage.clock(begin * grid.slot_s),
            "end": stage.clock(min(end * grid.slot_s, stage.end_s)),
            **told[begin],
        }
        for begin, end in pairwise(changes)
    ]
