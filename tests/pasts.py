"""Hand-made pasts whose arithmetic fits in a comment, and generated ones with known truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from optimiser.basics.city import City
from optimiser.demand.calendar import Calendar, calendar
from optimiser.demand.history import UNKNOWN, History, StatusHistory, TripHistory, status_history
from scenarios.generated_history import MadePast, made_demand, made_past
from tests.builders import small_city

MONDAY = date(2026, 9, 28)
ZONE = "Europe/Oslo"
CAPACITIES = (12, 16, 20, 24, 10, 18)


def moment(text: str, zone: str = "UTC") -> int:
    """Unix seconds of a local time, such as `2026-10-25 02:30`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def at_midnight(days: int, zone: str = ZONE) -> datetime:
    """The local midnight so many days after the first of a generated past."""
    return datetime.combine(MONDAY + timedelta(days), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)


def polls(
    rows: Sequence[tuple[int, int, int]], capacities: Sequence[int] = (10,), *, closed: Sequence[int] = ()
) -> History:
    """Rows of (station, Unix seconds, bikes); those at the moments `closed` saw a closed station."""
    return History(
        station_ids=tuple(f"S{number}" for number in range(len(capacities))),
        capacities=tuple(capacities),
        time_zone="UTC",
        status=_status(rows, len(capacities), closed),
    )


def _status(rows: Sequence[tuple[int, int, int]], stations: int, closed: Sequence[int]) -> StatusHistory:
    station, ts, bikes = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return status_history(stations, station, ts, bikes=bikes, is_open=~np.isin(ts, closed))


def trips(rows: Sequence[tuple[int, int, int, int, int]]) -> TripHistory:
    """Rows of (bike, start, origin, end, destination), sorted here; -1 is unknown."""
    bike, started, origin, ended, destination = np.array(sorted(rows, key=lambda row: row[1])).reshape(-1, 5).T
    return TripHistory(
        started=started.astype(np.int64),
        ended=ended.astype(np.int64),
        origin=origin.astype(np.int32),
        destination=destination.astype(np.int32),
        bike=bike.astype(np.int32),
    )


def trips_only(rows: Sequence[tuple[int, int, int, int, int]], capacities: Sequence[int] = (10,)) -> History:
    """A past of which only trips are known."""
    return replace(polls([], capacities), status=None, trips=trips(rows))


def generated(
    *,
    capacities: Sequence[int] = CAPACITIES,
    first: int = 0,
    days: int = 28,
    turnover: float = 3.0,
    seed: int = 1,
    spread: float = 0.15,
    vans: bool = True,
    poll_s: int = 1200,
) -> MadePast:
    """Riders with known rates at S0, S1 … in Oslo, from the day `first` after a Monday before the clocks go back."""
    return made_past(
        [f"S{number}" for number in range(len(capacities))],
        capacities,
        made_demand(capacities, seed=3, turnover=turnover),
        time_zone=ZONE,
        first_day=MONDAY + timedelta(first),
        days=days,
        seed=seed,
        spread=spread,
        vans=vans,
        poll_s=poll_s,
    )


def city_of(history: History) -> City:
    """A small city with the stations of a past."""
    return small_city(capacities=history.capacities, zone=history.time_zone)


def ridden(*, stations: int = 4, bikes: int = 20, days: int = 24, seed: int = 1, with_bikes: bool = True) -> History:
    """Known bikes that ride about, each from where it was left; now and then a van takes one elsewhere. Zone UTC."""
    random = np.random.default_rng(seed)
    begin = moment("2026-09-28 00:00")
    rows = []
    for bike in range(bikes):
        place, ts = int(random.integers(stations)), begin + int(random.integers(6 * 3600))
        while ts < begin + days * 86_400:
            after = int(random.integers(stations))
            ended = ts + int(random.integers(300, 2400))
            rows.append((bike if with_bikes else UNKNOWN, ts, place, ended, after))
            place = int(random.integers(stations)) if random.random() < 0.05 else after
            ts = ended + int(random.exponential(4 * 3600)) + 60
    return trips_only(rows, (15,) * stations)


def calendar_of(history: History) -> Calendar:
    """All days of a past."""
    span = history.span()
    assert span is not None
    return calendar(history.time_zone, *span)
