"""
Rules between the parts of a fleet: ids that clash or lead nowhere, numbers that contradict each other.

They read the raw document, as `scenarios.cross_checks` does, so that they speak up beside field errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from pydantic_core import InitErrorDetails

from scenarios.grid_checks import grid_errors
from scenarios.raw_rows import as_id, id_of, items, rows, whole
from scenarios.relocation.demand_checks import demand_errors
from scenarios.relocation.words import split_words
from scenarios.schema_errors import MOST_CONTRADICTIONS, Location, custom_error, nearest, pointer
from scenarios.work_checks import break_errors, zone_errors

MODES = ("folding-bike", "foot", "shuttle", "matrix")


def contradictions(document: Mapping[str, Any]) -> list[InitErrorDetails]:
    """Every contradiction between parts of a raw fleet document."""
    every = chain(
        _duplicates(document),
        _clashes(document),
        _plugs(document),
        _cars(document),
        _hours(document),
        _drivers(document),
        break_errors(document, "drivers"),
        zone_errors(document),
        _modes(document),
        _work(document),
        demand_errors(document),
        grid_errors(document),
    )
    return list(islice(every, MOST_CONTRADICTIONS))


def known(document: Mapping[str, Any], part: str, key: str = "id") -> dict[str, Mapping[str, Any]]:
    """Rows of a list by id, the first of each."""
    found: dict[str, Mapping[str, Any]] = {}
    for _, row in rows(document, part):
        if (id_ := id_of(row, key)) is not None:
            found.setdefault(id_, row)
    return found


def unknown(what: str, id_: str, at: Location, ids: Iterator[str] | Mapping[str, Any] | set[str]) -> InitErrorDetails:
    """An id that leads nowhere, with the one that was probably meant."""
    names = sorted(ids)
    guess = nearest(id_, names)
    listed = f"known: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}" if names else "there is none"
    hint = f"did you mean {guess}?" if guess else listed
    return custom_error(f"unknown_{what}", f"there is no {what} {id_}", at=at, value=id_, hint=hint)


def _duplicates(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    single = (("stations", "id"), ("cars", "id"), ("drivers", "id"), ("bases", "id"), ("types", "id"))
    for part, key in (*single, ("modes", "name"), ("tasks", "id"), ("zones", "id"), ("musts", "car_id")):
        yield from _twice(document, part, (key,))
    yield from _twice(document, "plugs", ("station_id", "id"))
    yield from _twice(document, "pairs", ("mode", "from", "to"))


def _twice(document: Mapping[str, Any], part: str, keys: tuple[str, ...]) -> Iterator[InitErrorDetails]:
    seen: dict[tuple[str, ...], Location] = {}
    for at, row in rows(document, part):
        ids = [id_of(row, key) for key in keys]
        name = tuple(id_ for id_ in ids if id_ is not None)
        if len(name) < len(keys):
            continue
        if name in seen:
            text = f"{keys[-1]} {' / '.join(name)} appears more than once"
            hint = f"each once; the first is {pointer(seen[name])}"
            yield custom_error("duplicate_id", text, at=(*at, keys[-1]), value=name[-1], hint=hint)
        else:
            seen[name] = at


def _clashes(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    stations, cars = known(document, "stations"), known(document, "cars")
    for at, row in rows(document, "bases"):
        if (id_ := id_of(row)) in stations:
            text, hint = f"id {id_} names both a base and a station", "give the base an id that no station has"
            yield custom_error("id_clash", text, at=(*at, "id"), value=id_, hint=hint)
    for part in ("stations", "bases"):
        for at, row in rows(document, part):
            id_ = id_of(row) or ""
            if id_.startswith("car:") and id_[4:] in cars:
                text, hint = f"id {id_} is what the place of car {id_[4:]} is called", "another id"
                yield custom_error("id_clash", text, at=(*at, "id"), value=id_, hint=hint)


def _plugs(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    stations, cars = known(document, "stations"), known(document, "cars")
    count: Counter[str] = Counter()
    for at, row in rows(document, "plugs"):
        station_id, car_id = id_of(row, "station_id"), id_of(row, "car_id")
        if station_id is not None and station_id not in stations:
            yield unknown("station", station_id, (*at, "station_id"), stations)
        elif station_id is not None:
            count[station_id] += 1
        if car_id is None:
            continue
        if car_id not in cars:
            yield unknown("car", car_id, (*at, "car_id"), cars)
        elif id_of(cars[car_id], "station_id") not in (None, station_id):
            text = f"car {car_id} is on a plug of station {station_id} and stands at {cars[car_id].get('station_id')}"
            yield custom_error("plug_elsewhere", text, at=(*at, "car_id"), value=car_id, hint="a plug of its station")
        if row.get("occupied_until") not in (None, ""):
            text = f"plug {id_of(row)} holds car {car_id} of the fleet and somebody else's"
            hint = "either car_id or occupied_until"
            yield custom_error("plug_held_twice", text, at=(*at, "occupied_until"), value=car_id, hint=hint)
    for at, row in rows(document, "stations"):
        id_, bays = id_of(row), whole(row, "bays")
        if id_ is not None and bays is not None and count[id_] > bays:
            text, hint = f"station {id_} has {count[id_]} plugs and {bays} bays", "bays count those at plugs too"
            yield custom_error("more_plugs_than_bays", text, at=(*at, "bays"), value=bays, hint=hint)


def _cars(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    stations, types = known(document, "stations"), known(document, "types")
    plugs = {(id_of(row, "station_id"), id_of(row)): row for _, row in rows(document, "plugs")}
    on_plug = {
        car_id: (id_of(row, "station_id"), id_of(row))
        for _, row in rows(document, "plugs")
        if (car_id := id_of(row, "car_id")) is not None
    }
    taken: dict[tuple[str | None, str | None], str] = {key: car_id for car_id, key in on_plug.items()}
    for at, row in rows(document, "cars"):
        id_, station_id, type_ = id_of(row), id_of(row, "station_id"), id_of(row, "type")
        has_place = row.get("lon") not in (None, "") and row.get("lat") not in (None, "")
        if station_id is None and not has_place:
            hint = "station_id, or lat and lon"
            yield custom_error("car_nowhere", f"nobody says where car {id_} stands", at=at, value=id_, hint=hint)
        if station_id is not None and station_id not in stations:
            yield unknown("station", station_id, (*at, "station_id"), stations)
        if type_ is not None and types and type_ not in types:
            yield unknown("type", type_, (*at, "type"), types)
        plug_id = id_of(row, "plug_id")
        if plug_id is None or (station_id is not None and station_id not in stations):
            continue
        key = (station_id, plug_id)
        if key not in plugs:
            of_station = {other for at_station, other in plugs if at_station == station_id and other is not None}
            yield unknown("plug", plug_id, (*at, "plug_id"), of_station)
        elif plugs[key].get("occupied_until") not in (None, ""):
            text = f"car {id_} is on plug {plug_id}, which somebody else's car holds"
            yield custom_error(
                "plug_held_twice", text, at=(*at, "plug_id"), value=plug_id, hint="another plug, or none"
            )
        if id_ is not None and taken.setdefault(key, id_) != id_:
            text, hint = f"plug {plug_id} of station {station_id} holds cars {taken[key]} and {id_}", "one car a plug"
            yield custom_error("plug_held_twice", text, at=(*at, "plug_id"), value=plug_id, hint=hint)
        if id_ in on_plug and on_plug[id_] != key:
            text, hint = f"car {id_} is on plug {plug_id} and on {on_plug[id_][1]}", "say it once"
            yield custom_error("plug_held_twice", text, at=(*at, "plug_id"), value=plug_id, hint=hint)
        if row.get("available_from") not in (None, ""):
            text = f"car {id_} is on plug {plug_id} and is still to be brought"
            hint = "either plug_id or available_from"
            yield custom_error("plugged_on_its_way", text, at=(*at, "available_from"), value=id_, hint=hint)


def _hours(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    for at, row in rows(document, "stations"):
        given = [name for name in ("opens", "closes") if row.get(name) not in (None, "")]
        if len(given) == 1 or (given and str(row["opens"]) == str(row["closes"])):
            text, hint = f"station {id_of(row)} gives no span of hours", "opens and closes, two different local times"
            yield custom_error("hours_incomplete", text, at=(*at, given[0]), value=str(row[given[0]]), hint=hint)


def _drivers(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    places = {**known(document, "stations"), **known(document, "bases")}
    modes = known(document, "modes", "name")
    for at, row in rows(document, "drivers"):
        for key in ("start", "end"):
            if (id_ := id_of(row, key)) is not None and id_ not in places:
                yield unknown("place", id_, (*at, key), places)
        mode = id_of(row, "mode")
        if mode is not None and mode not in modes and mode not in MODES:
            yield unknown("mode", mode, (*at, "mode"), {*modes, *MODES} - {"matrix"})
        shift = row.get("shift")
        if isinstance(shift, (list, tuple)) and len(shift) == 2 and str(shift[0]) == str(shift[1]):
            text, hint = "shift starts and ends at the same time", "two local times, like 22:00 and 05:30"
            yield custom_error("shift_empty", text, at=(*at, "shift"), value=str(shift[0]), hint=hint)


def _modes(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    places = {**known(document, "stations"), **known(document, "bases")}
    own = set()
    for at, row in rows(document, "modes"):
        name = id_of(row, "name")
        if row.get("kind") is None and name is not None and name not in MODES:
            text, hint = f"mode {name} says no kind", f"one of {', '.join(MODES)}"
            yield custom_error("mode_without_kind", text, at=(*at, "kind"), value=None, hint=hint)
        if "matrix" in (row.get("kind"), name):
            own.add(name)
    for at, row in rows(document, "pairs"):
        if (mode := id_of(row, "mode")) is not None and mode not in own:
            text, hint = f"mode {mode} takes no times of its own", 'kind = "matrix" in its entry of modes'
            yield custom_error("mode_not_matrix", text, at=(*at, "mode"), value=mode, hint=hint)
        for key in ("from", "to"):
            if (id_ := id_of(row, key)) is not None and id_ not in places:
                yield unknown("place", id_, (*at, key), places)


def _work(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    cars, stations = known(document, "cars"), known(document, "stations")
    for part in ("tasks", "musts"):
        for at, row in rows(document, part):
            if (id_ := id_of(row, "car_id")) is not None and id_ not in cars:
                yield unknown("car", id_, (*at, "car_id"), cars)
    for at, row in rows(document, "musts"):
        if not split_words(row.get("stations")) and row.get("charge") in (None, "", 0):
            text, hint = f"nothing has to become of car {id_of(row, 'car_id')}", "stations, a charge, or both"
            yield custom_error("must_empty", text, at=at, value=id_of(row, "car_id"), hint=hint)
    for part in ("musts", "zones"):
        for at, row in rows(document, part):
            for place, item in items(split_words(row.get("stations")), (*at, "stations")):
                if (id_ := as_id(item)) is not None and id_ not in stations:
                    yield unknown("station", id_, place, stations)
