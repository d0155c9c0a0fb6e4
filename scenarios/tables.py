"""
Station files in CSV: tolerant of BOM, `;` or tab separators, quotes, decimal commas and further columns.

    station_information.csv  station_id, name, lat, lon, capacity
    station_status.csv       station_id, bikes, ebikes, docks, bikes_disabled, low_charge    (-1 or empty = unknown)
    targets.csv              station_id, low, high, lost_trips_per_bike            (evenfleet's own)
    musts.csv                station_id, visit, low, high, swaps, broken           (evenfleet's own)
    grid.csv                 hour or time, tariff, co2_g_per_kwh                    (evenfleet's own)
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from optimiser.basics.findings import Findings
from scenarios.feed import Row, line_of
from scenarios.schema_errors import nearest

INFORMATION_COLUMNS = {"id": "station_id", "name": "name", "lat": "lat", "lon": "lon", "capacity": "capacity"}
STATUS_COLUMNS = {
    "station_id": "station_id",
    "bikes": "bikes",
    "ebikes": "ebikes",
    "docks": "docks",
    "disabled": "bikes_disabled",
    "low_charge": "low_charge",
}
TARGET_COLUMNS = {
    "station_id": "station_id",
    "low": "low",
    "high": "high",
    "lost_trips_per_bike": "lost_trips_per_bike",
    "reason": "reason",
}
MUST_COLUMNS = {name: name for name in ("station_id", "visit", "low", "high", "swaps", "broken")}
GRID_COLUMNS = {name: name for name in ("hour", "time", "tariff", "co2_g_per_kwh")}
OPTIONAL = frozenset({"ebikes", "docks", "bikes_disabled", "low_charge", "lost_trips_per_bike", "reason"})
MUST_OPTIONAL = frozenset(MUST_COLUMNS) - {"station_id"}
UNKNOWN = frozenset({"", "-1"})
"""Marks of an unknown figure in an optional column."""
DECIMALS = frozenset({"lat", "lon"})

MAX_TABLE_BYTES = 50_000_000
BEYOND_ASCII = re.compile(r"\w*[^\W\x00-\x7f]\w*")
"""A word by which one sees whether letters are read as they are meant."""
LONGEST_WORD = 40


def read_information_table(path: Path, findings: Findings) -> tuple[Row, ...] | None:
    """Stations of `station_information.csv`; None when it cannot be read as a table at all."""
    rows = read_table(path, INFORMATION_COLUMNS, findings)
    # A blank capacity is unknown, not wrong: the status may tell it.
    return rows if rows is None else tuple(row.having(name=row.values.get("name") or row.values["id"]) for row in rows)


def read_status_table(path: Path, findings: Findings) -> tuple[Row, ...] | None:
    """Statuses of `station_status.csv`; None when it cannot be read as a table at all."""
    return read_table(path, STATUS_COLUMNS, findings)


def read_target_table(path: Path, findings: Findings) -> tuple[Row, ...] | None:
    """Targets of `targets.csv`; None when it cannot be read as a table at all."""
    return read_table(path, TARGET_COLUMNS, findings)


def read_must_table(path: Path, findings: Findings) -> tuple[Row, ...] | None:
    """Must-do work of `musts.csv`; None when it cannot be read as a table at all."""
    return read_table(path, MUST_COLUMNS, findings, optional=MUST_OPTIONAL)


def read_grid_table(path: Path, findings: Findings) -> tuple[Row, ...] | None:
    """Steps of `grid.csv`; None when it cannot be read as a table at all."""
    return read_table(
        path,
        GRID_COLUMNS,
        findings,
        optional=frozenset({"hour", "time"}),
        decimals=frozenset(GRID_COLUMNS),
        unknown=frozenset({""}),
    )


def read_table(
    path: Path,
    columns: Mapping[str, str],
    findings: Findings,
    *,
    optional: frozenset[str] = OPTIONAL,
    decimals: frozenset[str] = DECIMALS,
    unknown: frozenset[str] = UNKNOWN,
) -> tuple[Row, ...] | None:
    """
    Rows of a table; None when it cannot be read as one at all.

    Parameters
    ----------
    columns
        Name of each value and of its column.
    optional
        Columns that may be absent, and whose cells may hold a mark of `unknown`; the value is absent then.
    decimals
        Columns in which a comma may be the decimal sign, where cells are separated by `;`.
    """
    text = table_text(path, findings)
    if text is None:
        return None
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        findings.error("table_empty", "is empty", source=path.name, hint=f"a header: {', '.join(columns.values())}")
        return None
    delimiter = delimiter_of(lines[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = header_of(next(reader))
        if not _header_complete(header, columns, optional, findings, source=path.name):
            return None
        return tuple(
            _rows(
                reader,
                header,
                columns,
                optional=optional,
                decimals=decimals if delimiter == ";" else frozenset(),
                unknown=unknown,
                findings=findings,
                name=path.name,
                delimiter=delimiter,
            )
        )
    except csv.Error as error:
        findings.error("table_broken", f"cannot be read: {error}", source=path.name, where=f"row {reader.line_num}")
        return None


def table_text(path: Path, findings: Findings, *, otherwise: str | None = None) -> str | None:
    """
    The text of a table; None with the reason in `findings` when it is too large or not UTF-8.

    What is not UTF-8 is read in the encoding `otherwise`, with a warning, where one is given and nothing speaks
    against it.
    """
    if path.stat().st_size > MAX_TABLE_BYTES:
        findings.error("file_too_large", "is larger than 50 MB", source=path.name, value=path.stat().st_size)
        return None
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, hint = f"is not UTF-8 at byte {error.start}", "save the table as CSV UTF-8"
        at = {"source": path.name, "where": f"row {line_of(error)}"}
        if otherwise is not None and b"\0" not in content:
            with suppress(UnicodeDecodeError):
                decoded = content.decode(otherwise)
                word = BEYOND_ASCII.search(decoded)
                said = f", so that it says {word[0][:LONGEST_WORD]}" if word else ""
                findings.warning("not_utf8", f"{text} and is read as {otherwise}{said}", **at, hint=f"if wrong, {hint}")
                return decoded
        findings.error("not_utf8", text, **at, hint=hint)
        return None


def delimiter_of(header: str) -> str:
    """What separates the cells of a header."""
    return max(",;\t", key=header.count)


def header_of(cells: list[str]) -> list[str]:
    """Names of columns in lower case, without blank ones at the end."""
    names = [cell.strip().casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def has_wrong_width(
    cells: list[str], header: list[str], findings: Findings, *, source: str, where: str, delimiter: str
) -> bool:
    """Whether a row has fewer cells than the header, or more that are not empty, which is told."""
    is_short = len(cells) < len(header)
    if not is_short and not any(cell.strip() for cell in cells[len(header) :]):
        return False
    text, hint = f"has {len(cells)} cells, the header has {len(header)}", "one cell for each column"
    if not is_short and delimiter == ",":
        hint += "; a number such as 1,500 in quotes, or ; between cells"
    elif not is_short:
        hint += f"; a cell that holds {'a tab' if delimiter.isspace() else delimiter} in quotes"
    code = "row_short" if is_short else "row_long"
    findings.error(code, text, source=source, where=where, value=len(cells), hint=hint)
    return True


def _header_complete(
    header: list[str], columns: Mapping[str, str], optional: frozenset[str], findings: Findings, *, source: str
) -> bool:
    missing = [column for column in columns.values() if column not in header and column not in optional]
    for column in missing:
        guess = nearest(column, header)
        hint = f"is {guess} meant?" if guess else f"columns: {', '.join(columns.values())}"
        findings.error(
            "column_missing", f"there is no column {column}", source=source, where="row 1", value=header, hint=hint
        )
    for column in sorted({column for column in columns.values() if header.count(column) > 1}):
        findings.error("column_twice", f"column {column} appears more than once", source=source, where="row 1")
        missing.append(column)
    return not missing


def _rows(
    reader: Iterator[list[str]],
    header: list[str],
    columns: Mapping[str, str],
    *,
    optional: frozenset[str],
    decimals: frozenset[str],
    unknown: frozenset[str],
    findings: Findings,
    name: str,
    delimiter: str,
) -> Iterator[Row]:
    position = {column: header.index(column) for column in columns.values() if column in header}
    last, before = max(position.values(), default=-1), len(findings.items)
    for number, cells in enumerate(reader, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if findings.is_flooded(before, source=name, where=f"row {number}"):
            return
        # Cells at the end that nobody looks at may lack.
        filled = [*cells, *[""] * (len(header) - len(cells))] if len(cells) > last else cells
        if has_wrong_width(filled, header, findings, source=name, where=f"row {number}", delimiter=delimiter):
            continue
        values: dict[str, str] = {}
        for key, column in columns.items():
            cell = cells[position[column]].strip() if column in position else ""
            if (column in optional and cell in unknown) or (column == "capacity" and not cell):
                continue
            values[key] = cell.replace(",", ".") if column in decimals else cell
        yield Row(values=values, source=name, where=f"row {number}", fields=columns)
