"""
Loads a city: a bundled one by name, a user's own folder, or an inline one.

A folder's files are read tolerantly (`gbfs`, `tables`), joined into the one border shape (`schema`), checked
there, and every finding is led back to the file, row and field it came from.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optimiser.basics.city import City, Snapshot
from optimiser.basics.findings import Finding, Findings
from optimiser.demand.targets import Target
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import TravelSource
from scenarios.conversion import read_city, targets_missing, to_city
from scenarios.feed import Feed, Row, join_feed
from scenarios.gbfs import read_gbfs
from scenarios.origins import Origins
from scenarios.schema import CityModel, OnFar
from scenarios.schema_errors import nearest
from scenarios.tables import read_information_table, read_status_table, read_target_table

BUNDLED = Path(__file__).parent
CITY_FILE = "city.toml"
MAX_CITY_FILE_BYTES = 5_000_000


@dataclass(frozen=True, kw_only=True)
class LoadedCity:
    """A city, ready to be planned, with where its streets are and what was odd about it."""

    city: City
    snapshot: Snapshot
    targets: tuple[Target, ...] | None
    """The operator's own, one for each station; None where there are none."""
    streets: Path | StraightLine
    max_snap_m: float
    on_far: OnFar
    folder: Path | None
    """None for an inline city."""
    warnings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Draft:
    """A folder's files while they are put together."""

    folder: Path
    document: dict[str, Any]
    findings: Findings
    origins: Origins
    unread: set[str] = field(default_factory=set)
    """Pointers to parts whose file could not be read; their absence is already told."""


def list_cities() -> tuple[str, ...]:
    """Names of the bundled cities."""
    return tuple(sorted(path.parent.name for path in BUNDLED.glob(f"*/{CITY_FILE}")))


def load_city(name_or_folder: str | Path) -> LoadedCity:
    """
    Load a bundled city by its name, or a city folder.

    Raises
    ------
    InvalidInput
        Every error of all files at once, each with file, row or field, value and what would be right; or an
        unknown city, naming those that are bundled.
    """
    folder = find_folder(name_or_folder)
    findings = Findings()
    model = read_folder(folder, findings)
    if model is None:
        findings.raise_errors(f"city {folder.name}")
        raise AssertionError("a city without a model has errors")
    streets = _streets_of_folder(model, folder, findings)
    findings.raise_errors(f"city {folder.name}")
    return _loaded(model, streets=streets, folder=folder, warnings=findings.warnings)


def load_inline(model: CityModel) -> LoadedCity:
    """
    Load a city given as a document; its streets are those of a bundled city, or a straight line.

    Raises
    ------
    InvalidInput
        When `streets` does not name a bundled city with streets.
    """
    findings = Findings()
    targets_missing(model, findings, source="request")
    streets: Path | StraightLine
    if model.streets.source is None:
        streets = _straight_line(model)
    elif model.streets.source in list_cities():
        streets = load_city(model.streets.source).streets
    else:
        hint = _known_cities(model.streets.source)
        findings.error(
            "unknown_streets",
            f"there are no streets named {model.streets.source}",
            source="request",
            where="/streets",
            value=model.streets.source,
            hint=hint,
        )
    findings.raise_errors(f"city {model.id}")
    return _loaded(model, streets=streets, folder=None, warnings=findings.warnings)


def open_travel(loaded: LoadedCity, *, cache_dir: Path | None = None) -> TravelSource:
    """The city's streets at night for driving, or its straight line; `cache_dir` keeps parsed graphs and times."""
    if isinstance(loaded.streets, StraightLine):
        return loaded.streets
    from optimiser.network.streets import open_streets

    return open_streets(loaded.streets, cache_dir=cache_dir)


def find_folder(name_or_folder: str | Path) -> Path:
    """The folder of a city; a bundled name wins over a folder of the same name unless written as a path."""
    if str(name_or_folder) in list_cities():
        return BUNDLED / str(name_or_folder)
    folder = Path(name_or_folder)
    if (folder / CITY_FILE).is_file():
        return folder
    findings = Findings()
    if folder.is_dir():
        findings.error(
            "city_file_missing",
            f"folder {folder} holds no {CITY_FILE}",
            source=CITY_FILE,
            value=str(folder),
            hint="`evenfleet city new` makes such a folder",
        )
    else:
        hint = _known_cities(str(name_or_folder))
        findings.error(
            "unknown_city",
            f"there is no city and no folder {name_or_folder}",
            source="city",
            value=str(name_or_folder),
            hint=hint,
        )
    findings.raise_errors("city")
    raise AssertionError("an error was noted above")


