"""
Reads GBFS files of versions 1.x, 2.x and 3.0 from a folder, as feeds really are.

Specification: https://github.com/MobilityData/gbfs. GBFS says *vehicle* for a bike; that word ends here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.feed import Feed, Row, named
from scenarios.json_text import parse_json
from scenarios.single_bikes import USABLE_CHARGE, SingleBikes, is_true, largest_ranges, with_single_bikes

MAX_FILE_BYTES = 50_000_000

INFORMATION_FIELDS = {"id": "station_id"}
BIKE_FORMS = ("bicycle", "cargo_bicycle")
ELECTRIC = ("electric", "electric_assist")


@dataclass(frozen=True, slots=True)
class BikeTypes:
    """What `vehicle_types` says: which types are bikes, and which of these are electric."""

    bikes: frozenset[str]
    electric: frozenset[str]
    known: frozenset[str]


STATION_FILES = ("station_information", "station_status")


def read_gbfs(
    folder: Path,
    findings: Findings,
    *,
    expect: Sequence[str] = STATION_FILES,
    usable_charge: float = USABLE_CHARGE,
) -> Feed | None:
    """
    The feed in a folder of GBFS files; None when a station file of `expect` cannot be read at all.

    Reads `station_information.json` and `station_status.json`, and where present `system_information.json`,
    `vehicle_types.json` and `vehicle_status.json` (2.x: `free_bike_status.json`).
    """
    documents = {name: _load(folder / f"{name}.json", findings) for name in expect}
    types = bike_types(_load_optional(folder / "vehicle_types.json", findings))
    system = _data(_load_optional(folder / "system_information.json", findings))
    # Where the status is a table, who reads that asks for single bikes.
    single = read_single_bikes(folder, findings) if "station_status" in expect else SingleBikes()
    lists = {name: _list(document, "stations", f"{name}.json", findings) for name, document in documents.items()}
    if any(rows is None for rows in lists.values()):
        return None
    stations, statuses = lists.get("station_information") or [], lists.get("station_status") or []
    status = documents.get("station_status")
    languages = system.get("languages")
    language = languages[0] if isinstance(languages, list) and languages else system.get("language")
    counted = [_status_row(index, raw, types, single.rows) for index, raw in enumerate(statuses)]
    status_rows = with_single_bikes(counted, single, findings, usable_charge=usable_charge)
    _warn_of_half_open(statuses, findings)
    return Feed(
        stations=tuple(_station_row(index, raw, language) for index, raw in enumerate(stations)),
        statuses=status_rows,
        as_of=status.get("last_updated") if isinstance(status, Mapping) else None,
        as_of_place=("station_status.json", "last_updated"),
        name=text_of(system.get("name"), language),
        time_zone=system.get("timezone") if isinstance(system.get("timezone"), str) else None,
    )


def status_rows(document: Any, types: BikeTypes | None, findings: Findings) -> tuple[Row, ...] | None:
    """The statuses of one `station_status` file; None with the reason in `findings` when there is no list of them."""
    statuses = _list(document, "stations", "station_status.json", findings)
    return None if statuses is None else tuple(_status_row(index, raw, types, ()) for index, raw in enumerate(statuses))


def text_of(value: Any, language: Any = None) -> str | None:
    """A plain or localised (`[{text, language}]`) string; the system's language first."""
    if isinstance(value, list):
        texts = [item for item in value if isinstance(item, Mapping) and isinstance(item.get("text"), str)]
        texts.sort(key=lambda item: item.get("language") != language)
        return texts[0]["text"] if texts else None
    return value if isinstance(value, str) else None


def _load(path: Path, findings: Findings) -> Any:
    if not path.is_file():
        hint = f"{path.name} as in GBFS, or {path.stem}.csv"
        findings.error("file_missing", "is missing", source=path.name, hint=hint)
        return None
    if path.stat().st_size > MAX_FILE_BYTES:
        findings.error("file_too_large", "is larger than 50 MB", source=path.name, value=path.stat().st_size)
        return None
    return parse_json(path.read_bytes(), findings, source=path.name)


