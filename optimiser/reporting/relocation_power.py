"""Power of each charging site through the night, as planned and if each car charged at once: drawings and rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import mul
from typing import Any

from optimiser.relocation.problem import Station
from optimiser.relocation.replay import Charged, Timeline
from optimiser.reporting import words
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_words import clock

WIDTH, HEIGHT = 640, 206
LEFT, RIGHT = 50, 610
_TOP, _FLOOR = 22, 176
STEPS = 5
"""Shades of the tariff, from cheap to dear."""
_LEAST_KW = 0.05
"""Less is not drawn."""
_ROOM = 2.5
"""A cap that is so many times above all that is drawn is told, not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """From slots and kW to drawing units."""

    end: float
    """Slots until opening, the last perhaps only in part."""
    top_kw: float

    def x(self, slot: float) -> float:
        """Where a slot begins."""
        return round(LEFT + (RIGHT - LEFT) * min(slot / self.end, 1.0), 1)

    def y(self, kw: float) -> float:
        """Height of a power."""
        return round(_FLOOR - (_FLOOR - _TOP) * kw / self.top_kw, 1)


def power_profiles(night: RelocationNight) -> list[dict[str, Any]]:
    """A drawing and its rows for each station at which anything charges, planned or at once, the largest first."""
    profiles = []
    for station in night.problem.stations:
        smart, plain = (mean_kw(night, timeline, station.id) for timeline in (night.timeline, night.timeline_plain))
        if max(*smart, *plain, 0.0) >= _LEAST_KW:
            profiles.append(_profile(night, station, smart, plain))
    return sorted(profiles, key=lambda profile: (-profile["kwh"], profile["id"]))


def mean_kw(night: RelocationNight, timeline: Timeline, station_id: str) -> list[float]:
    """What a station draws from the grid in each slot, on average over the slot as far as it is before opening."""
    seconds = _slot_seconds(night)
    kw = [0.0] * len(seconds)
    for charged in timeline.charged:
        if charged.charge.station_id == station_id:
            for offset, kwh in enumerate(charged.grid_kwh):
                if kwh:
                    slot = charged.charge.first_slot + offset
                    kw[slot] += kwh * 3600 / seconds[slot]
    return kw


def _slot_seconds(night: RelocationNight) -> list[int]:
    """Seconds of each slot that are before opening."""
    slot_s, opening_s = night.problem.grid.slot_s, night.problem.opening_s
    return [min(slot_s, opening_s - slot * slot_s) for slot in range(night.problem.slots)]


def tariff_steps(night: RelocationNight) -> list[int]:
    """Shade of each slot's tariff, 0 for the cheapest of the night."""
    tariff = night.problem.grid.tariff[: night.problem.slots]
    low, high = min(tariff, default=0.0), max(tariff, default=0.0)
    if high <= low:
        return [0] * len(tariff)
    return [min(STEPS - 1, int(STEPS * (price - low) / (high - low))) for price in tariff]


def tariff_range(night: RelocationNight) -> tuple[float, float]:
    """Cheapest and dearest kWh of the night."""
    tariff = night.problem.grid.tariff[: night.problem.slots]
    return min(tariff, default=0.0), max(tariff, default=0.0)


def _profile(night: RelocationNight, station: Station, smart: list[float], plain: list[float]) -> dict[str, Any]:
    most = max(*smart, *plain)
    cap = station.site_kw
    shows_cap = cap is not None and cap <= _ROOM * most
    end = night.problem.opening_s / night.problem.grid.slot_s
    axes = Axes(end=end, top_kw=1.06 * max(most, cap if cap is not None and shows_cap else 0.0))
    seconds = _slot_seconds(night)
    return {
        "id": station.id,
        "name": night.places[station.id].name,
        "plugs": station.plugs,
        "cap": cap,
        "cap_y": axes.y(cap) if cap is not None and shows_cap else None,
        "kwh": sum(map(mul, smart, seconds)) / 3600,
        "kwh_plain": sum(map(mul, plain, seconds)) / 3600,
        "peak": max(smart),
        "peak_plain": max(plain),
        "bands": _bands(night, axes),
        "smart": _steps(axes, smart, closed=True),
        "plain": _steps(axes, plain, closed=False),
        "hours": _hours(night, axes),
        "levels": [(axes.y(kw), words.number(kw, 0 if kw == round(kw) else 1)) for kw in _levels(axes.top_kw)],
        "rows": _rows(night, smart, plain),
        "charges": [_charge(night, charged) for charged in _charged_at(night, station.id)],
    }


def _bands(night: RelocationNight, axes: Axes) -> list[dict[str, Any]]:
    """Stretches of one shade of the tariff."""
    bands, at = [], 0
    for step, group in groupby(tariff_steps(night)):
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


def _hours(night: RelocationNight, axes: Axes) -> list[tuple[float, str]]:
    """Full hours of the local clock along the floor, not more than ten."""
    slot_s, end_s = night.problem.grid.slot_s, night.problem.opening_s
    moments = [s for s in range(0, end_s + 1, 60) if not night.local_time(s).minute and not night.local_time(s).second]
    gap = max(1, math.ceil(len(moments) / 9))
    return [(axes.x(s / slot_s), clock(night, s)) for s in moments[::gap]]


def _levels(top_kw: float) -> list[float]:
    """Two to five round powers from 0 up."""
    size = 10.0 ** math.floor(math.log10(top_kw))
    gap = next(size * part for part in (0.2, 0.5, 1, 2, 5) if top_kw / (size * part) < 5)
    return [gap * number for number in range(int(top_kw / gap) + 1)]


def _rows(night: RelocationNight, smart: Sequence[float], plain: Sequence[float]) -> list[dict[str, Any]]:
    """The same as a table: stretches in which no figure changes are one row."""
    grid, opening_s = night.problem.grid, night.problem.opening_s
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
            "begin": clock(night, begin * grid.slot_s),
            "end": clock(night, min(end * grid.slot_s, opening_s)),
            **told[begin],
        }
        for begin, end in pairwise(changes)
    ]


def _charged_at(night: RelocationNight, station_id: str) -> list[Charged]:
    found = [its for its in night.timeline.charged if its.charge.station_id == station_id and any(its.grid_kwh)]
    return sorted(found, key=lambda its: (its.charge.plug_id, its.charge.first_slot, its.charge.car_id))


def _charge(night: RelocationNight, charged: Charged) -> dict[str, Any]:
    """One charge in words: when power flows, how much of it, what it costs."""
    grid, charge, stay = night.problem.grid, charged.charge, charged.stay
    # Nothing flows without a stay.
    assert stay is not None
    slots = [charge.first_slot + offset for offset, kwh in enumerate(charged.grid_kwh) if kwh]
    begin_s = max(stay.plugged_from_s, slots[0] * grid.slot_s)
    end_s = min(stay.plugged_until_s, (slots[-1] + 1) * grid.slot_s)
    battery = night.problem.car_by_id[charge.car_id].battery_kwh
    numbered = enumerate(charged.grid_kwh, start=charge.first_slot)
    return {
        "plug": charge.plug_id,
        "car": charge.car_id,
        "plugged": "–".join(clock(night, s) for s in (stay.plugged_from_s, stay.plugged_until_s)),
        "flows": "–".join(clock(night, s) for s in (begin_s, end_s)),
        "kwh": words.number(sum(charged.grid_kwh), 1),
        "cost": words.number(sum(kwh * grid.tariff[slot] for slot, kwh in numbered), 2),
        "before": words.number(100 * charged.energy_kwh[0] / battery),
        "after": words.number(100 * charged.energy_kwh[-1] / battery),
    }
