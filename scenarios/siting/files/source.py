"""Finds a file of places in a city folder, whatever format it has, and reads it within limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import shapely

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.siting.files.feature import Feature, Notes
from scenarios.siting.files.geojson import read_geojson
from scenarios.siting.files.geopackage import read_geopackage
from scenarios.siting.files.ground import polygons_in
from scenarios.siting.files.place_table import read_place_table

ENDINGS = (".geojson", ".json", ".csv", ".gpkg")
SIDECARS = (".shx", ".dbf", ".prj", ".cpg", ".qmd", ".py", ".md")
"""Endings of what lies beside a file of places, or tells of it."""
MAX_BYTES = 50_000_000
MAX_FEATURES = 300_000
WITH_ID = frozenset(
    {
        *("not_a_number", "number_ambiguous", "out_of_range", "unknown_kind", "not_kinds"),
        *("not_degrees", "coordinates", "ring_open", "geometry", "geometry_kind", "geometry_missing"),
        *("duplicate_id", "hosting_missing", "upgrade_unpriced", "upgrade_empty"),
    }
)
"""Codes of errors of a place that tells its id all the same."""
AREAS = (shapely.Polygon, shapely.MultiPolygon)
LEAST_ALIKE = 3
"""Places off the globe, with none on it, from which on they are told as one mistake."""


def files_of(folder: Path, stem: str) -> list[Path]:
    """Files of a folder that hold these places; more than one are a mistake."""
    return [path for ending in ENDINGS if (path := folder / f"{stem}{ending}").is_file()]


def unread(folder: Path, stem: str) -> list[str]:
    """What a folder has under the name of a file instead of it, and why it is not read, in words."""
    if files_of(folder, stem):
        return []
    found = sorted(path for path in folder.iterdir() if path.name.casefold().startswith(f"{stem}."))
    return [f"{path.name} is not read: {_why(path)}" for path in found if path.suffix.casefold() not in SIDECARS]


def _why(path: Path) -> str:
    if path.is_dir():
        return "it is a folder"
    if path.suffix.casefold() in ENDINGS:
        return f"call it {path.name.casefold()}"
    return f"save it as one of {', '.join(ENDINGS)}"


def tell_their_ids(errors: Iterable[Finding]) -> bool:
    """Whether all places of files tell their ids, whatever else is wrong with them."""
    return all(error.code in WITH_ID for error in errors)


def read_places(folder: Path, stem: str, findings: Findings) -> tuple[Feature, ...] | None:
    """
    The features of `demand.geojson`, `demand.csv` or whatever it is; None where there is no such file, or an error.

    Polygons that cross themselves are mended, with a warning.
    """
    paths = files_of(folder, stem)
    if len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        findings.error("file_twice", f"{stem} is there as {names}", source=paths[0].name, hint="keep one")
    if len(paths) != 1:
        return None
    path = paths[0]
    size = path.stat().st_size
    if size > MAX_BYTES:
        text, hint = (
            f"is larger than {MAX_BYTES // 10**6} MB",
            "leave out columns, simplify borders, or take GeoPackage",
        )
        findings.error("file_too_large", text, source=path.name, value=size, hint=hint)
        return None
    before = len(findings.items)
    features = _read(path, findings)
    if features is None:
        return None
    if not any(feature.is_placed for feature in features):
        _tell_metres_once(findings, before)
    if len(features) > MAX_FEATURES:
        text, hint = f"holds more than {MAX_FEATURES:,} features", "join those that are close to each other"
        findings.error("too_many_features", text, source=path.name, value=len(features), hint=hint)
        return None
    return _mended(features, findings)


def read_filled(
    folder: Path, stem: str, findings: Findings, *, hint: str = "remove the file, or fill it"
) -> tuple[Feature, ...] | None:
    """The same, with a warning where a file is there and holds nothing, as one with nothing but its heading does."""
    features = read_places(folder, stem, findings)
    if features is not None and not features:
        findings.warning("file_empty", "holds nothing", source=files_of(folder, stem)[0].name, hint=hint)
    return features


def _read(path: Path, findings: Findings) -> list[Feature] | None:
    if path.suffix == ".csv":
        return read_place_table(path, findings)
    if path.suffix == ".gpkg":
        return read_geopackage(path, findings, most=MAX_FEATURES)
    return read_geojson(path, findings)


def _tell_metres_once(findings: Findings, before: int) -> None:
    """Where no place of a file is on the globe, and nothing else is wrong with any, that is one mistake."""
    told = findings.items[before:]
    wrong = [finding for finding in told if finding.code == "not_degrees"]
    if len(wrong) < LEAST_ALIKE or any(finding.code not in {"not_degrees", "too_many_errors"} for finding in told):
        return
    which = "" if len(wrong) == len(told) else "first "
    others = f"nor is any of the {which}{len(wrong):,} places of the file"
    first = wrong[0]
    del findings.items[before:]
    findings.error(
        "not_degrees",
        f"{first.message}, {others}: metres of another reference system?",
        source=first.source,
        where=first.where,
        value=first.value,
        hint=first.hint,
    )


def _mended(features: list[Feature], findings: Findings) -> tuple[Feature, ...]:
    geometries = [feature.geometry for feature in features]
    if all(shapely.is_valid(geometries)):
        return tuple(features)
    notes, mended = Notes(), []
    for feature in features:
        valid = feature.geometry
        whole = shapely.make_valid(valid)
        # Where nothing is left of an area, the shape is what is wrong and not its border.
        if not valid.is_valid and not (isinstance(valid, AREAS) and polygons_in(whole) is None):
            valid = whole
            name = str(feature.values.get("id", feature.where))
            reason = shapely.is_valid_reason(feature.geometry)
            notes.warn("geometry_mended", name, feature, f"had a border that crosses itself ({reason}); it was mended")
        mended.append(replace(feature, geometry=valid))
    findings.extend(notes.told())
    return tuple(mended)