def _load_optional(path: Path, findings: Findings) -> Any:
    return _load(path, findings) if path.is_file() else None


def _data(document: Any) -> Mapping[str, Any]:
    """What a file says, with or without the `data` wrapper."""
    if isinstance(document, Mapping):
        inner = document.get("data", document)
        return inner if isinstance(inner, Mapping) else {}
    return {}


def _list(document: Any, key: str, source: str, findings: Findings) -> list[Any] | None:
    if document is None:
        return None
    rows = _data(document).get(key)
    if not isinstance(rows, list):
        findings.error(
            "list_missing", f"has no list of {key}", source=source, where=f"data/{key}", hint=f"data.{key} as in GBFS"
        )
        return None
    good, before = True, len(findings.items)
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            if findings.is_flooded(before, source=source, where=f"data/{key}/{index}"):
                return None
            good = False
            findings.error(
                "not_an_object", "is not an object", source=source, where=f"data/{key}/{index}", value=str(row)[:200]
            )
    return rows if good else None


def bike_types(document: Any) -> BikeTypes | None:
    """What a `vehicle_types` file says; None when it says nothing."""
    types = _data(document).get("vehicle_types")
    if not isinstance(types, list):
        return None
    rows = [row for row in types if isinstance(row, Mapping) and "vehicle_type_id" in row]
    bikes = [row for row in rows if row.get("form_factor") in BIKE_FORMS]
    return BikeTypes(
        bikes=frozenset(str(row["vehicle_type_id"]) for row in bikes),
        electric=frozenset(str(row["vehicle_type_id"]) for row in bikes if row.get("propulsion_type") in ELECTRIC),
        known=frozenset(str(row["vehicle_type_id"]) for row in rows),
    )


def read_single_bikes(folder: Path, findings: Findings) -> SingleBikes:
    """Bikes that the folder lists one by one; none where it has no such list."""
    found = [name for name in ("vehicle_status.json", "free_bike_status.json") if (folder / name).is_file()]
    if not found:
        return SingleBikes()
    data = _data(_load(folder / found[0], findings))
    listed = data.get("vehicles", data.get("bikes"))
    types = _data(_load_optional(folder / "vehicle_types.json", Findings())).get("vehicle_types")
    return SingleBikes(
        rows=tuple(row for row in listed if isinstance(row, Mapping)) if isinstance(listed, list) else (),
        source=found[0],
        ranges_m=largest_ranges(types if isinstance(types, list) else ()),
    )


def _station_row(index: int, raw: Mapping[str, Any], language: Any) -> Row:
    values = {"id": raw.get("station_id"), "lon": raw.get("lon"), "lat": raw.get("lat")}
    values["name"] = text_of(raw.get("name"), language) or values["id"]
    capacity = raw.get("capacity")
    if capacity is None:
        parts = [
            _sum_of_counts(raw.get(key))
            for key in ("vehicle_docks_capacity", "vehicle_types_capacity", "vehicle_capacity")
        ]
        capacity = next((part for part in parts if part), None)
    values["capacity"] = capacity
    if raw.get("is_virtual_station") is True:
        values["is_zone"] = True
    return Row(
        values={key: value for key, value in values.items() if value is not None},
        source="station_information.json",
        where=_where(index, raw),
        fields=INFORMATION_FIELDS,
    )


