"""
Reads the files of a city folder into the one border shape.

The files are read tolerantly (`gbfs`, `tables`), joined (`feed`), checked as one document (`schema`), and every
finding is led back to the file, row and field it came from (`origins`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.conversion import read_city, targets_missing
from scenarios.feed import Feed, Row, join_feed
from scenarios.gbfs import read_gbfs, read_single_bikes
from scenarios.odd_wishes import odd_wishes
from scenarios.origins import Origins
from scenarios.schema import CityModel
from scenarios.single_bikes import USABLE_CHARGE, with_single_bikes
from scenarios.tables import (
    read_grid_table,
    read_information_table,
    read_must_table,
    read_status_table,
    read_target_table,
)
from scenarios.toml import read_toml

CITY_FILE = "city.toml"


@dataclass(slots=True)
class _Draft:
    """A folder's files while they are put together."""

    folder: Path
    document: dict[str, Any]
    findings: Findings
    origins: Origins
    unread: set[str] = field(default_factory=set)
    """Pointers to parts whose file could not be read; their absence is already told."""


def read_folder(folder: Path, findings: Findings) -> CityModel | None:
    """The checked model of a folder's files, or None with every error in `findings`, each led back to its file."""
    document = read_city_file(folder, findings)
    if document is None:
        return None
    document.pop("siting", None)  # Read by `scenarios.siting`: what it says is no matter of bikes.
    draft = _Draft(folder=folder, document=document, findings=findings, origins=Origins(CITY_FILE))
    _add_stations(draft)
    _add_table(draft, "targets", read_target_table)
    _add_table(draft, "musts", read_must_table)
    if "batteries" in document:
        _add_table(draft, "grid_series", read_grid_table, file="grid.csv")
    checked = Findings()
    model = read_city(draft.document, checked)
    if model is not None:
        targets_missing(model, checked, source="request")
        odd_wishes(model, checked, source="request")
    for finding in checked.items:
        # What lies inside a file that cannot be read is already told by that file.
        if not any((finding.where + "/").startswith(part + "/") for part in draft.unread):
            findings.extend([draft.origins.located(finding)])
    return None if findings.errors else model


def read_city_file(folder: Path, findings: Findings) -> dict[str, Any] | None:
    """What `city.toml` says, unchecked; None with the reason in `findings` when it cannot be read."""
    return read_toml(folder / CITY_FILE, findings, page="docs/city-folder.md")


def _add_stations(draft: _Draft) -> None:
    """Stations and their status from the folder's feed files, unless `city.toml` holds them itself."""
    if "stations" in draft.document:
        return
    feed = read_feed(draft.folder, draft.findings, usable_charge=_usable_charge(draft.document))
    if feed is None:
        draft.unread |= {"/stations", "/snapshot", "/targets", "/musts", "/station_rules", "/zones"}
        return
    stations, statuses = join_feed(feed, draft.findings)
    draft.document["stations"] = [dict(row.values) for row in stations]
    draft.origins.add_rows(("stations",), stations)
    _add_absent(draft, feed, stations)
    given = draft.document.get("snapshot")
    snapshot = dict(given) if isinstance(given, dict) else {}
    snapshot["stations"] = [dict(row.values) for row in statuses]
    draft.origins.add_rows(("snapshot", "stations"), statuses)
    if feed.as_of is not None:
        snapshot["as_of"] = feed.as_of
        draft.origins.add_field(("snapshot", "as_of"), *feed.as_of_place)
    elif "as_of" not in snapshot:
        draft.unread.add("/snapshot/as_of")
        draft.findings.error(
            "as_of_missing",
            "nothing says when the status was taken",
            source=CITY_FILE,
            where="snapshot.as_of",
            hint="add [snapshot] with as_of = 2026-11-22T21:00:00+01:00",
        )
    draft.document["snapshot"] = snapshot


def _add_absent(draft: _Draft, feed: Feed, stations: Iterable[Row]) -> None:
    """Stations that the feed knows and that take no part: what is said of them is no mistake."""
    given = draft.document.get("out_of_service", [])
    part = {str(row.values.get("id", "")).strip() for row in stations}
    known = [str(row.values.get("id", "")).strip() for row in feed.stations]
    absent = [id_ for id_ in dict.fromkeys(known) if id_ and id_ not in part]
    if absent and isinstance(given, list):
        draft.document["out_of_service"] = [*given, *(id_ for id_ in absent if id_ not in given)]


def _usable_charge(document: dict[str, Any]) -> float:
    """State of charge that `city.toml` asks of a bike; the schema judges it later."""
    demand = document.get("demand")
    asked = demand.get("usable_charge") if isinstance(demand, dict) else None
    return float(asked) if isinstance(asked, (int, float)) and not isinstance(asked, bool) else USABLE_CHARGE


def read_feed(folder: Path, findings: Findings, *, usable_charge: float = USABLE_CHARGE) -> Feed | None:
    """What a folder's station files say, each GBFS or CSV; None when one cannot be read at all."""
    tables = {name: (folder / f"{name}.csv").is_file() for name in ("station_information", "station_status")}
    twice = [name for name, is_table in tables.items() if is_table and (folder / f"{name}.json").is_file()]
    for name in twice:
        findings.error("file_twice", f"{name} is there as .csv and as .json", source=f"{name}.csv", hint="keep one")
    if twice:
        return None
    feed = (
        None
        if all(tables.values())
        else read_gbfs(folder, findings, expect=[n for n in tables if not tables[n]], usable_charge=usable_charge)
    )
    stations = feed.stations if feed else None
    statuses = feed.statuses if feed else None
    if tables["station_information"]:
        stations = read_information_table(folder / "station_information.csv", findings)
    if tables["station_status"]:
        statuses = read_status_table(folder / "station_status.csv", findings)
        single = read_single_bikes(folder, findings)
        statuses = statuses and with_single_bikes(statuses, single, findings, usable_charge=usable_charge)
    if stations is None or statuses is None:
        return None
    from_status = feed is not None and not tables["station_status"]
    return Feed(
        stations=stations,
        statuses=statuses,
        as_of=feed.as_of if feed and from_status else None,
        as_of_place=feed.as_of_place if feed else ("", ""),
        name=feed.name if feed else None,
        time_zone=feed.time_zone if feed else None,
    )


def _add_table(
    draft: _Draft, name: str, read: Callable[[Path, Findings], tuple[Row, ...] | None], *, file: str | None = None
) -> None:
    """A list of the document that has a table of its own, unless `city.toml` holds it itself."""
    path = draft.folder / (file or f"{name}.csv")
    if not path.is_file() or name in draft.document:
        return
    rows = read(path, draft.findings)
    if rows is None:
        draft.unread.add(f"/{name}")
        return
    draft.document[name] = [dict(row.values) for row in rows]
    draft.origins.add_rows((name,), rows)
