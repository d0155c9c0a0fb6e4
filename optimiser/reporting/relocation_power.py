"""Power of each charging site through the night, as planned and if each car charged at once: drawings and rows."""

from __future__ import annotations

from typing import Any

from optimiser.relocation.problem import Station
from optimiser.relocation.replay import Charged, Timeline
from optimiser.reporting import words
from optimiser.reporting.power_drawing import LEAST_KW, Stage, drawing, slot_seconds
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_words import clock


def power_profiles(night: RelocationNight) -> list[dict[str, Any]]:
    """A drawing and its rows for each station at which anything charges, planned or at once, the largest first."""
    profiles = []
    for station in night.problem.stations:
        smart, plain = (mean_kw(night, timeline, station.id) for timeline in (night.timeline, night.timeline_plain))
        if max(*smart, *plain, 0.0) >= LEAST_KW:
            profiles.append(_profile(night, station, smart, plain))
    return sorted(profiles, key=lambda profile: (-profile["kwh"], profile["id"]))


def mean_kw(night: RelocationNight, timeline: Timeline, station_id: str) -> list[float]:
    """What a station draws from the grid in each slot, on average over the slot as far as it is before opening."""
    seconds = slot_seconds(stage_of(night))
    kw = [0.0] * len(seconds)
    for charged in timeline.charged:
        if charged.charge.station_id == station_id:
            for offset, kwh in enumerate(charged.grid_kwh):
                if kwh:
                    slot = charged.charge.first_slot + offset
                    kw[slot] += kwh * 3600 / seconds[slot]
    return kw


def stage_of(night: RelocationNight) -> Stage:
    """What the drawings of all stations share."""
    problem = night.problem
    return Stage(
        grid=problem.grid, end_s=problem.opening_s, local_time=night.local_time, clock=lambda s: clock(night, s)
    )


def _profile(night: RelocationNight, station: Station, smart: list[float], plain: list[float]) -> dict[str, Any]:
    return {
        "id": station.id,
        "name": night.places[station.id].name,
        "plugs": station.plugs,
        **drawing(stage_of(night), smart, plain, cap=station.site_kw),
        "charges": [_charge(night, charged) for charged in _charged_at(night, station.id)],
    }


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
