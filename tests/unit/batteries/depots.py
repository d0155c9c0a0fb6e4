"""Depots with packs, made by hand: hours as slots, so that every kWh can be followed with a pencil."""

from __future__ import annotations

from optimiser.basics.night_grid import NightGrid
from optimiser.batteries.problem import Arrival, Problem

HOUR = 3600


def depot(
    tariff: tuple[float, ...],
    *,
    arrivals: tuple[tuple[int, int], ...],
    slots: int = 2,
    slot_kw: float = 1.0,
    need_kwh: float = 2.0,
    site_kw: float | None = None,
    changes: tuple[int, ...] = (),
    co2_kg: tuple[float, ...] | None = None,
    co2_price: float = 0.0,
    end_s: int | None = None,
) -> Problem:
    """A depot whose tariff changes by the hour; arrivals are (second, packs)."""
    return Problem(
        depot_id="D",
        slots=slots,
        slot_kw=slot_kw,
        need_kwh=need_kwh,
        arrivals=tuple(Arrival(time_s=time_s, packs=packs) for time_s, packs in arrivals),
        end_s=len(tariff) * HOUR if end_s is None else end_s,
        grid=NightGrid(slot_s=HOUR, tariff=tariff, co2_kg=(0.1,) * len(tariff) if co2_kg is None else co2_kg),
        site_kw=site_kw,
        changes=changes,
        co2_price=co2_price,
    )
