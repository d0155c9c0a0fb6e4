"""Which files are read, how they are told apart, and what stops the reading at once."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.scenarios.history.folders import POLL_TEXT, TRIP_TEXT, read, write

HEADER = "ts,station_id,bikes\n"


def test_a_folder_without_history_is_no_history(tmp_path: Path):
    answer = read(tmp_path)
    assert (None, []) == (answer.loaded, answer.told)


def test_only_files_of_history_are_read(tmp_path: Path):
    write(tmp_path, **dict.fromkeys(["weather_csv", "holidays_csv"], "date\n2019-01-01\n"))
    for name in ("SOURCE.md", "README", "README.txt", ".hidden.csv", "status.csv.part", "old.zip"):
        (tmp_path / "history" / name).write_text("no history")
    (tmp_path / "history" / "folder.csv").mkdir()
    answer = read(tmp_path)
    assert (None, []) == (answer.loaded, answer.told)
    answer = read(write(tmp_path, status_csv=POLL_TEXT))
    assert (1, []) == (answer.history.report.files, answer.told)


def test_kinds_are_told_by_columns_not_by_names(tmp_path: Path):
    answer = read(write(tmp_path, trips_csv=POLL_TEXT, status_csv=TRIP_TEXT))
    assert (1, 1) == (answer.history.report.status_files, answer.history.report.trip_files)
    assert (2, 2) == (answer.history.report.status_rows, answer.history.report.trip_rows)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_dialects_of_csv_read_alike(tmp_path: Path, separator: str, ending: str, mark: str, quote: str):
    def dialect(text: str) -> str:
        rows = [separator.join(f"{quote}{cell}{quote}" for cell in line.split(",")) for line in text.splitlines()]
        # The last row of the quoted ones ends without a line end.
        return mark + ending.join(rows) + ("" if quote else ending)

    answer = read(write(tmp_path, a_csv=dialect(POLL_TEXT), b_csv=dialect(TRIP_TEXT)))
    assert [] == answer.told
    plain = read(write(tmp_path / "plain", a_csv=POLL_TEXT, b_csv=TRIP_TEXT))
    assert (plain.polls, plain.trips) == (answer.polls, answer.trips)


def test_compressed_files_extra_columns_and_any_order_of_columns_read_alike(tmp_path: Path):
    mixed = (
        'note,bikes,"name, long",station_id,docks,ts\nx,5,"a ""b"", c",72,7,1700000000\ny,0,"d\ne",79,12,1700000060\n'
    )
    answer = read(write(tmp_path, a_csv_gz=gzip.compress(mixed.encode())))
    assert [] == answer.told
    assert read(write(tmp_path / "plain", a_csv=POLL_TEXT)).polls == answer.polls


EMPTY = "is empty (a header, then rows)"
STRUCTURE = {
    "empty": (b"", [f"row 1: {EMPTY}"]),
    "blank": (b"\n\n", [f"row 1: {EMPTY}"]),
    "neither": (
        b"date,temperature\n2019-01-01,3\n",
        [
            (
                "row 1: tells neither trips nor status (trips have started_at, ended_at, start_station_id and"
                " end_station_id; status has ts, station_id and bikes)"
            )
        ],
    ),
    "a status column missing": (
        b"ts,station_id,bikes_availble\n1700000000,72,5\n",
        ["row 1: tells status, but there is no column bikes (is bikes_availble meant?)"],
    ),
    "two trip columns missing": (
        b"started_at,End-Tim,end_station_id\n1700000000,1700000600,72\n",
        [
            "row 1: tells trips, but there is no column ended_at (is End-Tim meant?)",
            (
                "row 1: tells trips, but there is no column start_station_id (one of start_station_id, start_terminal,"
                " start_station_number, start_station_code, emplacement_pk_start, from_station_id,"
                " departure_station_id, start_station_logical_terminal)"
            ),
        ],
    ),
    "a column twice": (
        b"ts,station_id,bikes,Bikes\n1700000000,72,5,5\n",
        ["row 1: column bikes appears more than once (keep one)"],
    ),
    "not UTF-8 in the header": (
        "ts,station_id,bikes,größe\n".encode("latin-1"),
        ["row 1: is not UTF-8 (save the table as CSV UTF-8)"],
    ),
    "not UTF-8 in a short row": (
        b"ts,station_id,bikes\n1700000000,72,5\n\xf8st\n",
        ["row 3: is not UTF-8 (save the table as CSV UTF-8)"],
    ),
    "cut within a letter": (
        b"ts,station_id,bikes,note\n1700000000,72,5,\xc3",
        ["row 2: is not UTF-8 (save the table as CSV UTF-8)"],
    ),
    "a header with line ends of old": (
        b"ts,station_id,bikes\r1700000000,72,5\r",
        [
            (
                "row 1: has a header that cannot be read: new-line character seen in unquoted field -"
                " do you need to open the file in universal-newline mode?"
            )
        ],
    ),
    "not UTF-8 in a row": (
        b"ts,station_id,bikes\n1700000000,72,5\n1700000000,\xf8st,5\n",
        ["row 3: is not UTF-8 (save the table as CSV UTF-8)"],
    ),
}


@pytest.mark.parametrize(("content", "told"), STRUCTURE.values(), ids=STRUCTURE)
def test_a_file_that_cannot_be_history_stops(tmp_path: Path, content: bytes, told: list[str]):
    answer = read(write(tmp_path, a_csv=content, b_csv=POLL_TEXT))
    assert answer.loaded is None
    assert [f"history/a.csv: {line}" for line in told] == [str(error) for error in answer.findings.errors]


def test_every_broken_file_is_told_at_once(tmp_path: Path):
    write(tmp_path, a_csv="", b_csv="x\n1\n", c_parquet=b"not parquet", d_csv_gz=b"not gzip")
    answer = read(tmp_path)
    assert answer.loaded is None
    assert ["table_empty", "history_kind_unknown", "file_broken", "file_broken"] == answer.codes


def test_a_file_that_ends_in_the_middle_is_told(tmp_path: Path):
    whole = gzip.compress((HEADER + "".join(f"{1_700_000_000 + n},72,{n % 20}\n" for n in range(9999))).encode())
    answer = read(write(tmp_path, a_csv_gz=whole[: len(whole) // 2]))
    assert answer.loaded is None
    assert ["file_broken"] == answer.codes


def test_a_header_without_rows_is_a_warning(tmp_path: Path):
    alone = read(write(tmp_path, a_csv=HEADER))
    assert (None, ["table_without_rows"]) == (alone.loaded, alone.codes)
    assert ["history/a.csv: row 1: holds a header and no rows"] == alone.told
    beside = read(write(tmp_path, b_csv=POLL_TEXT))
    assert ["table_without_rows"] == beside.codes
    assert 2 == beside.history.report.status_rows


def test_a_parquet_without_rows_is_a_warning(tmp_path: Path):
    write(tmp_path)
    table = pa.table(
        {"ts": pa.array([], pa.int64()), "station_id": pa.array([], pa.string()), "bikes": pa.array([], pa.int8())}
    )
    pq.write_table(table, tmp_path / "history" / "a.parquet")
    answer = read(tmp_path)
    assert (None, ["table_without_rows"]) == (answer.loaded, answer.codes)
