"""
Reads a fleet's files into the one border shape: who the city is, `cars.toml`, and the files in `cars/`.

Every finding is led back to the file, row and field that it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.feed import Row
from scenarios.folder import CITY_FILE, read_city_file
from scenarios.origins import Origins
from scenarios.relocation.gbfs import FILES, STATION_FILE, STATUS_FILES, CarFeed, read_feed_cars, read_feed_stations
from scenarios.relocation.schema import CarFleetModel
from scenarios.relocation.tables import TABLES, read_cars_table
from scenarios.schema_errors import findings_of
from scenarios.toml import read_toml

CARS_FILE = "cars.toml"
CARS_FOLDER = "cars"
FROM_CITY = ("id", "name", "time_zone", "currency", "streets", "max_snap_m", "on_far", "attribution")
"""What `city.toml` says of a city, whatever is shared there."""


@dataclass(slots=True)
class _Draft:
    """A folder's files while they are put together."""

    folder: Path
    document: dict[str, Any]
    findings: Findings
    origins: Origins
    unread: set[str] = field(default_factory=set)
    """Lists whose file could not be read; their absence, and ids that lead there, are no further errors."""


def has_fleet(folder: Path) -> bool:
    """Whether a city's folder says anything of cars."""
    return (folder / CARS_FILE).is_file() or (folder / CARS_FOLDER).is_dir()


def read_fleet_folder(folder: Path, findings: Findings) -> CarFleetModel | None:
    """The checked model of a folder's files, or None with every error in `findings`."""
    identity, cars = _identity(folder, findings), _cars_file(folder, findings)
    if identity is None or cars is None:
        # The files beside them are looked at all the same, so that everything is told at once.
        draft = _Draft(folder=folder, document={}, findings=findings, origins=Origins(CARS_FILE))
        _add_files(draft)
        return None
    draft = _Draft(folder=folder, document={**identity, **cars}, findings=findings, origins=Origins(CARS_FILE))
    _add_files(draft)
    model, errors = _checked(draft.document)
    city_origins = Origins(CITY_FILE)
    for finding in errors:
        first = finding.where.split("/")[1] if "/" in finding.where else ""
        if first in draft.unread or _leads_to_unread(finding, draft.unread):
            continue
        is_of_city = first in identity and first not in cars
        findings.extend([(city_origins if is_of_city else draft.origins).located(finding)])
    return None if findings.errors else model


def read_fleet(document: Mapping[str, Any], findings: Findings) -> CarFleetModel | None:
    """The checked model of one document, or None with every error in `findings`; `where` is a JSON Pointer."""
    model, errors = _checked(document)
    findings.extend(errors)
    return model


def _checked(document: Mapping[str, Any]) -> tuple[CarFleetModel | None, tuple[Finding, ...]]:
    try:
        return CarFleetModel.model_validate(document), ()
    except ValidationError as error:
        return None, findings_of(error, model=CarFleetModel, source="request")


def _identity(folder: Path, findings: Findings) -> dict[str, Any] | None:
    document = read_city_file(folder, findings)
    return document and {name: document[name] for name in FROM_CITY if name in document}


def _cars_file(folder: Path, findings: Findings) -> dict[str, Any] | None:
    path = folder / CARS_FILE
    if not path.is_file():
        hint = "drivers, modes and prices of the fleet; see docs/cars.md"
        findings.error("file_missing", "is missing", source=CARS_FILE, hint=hint)
        return None
    return read_toml(path, findings, page="docs/cars.md")


