"""
Rules between the parts of a city: ids that clash or lead nowhere, numbers that contradict each other.

They read the raw document, not the model, so that they can speak up beside field errors; a part which is
malformed is passed over here because its own field error says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from statistics import median
from typing import Any

from pydantic_core import InitErrorDetails

from optimiser.basics.findings import Findings
from optimiser.network.geodesy import great_circle_m
from scenarios.battery_checks import battery_errors
from scenarios.raw_rows import id_of, real, rows, whole
from scenarios.schema_errors import MOST_CONTRADICTIONS, Location, custom_error, nearest, pointer
from scenarios.work_checks import out_of_service, unknown_station, work_errors

FAR_FROM_THE_REST_M = 300_000
"""No sharing system is this wide; a station further from the middle has wrong coordinates."""


def cross_errors(document: Mapping[str, Any]) -> list[InitErrorDetails]:
    """Every contradiction between parts of a raw city document."""
    every = chain(
        _duplicates(document),
        _clashes(document),
        _unknown_depots(document),
        _van_contradictions(document),
        _status_contradictions(document),
        _target_contradictions(document),
        work_errors(document),
        battery_errors(document),
    )
    return list(islice(every, MOST_CONTRADICTIONS))


def odd_coordinates(
    document: Mapping[str, Any], findings: Findings, *, source: str, parts: Iterable[str] = ("stations", "depots")
) -> None:
    """Warn of places that lie far from the rest, saying so when lat and lon look swapped."""
    places = [
        (at, id_of(row), lon, lat)
        for part in parts
        for at, row in rows(document, part)
        if (lon := real(row, "lon")) is not None and (lat := real(row, "lat")) is not None
    ]
    middle = (median(place[2] for place in places), median(place[3] for place in places)) if places else (0.0, 0.0)
    for at, id_, lon, lat in places:
        away_m = float(great_circle_m(lon, lat, *middle))
        if away_m <= FAR_FROM_THE_REST_M:
            continue
        swapped = abs(lon) <= 90 and float(great_circle_m(lat, lon, *middle)) <= FAR_FROM_THE_REST_M
        findings.warning(
            "coordinates_swapped" if swapped else "coordinates_far",
            f"{id_} lies {away_m / 1000:.0f} km from the middle of the city",
            source=source,
            where=pointer(at),
            value=[lon, lat],
            hint="lat and lon look swapped" if swapped else "check lat and lon",
        )


def _duplicates(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    lists = tuple(((name,), "id") for name in ("stations", "depots", "vans", "zones"))
    by_station = tuple((path, "station_id") for path in (("snapshot", "stations"), ("targets",), ("musts",)))
    for path, key in (*lists, *by_station):
        seen: dict[str, Location] = {}
        for at, row in rows(document, *path):
            id_ = id_of(row, key)
            if id_ is None:
                continue
            if id_ in seen:
                first = pointer(seen[id_])
                yield custom_error(
                    "duplicate_id",
                    f"{key} {id_} appears more than once",
                    at=(*at, key),
                    value=id_,
                    hint=f"each once; the first is {first}",
                )
            else:
                seen[id_] = at


def _clashes(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    stations = {id_of(row) for _, row in rows(document, "stations")} - {None}
    for at, row in rows(document, "depots"):
        if (id_ := id_of(row)) in stations:
            hint = "give the depot an id that no station has"
            yield custom_error(
                "id_clash", f"id {id_} names both a depot and a station", at=(*at, "id"), value=id_, hint=hint
            )


def _unknown_depots(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    depots = {id_ for _, row in rows(document, "depots") if (id_ := id_of(row))}
    for at, row in rows(document, "vans"):
        for key in ("start_depot", "end_depot"):
            id_ = id_of(row, key)
            if id_ is None or id_ in depots:
                continue
            guess = nearest(id_, depots)
            hint = f"did you mean {guess}?" if guess else f"known depots: {', '.join(sorted(depots)) or 'none'}"
            yield custom_error("unknown_depot", f"there is no depot {id_}", at=(*at, key), value=id_, hint=hint)


def _van_contradictions(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    for at, row in rows(document, "vans"):
        slots, load = whole(row, "slots"), whole(row, "initial_load")
        if slots is not None and load is not None and load > slots:
            yield custom_error(
                "van_overloaded",
                f"initial_load {load} is more than the van's {slots} slots",
                at=(*at, "initial_load"),
                value=load,
                hint=f"{slots} or less",
            )
        shift = row.get("shift")
        if isinstance(shift, (list, tuple)) and len(shift) == 2 and str(shift[0]) == str(shift[1]):
            yield custom_error(
                "shift_empty",
                "shift starts and ends at the same time",
                at=(*at, "shift"),
                value=str(shift[0]),
                hint="two local times, like 22:00 and 05:30; an end before the start means the next morning",
            )


def _count(row: Mapping[str, Any], name: str) -> int | None:
    """How many; None where that is no number or below 0, which is told by itself."""
    count = whole(row, name)
    return None if count is None or count < 0 else count


def _status_contradictions(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    capacities = {id_of(row): _count(row, "capacity") for _, row in rows(document, "stations")}
    # The capacity of a free-floating zone is soft.
    zones = {id_of(row) for _, row in rows(document, "stations") if row.get("is_zone") is True}
    reported = set()
    for at, row in rows(document, "snapshot", "stations"):
        id_ = id_of(row, "station_id")
        reported.add(id_)
        if id_ is not None and id_ not in capacities:
            yield unknown_station((*at, "station_id"), id_)
        bikes, ebikes, low = (_count(row, name) for name in ("bikes", "ebikes", "low_charge"))
        disabled = _count(row, "disabled") or 0
        capacity = None if id_ in zones else capacities.get(id_)
        if bikes is not None and capacity is not None and bikes > capacity:
            yield custom_error(
                "more_bikes_than_capacity",
                f"station {id_} holds {bikes} bikes, its capacity is {capacity}",
                at=(*at, "bikes"),
                value=bikes,
                hint=f"{capacity} or less, or a larger capacity",
            )
        elif bikes is not None and capacity is not None and bikes + disabled > capacity:
            yield custom_error(
                "more_bikes_than_capacity",
                f"station {id_} holds {bikes} bikes and {disabled} disabled ones, its capacity is {capacity}",
                at=(*at, "disabled"),
                value=disabled,
                hint=f"{capacity - bikes} or less, or a larger capacity; disabled bikes do not count among bikes",
            )
        if bikes is not None and ebikes is not None and ebikes > bikes:
            yield custom_error(
                "more_ebikes_than_bikes",
                f"station {id_} counts {ebikes} e-bikes among {bikes} bikes",
                at=(*at, "ebikes"),
                value=ebikes,
                hint=f"{bikes} or less: e-bikes count among bikes",
            )
        if bikes is not None and low is not None and low > bikes:
            yield custom_error(
                "more_low_charge_than_bikes",
                f"station {id_} counts {low} bikes low on charge among {bikes} bikes",
                at=(*at, "low_charge"),
                value=low,
                hint=f"{bikes} or less: they count among bikes",
            )
    if isinstance(document.get("snapshot"), Mapping) and reported:
        for at, row in rows(document, "stations"):
            if (id_ := id_of(row)) is not None and id_ not in reported:
                hint = "add it to the snapshot, or leave the station out"
                yield custom_error("status_missing", f"station {id_} has no status", at=at, value=id_, hint=hint)


def _target_contradictions(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    capacities = {id_of(row): whole(row, "capacity") for _, row in rows(document, "stations")}
    absent = out_of_service(document)
    for at, row in rows(document, "targets"):
        id_, low, high = id_of(row, "station_id"), whole(row, "low"), whole(row, "high")
        if id_ is not None and id_ not in capacities and id_ not in absent:
            yield unknown_station((*at, "station_id"), id_)
        if low is not None and high is not None and low > high:
            yield custom_error(
                "target_reversed",
                f"target {low}..{high} of station {id_} is reversed",
                at=(*at, "low"),
                value=low,
                hint=f"{high} or less",
            )
        capacity = capacities.get(id_)
        if high is not None and capacity is not None and high > capacity:
            yield custom_error(
                "target_above_capacity",
                f"target of station {id_} ends at {high}, its capacity is {capacity}",
                at=(*at, "high"),
                value=high,
                hint=f"{capacity} or less",
            )
