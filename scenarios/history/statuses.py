"""Rows of status files as compact records."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.history import UNKNOWN
from scenarios.history.cells import Reader, count, count_if_known, flag
from scenarios.history.problems import Problem
from scenarios.history.times import read_times
from scenarios.history.translation import Ints, Reading

STATUS = np.dtype(
    [
        ("station", "<i4"),
        ("ts", "<i8"),
        ("bikes", "<i2"),
        ("docks", "<i2"),
        ("ebikes", "<i2"),
        ("disabled", "<i2"),
        ("is_open", "?"),
    ]
)
_COUNTS = {"docks": "docks", "ebikes": "ebikes", "bikes_disabled": "disabled"}
_FLAGS = ("is_renting", "is_installed")
_MEANINGS = {"bikes": count, **dict.fromkeys(_COUNTS, count_if_known), **dict.fromkeys(_FLAGS, flag)}


def status_records(reading: Reading) -> Iterator[NDArray[np.void]]:
    """The polls of a file that can be used, in its order."""
    told = reading.file.layout.positions
    columns = [name for name in ("ts", "station_id", *_MEANINGS) if name in told]
    readers = {name: Reader(meaning) for name, meaning in _MEANINGS.items() if name in told}
    for batch in reading.batches(columns):
        times = read_times(batch.columns["ts"], reading.order)
        reading.mixing.see(reading.file.name, batch, times)
        stations = reading.stations.by_id(batch.columns["station_id"])
        values: dict[str, Ints] = {
            "ts": times.seconds,
            "station_id": np.where(stations == UNKNOWN, int(Problem.STATION_MISSING), stations),
        }
        values |= {name: reader.read(batch.columns[name]) for name, reader in readers.items()}
        sound = reading.sound(batch, values)
        station = reading.stations.known(stations, rows=sound)
        used = sound & (station != UNKNOWN)
        reading.counts.unknown += int(np.count_nonzero(sound & ~used))

        records = np.zeros(int(np.count_nonzero(used)), dtype=STATUS)
        ts = times.seconds[used]
        naive = times.naive[used]
        if naive.any():
            moments = reading.zone.moments(ts)
            changed = naive & ((moments.again_s > 0) | moments.missing)
            reading.counts.clock_changes += int(np.count_nonzero(changed))
            ts = np.where(naive, moments.ts, ts)
        records["ts"], records["station"], records["bikes"] = ts, station[used], values["bikes"][used]
        for name, field in _COUNTS.items():
            records[field] = values[name][used] if name in values else UNKNOWN
        is_open = (records["docks"] < 0) | (records["docks"] > 0) | (records["bikes"] > 0)
        for name in _FLAGS:
            if name in values:
                is_open &= values[name][used] != 0
        records["is_open"] = is_open
        yield records
