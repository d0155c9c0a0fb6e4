"""Contradictions in what is wanted of stations: unknown ones, two wishes at once, intervals that cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import InitErrorDetails

from scenarios.raw_rows import id_of, rows, whole
from scenarios.schema_errors import Location, custom_error, nearest, pointer

INTERVAL, RATES = ("low", "high", "lost_trips_per_car"), ("rentals_per_hour", "returns_per_hour")
HOURS = range(24)


def demand_errors(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Every contradiction in `demand`."""
    stations = {id_: row for _, row in rows(document, "stations") if (id_ := id_of(row)) is not None}
    said: dict[str, dict[int | None, Location]] = {}
    for at, row in rows(document, "demand"):
        id_ = id_of(row, "station_id")
        if id_ is None:
            continue
        if id_ not in stations:
            guess = nearest(id_, stations)
            hint = f"did you mean {guess}?" if guess else "a station of the fleet"
            text = f"there is no station {id_}"
            yield custom_error("unknown_station", text, at=(*at, "station_id"), value=id_, hint=hint)
            continue
        yield from _row(at, row, id_, stations[id_])
        hours = said.setdefault(id_, {})
        if (hour := whole(row, "hour")) in hours:
            when = "" if hour is None else f" of hour {hour}"
            text, hint = f"demand{when} of station {id_} is given twice", f"once; the first is {pointer(hours[hour])}"
            yield custom_error("demand_twice", text, at=(*at, "station_id"), value=id_, hint=hint)
        hours.setdefault(hour, at)
    for id_, hours in said.items():
        missing = [hour for hour in HOURS if hour not in hours]
        first = next(iter(hours.values()))
        if None not in hours and missing:
            text = f"rates of station {id_} have no row for hour {', '.join(map(str, missing))}"
            hint = "a row for each hour 0..23, or one without hour"
            yield custom_error("demand_gap", text, at=(*first, "hour"), value=id_, hint=hint)
        elif None in hours and len(hours) > 1:
            text, hint = f"demand of station {id_} is given by the hour and for all day", "one of the two"
            yield custom_error("demand_twice", text, at=(*hours[None], "hour"), value=id_, hint=hint)


def _row(at: Location, row: Mapping[str, Any], id_: str, station: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    interval, rates = [name for name in INTERVAL if _given(row, name)], [name for name in RATES if _given(row, name)]
    low, high, bays = whole(row, "low"), whole(row, "high"), whole(station, "bays")
    if interval and rates:
        text = f"station {id_} is given both an interval and rates"
        hint = f"either {' and '.join(INTERVAL[:2])}, or {' and '.join(RATES)}"
        yield custom_error("demand_both", text, at=(*at, rates[0]), value=row[rates[0]], hint=hint)
    elif len(rates) == 1 or (not rates and not _given(row, "low")):
        text = f"demand of station {id_} says neither what is wanted at opening nor who comes"
        hint = f"low (and high), or {' and '.join(RATES)}"
        yield custom_error("demand_incomplete", text, at=at, value=id_, hint=hint)
    if low is not None and high is not None and low > high:
        text = f"target {low}..{high} of station {id_} is reversed"
        yield custom_error("target_reversed", text, at=(*at, "low"), value=low, hint=f"{high} or less")
    for name, cars in (("low", low), ("high", high)):
        if cars is not None and bays is not None and cars > bays:
            text = f"{name} {cars} of station {id_} is above its {bays} bays"
            yield custom_error("target_above_bays", text, at=(*at, name), value=cars, hint=f"{bays} or less")
    if str(station.get("is_renting", True)).casefold() in {"false", "no", "0", "n", "off", "f"}:
        text = f"nobody rents at station {id_}"
        yield custom_error("demand_at_hub", text, at=(*at, "station_id"), value=id_, hint="no demand, or is_renting")


def _given(row: Mapping[str, Any], name: str) -> bool:
    return row.get(name) not in (None, "")
