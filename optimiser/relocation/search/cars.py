"""What a car has in its battery, and what it costs as it stands at opening."""

from __future__ import annotations

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.town import Town


@in_place
def charged(town: Town, car: int, plug: int, kwh: float, seconds: int) -> float:
    """kWh in a car after so long on a plug (-1: none) at the power that it can count on."""
    kw = 0.0
    if plug >= 0:
        kw = min(town.plug_kw[plug], town.car_kwh[car, col.POWER]) * town.efficiency
    if kw <= 0.0 or seconds <= 0:
        return kwh
    full = town.car_kwh[car, col.BATTERY]
    knee, hours = town.taper_from * full, seconds / 3600
    if kwh < knee:
        linear = min(hours, (knee - kwh) / kw)
        kwh += kw * linear
        hours -= linear
    fall = (1.0 - town.taper_end) / ((1.0 - town.taper_from) * full)
    while hours > 1e-9 and kwh < full:
        step = min(hours, town.slot_s / 3600)
        # The power of a step is what the battery takes at its end, as the checker has it.
        power = kw * (town.taper_end + fall * (full - kwh)) / (1.0 + kw * fall * step)
        kwh = min(full, kwh + max(power, 0.0) * step)
        hours -= step
    return kwh


@in_place
def price_of_car(
    town: Town, car: int, station: int, plug: int, kwh: float, rest_s: int, used_kwh: float
) -> tuple[float, bool]:
    """
    What a car costs that stands at a station for the rest of the night, tasks undone; and whether it is ready.

    On a plug it takes as much as is wanted of it, no more.
    """
    kwhs = town.car_kwh[car]
    needed = kwhs[col.READY] if kwhs[col.READY] < np.inf else 0.0
    wanted = max(needed, kwhs[col.GOAL], kwhs[col.MUST])
    has = kwh
    if plug >= 0 and kwh < wanted:
        has = max(kwh, min(wanted, charged(town, car, plug, kwh, rest_s)))
    total = town.kwh_price * max(0.0, has - kwhs[col.ENERGY] + used_kwh) / town.efficiency
    total += town.missing_kwh_price * max(0.0, kwhs[col.GOAL] - has)
    total += town.must_price * max(0.0, kwhs[col.MUST] - has) + kwhs[col.TASK_PRICE]
    if not town.must_station[car, station]:
        total += town.must_price
    return total, has >= kwhs[col.READY] - 1e-9


@in_place
def leave_alone(town: Town) -> float:
    """Fills in what cars cost and where they are ready if nobody comes; the price of all."""
    total = 0.0
    for car in range(len(town.car)):
        station, plug = town.car[car, col.AT], town.car[car, col.PLUG]
        kwh = town.car_kwh[car, col.ENERGY]
        rest_s = min(town.opening_s, town.car[car, col.UNTIL])
        own, is_ready = price_of_car(town, car, station, plug, kwh, rest_s, 0.0)
        town.car_kwh[car, col.ALONE] = own
        town.car[car, col.READY_ALONE] = 1 if is_ready else 0
        total += own
        if is_ready:
            town.ready_alone[station] += 1
            for entry in range(town.station[station, col.FIRST_ZONE], town.station[station, col.END_ZONE]):
                town.zone_alone[town.zone_of[entry]] += 1
    return total
