"""Loads a city, ready to be planned: a bundled one by name, a user's own folder, or an inline one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from optimiser.basics.city import City, Must, Snapshot
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.demand.targets import Target
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import TravelSource
from scenarios.conversion import targets_missing, to_city, to_musts
from scenarios.credits import whom_to_name
from scenarios.folder import CITY_FILE, read_folder
from scenarios.odd_wishes import odd_wishes
from scenarios.schema import CityModel, DemandModel, HistoryModel, StreetsModel
from scenarios.schema_errors import nearest
from scenarios.schema_fields import OnFar

BUNDLED = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class LoadedCity:
    """A city, ready to be planned, with where its streets are and what was odd about it."""

    city: City
    snapshot: Snapshot
    targets: tuple[Target, ...]
    """The operator's own."""
    streets: Path | StraightLine
    max_snap_m: float
    on_far: OnFar
    folder: Path | None
    """None for an inline city."""
    reading: HistoryModel
    """How its history is to be read."""
    aims: DemandModel
    """What targets from demand aim for."""
    musts: tuple[Must, ...] = ()
    """Work to be done tonight."""
    warnings: tuple[Finding, ...] = ()


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
    streets = streets_of(model.streets, folder, findings)
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
    odd_wishes(model, findings, source="request")
    streets = inline_streets(model.streets, findings)
    findings.raise_errors(f"city {model.id}")
    return _loaded(model, streets=streets, folder=None, warnings=findings.warnings)


def inline_streets(streets: StreetsModel, findings: Findings) -> Path | StraightLine:
    """The streets of the bundled city that a document names, or its straight line; else an error in `findings`."""
    if streets.source is None:
        return _straight_line(streets)
    if streets.source in list_cities():
        return load_city(streets.source).streets
    hint = _known_cities(streets.source)
    findings.error(
        "unknown_streets",
        f"there are no streets named {streets.source}",
        source="request",
        where="/streets",
        value=streets.source,
        hint=hint,
    )
    return Path(streets.source)


def open_travel(
    loaded: LoadedCity, *, cache_dir: Path | None = None, on_message: Callable[[str], None] | None = None
) -> TravelSource:
    """
    The city's streets at night for driving, or its straight line.

    `cache_dir` keeps parsed graphs and times; `on_message` is told what was read of the streets, and what dropped.
    """
    if isinstance(loaded.streets, StraightLine):
        return loaded.streets
    from optimiser.network.streets import open_streets

    return open_streets(loaded.streets, cache_dir=cache_dir, on_message=on_message)


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


def streets_of(streets: StreetsModel, folder: Path, findings: Findings) -> Path | StraightLine:
    """The street file in a folder, or the straight line; an absent file is an error in `findings`."""
    if streets.source is None:
        return _straight_line(streets)
    path = folder / streets.source
    if not path.is_file():
        others = sorted(item.name for item in folder.iterdir() if ".osm" in item.name or item.suffix == ".graphml")
        findings.error(
            "streets_missing",
            f"there is no file {streets.source}",
            source=CITY_FILE,
            where="streets",
            value=streets.source,
            hint=f"street files in the folder: {', '.join(others) or 'none'}",
        )
    return path


def _straight_line(streets: StreetsModel) -> StraightLine:
    # Both are given when no source is: the schema saw to it.
    assert streets.circuity is not None
    assert streets.speed_kmh is not None
    return StraightLine(streets.circuity, streets.speed_kmh)


def _loaded(
    model: CityModel, *, streets: Path | StraightLine, folder: Path | None, warnings: tuple[Finding, ...]
) -> LoadedCity:
    city, snapshot, targets = to_city(model)
    return LoadedCity(
        city=replace(city, attribution=whom_to_name(city.attribution, is_osm=isinstance(streets, Path))),
        snapshot=snapshot,
        targets=targets,
        streets=streets,
        max_snap_m=model.max_snap_m,
        on_far=model.on_far,
        folder=folder,
        reading=model.history,
        aims=model.demand,
        musts=to_musts(model),
        warnings=warnings,
    )


def _known_cities(wanted: str) -> str:
    cities = list_cities()
    guess = nearest(wanted, cities)
    bundled = f"bundled cities: {', '.join(cities)}"
    return f"did you mean {guess}? {bundled}" if guess else bundled
