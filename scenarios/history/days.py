"""Holidays and weather of a city folder: `history/holidays.csv` and `history/weather.csv`, both optional."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from optimiser.basics.findings import Findings
from scenarios.history.files import FOLDER
from scenarios.schema_errors import nearest

HOLIDAYS, WEATHER = "holidays.csv", "weather.csv"
DATE = "date"

_DATE_HINT = "a date like 2026-12-24"
_NUMBER_HINT = "a number with a decimal point"
_MOST_BYTES = 50_000_000


@dataclass(frozen=True, kw_only=True)
class _Row:
    source: str
    number: int
    day: date
    cells: dict[str, str]


def read_days(folder: Path, findings: Findings) -> tuple[frozenset[date], dict[date, tuple[float, ...]]]:
    """
    Holidays, and the weather of days: the numeric columns in the order of the file, all days the same ones.

    Columns without any number, like notes, are left out. Empty where there is no file; errors go to `findings`.
    """
    inside = folder / FOLDER
    holidays = frozenset(row.day for row in _rows(inside / HOLIDAYS, findings))
    return holidays, _weather(list(_rows(inside / WEATHER, findings)), findings)


def _weather(rows: list[_Row], findings: Findings) -> dict[date, tuple[float, ...]]:
    names = list(rows[0].cells) if rows else []
    numeric = [name for name in names if any(_number(row.cells[name]) is not None for row in rows)]
    if rows and not numeric:
        findings.error(
            "weather_without_numbers",
            "has no column of numbers",
            source=rows[0].source,
            where="row 1",
            value=names,
            hint="columns like temperature_c and precipitation_mm",
        )
    weather: dict[date, tuple[float, ...]] = {}
    for row in rows:
        values = {name: _number(row.cells[name]) for name in numeric}
        for name, value in values.items():
            if value is None:
                findings.error(
                    "weather_unreadable",
                    f"{name} is {row.cells[name]!r}, not a number" if row.cells[name] else f"{name} is empty",
                    source=row.source,
                    where=f"row {row.number}, {name}",
                    value=row.cells[name],
                    hint=f"{_NUMBER_HINT}; leave out days whose weather is unknown",
                )
        weather[row.day] = tuple(value for value in values.values() if value is not None)
    return weather


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _rows(path: Path, findings: Findings) -> Iterator[_Row]:
    """Rows of a file by day, each day once."""
    source = f"{FOLDER}/{path.name}"
    text = _text(path, findings, source) if path.is_file() else None
    if text is None:
        return
    lines = io.StringIO(text, newline="")
    first = text.partition("\n")[0]
    table = csv.reader(lines, delimiter=max(",;\t", key=first.count))
    try:
        first_row, *rows = table
    except csv.Error as error:
        findings.error("file_broken", f"cannot be read: {error}", source=source, where=f"row {table.line_num}")
        return
    header = [cell.strip().casefold() for cell in first_row]
    if header.count(DATE) != 1 or len(set(header)) != len(header):
        _tell_header(header, findings, source)
        return
    seen: dict[date, int] = {}
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            findings.error(
                "row_cells",
                f"has {len(cells)} cells, the header has {len(header)}",
                source=source,
                where=f"row {number}",
                value=len(cells),
                hint="one cell for each column",
            )
            continue
        named = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        told = named.pop(DATE)
        day = _day(told)
        if day is None:
            findings.error(
                "date_unreadable",
                f"date is {told!r}, not a date",
                source=source,
                where=f"row {number}, {DATE}",
                value=told,
                hint=_DATE_HINT,
            )
        elif day in seen:
            findings.error(
                "date_twice",
                f"date {told} is already in row {seen[day]}",
                source=source,
                where=f"row {number}, {DATE}",
                value=told,
                hint="one row for each day",
            )
        else:
            seen[day] = number
            yield _Row(source=source, number=number, day=day, cells=named)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-12-24") else None
    except ValueError:
        return None


def _text(path: Path, findings: Findings, source: str) -> str | None:
    if path.stat().st_size > _MOST_BYTES:
        findings.error("file_too_large", "is larger than 50 MB", source=source, value=path.stat().st_size)
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "save the table as CSV UTF-8"
        findings.error("not_utf8", f"is not UTF-8 at byte {error.start}", source=source, hint=hint)
        return None
    if not text.strip():
        findings.error("table_empty", "is empty", source=source, where="row 1", hint=f"a header with {DATE}")
        return None
    return text.lstrip("\r\n")


def _tell_header(header: list[str], findings: Findings, source: str) -> None:
    for name in sorted({name for name in header if header.count(name) > 1}):
        findings.error(
            "column_twice", f"column {name} appears more than once", source=source, where="row 1", hint="keep one"
        )
    if DATE not in header:
        guess = nearest(DATE, header)
        findings.error(
            "column_missing",
            f"there is no column {DATE}",
            source=source,
            where="row 1",
            value=header,
            hint=f"is {guess} meant?" if guess else _DATE_HINT,
        )
