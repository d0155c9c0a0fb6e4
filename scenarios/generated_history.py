"""
Seeded pasts: riders with known rates, vans at night, polls; for tests that need the truth, and cities without a past.

The same arguments give the same past. Nothing in it is measured.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.calendar import DayClass, day_class
from optimiser.demand.history import History, status_history

SLOTS = 48
MORNING, EVENING, NOON = 8.0, 17.5, 13.5
"""Local hours around which people ride."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MadeDemand:
    """What riders want at each station on a usual day; rates per hour, shape (stations, classes of day, 48)."""

    rental: NDArray[np.float64]
    giving: NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class MadePast:
    """A generated past and its truth."""

    history: History
    wanted: NDArray[np.int64]
    """Rentals and returns that riders wanted, shape (2, stations)."""
    served: NDArray[np.int64]
    """Those that found a bike, or a dock."""


def made_demand(capacities: Sequence[int], *, seed: int, turnover: float = 1.6) -> MadeDemand:
    """Homes that empty in the morning, workplaces that fill, and places for going out; weekends are lazy."""
    rng = random.Random(seed)  # noqa: S311 - a past is made up here, no secret
    rental = np.zeros((len(capacities), len(DayClass), SLOTS))
    giving = np.zeros_like(rental)
    for station, capacity in enumerate(capacities):
        homes = rng.random()
        daily = capacity * turnover * rng.uniform(0.4, 1.4)
        for slot in range(SLOTS):
            hour = slot / 2
            morning, evening, noon = _bump(hour, MORNING, 1.0), _bump(hour, EVENING, 1.4), _bump(hour, NOON, 3.5)
            leaving, coming = homes * morning + (1 - homes) * evening, (1 - homes) * morning + homes * evening
            for kind, commuting in ((DayClass.WORKDAY, 1.0), (DayClass.SATURDAY, 0.3), (DayClass.SUNDAY, 0.2)):
                leisure = daily * noon * 0.7
                rental[station, kind, slot] = 0.02 * daily + commuting * daily * leaving + leisure
                giving[station, kind, slot] = 0.02 * daily + commuting * daily * coming + leisure
    return MadeDemand(rental=rental / 2, giving=giving / 2)


def _bump(hour: float, at: float, width: float) -> float:
    """Share of a day's events per hour around some hour."""
    return math.exp(-(((hour - at) / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))


def made_past(
    station_ids: Sequence[str],
    capacities: Sequence[int],
    demand: MadeDemand,
    *,
    time_zone: str,
    first_day: date,
    days: int,
    seed: int,
    poll_s: int = 1200,
    spread: float = 0.15,
    vans: bool = True,
) -> MadePast:
    """
    Days of riders, polled every `poll_s` seconds.

    Parameters
    ----------
    spread
        Standard deviation of the logarithm of how busy the city is, from day to day.
    vans
        Whether stations that run dry or full are brought back to the middle at three in the morning.
    """
    rng = random.Random(seed)  # noqa: S311
    zone = ZoneInfo(time_zone)
    busy = [math.exp(rng.gauss(-spread * spread / 2, spread)) for _ in range(days)]
    wanted, served = np.zeros((2, len(station_ids)), np.int64), np.zeros((2, len(station_ids)), np.int64)
    rows: list[tuple[int, int, int]] = []
    for station, capacity in enumerate(capacities):
        bikes = rng.randint(capacity // 4, max(capacity // 4, 3 * capacity // 4))
        for number in range(days):
            day = first_day + timedelta(days=number)
            begin = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
            end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
            start_ts, end_ts = int(begin.timestamp()), int(end.timestamp())
            kind = day_class(day)
            events = []
            for ts in range(start_ts, end_ts, 1800):
                local = datetime.fromtimestamp(ts, UTC).astimezone(zone)
                slot = local.hour * 2 + local.minute // 30
                for change, rates in ((-1, demand.rental), (1, demand.giving)):
                    hourly = rates[station, kind, slot] * busy[number]
                    events += [(ts + rng.random() * 1800, change) for _ in range(_poisson(hourly / 2, rng))]
            events.sort()
            position = 0
            for ts in range(start_ts, end_ts, poll_s):
                while position < len(events) and events[position][0] < ts:
                    change = events[position][1]
                    wanted[(change + 1) // 2, station] += 1
                    if 0 <= bikes + change <= capacity:
                        bikes += change
                        served[(change + 1) // 2, station] += 1
                    position += 1
                if vans and ts == start_ts + 3 * 3600 and not 0.15 <= bikes / capacity <= 0.85:
                    bikes = round(capacity * rng.uniform(0.4, 0.6))
                rows.append((station, ts, bikes))
            # What comes after the last poll of the day is seen by the first of the next.
            for _, change in events[position:]:
                wanted[(change + 1) // 2, station] += 1
                if 0 <= bikes + change <= capacity:
                    bikes += change
                    served[(change + 1) // 2, station] += 1
    station_rows, ts_rows, bike_rows = (np.array(column) for column in zip(*rows, strict=True))
    status = status_history(
        len(station_ids),
        station_rows,
        ts_rows,
        bikes=bike_rows,
        docks=np.asarray(capacities)[station_rows] - bike_rows,
    )
    history = History(station_ids=tuple(station_ids), capacities=tuple(capacities), time_zone=time_zone, status=status)
    return MadePast(history=history, wanted=wanted, served=served)


def _poisson(mean: float, rng: random.Random) -> int:
    """A Poisson number by Knuth's product; alike on every version of numpy."""
    limit, number, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        number += 1
        product *= rng.random()
    return number
