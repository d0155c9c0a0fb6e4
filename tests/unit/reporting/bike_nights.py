"""A night of bikes that was planned without a study's docks and with them, its figures made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from optimiser.reporting.siting_nights import BikeNights, NightWork, WeighedNight

WITHOUT = NightWork(
    van_km=5.0,
    van_minutes=60.0,
    stops=3,
    swaps=4,
    low_charge_taken=1,
    lost_trips=2.0,
    van_cost=30.0,
    cost=50.0,
    best_bound=45.0,
)
WITH_DOCKS = replace(WITHOUT, van_km=3.0, swaps=1, cost=41.0, best_bound=40.0)
NIGHT = WeighedNight(
    as_of=datetime(2026, 11, 22, 21, tzinfo=UTC), low_charge=6, charged=3, without=WITHOUT, with_docks=WITH_DOCKS
)
BIKE_NIGHTS = BikeNights(
    nights=(NIGHT,),
    docks={"S1": 3},
    docks_elsewhere=2,
    docks_cost=5400.0,
    nights_a_year=300.0,
    van_g_per_km=200.0,
    assumptions=("Low bikes <stand> there.",),
)
