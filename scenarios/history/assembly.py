"""Reads the files of a history into records, and merges the records into one history with its report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from scenarios.feed import named
from scenarios.history.batches import NotText
from scenarios.history.files import HistoryFile
from scenarios.history.kept import Kept
from scenarios.history.layout import Kind
from scenarios.history.look import Hours, count_hours, date_order, taken_as_utc
from scenarios.history.merge_status import merge_status
from scenarios.history.merge_trips import merge_trips
from scenarios.history.mixing import Mixing
from scenarios.history.reporting import Found, report_of
from scenarios.history.set_aside import BadRows, SetAsideFile
from scenarios.history.spill import Spill
from scenarios.history.stations import StationIndex
from scenarios.history.statuses import STATUS, status_records
from scenarios.history.times import DateOrder
from scenarios.history.translation import Counts, Reading
from scenarios.history.trips import TRIP, Bikes, trip_records
from scenarios.history.zones import zone

STRETCHES = 64
"""Into so many stretches of stations polls are spilled."""
TRIP_STRETCH_S = 14 * 86_400
"""Trips are spilled by the fortnight in which they start."""


@dataclass(frozen=True, kw_only=True)
class City:
    """What is known of the city beforehand."""

    station_ids: tuple[str, ...]
    capacities: tuple[int, ...]
    names: tuple[str, ...]
    time_zone: str
    naive_zone: str | None


def assemble(
    files: Sequence[HistoryFile],
    city: City,
    findings: Findings,
    work: Path,
    *,
    to_disk: bool,
    set_aside: Path | None,
    in_memory_rows: int,
    say: Callable[[str], None],
) -> Kept | None:
    """
    Everything that the files tell; None with errors in `findings`.

    Parameters
    ----------
    work
        Empty folder for records that do not fit memory and for final columns.
    to_disk
        Write the final columns to `work` even where they would fit memory.
    set_aside
        File for the rows that cannot be used.
    """
    aside = SetAsideFile(set_aside)
    if set_aside is not None:
        # What an earlier reading set aside may have been mended since.
        set_aside.unlink(missing_ok=True)
    try:
        readings = _readings(files, city, findings, aside)
        spills = {kind: Spill(dtype, work, limit=in_memory_rows) for kind, dtype in _RECORDS.items()}
        bikes = Bikes()
        for number, reading in enumerate(readings):
            say(f"history: reading {reading.file.name}")
            _read(reading, number, bikes, spills, len(city.station_ids))
    finally:
        aside.close()
    _tell_unknown(readings, spills, findings)
    if findings.errors:
        return None
    say("history: sorting")
    where = {kind: work if to_disk or spill.spilled else None for kind, spill in spills.items()}
    status, polls = merge_status(spills[Kind.STATUS], len(city.station_ids), where[Kind.STATUS])
    trips, rides = merge_trips(spills[Kind.TRIPS], bikes.in_order(), where[Kind.TRIPS])
    found = Found(status=status, trips=trips, polls=polls, rides=rides)
    report = report_of(readings, found, city.station_ids, city.time_zone)
    return Kept(status=status, trips=trips, report=report, warnings=findings.warnings)


_RECORDS: dict[Kind, np.dtype[Any]] = {Kind.STATUS: STATUS, Kind.TRIPS: TRIP}


def _readings(files: Sequence[HistoryFile], city: City, findings: Findings, aside: SetAsideFile) -> list[Reading]:
    """How each file is to be read, after a first look at those that leave something open."""
    hours, orders = Hours(), []
    for file in files:
        orders.append(DateOrder.MONTH_FIRST)
        # What is wrong with a file is told when it is read.
        with contextlib.suppress(pa.ArrowException, OSError, EOFError, NotText):
            orders[-1] = date_order(file, _time_column(file), findings)
            if city.naive_zone is None and file.layout.kind is Kind.TRIPS:
                count_hours(file, orders[-1], hours)
    as_utc = taken_as_utc(hours, city.time_zone, findings)
    zones = dict.fromkeys(Kind, city.naive_zone or city.time_zone)
    if as_utc:
        zones[Kind.TRIPS] = "UTC"
    mixing = {kind: Mixing(one_meaning=city.naive_zone is not None) for kind in Kind}
    stations = {kind: StationIndex(city.station_ids, city.names) for kind in Kind}
    return [
        Reading(
            file=file,
            order=order,
            zone=zone(zones[file.layout.kind]),
            as_utc=as_utc and file.layout.kind is Kind.TRIPS,
            stations=stations[file.layout.kind],
            mixing=mixing[file.layout.kind],
            bad=BadRows(file, aside),
            counts=Counts(),
            findings=findings,
        )
        for file, order in zip(files, orders, strict=True)
    ]


def _time_column(file: HistoryFile) -> str:
    return "ts" if file.layout.kind is Kind.STATUS else "started_at"


def _read(reading: Reading, number: int, bikes: Bikes, spills: dict[Kind, Spill], stations: int) -> None:
    kind = reading.file.layout.kind
    records: Iterator[NDArray[Any]]
    if kind is Kind.STATUS:
        records = status_records(reading)
    else:
        records = trip_records(reading, bikes, number)
    for some in records:
        if kind is Kind.STATUS:
            stretches = some["station"].astype(np.int64) * STRETCHES // max(1, stations)
        else:
            stretches = some["started"] // TRIP_STRETCH_S
        spills[kind].add(stretches, some)
    reading.bad.tell(reading.counts.rows, reading.findings)
    if not reading.counts.rows and not reading.findings.errors:
        reading.findings.warning(
            "table_without_rows", "holds a header and no rows", source=reading.file.name, where="row 1"
        )


def _tell_unknown(readings: Sequence[Reading], spills: dict[Kind, Spill], findings: Findings) -> None:
    """Tell stations that the city does not have: an error where it has none of them."""
    for kind in Kind:
        here = [reading for reading in readings if reading.file.layout.kind is kind]
        _tell_named(here, findings)
        unknown = here[0].stations.rows_by_unknown_id if here else {}
        if not unknown:
            continue
        source = here[0].file.name if len(here) == 1 else f"{here[0].file.name} and {len(here) - 1} more"
        if not spills[kind].rows:
            findings.error(
                "stations_all_unknown",
                f"no row is of a station of this city; ids here: {named(list(unknown))}",
                source=source,
                value=sum(unknown.values()),
                hint="ids as in station_information, or in trips a column with the stations' names",
            )
            continue
        stations = "1 station is" if len(unknown) == 1 else f"{len(unknown):,} stations are"
        findings.warning(
            "stations_unknown",
            f"{stations} not in this city, {_rows(sum(unknown.values()))}: {named(list(unknown))}",
            source=source,
            value=dict(list(unknown.items())[:500]),
            hint="old stations are; otherwise the ids of station_information",
        )


def _tell_named(readings: Sequence[Reading], findings: Findings) -> None:
    for reading in readings:
        if reading.counts.by_name and "start_station_id" in reading.file.layout.positions:
            findings.warning(
                "stations_by_name",
                f"ids of stations are missing or not of this city; {_ends(reading.counts.by_name)} found by name",
                source=reading.file.name,
                value=reading.counts.by_name,
                hint="the ids of station_information",
            )


def _ends(count: int) -> str:
    return "1 end of a trip is" if count == 1 else f"{count:,} ends of trips are"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
