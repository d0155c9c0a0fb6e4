"""Holidays and weather of a city folder, and what is wrong with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from optimiser.basics.findings import Findings
from scenarios.history.days import read_days
from tests.unit.scenarios.history.folders import write

Days = tuple[frozenset[date], dict[date, tuple[float, ...]]]


def days(folder: Path) -> tuple[Days, list[str]]:
    findings = Findings()
    return read_days(folder, findings), [str(finding) for finding in findings.items]


def test_nothing_is_known_without_files(tmp_path: Path):
    assert ((frozenset(), {}), []) == days(tmp_path)


def test_holidays_and_weather_are_read(tmp_path: Path):
    write(
        tmp_path,
        holidays_csv="\ufeffname;Date\r\nChristmas;2026-12-25\r\n\r\nBoxing Day;2026-12-26\r\n",
        weather_csv="date,temperature_c,note,precipitation_mm\n2026-12-25,-3.5,cold,0\n2026-12-24,1e0,,2.5\n",
    )
    holidays = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
    weather = {date(2026, 12, 25): (-3.5, 0.0), date(2026, 12, 24): (1.0, 2.5)}
    assert ((holidays, weather), []) == days(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "row 1: is empty (a header with date)"),
        ("datum,t\n2026-12-25,1\n", "row 1: there is no column date (is datum meant?)"),
        ("day,t\n2026-12-25,1\n", "row 1: there is no column date (a date like 2026-12-24)"),
        ("date,t,T\n2026-12-25,1,2\n", "row 1: column t appears more than once (keep one)"),
        ("date,t\n25.12.2026,1\n", "row 2, date: date is '25.12.2026', not a date (a date like 2026-12-24)"),
        ("date,t\n2026-02-30,1\n", "row 2, date: date is '2026-02-30', not a date (a date like 2026-12-24)"),
        (
            "date,t\n2026-12-25,1\n2026-12-25,2\n",
            "row 3, date: date 2026-12-25 is already in row 2 (one row for each day)",
        ),
        ("date,t\n2026-12-25,1,2\n", "row 2: has 3 cells, the header has 2 (one cell for each column)"),
        (
            "date,t\n2026-12-25,1\n2026-12-26,warm\n",
            (
                "row 3, t: t is 'warm', not a number"
                " (a number with a decimal point; leave out days whose weather is unknown)"
            ),
        ),
        (
            "date,t\n2026-12-25,1\n2026-12-26,\n",
            "row 3, t: t is empty (a number with a decimal point; leave out days whose weather is unknown)",
        ),
        (
            "date,note\n2026-12-25,warm\n",
            "row 1: has no column of numbers (columns like temperature_c and precipitation_mm)",
        ),
    ],
)
def test_what_is_wrong_with_the_weather_is_told(tmp_path: Path, text: str, told: str):
    _, findings = days(write(tmp_path, weather_csv=text))
    assert [f"history/weather.csv: {told}"] == findings


def test_days_that_cannot_be_read_are_told(tmp_path: Path):
    _, findings = days(write(tmp_path, holidays_csv='date,name\n2026-12-25,"' + "x" * 200_000))
    assert ["history/holidays.csv: row 2: cannot be read: field larger than field limit (131072)"] == findings


def test_days_that_are_not_utf8_are_told(tmp_path: Path):
    _, findings = days(write(tmp_path, holidays_csv=b"date,name\n2026-12-25,J\xf8l\n"))
    assert ["history/holidays.csv: is not UTF-8 at byte 22 (save the table as CSV UTF-8)"] == findings
