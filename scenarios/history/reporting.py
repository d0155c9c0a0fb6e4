"""The report of a history that has been read and merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.history import StatusHistory, TripHistory
from scenarios.history.layout import Kind
from scenarios.history.merge_status import PollFacts
from scenarios.history.merge_trips import TripFacts
from scenarios.history.report import HistoryReport
from scenarios.history.translation import Reading

WEEK_S = 7 * 86_400
_NEVER = np.iinfo(np.int64).max
_TRIPS_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """What merging gave."""

    status: StatusHistory | None
    trips: TripHistory | None
    polls: PollFacts
    rides: TripFacts


def report_of(readings: Sequence[Reading], found: Found, station_ids: tuple[str, ...], time_zone: str) -> HistoryReport:
    """The report of all files."""
    of_kind = {kind: [reading for reading in readings if reading.file.layout.kind is kind] for kind in Kind}
    set_aside: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for reading in readings:
        for (problem, _), count in reading.bad.counts.items():
            set_aside[problem.code] += count
    for some in of_kind.values():
        unknown.update(some[0].stations.rows_by_unknown_id if some else {})
    first_seen, last_seen = _seen(found, len(station_ids))
    ever = first_seen < _NEVER
    first_ts = int(first_seen[ever].min()) if ever.any() else None
    last_ts = int(last_seen[ever].max()) if ever.any() else None
    new = ever & (first_seen > (first_ts or 0) + WEEK_S)
    gone = ever & (last_seen < (last_ts or 0) - WEEK_S)
    return HistoryReport(
        time_zone=time_zone,
        files=len(readings),
        status_files=len(of_kind[Kind.STATUS]),
        trip_files=len(of_kind[Kind.TRIPS]),
        rows=sum(reading.counts.rows for reading in readings),
        blank_rows=sum(reading.counts.blank for reading in readings),
        status_rows=found.status.rows if found.status else 0,
        trip_rows=found.trips.rows if found.trips else 0,
        set_aside=dict(sorted(set_aside.items())),
        status_rows_unknown=sum(reading.counts.unknown for reading in of_kind[Kind.STATUS]),
        trips_elsewhere=sum(reading.counts.unknown for reading in of_kind[Kind.TRIPS]),
        duplicates_identical=found.polls.identical,
        duplicates_conflicting=found.polls.conflicting,
        duplicate_trips=found.rides.duplicates,
        false_starts=found.rides.false_starts,
        unknown_stations=dict(unknown.most_common()),
        ends_by_name=sum(reading.counts.by_name for reading in readings),
        stations_never_seen=_ids(station_ids, ~ever),
        stations_new=_ids(station_ids, new),
        stations_gone=_ids(station_ids, gone),
        first_ts=first_ts,
        last_ts=last_ts,
        median_poll_s=found.polls.median_s,
        station_gaps=found.polls.station_gaps,
        system_gaps=found.polls.system_gaps(),
        polls_closed=found.polls.closed,
        trips_without_start=found.rides.without_start,
        trips_without_end=found.rides.without_end,
        long_trips=found.rides.long,
        overlapping_trips=found.rides.overlapping,
        moves_without_rider=found.rides.moves_without_rider,
        clock_changes=sum(reading.counts.clock_changes for reading in readings),
        times_taken_as_utc=any(reading.as_utc for reading in readings),
    )


def _ids(station_ids: tuple[str, ...], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(station_ids[place] for place in np.flatnonzero(chosen))


def _seen(found: Found, stations: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last moment of each station, in polls or trips; the far future and -1 where there is none."""
    first, last = np.full(stations, _NEVER), np.full(stations, -1, dtype=np.int64)
    if found.status is not None:
        polled = found.status.end > found.status.first
        first[polled] = found.status.ts[found.status.first[polled]]
        last[polled] = found.status.ts[found.status.end[polled] - 1]
    if found.trips is not None:
        for begin in range(0, found.trips.rows, _TRIPS_AT_ONCE):
            some = slice(begin, begin + _TRIPS_AT_ONCE)
            for place, moment in (
                (found.trips.origin[some], found.trips.started[some]),
                (found.trips.destination[some], found.trips.ended[some]),
            ):
                known = place >= 0
                np.minimum.at(first, place[known], moment[known])
                np.maximum.at(last, place[known], moment[known])
    return first, last
