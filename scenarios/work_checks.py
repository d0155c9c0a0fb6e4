"""Contradictions in what is said of the working night: breaks, depots, rules of stations, zones, must-do work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import InitErrorDetails

from scenarios.raw_rows import as_id, clock_s, id_of, items, rows, whole
from scenarios.schema_errors import Location, custom_error, pointer

DAY_S = 86_400


def work_errors(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Every contradiction in what a raw city document says of the working night."""
    yield from _depots(document)
    yield from break_errors(document, "vans")
    yield from _absent(document)
    yield from _unknown_stations(document)
    yield from _rules(document)
    yield from zone_errors(document)
    yield from _musts(document)


def out_of_service(document: Mapping[str, Any]) -> set[str]:
    """Ids of stations that take no part tonight, but may be named."""
    listed = (as_id(value) for _, value in items(document.get("out_of_service"), ("out_of_service",)))
    return {id_ for id_ in listed if id_ is not None}


def unknown_station(at: Location, id_: str) -> InitErrorDetails:
    """There is no such station."""
    hint = "use the id of a station in the list of stations"
    return custom_error("unknown_station", f"there is no station {id_}", at=at, value=id_, hint=hint)


def _station_ids(document: Mapping[str, Any]) -> set[str]:
    return {id_ for _, row in rows(document, "stations") if (id_ := id_of(row)) is not None}


def _depots(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    for at, row in rows(document, "depots"):
        stock, room = whole(row, "stock") or 0, whole(row, "room")
        if room is not None and stock > room:
            yield custom_error(
                "stock_above_room",
                f"depot {id_of(row)} holds {stock} bikes, its room is {room}",
                at=(*at, "stock"),
                value=stock,
                hint=f"{room} or less, or more room",
            )


def break_errors(document: Mapping[str, Any], part: str) -> Iterator[InitErrorDetails]:
    """
    Breaks of vans or drivers that cannot be.

    A break begins in its order within the shift, and there is a time at which it can be over before the end.
    """
    for at, row in rows(document, part):
        shift, given = row.get("shift"), row.get("break")
        if not isinstance(given, Mapping) or not isinstance(shift, (list, tuple)) or len(shift) != 2:
            continue
        clocks = [clock_s(value) for value in (*shift, given.get("earliest"), given.get("latest"))]
        minutes = whole(given, "minutes")
        if minutes is None or any(clock is None for clock in clocks):
            continue
        start_s, *others = (clock for clock in clocks if clock is not None)
        end_s, earliest_s, latest_s = ((clock - start_s) % DAY_S for clock in others)
        inside = earliest_s <= latest_s <= end_s and earliest_s + 60 * minutes <= end_s
        if end_s and not inside:
            yield custom_error(
                "break_outside_shift",
                f"break of {minutes} minutes between {given['earliest']} and {given['latest']} does not fit into the "
                f"shift {shift[0]} to {shift[1]}",
                at=(*at, "break"),
                value=f"{given['earliest']} to {given['latest']}",
                hint="earliest before latest, both within the shift, and time for the break before it ends",
            )


def _absent(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    stations = _station_ids(document)
    for at, value in items(document.get("out_of_service"), ("out_of_service",)):
        if (id_ := as_id(value)) in stations:
            yield custom_error(
                "out_of_service_listed",
                f"station {id_} is out of service and in the list of stations",
                at=at,
                value=id_,
                hint="in one of the two lists",
            )


def _unknown_stations(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    known = _station_ids(document) | out_of_service(document)
    named = [
        (at, as_id(value))
        for part in ("station_rules", "zones")
        for row_at, row in rows(document, part)
        for at, value in items(row.get("stations"), (*row_at, "stations"))
    ]
    named += [((*at, "station_id"), id_of(row, "station_id")) for at, row in rows(document, "musts")]
    for at, id_ in named:
        if id_ is not None and id_ not in known:
            yield unknown_station(at, id_)


def _rules(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Several entries may name a station and add to each other; its opening hours are told once, and have a length."""
    said: dict[str, Location] = {}
    for at, row in rows(document, "station_rules"):
        hours = row.get("open")
        if hours is None:
            continue
        if isinstance(hours, (list, tuple)) and len(hours) == 2 and str(hours[0]) == str(hours[1]):
            yield custom_error(
                "hours_empty",
                "open begins and ends at the same time",
                at=(*at, "open"),
                value=str(hours[0]),
                hint="two local times, like 23:00 and 04:30; leave it out where vans may always come",
            )
        for station_at, value in items(row.get("stations"), (*at, "stations")):
            id_ = as_id(value) or ""
            if id_ in said:
                yield custom_error(
                    "hours_twice",
                    f"opening hours of station {id_} are told more than once",
                    at=station_at,
                    value=id_,
                    hint=f"each station's once; the first are at {pointer(said[id_])}",
                )
            else:
                said[id_] = at


def zone_errors(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Zones that ask for nothing, contradict themselves, or name a station twice."""
    for at, row in rows(document, "zones"):
        id_, floor, cap = id_of(row), whole(row, "floor"), whole(row, "cap")
        if row.get("floor") is None and row.get("cap") is None:
            yield custom_error(
                "zone_open", f"zone {id_} asks for nothing", at=at, value=id_, hint="a floor, a cap, or both"
            )
        if floor is not None and cap is not None and floor > cap:
            yield custom_error(
                "zone_reversed",
                f"zone {id_} has a floor of {floor} above its cap of {cap}",
                at=(*at, "floor"),
                value=floor,
                hint=f"{cap} or less",
            )
        seen: set[str] = set()
        for station_at, value in items(row.get("stations"), (*at, "stations")):
            station_id = as_id(value) or ""
            if station_id in seen:
                text = f"zone {id_} names station {station_id} more than once"
                yield custom_error("duplicate_id", text, at=station_at, value=station_id, hint="each once")
            seen.add(station_id)


def _musts(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    capacities = {id_of(row): whole(row, "capacity") for _, row in rows(document, "stations") if not row.get("is_zone")}
    for at, row in rows(document, "musts"):
        id_, low, high = id_of(row, "station_id"), whole(row, "low"), whole(row, "high")
        if not _asks(row):
            hint = "visit, low, high, swaps or broken"
            yield custom_error("must_empty", f"nothing is to be done at station {id_}", at=at, value=id_, hint=hint)
        if low is not None and high is not None and low > high:
            yield custom_error(
                "must_reversed",
                f"{low}..{high} bikes at station {id_} is reversed",
                at=(*at, "low"),
                value=low,
                hint=f"{high} or less",
            )
        capacity = capacities.get(id_)
        if low is not None and capacity is not None and low > capacity:
            yield custom_error(
                "must_above_capacity",
                f"station {id_} must open with {low} bikes, its capacity is {capacity}",
                at=(*at, "low"),
                value=low,
                hint=f"{capacity} or less",
            )


def _asks(row: Mapping[str, Any]) -> bool:
    """Whether a row of must-do work asks for anything; tables write numbers and yes or no as text."""
    if row.get("low") is not None or row.get("high") is not None:
        return True
    return any(str(row.get(key) or "").strip().casefold() not in _NOTHING for key in ("visit", "swaps", "broken"))


_NOTHING = {"", "0", "no", "n", "false", "f", "off"}
