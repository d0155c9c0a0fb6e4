"""Rows of trip files as compact records."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.history import UNKNOWN
from scenarios.history.batches import Batch
from scenarios.history.cells import texts_of
from scenarios.history.problems import Problem
from scenarios.history.spellings import NAMES
from scenarios.history.stations import number
from scenarios.history.times import Times, read_times
from scenarios.history.translation import Ints, Reading

TRIP = np.dtype(
    [
        ("started", "<i8"),
        ("ended", "<i8"),
        ("origin", "<i4"),
        ("destination", "<i4"),
        ("bike", "<i4"),
        ("file", "<i4"),
    ]
)


class Bikes:
    """Numbers for the ids of bikes, in the order in which they appear."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def read(self, array: object) -> Ints:
        """Numbers of a column of ids; -1 where there is none."""
        texts, codes = texts_of(array)
        found = [self.numbers.setdefault(number(text), len(self.numbers)) if text else UNKNOWN for text in texts]
        return np.array(found, dtype=np.int64)[codes]

    def in_order(self) -> NDArray[np.int32]:
        """For each number the bike's place among all ids in the order of the alphabet."""
        ordered = sorted(self.numbers)
        places = np.zeros(len(ordered), dtype=np.int32)
        for place, id_ in enumerate(ordered):
            places[self.numbers[id_]] = place
        return places


def trip_records(reading: Reading, bikes: Bikes, file_number: int) -> Iterator[NDArray[np.void]]:
    """The trips of a file that can be used, in its order."""
    known = reading.file.layout.positions
    columns = [name for name in ("started_at", "ended_at", *NAMES, *NAMES.values(), "bike_id") if name in known]
    for batch in reading.batches(columns):
        start = read_times(batch.columns["started_at"], reading.order)
        end = read_times(batch.columns["ended_at"], reading.order)
        reading.mixing.see(reading.file.name, batch, start)
        reading.mixing.see(reading.file.name, batch, end)
        started, ended, changed = _moments(reading, start, end)
        contradictory = (end.seconds >= 0) & (start.seconds >= 0) & (ended < started)
        values = {
            "started_at": start.seconds,
            "ended_at": np.where(contradictory, int(Problem.ENDS_BEFORE_START), end.seconds),
        }
        sound = reading.sound(batch, values)
        reading.counts.clock_changes += int(np.count_nonzero(sound & changed))
        places = [_stations(reading, batch, column, sound) for column in NAMES]
        used = sound & ((places[0] != UNKNOWN) | (places[1] != UNKNOWN))
        reading.counts.unknown += int(np.count_nonzero(sound & ~used))
        records = np.zeros(int(np.count_nonzero(used)), dtype=TRIP)
        records["started"], records["ended"] = started[used], ended[used]
        records["origin"], records["destination"] = (place[used] for place in places)
        records["bike"] = bikes.read(batch.columns["bike_id"])[used] if "bike_id" in batch.columns else UNKNOWN
        records["file"] = file_number
        yield records


def _moments(reading: Reading, start: Times, end: Times) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Starts and ends in Unix seconds, and which fell into a change of clocks."""
    started, ended = start.seconds, end.seconds
    changed = np.zeros(len(started), dtype=np.bool_)
    if start.naive.any():
        moments = reading.zone.moments(started)
        changed |= start.naive & ((moments.again_s > 0) | moments.missing)
        started = np.where(start.naive, moments.ts, started)
    if end.naive.any():
        moments = reading.zone.moments(ended)
        changed |= end.naive & ((moments.again_s > 0) | moments.missing)
        # What clocks showed twice was the first time, unless the trip would have ended before it began.
        later = np.where(moments.ts < started, moments.again_s, 0)
        ended = np.where(end.naive, moments.ts + later, ended)
    return started, ended, changed


def _stations(reading: Reading, batch: Batch, column: str, sound: NDArray[np.bool_]) -> Ints:
    """Stations of one end of the trips: by id, or by name where the id is unknown or not told."""
    by_id = reading.stations.by_id(batch.columns[column]) if column in batch.columns else None
    by_name = reading.stations.by_name(batch.columns[NAMES[column]]) if NAMES[column] in batch.columns else None
    if by_id is None or by_name is None:
        found = by_name if by_id is None else by_id
        assert found is not None
        named = sound & (found >= 0) & (found < reading.stations.count) if by_id is None else np.zeros(0, np.bool_)
    else:
        named = sound & ((by_id == UNKNOWN) | (by_id >= reading.stations.count))
        named &= (by_name >= 0) & (by_name < reading.stations.count)
        # An id that the city does not have is told as such; a name stands in for an empty one.
        found = np.where(named | (by_id == UNKNOWN), by_name, by_id)
    reading.counts.by_name += int(np.count_nonzero(named))
    return reading.stations.known(found, rows=sound)