def _status_row(index: int, raw: Mapping[str, Any], types: BikeTypes | None, loose: Iterable[Mapping[str, Any]]) -> Row:
    total_key = "num_vehicles_available" if "num_vehicles_available" in raw else "num_bikes_available"
    disabled_key = "num_vehicles_disabled" if "num_vehicles_disabled" in raw else "num_bikes_disabled"
    by_type = _count_by_type(raw.get("vehicle_types_available"))
    bikes = raw.get(total_key)
    if types is not None and by_type and set(by_type) <= types.known and not set(by_type) <= types.bikes:
        # The total counts scooters or cars too; only bikes are planned.
        bikes = sum(count for type_id, count in by_type.items() if type_id in types.bikes)
    values = {
        "station_id": raw.get("station_id"),
        "bikes": bikes,
        "docks": raw.get("num_docks_available"),
        "ebikes": _ebikes(raw, by_type, types, loose),
        "disabled": raw.get(disabled_key),
    }
    return Row(
        values={key: value for key, value in values.items() if value is not None},
        source="station_status.json",
        where=_where(index, raw),
        fields={
            "bikes": total_key,
            "docks": "num_docks_available",
            "ebikes": "num_ebikes_available" if "num_ebikes_available" in raw else "vehicle_types_available",
            "disabled": disabled_key,
        },
        open=_flag(raw, "is_installed") and (_flag(raw, "is_renting") or _flag(raw, "is_returning")),
        renting=_flag(raw, "is_installed") and _flag(raw, "is_renting"),
    )


def _ebikes(
    raw: Mapping[str, Any], by_type: Mapping[str, int], types: BikeTypes | None, loose: Iterable[Mapping[str, Any]]
) -> Any:
    """E-bikes among the bikes that can be rented, from whichever field tells; None = unknown."""
    if raw.get("num_ebikes_available") is not None:
        return raw["num_ebikes_available"]
    spelled = raw.get("num_bikes_available_types")
    parts = spelled if isinstance(spelled, list) else [spelled]
    named_types = [part["ebike"] for part in parts if isinstance(part, Mapping) and "ebike" in part]
    if named_types:
        return named_types[0]
    if types is None:
        return None
    if by_type:
        return sum(count for type_id, count in by_type.items() if type_id in types.electric)
    here = [row for row in loose if row.get("station_id") and row.get("station_id") == raw.get("station_id")]
    standing = [row for row in here if not is_true(row.get("is_disabled")) and not is_true(row.get("is_reserved"))]
    return sum(str(row.get("vehicle_type_id")) in types.electric for row in standing) if here else None


def _count_by_type(value: Any) -> dict[str, int]:
    rows = value if isinstance(value, list) else []
    return {
        str(row["vehicle_type_id"]): row["count"]
        for row in rows
        if isinstance(row, Mapping) and "vehicle_type_id" in row and isinstance(row.get("count"), int)
    }


def _sum_of_counts(value: Any) -> int:
    """2.x writes `{type: count}`, 3.0 `[{vehicle_type_ids, count}]`."""
    if isinstance(value, Mapping):
        return sum(count for count in value.values() if isinstance(count, int))
    rows = value if isinstance(value, list) else []
    return sum(row["count"] for row in rows if isinstance(row, Mapping) and isinstance(row.get("count"), int))


def _flag(raw: Mapping[str, Any], key: str) -> bool:
    """Not stated means yes."""
    return is_true(raw.get(key, True))


def _warn_of_half_open(statuses: Iterable[Mapping[str, Any]], findings: Findings) -> None:
    for key, verb in (("is_renting", "rent"), ("is_returning", "accept returns")):
        other = "is_returning" if key == "is_renting" else "is_renting"
        half = [
            str(raw.get("station_id"))
            for raw in statuses
            if _flag(raw, "is_installed") and not _flag(raw, key) and _flag(raw, other)
        ]
        if half:
            findings.warning(
                "station_half_open",
                f"{len(half)} stations do not {verb} at the moment; planned as usual: {named(half)}",
                source="station_status.json",
                where=key,
                value=len(half),
            )


def _where(index: int, raw: Mapping[str, Any]) -> str:
    station_id = raw.get("station_id")
    return f"data/stations/{index}" + (f" (station_id {station_id})" if station_id is not None else "")