def read_folder(folder: Path, findings: Findings) -> CityModel | None:
    """The checked model of a folder's files, or None with every error in `findings`, each led back to its file."""
    document = _read_city_file(folder, findings)
    if document is None:
        return None
    draft = _Draft(folder=folder, document=document, findings=findings, origins=Origins(CITY_FILE))
    _add_stations(draft)
    _add_targets(draft)
    checked = Findings()
    model = read_city(draft.document, checked)
    if model is not None:
        targets_missing(model, checked, source="request")
    for finding in checked.items:
        # What lies inside a file that cannot be read is already told by that file.
        if not any((finding.where + "/").startswith(part + "/") for part in draft.unread):
            findings.extend([draft.origins.located(finding)])
    return None if findings.errors else model


def _read_city_file(folder: Path, findings: Findings) -> dict[str, Any] | None:
    path = folder / CITY_FILE
    if path.stat().st_size > MAX_CITY_FILE_BYTES:
        findings.error("file_too_large", "is larger than 5 MB", source=CITY_FILE, value=path.stat().st_size)
        return None
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        findings.error("not_toml", f"is not TOML: {error}", source=CITY_FILE, hint="see docs/city-folder.md")
        return None


def _add_stations(draft: _Draft) -> None:
    """Stations and their status from the folder's feed files, unless `city.toml` holds them itself."""
    if "stations" in draft.document:
        return
    feed = _read_feed(draft.folder, draft.findings)
    if feed is None:
        draft.unread |= {"/stations", "/snapshot", "/targets"}
        return
    stations, statuses = join_feed(feed, draft.findings)
    draft.document["stations"] = [dict(row.values) for row in stations]
    draft.origins.add_rows(("stations",), stations)
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


def _read_feed(folder: Path, findings: Findings) -> Feed | None:
    """Each of the two station files may be GBFS or CSV."""
    tables = {name: (folder / f"{name}.csv").is_file() for name in ("station_information", "station_status")}
    for name, is_table in tables.items():
        if is_table and (folder / f"{name}.json").is_file():
            findings.error("file_twice", f"{name} is there as .csv and as .json", source=f"{name}.csv", hint="keep one")
    feed = None if all(tables.values()) else read_gbfs(folder, findings, expect=[n for n in tables if not tables[n]])
    stations = feed.stations if feed else None
    statuses = feed.statuses if feed else None
    if tables["station_information"]:
        stations = read_information_table(folder / "station_information.csv", findings)
    if tables["station_status"]:
        statuses = read_status_table(folder / "station_status.csv", findings)
    if stations is None or statuses is None:
        return None
    from_status = feed is not None and not tables["station_status"]
    return Feed(
        stations=stations,
        statuses=statuses,
        as_of=feed.as_of if feed and from_status else None,
        as_of_place=feed.as_of_place if feed else ("", ""),
    )


def _add_targets(draft: _Draft) -> None:
    path = draft.folder / "targets.csv"
    if not path.is_file() or "targets" in draft.document:
        return
    rows: tuple[Row, ...] | None = read_target_table(path, draft.findings)
    if rows is None:
        draft.unread.add("/targets")
        return
    draft.document["targets"] = [dict(row.values) for row in rows]
    draft.origins.add_rows(("targets",), rows)


def _streets_of_folder(model: CityModel, folder: Path, findings: Findings) -> Path | StraightLine:
    if model.streets.source is None:
        return _straight_line(model)
    path = folder / model.streets.source
    if not path.is_file():
        others = sorted(item.name for item in folder.iterdir() if ".osm" in item.name or item.suffix == ".graphml")
        findings.error(
            "streets_missing",
            f"there is no file {model.streets.source}",
            source=CITY_FILE,
            where="streets",
            value=model.streets.source,
            hint=f"street files in the folder: {', '.join(others) or 'none'}",
        )
    return path


def _straight_line(model: CityModel) -> StraightLine:
    # Both are given when no source is: the schema saw to it.
    assert model.streets.circuity is not None
    assert model.streets.speed_kmh is not None
    return StraightLine(model.streets.circuity, model.streets.speed_kmh)


def _loaded(
    model: CityModel, *, streets: Path | StraightLine, folder: Path | None, warnings: tuple[Finding, ...]
) -> LoadedCity:
    city, snapshot, targets = to_city(model)
    return LoadedCity(
        city=city,
        snapshot=snapshot,
        targets=targets,
        streets=streets,
        max_snap_m=model.max_snap_m,
        on_far=model.on_far,
        folder=folder,
        warnings=warnings,
    )


def _known_cities(wanted: str) -> str:
    cities = list_cities()
    guess = nearest(wanted, cities)
    bundled = f"bundled cities: {', '.join(cities)}"
    return f"did you mean {guess}? {bundled}" if guess else bundled