def _add_files(draft: _Draft) -> None:
    """Every list that has a file of its own in `cars/`, unless `cars.toml` holds it itself."""
    folder = draft.folder / CARS_FOLDER
    if not folder.is_dir():
        return
    _tell_twice(draft, folder)
    for name, (part, _) in TABLES.items():
        if (folder / f"{name}.csv").is_file() and _is_free(draft, part, f"{name}.csv"):
            _add_rows(draft, part, read_cars_table(folder, name, draft.findings))
    if (folder / STATION_FILE).is_file() and "stations" not in draft.document | dict.fromkeys(draft.unread):
        _add_rows(draft, "stations", read_feed_stations(folder, draft.findings))
    if any((folder / name).is_file() for name in STATUS_FILES) and "cars" not in draft.document:
        listed = draft.document.get("stations", ())
        stations = {str(row.get("id")) for row in listed if isinstance(row, Mapping)}
        feed = read_feed_cars(folder, stations, draft.findings)
        _add_rows(draft, "cars", None if feed is None else feed.cars)
        if feed is not None:
            _add_moment(draft, feed)
            _add_types(draft, feed)
    known = {f"{name}.csv" for name in TABLES} | set(FILES)
    for path in sorted(folder.iterdir()):
        if path.name not in known and not path.name.startswith("."):
            hint = f"read are {', '.join(sorted(known))}"
            draft.findings.warning("file_unread", "is not read", source=f"{CARS_FOLDER}/{path.name}", hint=hint)


def _tell_twice(draft: _Draft, folder: Path) -> None:
    pairs = [("stations", "stations.csv", STATION_FILE), *(("cars", "cars.csv", name) for name in STATUS_FILES)]
    for part, table, feed in pairs:
        if (folder / table).is_file() and (folder / feed).is_file():
            text = f"{part} are there as {table} and as {feed}"
            draft.findings.error("file_twice", text, source=table, hint="keep one")
    if all((folder / name).is_file() for name in STATUS_FILES):
        text = f"cars are there as {' and as '.join(STATUS_FILES)}"
        draft.findings.error("file_twice", text, source=next(iter(STATUS_FILES)), hint="keep one")


def _is_free(draft: _Draft, part: str, file: str) -> bool:
    if part in draft.document:
        text = f"{part} are there in {CARS_FILE} too"
        draft.findings.error("file_twice", text, source=file, hint="keep one of the two")
        return False
    return True


def _add_rows(draft: _Draft, part: str, rows: tuple[Row, ...] | None) -> None:
    if rows is None:
        draft.unread.add(part)
        return
    draft.document[part] = [dict(row.values) for row in rows]
    draft.origins.add_rows((part,), rows)


def _add_moment(draft: _Draft, feed: CarFeed) -> None:
    if feed.as_of is not None:
        draft.document["as_of"] = feed.as_of
        draft.origins.add_field(("as_of",), feed.source, "last_updated")


def _add_types(draft: _Draft, feed: CarFeed) -> None:
    """Types that only the feed knows; their batteries are what drives as far as it says."""
    given = draft.document.get("types", [])
    said = {str(row.get("id")) for row in given if isinstance(row, Mapping)} if isinstance(given, list) else set()
    defaults = draft.document.get("defaults")
    rate = defaults.get("kwh_per_km") if isinstance(defaults, Mapping) else None
    kwh_per_km = float(rate) if isinstance(rate, (int, float)) and not isinstance(rate, bool) else 0.17
    used = dict.fromkeys(str(row.values["type"]) for row in feed.cars if "type" in row.values)
    added = []
    for id_ in (id_ for id_ in used if id_ not in said):
        range_m = feed.ranges_m.get(id_)
        added.append({"id": id_} | ({"battery_kwh": round(range_m / 1000 * kwh_per_km, 1)} if range_m else {}))
        what = f"{added[-1]['battery_kwh']} kWh, from its range" if range_m else "as in [defaults]"
        text, hint = (
            f"nothing says what battery type {id_} has; taken {what}",
            f"[[types]] with id {id_} in {CARS_FILE}",
        )
        draft.findings.warning("battery_assumed", text, source="vehicle_types.json", value=id_, hint=hint)
    if added and isinstance(given, list):
        draft.document["types"] = [*given, *added]


def _leads_to_unread(finding: Finding, unread: set[str]) -> bool:
    """Whether an id leads nowhere only because the file that it leads to could not be read."""
    about = {"unknown_station": "stations", "unknown_car": "cars", "unknown_plug": "plugs", "unknown_place": "stations"}
    return about.get(finding.code) in unread or (finding.where == "/grid" and "grid_series" in unread)
