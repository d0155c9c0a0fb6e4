"""route_sheet.csv: what each driver does, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from optimiser.rebalancing.replay import TimedRoute
from optimiser.reporting.night import Night
from optimiser.reporting.words import sentences

COLUMNS = (
    "van",
    "stop",
    "arrive",
    "leave",
    "station_id",
    "station",
    "pick_up",
    "drop_off",
    "load_after",
    "drive_min",
    "km",
    "note",
)
_Cell = str | int | float | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def route_sheet_csv(night: Night) -> str:
    """
    One row for each stop in driving order, the depot at both ends (stop 0 and the last) included.

    Times are local with their offset, `drive_min` and `km` belong to the way to the row's place. Lines end in
    CRLF (RFC 4180). Text that a spreadsheet would take for a formula gets a ' in front; numbers stay numbers.
    """
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for route in night.timeline.routes:
        writer.writerows([_safe(cell) for cell in row] for row in _rows(night, route))
    return sheet.getvalue()


def _rows(night: Night, route: TimedRoute) -> Iterator[tuple[_Cell, ...]]:
    van = night.problem.van_by_id[route.van_id]
    depots = {depot.id: depot for depot in night.depots}
    start, end = depots[van.start_depot_id], depots[van.end_depot_id]
    leave = _time(night, route.start_s)
    note = " ".join([f"leave with {van.initial_load} bikes.", *_labels(night)])
    yield van.id, 0, None, leave, start.id, start.name, None, None, van.initial_load, None, None, note
    for number, timed in enumerate(route.stops, start=1):
        station = night.problem.station_by_id[timed.stop.station_id]
        target, stands = station.target, timed.inventory_after
        yield (
            van.id,
            number,
            _time(night, timed.arrival_s),
            _time(night, timed.departure_s),
            station.id,
            night.place_of_station[station.id].name,
            timed.stop.pickup,
            timed.stop.dropoff,
            timed.load_after,
            *_way(timed.drive_s, timed.length_m),
            f"{stands} bikes stand here afterwards, target {target.low} to {target.high}: {target.reason}",
        )
    back, way = _time(night, route.end_s), _way(route.last_drive_s, route.last_length_m)
    note = f"return with {route.load_at_end} bikes"
    yield van.id, len(route.stops) + 1, back, None, end.id, end.name, None, None, route.load_at_end, *way, note


def _labels(night: Night) -> Iterator[str]:
    if night.city.synthetic:
        yield f"Synthetic: {sentences(night.city.synthetic)}"
    yield from night.city.attribution


def _time(night: Night, seconds: int) -> str:
    return night.local_time(seconds).isoformat(sep=" ")


def _way(drive_s: int, length_m: int) -> tuple[float, float]:
    return round(drive_s / 60, 1), round(length_m / 1000, 2)


def _safe(cell: _Cell) -> _Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
