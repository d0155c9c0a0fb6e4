"""Tiny hand-made nights of e-cars on a line, and random ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem import (
    Car,
    Charging,
    Driver,
    Grid,
    Handling,
    Mode,
    Plug,
    Prices,
    Problem,
    Station,
)

START = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
HOUR_S = 3600
LINEAR = Charging(efficiency=1.0, taper_from=0.0, taper_end=1.0, reserve=0.0)
"""A battery that takes its full power until it is full, without losses."""


def line(place_ids: Sequence[str], km: Sequence[float], *, kmh: float = 36.0) -> TravelTimes:
    """Places on a line; at 36 km/h a kilometre takes 100 s."""
    positions = np.array(km, dtype=np.float64)
    length_m = np.rint(np.abs(positions[:, None] - positions[None, :]) * 1000).astype(np.int32)
    travel_s = np.rint(length_m * 3.6 / kmh).astype(np.int32)
    return TravelTimes(place_ids=tuple(place_ids), travel_s=travel_s, length_m=length_m, label="by hand")


def station(
    id_: str, lost_trips: Sequence[float] = (0.0,), *, plugs: Sequence[float | Plug] = (), **more: Any
) -> Station:
    """A station whose plugs are given by their kW; lost trips do not matter unless they are told."""
    named = tuple(
        plug if isinstance(plug, Plug) else Plug(id=f"{id_}{number}", kw=plug, connector="type2")
        for number, plug in enumerate(plugs, 1)
    )
    return Station(id=id_, lost_trips=tuple(lost_trips), plugs=named, **more)


def car(id_: str, station_id: str, energy_kwh: float, **more: Any) -> Car:
    """A car with 50 kWh that uses 0.2 kWh for a km, is ready from 20 kWh on, and takes 10 kW."""
    defaults: dict[str, Any] = {
        "battery_kwh": 50.0,
        "ready_kwh": 20.0,
        "kwh_per_km": 0.2,
        "charge_kw": 10.0,
        "connectors": frozenset({"type2"}),
    }
    return Car(id=id_, station_id=station_id, energy_kwh=energy_kwh, **defaults | more)


def driver(id_: str = "d", at: str = "A", **more: Any) -> Driver:
    """Somebody with a bike who starts and ends at `at` and works all night."""
    defaults: dict[str, Any] = {"shift_start_s": 0, "shift_end_s": 4 * HOUR_S, "mode": "bike"}
    return Driver(id=id_, start_place_id=at, end_place_id=more.pop("end", at), **defaults | more)


def make_problem(
    stations: Sequence[Station],
    cars: Sequence[Car] = (),
    drivers: Sequence[Driver] = (),
    *,
    km: Sequence[float] = (),
    places: Sequence[str] = (),
    tariff: Sequence[float] = (0.2, 0.2, 0.2, 0.2),
    slot_s: int = HOUR_S,
    **more: Any,
) -> Problem:
    """
    A night of four slots of an hour on a line: cars drive 36 km/h, bikes half of that.

    `km` says where the stations are, and then `places`; 1 km apart unless told.
    """
    place_ids = [*(one.id for one in stations), *places]
    positions = km or [float(number) for number in range(len(place_ids))]
    defaults: dict[str, Any] = {
        "start": START,
        "opening_s": len(tariff) * slot_s,
        "drive": line(place_ids, positions),
        "modes": (Mode(name="bike", travel=line(place_ids, positions, kmh=18.0)),),
        "grid": Grid(slot_s=slot_s, tariff=tuple(tariff), co2_kg=(0.0,) * len(tariff)),
        "prices": Prices(lost_trip=10.0, driver_hour=36.0),
        "handling": Handling(handover_s=100, park_s=100, plug_in_s=50, unplug_s=50),
        "charging": LINEAR,
    }
    return Problem(stations=tuple(stations), cars=tuple(cars), drivers=tuple(drivers), **defaults | more)
