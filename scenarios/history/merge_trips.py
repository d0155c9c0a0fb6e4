"""From records of trips in the order of the files to a `TripHistory`, part by part."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.history import UNKNOWN, TripHistory
from scenarios.history.columns import ColumnWriter
from scenarios.history.spill import Spill

TRIP_COLUMNS = {
    "started": np.int64,
    "ended": np.int64,
    "origin": np.int32,
    "destination": np.int32,
    "bike": np.int32,
}
FALSE_START_S = 60
LONG_TRIP_S = 86_400

_TRIPS_AT_ONCE = 4_000_000


@dataclass(slots=True)
class TripFacts:
    """What is noticed about trips while they are merged."""

    duplicates: int = 0
    false_starts: int = 0
    without_start: int = 0
    without_end: int = 0
    long: int = 0
    overlapping: int = 0
    moves_without_rider: int | None = None


def merge_trips(spill: Spill, bikes: NDArray[np.int32], folder: Path | None) -> tuple[TripHistory | None, TripFacts]:
    """
    The history of all trips, in files where a folder is given; None when there is no trip.

    `bikes` are the final numbers of bikes, by the number in the records.
    """
    facts = TripFacts()
    writer = ColumnWriter(TRIP_COLUMNS, folder, "trips")
    for records in spill.parts():
        if len(bikes):
            known = records["bike"] >= 0
            records["bike"][known] = bikes[records["bike"][known]]
        kept = _without_duplicates(records, facts)
        kept = _without_false_starts(kept, facts)
        facts.without_start += int(np.count_nonzero(kept["origin"] == UNKNOWN))
        facts.without_end += int(np.count_nonzero(kept["destination"] == UNKNOWN))
        facts.long += int(np.count_nonzero(kept["ended"] - kept["started"] > LONG_TRIP_S))
        writer.append(**{name: kept[name] for name in TRIP_COLUMNS})
    columns = writer.finish()
    if not writer.rows:
        return None, facts
    trips = TripHistory(**columns)
    if len(bikes):
        _follow_bikes(trips, len(bikes), facts)
    return trips, facts


def _without_duplicates(records: NDArray[Any], facts: TripFacts) -> NDArray[Any]:
    """
    Sorted trips, each as often as the file that has it most often.

    Two people may leave together: without bike ids the same trip twice in one file is two trips. The same in two
    files is one, and so is the same of one bike.
    """
    keys = ("bike", "destination", "origin", "ended", "started")
    records = records[np.lexsort([records["file"], *(records[key] for key in keys)])]
    count = len(records)
    new_trip = np.ones(count, dtype=np.bool_)
    new_trip[1:] = np.logical_or.reduce([records[key][1:] != records[key][:-1] for key in keys])
    if new_trip.all():
        return records
    new_file = new_trip.copy()
    new_file[1:] |= records["file"][1:] != records["file"][:-1]
    place = np.arange(count)
    times_before = place - np.maximum.accumulate(np.where(new_file, place, 0))
    times_before[records["bike"] >= 0] = 0
    trip = np.cumsum(new_trip)
    order = np.lexsort((times_before, trip))
    first = np.ones(count, dtype=np.bool_)
    same_trip = trip[order][1:] == trip[order][:-1]
    first[1:] = ~same_trip | (times_before[order][1:] != times_before[order][:-1])
    facts.duplicates += int(np.count_nonzero(~first))
    return records[order[first]]


def _without_false_starts(records: NDArray[Any], facts: TripFacts) -> NDArray[Any]:
    false = (
        (records["ended"] - records["started"] < FALSE_START_S)
        & (records["origin"] == records["destination"])
        & (records["origin"] != UNKNOWN)
    )
    facts.false_starts += int(np.count_nonzero(false))
    return records[~false] if false.any() else records


def _follow_bikes(trips: TripHistory, bikes: int, facts: TripFacts) -> None:
    """Count overlaps and moves without a rider, some bikes at a time so that memory stays bounded."""
    facts.moves_without_rider = 0
    rounds = max(1, -(-trips.rows // _TRIPS_AT_ONCE))
    bounds = np.linspace(0, bikes, rounds + 1).astype(np.int64)
    for low, high in itertools.pairwise(bounds.tolist()):
        chosen = np.flatnonzero((trips.bike >= low) & (trips.bike < high))
        chosen = chosen[np.argsort(trips.bike[chosen], kind="stable")]
        bike, started, ended = trips.bike[chosen], trips.started[chosen], trips.ended[chosen]
        origin, destination = trips.origin[chosen], trips.destination[chosen]
        same = bike[1:] == bike[:-1]
        overlap = same & (started[1:] < ended[:-1])
        facts.overlapping += int(np.count_nonzero(overlap))
        placed = (origin[1:] != UNKNOWN) & (destination[:-1] != UNKNOWN)
        moved = same & ~overlap & placed & (origin[1:] != destination[:-1])
        facts.moves_without_rider += int(np.count_nonzero(moved))
