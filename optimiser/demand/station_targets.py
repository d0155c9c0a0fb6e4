"""
Targets from demand: for each station its user dissatisfaction function, an interval with a reason, the fleet's split.

The interval is that of Schuijbroek, Hampshire & van Hoeve (2017, EJOR 257): the fewest bikes with which the wanted
share of rentals is served, up to the most with which the wanted share of returns is. Planning uses the function,
people the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidProblem
from optimiser.demand.activity import Weather
from optimiser.demand.allocation import split_bikes
from optimiser.demand.dissatisfaction import Losses
from optimiser.demand.forecast import Forecast, expected_losses
from optimiser.demand.targets import MOST_FREED, StationDemand, Target, TargetSource

Floats = NDArray[np.float64]

NEAR_TRIPS, NEAR_SHARE = 0.5, 0.05
"""Half a trip more than the least, or a twentieth of what is at stake, is as good as the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandSettings:
    """How demand is estimated and what is aimed for."""

    slot_minutes: int = 30
    """15, 30 or 60."""
    window_days: int = 120
    """Days of history that are looked at."""
    service_level: float = 0.95
    """Share of rentals, and of returns, that a target interval serves."""
    lost_return: float = 1.0
    """What a lost return counts, in lost rentals."""
    crowding: float = 0.05
    """Trips lost per hour for each bike above a zone's soft capacity."""
    holidays: frozenset[date] = frozenset()
    weather: Weather | None = None

    def __post_init__(self) -> None:
        if not 0 < self.service_level < 1:
            raise InvalidProblem(f"demand: service level is {self.service_level}, must be within 0..1")
        if self.lost_return < 0 or self.crowding < 0:
            raise InvalidProblem("demand: a lost return and crowding must count at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A station as the night finds it, or will."""

    station_id: str
    row: int
    """Of the station in the forecast."""
    room: int
    """Bikes that fit; for a zone the most that a plan may bring it to."""
    soft_capacity: int | None = None
    """Of a free-floating zone; None for a station with docks."""
    low_charge: int = 0
    """Bikes that stand there too low on charge to be rented."""
    broken: int = 0
    """Bikes that stand there broken."""

    @property
    def freed(self) -> int:
        """Docks that may be freed and that tables are made for: none in a zone."""
        return 0 if self.soft_capacity is not None else min(MOST_FREED, self.low_charge + self.broken)


def station_targets(
    coming: Forecast, places: Sequence[Place], *, bikes: int, settings: DemandSettings, time_zone: str
) -> dict[str, Target]:
    """
    Targets of the places that have rates of their own, by id.

    `bikes` stand at all these places together tonight; their best split is part of each explanation.
    """
    known = [place for place in places if coming.is_known[place.row]]
    if not known:
        return {}
    rows = np.array([place.row for place in known])
    rooms = np.array([place.room for place in known], dtype=np.int64)
    soft = np.array([np.nan if place.soft_capacity is None else place.soft_capacity for place in known])
    own = coming.of(rows)
    tables = expected_losses(own, rooms, soft=soft, crowding=settings.crowding)
    lost = tables.rentals + settings.lost_return * tables.returns
    swaps = _worth_of_swaps(own, known, rooms, soft, lost, settings)
    freed = _with_freed_docks(own, known, settings)
    split = split_bikes(lost, rooms, min(max(0, bikes), int(rooms.sum())))
    wanted = own.wanted()
    until = datetime.fromtimestamp(coming.end_ts, UTC).astimezone(ZoneInfo(time_zone))
    return {
        place.station_id: _target(
            place,
            row,
            lost[row],
            tables,
            wanted=(float(wanted[0][row]), float(wanted[1][row])),
            sigma=float(np.hypot(own.sigma[row], own.renting.sigma)),
            split=int(split[row]),
            swap=swaps.get(place.station_id),
            freed=freed.get(place.station_id, ()),
            settings=settings,
            until=f"{until:%a %H:%M}",
        )
        for row, place in enumerate(known)
    }


def _worth_of_swaps(  # noqa: PLR0917  the caller's own values, nothing optional
    own: Forecast,
    known: Sequence[Place],
    rooms: NDArray[np.int64],
    soft: Floats,
    lost: Floats,
    settings: DemandSettings,
) -> dict[str, tuple[float, ...]]:
    """
    What charging one bike is worth at stations that hold an empty one, by usable bikes.

    It stands there anyway, so one more usable bike comes with room for one more (Kaspi, Raviv & Tzur 2017, EJOR 262).
    """
    rows = np.array([row for row, place in enumerate(known) if place.low_charge > 0], dtype=np.int64)
    if not len(rows):
        return {}
    tables = expected_losses(own.of(rows), rooms[rows] + 1, soft=soft[rows], crowding=settings.crowding)
    charged = tables.rentals + settings.lost_return * tables.returns
    return {
        known[row].station_id: tuple((lost[row, : rooms[row] + 1] - charged[number, 1 : rooms[row] + 2]).tolist())
        for number, row in enumerate(rows.tolist())
    }


def _with_freed_docks(
    own: Forecast, known: Sequence[Place], settings: DemandSettings
) -> dict[str, tuple[tuple[float, ...], ...]]:
    """The same function on 1, 2, … more docks, where low-charge or broken bikes hold some."""
    cases = [(row, freed) for row, place in enumerate(known) for freed in range(1, place.freed + 1)]
    if not cases:
        return {}
    rooms = np.array([known[row].room + freed for row, freed in cases], dtype=np.int64)
    tables = expected_losses(own.of(np.array([row for row, _ in cases], dtype=np.int64)), rooms)
    lost = np.maximum(0.0, tables.rentals + settings.lost_return * tables.returns)
    made: dict[str, list[tuple[float, ...]]] = {}
    for number, (row, _) in enumerate(cases):
        made.setdefault(known[row].station_id, []).append(tuple(lost[number, : rooms[number] + 1].tolist()))
    return {id_: tuple(rows) for id_, rows in made.items()}


def service_interval(
    lost_rentals: Floats, lost_returns: Floats, *, rentals: float, returns: float, service_level: float
) -> tuple[int, int] | None:
    """
    Fewest and most bikes with which both shares are served; None where no inventory serves both.

    The tables run over opening inventories 0..room.
    """
    enough_bikes = np.flatnonzero(lost_rentals <= (1 - service_level) * rentals + 1e-12)
    enough_docks = np.flatnonzero(lost_returns <= (1 - service_level) * returns + 1e-12)
    if not len(enough_bikes) or not len(enough_docks) or enough_bikes[0] > enough_docks[-1]:
        return None
    return int(enough_bikes[0]), int(enough_docks[-1])


def near_least(lost: Floats) -> tuple[int, int]:
    """Fewest and most bikes that lose hardly more than the best number of them; `lost` is convex."""
    least, most = float(lost.min()), float(lost.max())
    near = np.flatnonzero(lost <= least + max(NEAR_TRIPS, NEAR_SHARE * (most - least)))
    return int(near[0]), int(near[-1])


def _target(
    place: Place,
    row: int,
    lost: Floats,
    tables: Losses,
    *,
    wanted: tuple[float, float],
    sigma: float,
    split: int,
    swap: tuple[float, ...] | None,
    freed: tuple[tuple[float, ...], ...],
    settings: DemandSettings,
    until: str,
) -> Target:
    inside = slice(0, place.room + 1)
    rentals, returns = tables.rentals[row, inside], tables.returns[row, inside]
    interval = service_interval(
        rentals, returns, rentals=wanted[0], returns=wanted[1], service_level=settings.service_level
    )
    want = f"about {wanted[0]:.0f} rentals and {wanted[1]:.0f} returns wanted until {until}"
    if interval is None:
        low, high = near_least(lost[inside])
        reason = f"{want}; no number of bikes serves {settings.service_level:.0%} of both, {low} to {high} lose least"
    else:
        low, high = interval
        reason = f"{want}; {low} to {high} bikes serve {settings.service_level:.0%} of each"
    return Target(
        station_id=place.station_id,
        low=low,
        high=high,
        # A sum of many tiny terms may be a hair below nothing.
        lost_trips=tuple(np.maximum(0.0, lost[inside]).tolist()),
        reason=reason,
        source=TargetSource.DEMAND,
        demand=StationDemand(
            rentals=wanted[0],
            returns=wanted[1],
            sigma=sigma,
            lost_rentals=tuple(rentals.tolist()),
            empty_s=tuple(tables.empty_s[row, inside].tolist()),
            full_s=tuple(tables.full_s[row, inside].tolist()),
            fleet_split=split,
            worth_of_swap=swap,
        ),
        lost_trips_freed=freed,
    )
