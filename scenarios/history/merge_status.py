"""From records of polls in the order of the files to a `StatusHistory`, part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.history import StatusHistory
from scenarios.history.columns import ColumnWriter
from scenarios.history.spill import Spill

STATUS_COLUMNS = {
    "ts": np.int64,
    "bikes": np.int16,
    "docks": np.int16,
    "ebikes": np.int16,
    "disabled": np.int16,
    "is_open": np.bool_,
}
STATION_GAP_S = 3600
SYSTEM_GAP_S = 6 * 3600

_LONGEST_COUNTED_S = 86_400


@dataclass(slots=True)
class PollFacts:
    """What is noticed about polls while they are merged."""

    identical: int = 0
    conflicting: int = 0
    closed: int = 0
    station_gaps: int = 0
    intervals: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_LONGEST_COUNTED_S + 1, dtype=np.int64))
    """Count by length in seconds; a day stands for all that are longer."""
    minutes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Minutes since 1970 with any poll, sorted."""

    @property
    def median_s(self) -> int | None:
        """Median time between two polls of a station (the lower one of two)."""
        total = int(self.intervals.sum())
        return int(np.searchsorted(np.cumsum(self.intervals), (total + 1) // 2)) if total else None

    def system_gaps(self) -> tuple[tuple[int, int], ...]:
        """Stretches without any poll."""
        wide = np.flatnonzero(np.diff(self.minutes) * 60 > SYSTEM_GAP_S)
        return tuple((int(self.minutes[place]) * 60, int(self.minutes[place + 1]) * 60) for place in wide)

    def see(self, station: NDArray[np.int32], ts: NDArray[np.int64], is_open: NDArray[np.bool_]) -> None:
        """Look at some polls, whole stations, sorted."""
        self.closed += int(np.count_nonzero(~is_open))
        passed = np.diff(ts)[station[1:] == station[:-1]]
        self.station_gaps += int(np.count_nonzero(passed > STATION_GAP_S))
        self.intervals += np.bincount(np.minimum(passed, _LONGEST_COUNTED_S), minlength=_LONGEST_COUNTED_S + 1)
        self.minutes = np.union1d(self.minutes, ts // 60)


def merge_status(spill: Spill, stations: int, folder: Path | None) -> tuple[StatusHistory | None, PollFacts]:
    """The history of all polls, in files where a folder is given; None when there is no poll."""
    facts = PollFacts()
    writer = ColumnWriter(STATUS_COLUMNS, folder, "status")
    polls = np.zeros(stations, dtype=np.int64)
    for records in spill.parts():
        kept = _without_duplicates(_sorted(records), facts)
        facts.see(kept["station"], kept["ts"], kept["is_open"])
        polls += np.bincount(kept["station"], minlength=stations)
        writer.append(**{name: kept[name] for name in STATUS_COLUMNS})
    columns = writer.finish()
    return (status_of(polls, columns) if writer.rows else None), facts


def status_of(polls: NDArray[np.int64], columns: dict[str, Any]) -> StatusHistory:
    """The history of sorted columns and the count of polls of each station."""
    end = np.cumsum(polls)
    return StatusHistory(first=end - polls, end=end, **columns)


def _sorted(records: NDArray[Any]) -> NDArray[Any]:
    """By station and time; rows for one station and moment keep their order."""
    records = records[np.argsort(records["station"].astype(np.int32), kind="stable")]
    station, ts = records["station"], records["ts"]
    if ((station[1:] == station[:-1]) & (ts[1:] < ts[:-1])).any():
        records = records[np.lexsort((ts, station))]
    return records


def _without_duplicates(records: NDArray[Any], facts: PollFacts) -> NDArray[Any]:
    """The last row for each station and moment."""
    station, ts = records["station"], records["ts"]
    last = np.ones(len(records), dtype=np.bool_)
    last[:-1] = (station[1:] != station[:-1]) | (ts[1:] != ts[:-1])
    if last.all():
        return records
    places = np.flatnonzero(last)
    dropped = np.flatnonzero(~last)
    winner = places[np.searchsorted(places, dropped)]
    identical = int(np.count_nonzero(records[dropped] == records[winner]))
    facts.identical += identical
    facts.conflicting += len(dropped) - identical
    return records[last]
