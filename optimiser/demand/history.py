"""What a city's stations did in the past: polls of their status, and trips; sorted, without duplicates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
"""Stands for a count, station or bike that nobody told."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StatusHistory:
    """
    Polls of n stations, sorted by station and time; at most one for a station and moment.

    Columns may be memory-mapped files larger than memory.
    """

    first: NDArray[np.int64]
    """First row of each station, shape (n,)."""
    end: NDArray[np.int64]
    """Row after the last of each station, shape (n,)."""
    ts: NDArray[np.int64]
    """Unix seconds."""
    bikes: NDArray[np.int16]
    """That can be rented."""
    docks: NDArray[np.int16]
    """That accept a bike; -1 = unknown."""
    ebikes: NDArray[np.int16]
    """Among `bikes`; -1 = unknown."""
    disabled: NDArray[np.int16]
    """Bikes that stand there but cannot be rented; -1 = unknown."""
    is_open: NDArray[np.bool_]
    """Renting, and at least one dock or bike in sight."""
    holds: bool = False
    """Whether each row is a change that lasts until the next, however far that is; polls are only moments."""

    @property
    def rows(self) -> int:
        """Polls of all stations together."""
        return int((self.end - self.first).sum())

    def between(self, since_ts: int, until_ts: int) -> StatusHistory:
        """The polls from one moment to just before another; a view of the same columns."""
        first, end = self.first.copy(), self.end.copy()
        for station in range(len(first)):
            own = self.ts[self.first[station] : self.end[station]]
            first[station] = self.first[station] + np.searchsorted(own, since_ts, side="left")
            end[station] = self.first[station] + np.searchsorted(own, until_ts, side="left")
        return replace(self, first=first, end=end)

    def span(self) -> tuple[int, int] | None:
        """First and last moment, None where there is no poll."""
        some = self.end > self.first
        if not some.any():
            return None
        return int(self.ts[self.first[some]].min()), int(self.ts[self.end[some] - 1].max())


@dataclass(frozen=True, eq=False, kw_only=True)
class TripHistory:
    """Trips sorted by their start; places and bikes as indices, -1 where unknown."""

    started: NDArray[np.int64]
    """Unix seconds."""
    ended: NDArray[np.int64]
    """Unix seconds; -1 while the trip has not ended."""
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    bike: NDArray[np.int32]

    @property
    def rows(self) -> int:
        """Trips."""
        return len(self.started)

    def between(self, since_ts: int, until_ts: int) -> TripHistory:
        """The trips that start from one moment to just before another, not yet ended where they end later."""
        first, end = np.searchsorted(self.started, [since_ts, until_ts], side="left")
        ended, destination = self.ended[first:end], self.destination[first:end]
        going = ended >= until_ts
        if going.any():
            ended, destination = ended.copy(), destination.copy()
            ended[going], destination[going] = UNKNOWN, UNKNOWN
        return TripHistory(
            started=self.started[first:end],
            ended=ended,
            origin=self.origin[first:end],
            destination=destination,
            bike=self.bike[first:end],
        )

    def span(self) -> tuple[int, int] | None:
        """First start and last start or end, None where there is no trip."""
        if not self.rows:
            return None
        return int(self.started[0]), int(max(self.started[-1], self.ended.max()))


@dataclass(frozen=True, eq=False, kw_only=True)
class History:
    """Everything known of a city's past, its stations in the order of the city's."""

    station_ids: tuple[str, ...]
    capacities: tuple[int, ...]
    time_zone: str
    status: StatusHistory | None = None
    trips: TripHistory | None = None

    def between(self, since_ts: int, until_ts: int) -> History:
        """What was known just before `until_ts` of the time from `since_ts` on."""
        return replace(
            self,
            status=self.status and self.status.between(since_ts, until_ts),
            trips=self.trips and self.trips.between(since_ts, until_ts),
        )

    def span(self) -> tuple[int, int] | None:
        """First and last moment of which anything is known."""
        spans = [part.span() for part in (self.status, self.trips) if part is not None]
        known = [span for span in spans if span is not None]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None


def status_history(
    stations: int, station: NDArray[Any], ts: NDArray[Any], *, holds: bool = False, **columns: NDArray[Any]
) -> StatusHistory:
    """
    Sort rows into a `StatusHistory`; of rows for one station and moment the last one given stays.

    `columns` are `bikes`, and if known `docks`, `ebikes`, `disabled`, `is_open`.
    """
    count = len(ts)
    columns.setdefault("is_open", np.ones(count, dtype=np.bool_))
    for name in ("docks", "ebikes", "disabled"):
        columns.setdefault(name, np.full(count, UNKNOWN))
    order = np.lexsort((ts, station))
    station, ts = np.asarray(station)[order], np.asarray(ts)[order].astype(np.int64)
    last = np.ones(count, dtype=np.bool_)
    last[:-1] = (station[1:] != station[:-1]) | (ts[1:] != ts[:-1])
    station, order = station[last], order[last]
    bounds = np.searchsorted(station, np.arange(stations + 1))
    return StatusHistory(
        first=bounds[:-1].astype(np.int64),
        end=bounds[1:].astype(np.int64),
        ts=ts[last],
        holds=holds,
        is_open=columns["is_open"][order].astype(np.bool_),
        **{name: columns[name][order].astype(np.int16) for name in ("bikes", "docks", "ebikes", "disabled")},
    )
