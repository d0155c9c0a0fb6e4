"""What a station's ready cars are worth at opening: from a given interval, from rates, or by default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import time

import numpy as np

from optimiser.basics.car_fleet import HOURS_A_DAY, CarFleet, Station, Wish, WishSource

SLOT_S = 1800
"""In which the day after opening is followed."""


def lost_trip_tables(fleet: CarFleet) -> dict[str, tuple[float, ...]]:
    """
    Expected trips lost over the day after opening by ready cars then, for each station: entry k for k cars.

    Convex, so that one more car is never worth more than the one before. Those of intervals reach as far as cars can
    be, also where more stand than there are bays. Stations with rates are taken as bike stations with as many docks as
    bays (Raviv & Kolka 2013); a zone never refuses a return.
    """
    standing = Counter(car.station_id for car in fleet.cars)
    tables = {
        station.id: interval_table(station.wish, max(room(station, fleet), standing[station.id]))
        for station in fleet.stations
    }
    tables.update(_from_rates(fleet))
    return tables


def room(station: Station, fleet: CarFleet) -> int:
    """Cars that fit; in a zone as many as there are in the fleet."""
    return max(1, len(fleet.cars)) if station.bays is None else station.bays


def interval_table(wish: Wish, most: int) -> tuple[float, ...]:
    """Losses that grow by the same for each car below `low` or above `high`; the one entry 0 where nobody rents."""
    if wish.source is WishSource.HUB:
        return (0.0,)
    over = float("inf") if wish.high is None else wish.high
    count = max(most, wish.low) + 1
    return tuple(wish.lost_trips_per_car * max(wish.low - cars, cars - over, 0) for cars in range(count))


def _from_rates(fleet: CarFleet) -> Mapping[str, tuple[float, ...]]:
    stations = [station for station in fleet.stations if station.wish.rates is not None]
    if not stations:
        return {}
    # Imported here: a night without rates needs no compiler.
    from optimiser.demand.dissatisfaction import losses

    hours = _hours_after(fleet.opening)
    rental = np.array([[_rates(station)[0][hour] for hour in hours] for station in stations]) / 3600
    giving = np.array([[_rates(station)[1][hour] for hour in hours] for station in stations]) / 3600
    rooms = np.array([room(station, fleet) for station in stations], dtype=np.int64)
    soft = np.array([most if station.bays is None else np.nan for station, most in zip(stations, rooms, strict=True)])
    trips = losses(rental, giving, rooms, slot_s=SLOT_S, soft=soft).trips
    return {
        station.id: tuple(float(lost) for lost in trips[row, : most + 1])
        for row, (station, most) in enumerate(zip(stations, rooms, strict=True))
    }


def _rates(station: Station) -> tuple[tuple[float, ...], tuple[float, ...]]:
    rates = station.wish.rates
    assert rates is not None
    return rates.rentals_per_hour, rates.returns_per_hour


def _hours_after(opening: time) -> list[int]:
    """The hour of the local clock in each slot of the day after opening."""
    begin_s = opening.hour * 3600 + opening.minute * 60
    slots = HOURS_A_DAY * 3600 // SLOT_S
    return [(begin_s + slot * SLOT_S) // 3600 % HOURS_A_DAY for slot in range(slots)]
