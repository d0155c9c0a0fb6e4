"""Small nights along one straight road, for tests: every figure can be checked by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from optimiser.network.travel import TravelTimes
from optimiser.relocation.plan import Charge, Job, Plan, Route
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

ROAD_M = {"home": 0, "a": 1000, "b": 3000, "hub": 4000}
DRIVE_MS, BIKE_MS = 10.0, 5.0
HOUR = 3600


def road(speed_ms: float, places: dict[str, int] = ROAD_M) -> TravelTimes:
    """Travel times between points on a straight road, metres from its beginning."""
    at = np.array(list(places.values()))
    metres = np.abs(at[:, None] - at[None, :])
    return TravelTimes(
        place_ids=tuple(places),
        travel_s=np.ceil(metres / speed_ms).astype(np.int32),
        length_m=metres.astype(np.int32),
    )


def car(id_: str, station_id: str, **changes: Any) -> Car:
    """40 kWh, 8 of them left, ready from 16 on."""
    return Car(
        **{
            "id": id_,
            "station_id": station_id,
            "battery_kwh": 40.0,
            "energy_kwh": 8.0,
            "ready_kwh": 16.0,
            "kwh_per_km": 0.2,
            "charge_kw": 11.0,
            "connectors": frozenset({"type2"}),
        }
        | changes
    )


def driver(id_: str = "dora", **changes: Any) -> Driver:
    """Eight hours from the start of the night, by folding bike."""
    return Driver(
        **{
            "id": id_,
            "start_place_id": "home",
            "end_place_id": "home",
            "shift_start_s": 0,
            "shift_end_s": 8 * HOUR,
            "mode": "bike",
        }
        | changes
    )


def night(**changes: Any) -> Problem:
    """
    Station a with two cars (one ready, one low) of which nobody needs the second, b empty, a hub with one 11 kW plug.

    One lost trip at b without a car, half a one at a; ten hours; 1.00 a kWh before midnight (two hours), 0.50 after.
    """
    return Problem(
        **{
            "start": datetime(2026, 11, 26, 22, tzinfo=UTC),
            "opening_s": 10 * HOUR,
            "stations": (
                Station(id="a", lost_trips=(0.5, 0.0, 0.0), bays=3),
                Station(id="b", lost_trips=(1.0, 0.2, 0.0), bays=2),
                Station(
                    id="hub",
                    lost_trips=(0.0,),
                    bays=2,
                    plugs=(Plug(id="p1", kw=11.0, connector="type2"),),
                    site_kw=11.0,
                ),
            ),
            "cars": (car("full", "a", energy_kwh=30.0), car("low", "a")),
            "drivers": (driver(),),
            "drive": road(DRIVE_MS),
            "modes": (Mode(name="bike", travel=road(BIKE_MS), ride_s=60, km=0.1),),
            "grid": Grid(slot_s=HOUR, tariff=(1.0,) * 2 + (0.5,) * 8, co2_kg=(0.1,) * 10),
            "prices": Prices(lost_trip=100.0, driver_hour=36.0, driver_use=5.0, car_km=0.5, co2_kg=2.0),
            "handling": Handling(handover_s=120, park_s=60, plug_in_s=30, unplug_s=40),
            "charging": Charging(efficiency=1.0),
        }
        | changes
    )


LOW_TO_HUB = Job(car_id="low", origin_id="a", station_id="hub", plug_id="p1")
FULL_TO_B = Job(car_id="full", origin_id="a", station_id="b")
LOW_TO_B = Job(car_id="low", origin_id="hub", station_id="b", unplug=True, not_before_s=2 * HOUR)
CHARGE = Charge(car_id="low", station_id="hub", plug_id="p1", first_slot=0, kw=(11.0, 11.0))
PLAN = Plan(
    routes=(Route(driver_id="dora", jobs=(LOW_TO_HUB, FULL_TO_B, LOW_TO_B)),),
    charges=(CHARGE,),
)
"""
Both cars to b, the low one by way of the hub.

    home -> a     60 + 1000/5 = 260    there at   260
    low           120 + 3000/10 = 300, 60, 30     leave 380, reach 680, end 770
    hub -> a      60 + 3000/5 = 660    there at 1430
    full          120 + 2000/10 = 200, 60         leave 1550, reach 1750, end 1810
    b -> hub      60 + 1000/5 = 260    there at 2070, waits until 7200
    low           120 + 40 + 1000/10 = 100, 60    leave 7360, reach 7460, end 7520
    b -> home     60 + 3000/5 = 660    home at 8180

The car is on the plug from 770 to 7200 s: 2830 s of the first hour and all of the second.
"""
