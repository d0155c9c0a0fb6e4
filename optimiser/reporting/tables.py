"""route_sheet.csv: what each driver does, row by row."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.basics.cells import Cell, sheet_csv
from optimiser.rebalancing.replay import TimedRoute, TimedStop
from optimiser.reporting.driving import carried, depot_call, first_load, standing
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
    "swap",
    "low_charge_up",
    "broken_up",
    "load_after",
    "low_charge_on_board",
    "broken_on_board",
    "batteries_on_board",
    "drive_min",
    "km",
    "note",
)


def route_sheet_csv(night: Night) -> str:
    """
    One row for each stop in driving order, the depot at both ends (stop 0 and the last) included, and one for a break.

    Times are local with their offset, `drive_min` and `km` belong to the way to the row's place. Lines end in
    CRLF (RFC 4180). Text that a spreadsheet would take for a formula gets a ' in front; numbers stay numbers.
    """
    return sheet_csv(COLUMNS, (row for route in night.timeline.routes for row in _rows(night, route)))


def _rows(night: Night, route: TimedRoute) -> Iterator[tuple[Cell, ...]]:
    van = night.problem.van_by_id[route.van_id]
    start, end = night.place_by_id[van.start_depot_id], night.place_by_id[van.end_depot_id]
    yield (
        *(van.id, 0, None, _time(night, route.leave_s), start.id, start.name),
        *(None, None, None, None, None),
        *(route.start_load, 0, 0, van.batteries, None, None),
        " ".join([_start(night, route), *_labels(night)]),
    )
    for index, timed in enumerate(route.stops):
        if route.route.break_before == index:
            yield _break_row(night, route)
        stop, place = timed.stop, night.place_by_id[timed.stop.station_id]
        yield (
            *(van.id, index + 1, _time(night, timed.arrival_s), _time(night, timed.departure_s), place.id, place.name),
            *(stop.pickup, stop.dropoff, stop.swaps, stop.low_pickup, stop.broken_pickup),
            *(timed.load_after, timed.low_load_after, timed.broken_load_after, timed.batteries_after),
            *_way(timed.drive_s, timed.length_m),
            _note(night, timed),
        )
    if route.route.break_before == len(route.stops):
        yield _break_row(night, route)
    yield (
        *(van.id, len(route.stops) + 1, _time(night, route.end_s), None, end.id, end.name),
        *(None, None, None, None, None),
        *(route.load_at_end, route.low_load_at_end, route.broken_load_at_end, None),
        *_way(route.last_drive_s, route.last_length_m),
        f"return with {carried(route.load_at_end, route.low_load_at_end, route.broken_load_at_end)}",
    )


def _start(night: Night, route: TimedRoute) -> str:
    return f"{first_load(night, route)}leave with {route.start_load} bikes."


def _break_row(night: Night, route: TimedRoute) -> tuple[Cell, ...]:
    # The replay takes a break only where it says when.
    assert route.break_start_s is not None
    begin, end = (_time(night, seconds) for seconds in (route.break_start_s, route.break_start_s + route.break_s))
    return (route.van_id, "break", begin, end, *[None] * (len(COLUMNS) - 5), f"break of {route.break_s // 60} min")


def _note(night: Night, timed: TimedStop) -> str:
    if timed.stop.station_id in night.problem.depot_ids:
        return depot_call(timed)
    if timed.stop.station_id in night.made_up:
        return "the way so far; what follows is ahead"
    station = night.problem.station_by_id[timed.stop.station_id]
    wait = f"opens {night.local_time(timed.begin_s):%H:%M}, wait {-(-timed.wait_s // 60)} min. " if timed.wait_s else ""
    blocked = standing(timed.low_charge_after, timed.broken_after)
    target = station.target
    return (
        f"{wait}{timed.inventory_after} bikes stand here afterwards{blocked}, "
        f"target {target.low} to {target.high}: {target.reason}"
    )


def _labels(night: Night) -> Iterator[str]:
    if night.city.synthetic:
        yield f"Synthetic: {sentences(night.city.synthetic)}"
    yield from night.city.attribution


def _time(night: Night, seconds: int) -> str:
    return night.local_time(seconds).isoformat(sep=" ")


def _way(drive_s: int, length_m: int) -> tuple[float, float]:
    return round(drive_s / 60, 1), round(length_m / 1000, 2)
