"""Compiles the search and the routing bound, so that the first plan need not wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.basics.city import Handling, Prices
from optimiser.basics.limits import SolveLimits
from optimiser.demand.targets import interval_target
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.problem import Problem, Station, Van, Zone
from optimiser.rebalancing.routing_bound import routing_lower_bound
from optimiser.rebalancing.search.annealer import Annealer
from optimiser.rebalancing.search.translate import town_of
from optimiser.rebalancing.solve import solve


def warm_up() -> None:
    """
    Plan a night of three stations, once more with a zone and a plan at hand, and bound its routes.

    Slow once, then kept on disk by Numba.
    """
    minutes = 60 * np.abs(np.subtract.outer(np.arange(4), np.arange(4))).astype(np.int32)
    stations = tuple(
        Station(
            id=id_,
            capacity=8,
            inventory=bikes,
            target=interval_target(id_, capacity=8, low=4, high=4, trips_per_bike=1.0, reason="warm-up"),
        )
        for id_, bikes in (("a", 8), ("b", 0), ("c", 6))
    )
    van = Van(
        id="van",
        slots=4,
        initial_load=0,
        start_depot_id="depot",
        end_depot_id="depot",
        shift_start_s=0,
        shift_end_s=3600,
    )
    night = Problem(
        start=datetime(2026, 1, 1, tzinfo=UTC),
        stations=stations,
        vans=(van,),
        handling=Handling(stop_s=60, bike_s=10),
        prices=Prices(lost_trip=10.0, van_hour=1.0, van_km=0.0, van_use=0.0),
        travel=TravelTimes(place_ids=("depot", "a", "b", "c"), travel_s=minutes, length_m=10 * minutes),
    )
    limits = SolveLimits(seconds=None, rounds=10)
    zone = Zone(id="zone", station_ids=("a", "b"), floor=9)
    zoned = replace(night, zones=(zone,), prices=replace(night.prices, zone_bike=1.0))
    solve(zoned, limits, start=solve(night, limits).plan)
    lead = Annealer(town_of(night), seed=1, longest=3)
    lead.join([(lead.twin(chance_of(1)), sector) for sector in lead.divide(1)], 0.0)
    routing_lower_bound(minutes.astype(np.int64), np.array([0, 4, -4, 2]), 4, seconds=None, rounds=20)
