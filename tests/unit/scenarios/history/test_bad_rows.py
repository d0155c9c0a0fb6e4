"""What cannot be used is told with its place, counted, and kept aside; too much of it stops the reading."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from optimiser.basics.finding import Severity
from scenarios.history.problems import HINTS, Problem
from tests.unit.scenarios.history.folders import at, read, write

STATUS_HEADER = "ts,station_id,bikes,ebikes,docks,bikes_disabled,is_renting\n"
TRIP_HEADER = "started_at,ended_at,start_station_id,end_station_id,bike_id\n"
FIRST_TS = 1_700_000_000


def polls(count: int, *bad: str) -> str:
    """Good polls, then bad ones."""
    return STATUS_HEADER + "".join(f"{FIRST_TS + 60 * n},72,5,1,7,0,1\n" for n in range(count)) + "".join(bad)


def trips(count: int, *bad: str) -> str:
    good = "".join(f"{FIRST_TS + 900 * n},{FIRST_TS + 900 * n + 600},72,79,b{n % 7}\n" for n in range(count))
    return TRIP_HEADER + good + "".join(bad)


BAD_POLLS = {
    "1700000000,72,-1,1,7,0,1": ("count_negative", "row 1002, bikes: bikes is '-1', a negative number (0 or more)"),
    "1700000000,72,5,-2,7,0,1": ("count_negative", "row 1002, ebikes: ebikes is '-2', a negative number (0 or more)"),
    "1700000000,72,5,1,-3,0,1": ("count_negative", "row 1002, docks: docks is '-3', a negative number (0 or more)"),
    "1700000000,72,5.5,1,7,0,1": (
        "count_unreadable",
        "row 1002, bikes: bikes is '5.5', not a whole number (a whole number)",
    ),
    "1700000000,72,,1,7,0,1": ("count_unreadable", "row 1002, bikes: bikes is empty (a whole number)"),
    "1700000000,72,5,one,7,0,1": (
        "count_unreadable",
        "row 1002, ebikes: ebikes is 'one', not a whole number (a whole number)",
    ),
    "1700000000,72,1_0,1,7,0,1": (
        "count_unreadable",
        "row 1002, bikes: bikes is '1_0', not a whole number (a whole number)",
    ),
    "1700000000,72,99999,1,7,0,1": (
        "count_too_large",
        "row 1002, bikes: bikes is '99999', more than any station holds (at most 32767)",
    ),
    "1700000000,72,5,1,7,0,maybe": (
        "flag_unreadable",
        "row 1002, is_renting: is_renting is 'maybe', neither yes nor no (1 or 0, true or false)",
    ),
    "1700000000,,5,1,7,0,1": ("station_missing", "row 1002, station_id: station_id is empty (a station id)"),
    "noon,72,5,1,7,0,1": (
        "time_unreadable",
        (
            "row 1002, ts: ts is 'noon', not a time"
            " (2026-11-22T21:00:00+01:00, or local time like 2026-11-22 21:00, or Unix seconds)"
        ),
    ),
    ",72,5,1,7,0,1": (
        "time_unreadable",
        "row 1002, ts: ts is empty (2026-11-22T21:00:00+01:00, or local time like 2026-11-22 21:00, or Unix seconds)",
    ),
    "1700000000000,72,5,1,7,0,1": (
        "time_in_milliseconds",
        "row 1002, ts: ts is '1700000000000', which looks like milliseconds (Unix seconds: divide by 1000)",
    ),
    "86400,72,5,1,7,0,1": (
        "time_out_of_range",
        "row 1002, ts: ts is '86400', outside the years 2000..2100 (a time in the years 2000..2100)",
    ),
    "1700000000,72,5": ("row_cells", "row 1002: has 3 cells, the header has 7 (one cell for each column)"),
    "1700000000,72,5,1,7,0,1,1,1": ("row_cells", "row 1002: has 9 cells, the header has 7 (one cell for each column)"),
}

BAD_TRIPS = {
    "2023-11-14T23:00:00Z,2023-11-14T22:00:00Z,72,79,b": (
        "ends_before_start",
        "row 1002, ended_at: ended_at is '2023-11-14T22:00:00Z', before the trip starts (an end at the start or later)",
    ),
    "1700000000,,72,79,b": (
        "time_unreadable",
        (
            "row 1002, ended_at: ended_at is empty"
            " (2026-11-22T21:00:00+01:00, or local time like 2026-11-22 21:00, or Unix seconds)"
        ),
    ),
    "1700000000,1700000600,72,79": ("row_cells", "row 1002: has 4 cells, the header has 5 (one cell for each column)"),
}


@pytest.mark.parametrize(("row", "expected"), BAD_POLLS.items(), ids=BAD_POLLS)
def test_a_bad_poll_is_told_and_set_aside(tmp_path: Path, row: str, expected: tuple[str, str]):
    answer = read(write(tmp_path, status_csv=polls(1000, row + "\n")))
    code, told = expected
    assert [code, "rows_set_aside"] == answer.codes
    assert [
        f"history/status.csv: {told}",
        "history/status.csv: 1 of 1,001 rows cannot be used and are set aside",
    ] == answer.told
    assert {Severity.WARNING} == {finding.severity for finding in answer.findings.items}
    assert (1001, 1000, {code: 1}) == (
        answer.history.report.rows,
        answer.history.report.status_rows,
        answer.history.report.set_aside,
    )


@pytest.mark.parametrize(("row", "expected"), BAD_TRIPS.items(), ids=BAD_TRIPS)
def test_a_bad_trip_is_told_and_set_aside(tmp_path: Path, row: str, expected: tuple[str, str]):
    answer = read(write(tmp_path, trips_csv=trips(1000, row + "\n")))
    code, told = expected
    assert [code, "rows_set_aside"] == answer.codes
    assert f"history/trips.csv: {told}" == answer.told[0]
    assert (1000, {code: 1}) == (answer.history.report.trip_rows, answer.history.report.set_aside)


def test_every_problem_is_provoked_here():
    provoked = {code for code, _ in (*BAD_POLLS.values(), *BAD_TRIPS.values())}
    assert {problem.code for problem in Problem} == provoked
    assert set(Problem) == set(HINTS)


def test_one_percent_is_a_warning_and_more_is_an_error(tmp_path: Path):
    bad = "1700000000,72,-1,1,7,0,1\n"
    just = read(write(tmp_path / "just", status_csv=polls(99, bad)))
    assert 99 == just.history.report.status_rows
    more = read(write(tmp_path / "more", status_csv=polls(98, bad)))
    assert more.loaded is None
    assert [
        "history/status.csv: row 100, bikes: bikes is '-1', a negative number (0 or more)",
        (
            "history/status.csv: 1 of 99 rows cannot be used and are set aside, more than 1%"
            " (mend the rows, or take the file out of the history)"
        ),
    ] == more.told
    assert {Severity.ERROR} == {finding.severity for finding in more.findings.items}


def test_only_the_first_five_of_a_kind_are_told_one_by_one(tmp_path: Path):
    bad = [f"1700000000,72,-{n},1,7,0,1\n" for n in range(1, 9)]
    answer = read(write(tmp_path, status_csv=polls(2000, *bad)))
    assert [f"row {row}, bikes" for row in range(2002, 2007)] == [item.where for item in answer.findings.items[:5]]
    assert [
        "history/status.csv: bikes: 3 more rows like these (0 or more)",
        "history/status.csv: 8 of 2,008 rows cannot be used and are set aside",
    ] == answer.told[5:]


def test_rows_are_numbered_as_in_the_file(tmp_path: Path):
    # Row 2 is good, 3 short, 4 blank, 5 good over two lines, 6 bad, 7 short, 8 bad.
    text = (
        STATUS_HEADER + '1700000000,72,5,1,7,0,1\n1,2\n\n1700000060,72,"5",1,7,0,1\n1700000120,72,-5,1,7,0,1\n1,2\n'
        "1700000180,72,5,1,7,0,?\n"
    )
    answer = read(write(tmp_path, status_csv=text))
    assert ["row 3", "row 6, bikes", "row 7", "row 8, is_renting", ""] == [item.where for item in answer.findings.items]


def test_set_aside_rows_are_kept_with_their_cells(tmp_path: Path):
    text = polls(1000, "1700000000,72,-1,1,7,0,1\n", "1700000000,72,5\n")
    answer = read(write(tmp_path / "city", status_csv=text), cache_dir=tmp_path / "cache")
    kept = tmp_path / "cache" / "history-set-aside.csv"
    with kept.open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.reader(file))
    assert [
        ["file", "row", "reason", "column", "cells"],
        [
            "history/status.csv",
            "1002",
            "count_negative",
            "bikes",
            (
                '{"ts": "1700000000", "station_id": "72", "bikes": "-1", "ebikes": "1", "docks": "7",'
                ' "bikes_disabled": "0", "is_renting": "1"}'
            ),
        ],
        ["history/status.csv", "1003", "row_cells", "", "1700000000,72,5"],
    ] == rows
    assert answer.told[-1].endswith(f"(kept with their reasons in {kept})")


def test_blank_rows_are_no_rows(tmp_path: Path):
    answer = read(write(tmp_path, status_csv=polls(10, "\n", ",,,,,,\n", "\n") + "1700009000,72,5,1,7,0,1\n"))
    assert [] == answer.told
    assert (11, 3) == (answer.history.report.rows, answer.history.report.blank_rows)


def test_a_hopeless_file_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scenarios.history.translation.HOPELESS_ROWS", 10)
    monkeypatch.setattr("scenarios.history.batches.CSV_BLOCK_BYTES", 1 << 12)
    bad = [f"{1_700_000_000_000 + n},72,5,1,7,0,1\n" for n in range(1000)]
    answer = read(write(tmp_path, status_csv=polls(0, *bad)))
    assert answer.loaded is None
    assert answer.findings.items[-1].value < 1000


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("count", [50, 20_000])
def test_a_quote_that_swallows_rows_is_told(tmp_path: Path, closed: bool, count: int):
    good = [f"{FIRST_TS + 60 * n},72,5,x\n" for n in range(count)]
    good[30] = f'{FIRST_TS + 60 * 30},72,5,"x\n'
    if closed:
        good[-1] = f'{FIRST_TS + 60 * count},72,5,y"\n'
    answer = read(write(tmp_path, status_csv="ts,station_id,bikes,note\n" + "".join(good)))
    assert answer.loaded is None
    # Row 32 and everything after it.
    (error,) = answer.findings.errors
    assert ("quote_open", "row 32") == (error.code, error.where)
    if count == 50:
        assert f"history/status.csv: row 32: a quote opens here and takes in {count - 30} lines" in answer.told[0]


def test_notes_of_several_lines_are_no_open_quotes(tmp_path: Path):
    text = f'ts,station_id,bikes,note\n{FIRST_TS},72,5,"a\nb, c\nd"\n{FIRST_TS + 60},72,5,"\n\n"\n'
    answer = read(write(tmp_path, status_csv=text))
    assert ([], 2) == (answer.told, answer.history.report.status_rows)


def test_unknown_counts_may_be_empty_or_minus_one(tmp_path: Path):
    text = STATUS_HEADER + "1700000000,72,5,-1,,-1.0,\n1700000060,72,0,,-1,null,0\n"
    answer = read(write(tmp_path, status_csv=text))
    assert [] == answer.told
    assert [("72", 1_700_000_000, 5, -1, -1, -1, True), ("72", 1_700_000_060, 0, -1, -1, -1, False)] == answer.polls


def test_a_trip_that_ends_when_it_starts_is_no_contradiction(tmp_path: Path):
    answer = read(write(tmp_path, trips_csv=TRIP_HEADER + "2019-07-01 08:00,2019-07-01 08:00,72,79,b\n"))
    assert [(at("2019-07-01T06:00"), at("2019-07-01T06:00"), "72", "79", 0)] == answer.trips
