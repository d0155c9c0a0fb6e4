"""Reads who a city is, its streets and its `[siting]`; what else `city.toml` says is for bikes and not looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optimiser.basics.findings import Findings
from optimiser.network.straight_line import StraightLine
from scenarios.folder import CITY_FILE, read_city_file
from scenarios.loader import BUNDLED, list_cities
from scenarios.origins import Origins
from scenarios.schema import CityModel
from scenarios.schema_errors import findings_of, nearest
from scenarios.siting.conversion import Assumed
from scenarios.siting.presets import CURRENCY
from scenarios.siting.schema import SitingCityModel

STREET_FILES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2", ".graphml")
NO_STREETS = "name the street file to use, or put one alone in the folder, such as an extract in .osm.pbf"
ABOUT_BIKES = CityModel.model_fields.keys() - SitingCityModel.model_fields.keys()
"""Parts of `city.toml` that siting does not read."""


@dataclass(frozen=True, kw_only=True)
class SitingCity:
    """A city as far as siting asks."""

    model: SitingCityModel
    folder: Path
    streets: Path | StraightLine
    assumed: Assumed


def read_siting_city(name_or_folder: str | Path, findings: Findings) -> SitingCity | None:
    """A bundled city by its name, or a folder; None with every error in `findings`, each led back to its place."""
    folder = _folder(name_or_folder, findings)
    document = _document(folder, findings) if folder else None
    if folder is None or document is None:
        return None
    assumed = Assumed.nothing()
    model = _checked(_filled(document, folder, assumed), findings)
    if model is None:
        return None
    streets = _streets(model, folder, findings)
    if streets is None:
        return None
    return SitingCity(model=model, folder=folder, streets=streets, assumed=assumed)


def _folder(name_or_folder: str | Path, findings: Findings) -> Path | None:
    if str(name_or_folder) in list_cities():
        return BUNDLED / str(name_or_folder)
    folder = Path(name_or_folder)
    if folder.is_dir():
        return folder
    cities = ", ".join(list_cities())
    guess = nearest(str(name_or_folder), list_cities())
    hint = f"did you mean {guess}? bundled cities: {cities}" if guess else f"bundled cities: {cities}"
    text = f"there is no city and no folder {name_or_folder}"
    findings.error("unknown_city", text, source="city", value=str(name_or_folder), hint=hint)
    return None


def _document(folder: Path, findings: Findings) -> dict[str, Any] | None:
    """What `city.toml` says without what is about bikes; a folder without one says nothing, which may do."""
    if not (folder / CITY_FILE).is_file():
        return {}
    document = read_city_file(folder, findings)
    return document and {name: part for name, part in document.items() if name not in ABOUT_BIKES}


def raw_city(folder: Path) -> Mapping[str, Any] | None:
    """What `city.toml` of a folder says, unchecked; None where it cannot be read."""
    return _document(folder, Findings())


def _filled(document: Mapping[str, Any], folder: Path, assumed: Assumed) -> dict[str, Any]:
    """The document with what a folder alone can tell of a city."""
    name = folder.resolve().name
    told = {"id": re.sub(r"[^a-z0-9._-]+", "-", name.casefold()).strip("-._")[:64] or "city", "name": name}
    told["currency"] = CURRENCY
    files = street_files(folder)
    if len(files) == 1:
        told["streets"] = files[0]
    missing = {key: value for key, value in told.items() if key not in document}
    for key, value in missing.items():
        assumed.note(f"{key}: {value}")
    return {**missing, **document}


def street_files(folder: Path) -> list[str]:
    """Names of the folder's files that hold streets."""
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(STREET_FILES))


def _checked(document: Mapping[str, Any], findings: Findings) -> SitingCityModel | None:
    try:
        return SitingCityModel.model_validate(document)
    except ValidationError as error:
        origins = Origins(CITY_FILE)
        for finding in findings_of(error, model=SitingCityModel, source=CITY_FILE):
            is_without_streets = (finding.where, finding.code) == ("/streets", "missing")
            findings.extend([origins.located(replace(finding, hint=NO_STREETS) if is_without_streets else finding)])
        return None


def _streets(model: SitingCityModel, folder: Path, findings: Findings) -> Path | StraightLine | None:
    source = model.streets.source
    if source is None:
        # Both are given when no source is: the schema saw to it.
        assert model.streets.circuity is not None
        assert model.streets.speed_kmh is not None
        return StraightLine(model.streets.circuity, model.streets.speed_kmh)
    path = folder / source
    if path.is_file():
        return path
    findings.error(
        "streets_missing",
        f"there is no file {source}",
        source=CITY_FILE,
        where="streets",
        value=source,
        hint=f"street files in the folder: {', '.join(street_files(folder)) or 'none'}",
    )
    return None
