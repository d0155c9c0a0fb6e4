"""
Reads one layer of a GeoPackage (OGC 12-128), which is an SQLite database with geometries in a binary of its own.

A geometry is `GP`, a version, a byte of flags, the number of its reference system, an envelope of a size that the
flags tell, and then well-known binary.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from optimiser.basics.findings import Findings
from scenarios.feed import some
from scenarios.siting.files.feature import NOWHERE, Feature
from scenarios.siting.files.geojson import REPROJECT, is_wgs84, wrong_degrees

MAGIC = b"SQLite format 3\x00"
ENVELOPE_BYTES = (0, 32, 48, 48, 64)
"""By the number in bits 1 to 3 of the flags."""
HEADER_BYTES = 8
MOST_STEPS = 2_000_000_000
"""Of SQLite's machine, before a file that keeps it busy is given up; half a minute or so."""
STEPS_AT_ONCE = 1_000_000


UNSAID = frozenset({"GDAL:99999", "NONE:-1", "NONE:0"})
"""Reference systems that stand for none: GDAL's, and those that the standard calls undefined."""
NAME_IT = "ogr2ogr -a_srs EPSG:4326 OUT.gpkg IN"


class _Layer(NamedTuple):
    table: str
    column: str
    system: str
    """Reference system, such as EPSG:4326."""
    srs_id: int
    """What this file calls it."""


def read_geopackage(path: Path, findings: Findings, *, most: int) -> list[Feature] | None:
    """The features of the only layer, or of the one that is called like the file; None where it cannot be read."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            findings.error("not_geopackage", "is not a GeoPackage", source=path.name, hint="an SQLite file in .gpkg")
            return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.text_factory = lambda text: text.decode("utf-8", errors="replace")
            _give_up_after(database, MOST_STEPS)
            layer = _layer(database, findings, path)
            return None if layer is None else list(_features(database, layer, findings, source=path.name, most=most))
    except (sqlite3.Error, UnicodeDecodeError) as error:  # Where what SQLite complains of is no text, Python does.
        findings.error("not_geopackage", f"cannot be read: {error}", source=path.name, hint="a whole GeoPackage")
        return None


def _give_up_after(database: sqlite3.Connection, steps: int) -> None:
    left = iter(range(steps // STEPS_AT_ONCE))
    database.set_progress_handler(lambda: next(left, None) is None, STEPS_AT_ONCE)


def _layer(database: sqlite3.Connection, findings: Findings, path: Path) -> _Layer | None:
    rows = database.execute(
        """
        SELECT c.table_name, g.column_name, s.organization || ':' || s.organization_coordsys_id, g.srs_id
        FROM gpkg_contents c
        JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
        JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
        JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
        WHERE c.data_type = 'features' ORDER BY c.table_name
        """
    ).fetchall()
    layers = [_Layer(str(table), str(column), str(system), srs_id) for table, column, system, srs_id in rows]
    chosen = layers if len(layers) == 1 else [layer for layer in layers if layer.table == path.stem]
    if not chosen:
        names = ", ".join(layer.table for layer in layers)
        text = f"holds {len(layers)} layers of features" if layers else "holds no layer of features"
        hint = f"call one of them {path.stem}, or keep it alone: {names}" if layers else "a layer of points or polygons"
        findings.error("layers", text, source=path.name, value=len(layers), hint=hint)
        return None
    if others := [layer.table for layer in layers if layer != chosen[0]]:
        text = f"{_count(others)} not looked at: {some(others)}"
        hint = "a file for each kind of place, called as docs/city-folder.md says"
        findings.warning("layers", text, source=path.name, where=f"layer {chosen[0].table}", value=others, hint=hint)
    if chosen[0].system in UNSAID:
        where, hint = f"layer {chosen[0].table}", f"name it where it is degrees: {NAME_IT}; else {REPROJECT}"
        findings.error("crs", "names no reference system", source=path.name, where=where, hint=hint)
        return None
    if not is_wgs84(chosen[0].system):
        system = chosen[0].system
        where = f"layer {chosen[0].table}"
        findings.error("crs", f"is in {system}", source=path.name, where=where, value=system, hint=REPROJECT)
        return None
    return chosen[0]


def _count(layers: Sequence[str]) -> str:
    """`1 other layer is`, `2 other layers are`."""
    return "1 other layer is" if len(layers) == 1 else f"{len(layers)} other layers are"


def _features(
    database: sqlite3.Connection, layer: _Layer, findings: Findings, *, source: str, most: int
) -> Iterator[Feature]:
    table = layer.table.replace('"', '""')
    cursor = database.execute(f'SELECT * FROM "{table}" LIMIT {int(most) + 1}')  # noqa: S608  quoted above
    names = [str(column[0]).strip().casefold() for column in cursor.description]
    at = names.index(layer.column.casefold()) if layer.column.casefold() in names else -1
    before = len(findings.items)
    for number, row in enumerate(cursor, start=1):
        values = {name: value for name, value in zip(names, row, strict=True) if not isinstance(value, bytes)}
        where = f"layer {layer.table}, row {number}"
        geometry = _geometry(row[at] if at >= 0 else None, layer.srs_id)
        if isinstance(geometry, str):
            if findings.is_flooded(before, source=source, where=where):
                return
            findings.error("geometry", geometry, source=source, where=where, hint="a point or a polygon in WGS84")
            geometry = NOWHERE
        yield Feature(values=values, geometry=geometry, source=source, where=where)


def _geometry(blob: Any, srs_id: int) -> BaseGeometry | str:
    """The geometry, or what is wrong with it."""
    if not isinstance(blob, bytes) or len(blob) < HEADER_BYTES:
        return "there is no geometry"
    flags = blob[3]
    envelope = (flags >> 1) & 7
    if blob[:2] != b"GP" or envelope >= len(ENVELOPE_BYTES) or flags & 0x20:
        return "its geometry is not of the standard kinds"
    (system,) = struct.unpack("<i" if flags & 1 else ">i", blob[4:8])
    if system not in {srs_id, 0, -1}:
        return f"its geometry is in reference system {system}, its layer in {srs_id}"
    try:
        geometry = shapely.force_2d(shapely.from_wkb(blob[HEADER_BYTES + ENVELOPE_BYTES[envelope] :]))
    except shapely.errors.ShapelyError as error:
        return f"its geometry cannot be read: {error}"
    return _on_globe(geometry)


def _on_globe(geometry: BaseGeometry) -> BaseGeometry | str:
    coordinates = shapely.get_coordinates(geometry)
    if len(coordinates) == 0:
        return "its geometry is empty"
    for lon, lat in (*coordinates.min(axis=0, keepdims=True), *coordinates.max(axis=0, keepdims=True)):
        wrong = wrong_degrees(float(lon), float(lat))
        if wrong is not None:
            return wrong[1]
    return geometry
