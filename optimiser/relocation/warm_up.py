"""Compiles the search, so that the first plan need not wait."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from optimiser.basics.limits import SolveLimits
from optimiser.network.travel import TravelTimes
from optimiser.relocation.problem import Car, Driver, Grid, Mode, Plug, Prices, Problem, Station
from optimiser.relocation.solve import solve


def warm_up() -> None:
    """
    Plan a night of two stations and one car that is to be charged.

    Slow once, then kept on disk by Numba.
    """
    seconds = np.array([[0, 60], [60, 0]], dtype=np.int32)
    travel = TravelTimes(place_ids=("a", "b"), travel_s=seconds, length_m=10 * seconds)
    night = Problem(
        start=datetime(2026, 1, 1, tzinfo=UTC),
        opening_s=14_400,
        stations=(
            Station(id="a", lost_trips=(0.0,)),
            Station(id="b", lost_trips=(9.0, 0.0), plugs=(Plug(id="1", kw=11.0, connector="type2"),)),
        ),
        cars=(
            Car(
                id="car",
                station_id="a",
                battery_kwh=40.0,
                energy_kwh=8.0,
                ready_kwh=16.0,
                kwh_per_km=0.2,
                charge_kw=11.0,
                connectors=frozenset({"type2"}),
            ),
        ),
        drivers=(Driver(id="d", start_place_id="a", end_place_id="a", shift_start_s=0, shift_end_s=7200, mode="foot"),),
        drive=travel,
        modes=(Mode(name="foot", travel=travel),),
        grid=Grid(slot_s=3600, tariff=(0.1,) * 4, co2_kg=(0.1,) * 4),
        prices=Prices(lost_trip=10.0, driver_hour=1.0),
    )
    solve(night, SolveLimits(seconds=None, rounds=1))
