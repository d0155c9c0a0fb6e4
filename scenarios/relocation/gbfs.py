"""
Reads the cars and stations of a GBFS feed, 2.x or 3.x, from a folder.

Specification: https://github.com/MobilityData/gbfs. `vehicle_availability.json` came with 3.1. GBFS says nothing of
plugs: `plugs.csv` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.feed import Row, named
from scenarios.gbfs import MAX_FILE_BYTES, text_of
from scenarios.json_text import parse_json
from scenarios.single_bikes import SingleBikes, is_true, largest_ranges

STATUS_FILES = {"vehicle_status.json": ("vehicles", "vehicle_id"), "free_bike_status.json": ("bikes", "bike_id")}
STATION_FILE, TYPE_FILE = "station_information.json", "vehicle_types.json"
AVAILABILITY_FILE = "vehicle_availability.json"
FILES = (*STATUS_FILES, STATION_FILE, TYPE_FILE, AVAILABILITY_FILE)
NO_CARS = ("bicycle", "cargo_bicycle", "scooter", "scooter_standing", "scooter_seated", "moped")
WITHOUT_PLUG = ("combustion", "combustion_diesel", "human", "hydrogen_fuel_cell", "hybrid")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarFeed:
    """What a feed says of its cars."""

    cars: tuple[Row, ...]
    as_of: Any
    """As written; the schema reads it."""
    source: str
    ranges_m: Mapping[str, float]
    """Largest range by type."""


def read_feed_stations(folder: Path, findings: Findings) -> tuple[Row, ...] | None:
    """Stations of `station_information.json`; None when it cannot be read at all."""
    listed = _list(folder / STATION_FILE, "stations", findings)
    return None if listed is None else tuple(_station(index, raw) for index, raw in listed)


def read_feed_cars(folder: Path, station_ids: Iterable[str], findings: Findings) -> CarFeed | None:
    """Cars of `vehicle_status.json` or `free_bike_status.json`; None when it cannot be read at all."""
    source = next(name for name in STATUS_FILES if (folder / name).is_file())
    key, id_key = STATUS_FILES[source]
    document = _load(folder / source, findings)
    listed = _rows(document, key, source, findings)
    types = (
        [raw for _, raw in _list(folder / TYPE_FILE, "vehicle_types", findings) or ()]
        if (folder / TYPE_FILE).is_file()
        else []
    )
    if listed is None:
        return None
    kept = _only_cars(listed, types, id_key, source, findings)
    ranges_m = largest_ranges(types)
    single = SingleBikes(rows=tuple(raw for _, raw in kept), source=source, ranges_m=ranges_m)
    charges = [charge for _, charge in single.charges()]
    as_of = document.get("last_updated") if isinstance(document, Mapping) else None
    windows = _windows(folder, findings)
    known = set(station_ids)
    rows = tuple(
        _car(index, raw, charge, known, windows, as_of, id_key=id_key, key=key, source=source)
        for (index, raw), charge in zip(kept, charges, strict=True)
    )
    _tell_strays(kept, known, id_key, source, findings)
    return CarFeed(cars=rows, as_of=as_of, source=source, ranges_m=ranges_m)


def _station(index: int, raw: Mapping[str, Any]) -> Row:
    is_zone = is_true(raw.get("is_virtual_station", False))
    values = {
        "id": raw.get("station_id"),
        "name": text_of(raw.get("name")) or raw.get("station_id"),
        "lon": raw.get("lon"),
        "lat": raw.get("lat"),
        "bays": None if is_zone else raw.get("capacity"),
        "is_zone": is_zone or None,
    }
    return Row(
        values={name: value for name, value in values.items() if value is not None},
        source=STATION_FILE,
        where=f"data/stations/{index} (station_id {raw.get('station_id')})",
        fields={"id": "station_id", "bays": "capacity", "is_zone": "is_virtual_station"},
    )


def _car(  # noqa: PLR0917
    index: int,
    raw: Mapping[str, Any],
    charge: float | None,
    known: set[str],
    windows: Mapping[str, list[Mapping[str, Any]]],
    as_of: Any,
    *,
    id_key: str,
    key: str,
    source: str,
) -> Row:
    id_, station_id = raw.get(id_key), raw.get("station_id")
    now = moment_of(as_of)
    is_disabled = is_true(raw.get("is_disabled", False))
    available_from, booked_from = _free(windows.get(str(id_)), now)
    values = {
        "id": id_,
        # A feed may name a station that it does not describe; where the car is tells as much.
        "station_id": station_id if str(station_id) in known else None,
        "lon": raw.get("lon"),
        "lat": raw.get("lat"),
        "type": raw.get("vehicle_type_id"),
        "state_of_charge": charge,
        "available_from": available_from,
        "booked_from": as_of if is_true(raw.get("is_reserved", False)) else booked_from or raw.get("available_until"),
        "in_service": False if is_disabled else None,
        "can_move": False if is_disabled else None,
    }
    return Row(
        values={name: value for name, value in values.items() if value is not None},
        source=source,
        where=f"data/{key}/{index} ({id_key} {id_})",
        fields={
            "id": id_key,
            "type": "vehicle_type_id",
            "state_of_charge": "current_fuel_percent",
            "booked_from": "available_until",
            "in_service": "is_disabled",
        },
    )


def _free(windows: list[Mapping[str, Any]] | None, now: datetime | None) -> tuple[Any, Any]:
    """From when and until when a car can be had, of the window that holds now or comes next; None = no limit."""
    if windows is None or now is None:
        return None, None
    for window in windows:
        begin, end = moment_of(window.get("from")), moment_of(window.get("until"))
        if end is None or end > now:
            is_here = begin is None or begin <= now
            return None if is_here else window.get("from"), window.get("until")
    # Every window is over: somebody has it.
    return None, now


def _windows(folder: Path, findings: Findings) -> dict[str, list[Mapping[str, Any]]]:
    """When each car can be rented, in order of time, of `vehicle_availability.json`."""
    path = folder / AVAILABILITY_FILE
    if not path.is_file():
        return {}
    windows = {}
    for _, raw in _list(path, "vehicles", findings) or ():
        listed = raw.get("availabilities")
        spans = [span for span in listed if isinstance(span, Mapping)] if isinstance(listed, list) else []
        earliest = datetime.min.replace(tzinfo=UTC)
        windows[str(raw.get("vehicle_id"))] = sorted(spans, key=lambda span: moment_of(span.get("from")) or earliest)
    return windows


def _only_cars(
    listed: list[tuple[int, Mapping[str, Any]]],
    types: list[Mapping[str, Any]],
    id_key: str,
    source: str,
    findings: Findings,
) -> list[tuple[int, Mapping[str, Any]]]:
    """Cars with a plug; bikes, scooters and cars that burn are left out and told."""
    others = {str(row.get("vehicle_type_id")) for row in types if row.get("form_factor") in NO_CARS}
    burning = {str(row.get("vehicle_type_id")) for row in types if row.get("propulsion_type") in WITHOUT_PLUG} - others
    kept = [item for item in listed if str(item[1].get("vehicle_type_id")) not in others | burning]
    for out, code, what in ((others, "not_a_car", "no cars"), (burning, "no_plug", "cars without a plug")):
        ids = [str(raw.get(id_key)) for _, raw in listed if str(raw.get("vehicle_type_id")) in out]
        if ids:
            text = f"{len(ids)} vehicles are {what} and left out: {named(ids, most=20)}"
            findings.warning(code, text, source=source, where="vehicle_type_id", value=len(ids))
    return kept


def _tell_strays(
    kept: list[tuple[int, Mapping[str, Any]]], known: set[str], id_key: str, source: str, findings: Findings
) -> None:
    ids = [str(raw.get(id_key)) for _, raw in kept if raw.get("station_id") and str(raw["station_id"]) not in known]
    if ids:
        text = f"{len(ids)} cars name a station that is not described; taken by their place: {named(ids, most=20)}"
        findings.warning("station_unknown", text, source=source, where="station_id", value=len(ids))


def moment_of(value: Any) -> datetime | None:
    """A time as feeds write it, Unix seconds or RFC 3339; None where it is neither."""
    if isinstance(value, datetime):
        return value if value.tzinfo else None
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        read = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return read if read.tzinfo else None


def _load(path: Path, findings: Findings) -> Any:
    if path.stat().st_size > MAX_FILE_BYTES:
        findings.error("file_too_large", "is larger than 50 MB", source=path.name, value=path.stat().st_size)
        return None
    return parse_json(path.read_bytes(), findings, source=path.name)


def _list(path: Path, key: str, findings: Findings) -> list[tuple[int, Mapping[str, Any]]] | None:
    return _rows(_load(path, findings), key, path.name, findings)


def _rows(document: Any, key: str, source: str, findings: Findings) -> list[tuple[int, Mapping[str, Any]]] | None:
    """The objects in a feed's list, each with its position; None with the reason in `findings` where there is none."""
    if document is None:
        return None
    data = document.get("data") if isinstance(document, Mapping) else None
    listed = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(listed, list):
        findings.error(
            "list_missing", f"holds no list data/{key}", source=source, hint="the file as the feed serves it"
        )
        return None
    before = len(findings.items)
    for index, raw in enumerate(listed):
        if not isinstance(raw, Mapping):
            where = f"data/{key}/{index}"
            if findings.is_flooded(before, source=source, where=where):
                return None
            findings.error("not_an_object", "is no object", source=source, where=where, value=str(raw)[:200])
    return [(index, raw) for index, raw in enumerate(listed) if isinstance(raw, Mapping)]
