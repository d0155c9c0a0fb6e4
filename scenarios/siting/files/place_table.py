"""Reads tables of places: a row each, longitude and latitude among the columns; as tolerant as `scenarios.tables`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import shapely

from optimiser.basics.findings import Findings
from scenarios.schema_errors import nearest
from scenarios.siting.files.feature import NOWHERE, Feature, number_of
from scenarios.siting.files.geojson import wrong_degrees
from scenarios.tables import delimiter_of, has_wrong_width, header_of, table_text

LON = ("lon", "lng", "long", "longitude", "längengrad", "consolidated_longitude", "x")
LAT = ("lat", "latitude", "breitengrad", "consolidated_latitude", "y")
BOTH = "position"
"""A column in which NOBIL has both."""
ENCODING = "Windows-1252"
"""Of tables that are not UTF-8, as spreadsheets and older registers write them."""
MOST_BEFORE = 50
"""Lines among which the header is looked for."""


def read_place_table(path: Path, findings: Findings) -> list[Feature] | None:
    """The rows of a CSV file; None where it cannot be read as a table of places at all."""
    text = table_text(path, findings, otherwise=ENCODING)
    if text is None:
        return None
    if not text.strip():
        findings.error("table_empty", "is empty", source=path.name, hint="a header with id, lon, lat, and a row each")
        return None
    lines = text.splitlines(keepends=True)
    before = _before_header(lines)
    delimiter = delimiter_of(lines[before])
    reader = csv.reader(io.StringIO("".join(lines[before:]), newline=""), delimiter=delimiter, strict=True)
    try:
        header = header_of(next(reader))
        place = _place_columns(header, findings, source=path.name, where=f"row {before + 1}")
        if place is None:
            return None
        features = list(_rows(reader, header, place, findings, source=path.name, delimiter=delimiter, before=before))
        unclear = _unclear(features, place, delimiter)
        return [replace(feature, unclear=unclear) for feature in features]
    except csv.Error as error:
        where = f"row {before + reader.line_num}"
        findings.error("table_broken", f"cannot be read: {error}", source=path.name, where=where)
        return None


def _before_header(lines: Sequence[str]) -> int:
    """How many lines are before the header, as registers have a title and a date there; 0 where none is a header."""
    for number, line in enumerate(lines[:MOST_BEFORE]):
        names = {name.strip(' "') for name in header_of(line.split(delimiter_of(line)))}
        if not names.isdisjoint(LON) and not names.isdisjoint(LAT):
            return number
    return 0


def _place_columns(header: list[str], findings: Findings, *, source: str, where: str) -> tuple[str, str] | None:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    for name in twice:
        findings.error("column_twice", f"column {name} appears more than once", source=source, where=where)
    found = [next((name for name in names if name in header), None) for names in (LON, LAT)]
    for column, names in zip(found, (LON, LAT), strict=True):
        if column is None:
            guess = nearest(names[0], header)
            hint = f"is {guess} meant?" if guess else f"one of {', '.join(names)}, in degrees"
            hint = f"part {BOTH} into lon and lat" if BOTH in header else hint
            text = f"there is no column {names[0]}"
            findings.error("column_missing", text, source=source, where=where, value=header[:50], hint=hint)
    lon, lat = found
    return None if twice or lon is None or lat is None else (lon, lat)


def _unclear(features: Sequence[Feature], place: tuple[str, str], delimiter: str) -> str:
    """The sign that may divide thousands: not the one that degrees are written with, which are never thousands."""
    degrees = [feature.values[name] for feature in features if feature.is_placed for name in place]
    signs = {sign for sign in ".," if any(sign in cell for cell in degrees)}
    is_comma_decimal = signs == {","} or (not signs and delimiter == ";")
    return "." if is_comma_decimal else ","


def _rows(
    reader: Iterator[list[str]],
    header: list[str],
    place: tuple[str, str],
    findings: Findings,
    *,
    source: str,
    delimiter: str,
    before: int,
) -> Iterator[Feature]:
    told = len(findings.items)
    for number, cells in enumerate(reader, start=before + 2):
        where = f"row {number}"
        if findings.is_flooded(told, source=source, where=where):
            return
        if not any(cell.strip() for cell in cells):
            continue
        if has_wrong_width(cells, header, findings, source=source, where=where, delimiter=delimiter):
            continue
        values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name and cell.strip()}
        point = _point(values, place, findings, source=source, where=where)
        yield Feature(values=values, geometry=point, source=source, where=where)


def _point(
    values: Mapping[str, str], place: tuple[str, str], findings: Findings, *, source: str, where: str
) -> shapely.Point:
    """Where the place of a row is; nowhere, with what is wrong, where its degrees are none."""
    lon, lat = (number_of(values.get(name)) for name in place)
    for name, degrees, most in zip(place, (lon, lat), (180, 90), strict=True):
        at, value = f"{where}, {name}", values.get(name)
        if degrees is None:
            text = f"{name} is {value or ''!r}, not a number"
            findings.error("not_a_number", text, source=source, where=at, value=value, hint="degrees")
        elif None in (lon, lat) and abs(degrees) > most:
            text, hint = f"{name} is {degrees:g}", f"degrees from -{most} to {most}"
            findings.error("not_degrees", text, source=source, where=at, value=degrees, hint=hint)
    if lon is None or lat is None:
        return NOWHERE
    wrong = wrong_degrees(lon, lat)
    if wrong is None:
        return shapely.Point(lon, lat)
    code, message, value, hint = wrong
    findings.error(code, message, source=source, where=where, value=value, hint=hint)
    return NOWHERE
