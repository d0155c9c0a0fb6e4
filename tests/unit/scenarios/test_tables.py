"""CSV as spreadsheets really write it; every bad cell with row, column, value and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimiser.basics.findings import Findings
from scenarios.tables import read_information_table, read_status_table, read_target_table


def write(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "station_id,name,lat,lon,capacity\nA,Alpha,59.91,10.75,10\n",
        "\ufeffstation_id;name;lat;lon;capacity\r\nA;Alpha;59,91;10,75;10\r\n",
        'Capacity\tLON\tlat\tNAME\tstation_id\textra\n10\t10.75\t59.91\t"Alpha"\tA\tx\n\n',
        " station_id , name ,lat,lon,capacity,address\n A , Alpha ,59.91,10.75, 10 ,\n",
    ],
    ids=["plain", "semicolons, BOM and decimal commas", "tabs, other order, further columns", "spaces"],
)
def test_tables_are_read_however_they_are_written(tmp_path: Path, text: str):
    findings = Findings()
    rows = read_information_table(write(tmp_path / "station_information.csv", text), findings)
    assert not findings.items
    assert rows is not None
    (row,) = rows
    assert row.values == {"id": "A", "name": "Alpha", "lat": "59.91", "lon": "10.75", "capacity": "10"}


def test_unknown_figures_are_left_open(tmp_path: Path):
    text = "station_id,bikes,ebikes,docks,bikes_disabled\nA,3,-1,,\n"
    rows = read_status_table(write(tmp_path / "station_status.csv", text), Findings())
    assert rows is not None
    assert rows[0].values == {"station_id": "A", "bikes": "3"}


def test_a_quoted_cell_may_hold_commas_and_line_breaks(tmp_path: Path):
    text = 'station_id,low,high,reason\nA,1,2,"near, the\nstation"\nB,3,4,\n'
    rows = read_target_table(write(tmp_path / "targets.csv", text), Findings())
    assert rows is not None
    assert [row.values.get("reason") for row in rows] == ["near, the\nstation", None]


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path):
    text = 'station_id,low,high,reason\nA,1,2,"two\nlines"\n\nB,3,4,\n'
    rows = read_target_table(write(tmp_path / "targets.csv", text), Findings())
    assert rows is not None
    # The header is row 1, A row 2, the blank one row 3.
    assert [row.where for row in rows] == ["row 2", "row 4"]


def test_a_missing_column_is_named_with_the_nearest_there(tmp_path: Path):
    findings = Findings()
    path = write(tmp_path / "station_information.csv", "stationid,name,lat,capacity\n1,x,2,3\n")
    assert read_information_table(path, findings) is None
    assert [(error.code, error.message, error.hint) for error in findings.errors] == [
        ("column_missing", "there is no column station_id", "is stationid meant?"),
        ("column_missing", "there is no column lon", "columns: station_id, name, lat, lon, capacity"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_empty"),
        (b"\n \n", "table_empty"),
        (b"station_id,bikes\n\xff,1\n", "not_utf8"),
        (b"station_id,bikes,bikes\nA,1,2\n", "column_twice"),
        (b'station_id,bikes\nA,"1\n', "table_broken"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, code: str):
    (tmp_path / "station_status.csv").write_bytes(content)
    findings = Findings()
    assert read_status_table(tmp_path / "station_status.csv", findings) is None
    assert [error.code for error in findings.errors] == [code]


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
def test_bytes_that_are_no_text_are_told_with_their_row(tmp_path: Path, before: bytes):
    (tmp_path / "station_status.csv").write_bytes(before + b"station_id,bikes\nA,1\n\xff,1\n")
    findings = Findings()
    read_status_table(tmp_path / "station_status.csv", findings)
    assert [(error.where, error.message) for error in findings.errors] == [("row 3", "is not UTF-8 at byte 21")]


def test_short_rows_are_all_told(tmp_path: Path):
    findings = Findings()
    path = write(tmp_path / "station_status.csv", "station_id,bikes\nA\nB,2\nC\n")
    read_status_table(path, findings)
    assert [(error.where, error.code) for error in findings.errors] == [("row 2", "row_short"), ("row 4", "row_short")]


def test_a_row_with_more_cells_than_the_header_is_told_unless_they_are_empty(tmp_path: Path):
    findings = Findings()
    path = write(tmp_path / "station_status.csv", "station_id,bikes,\nA,1,500\nB,2,,\nC,3\n")
    rows = read_status_table(path, findings)
    assert rows is not None
    assert [row.values["station_id"] for row in rows] == ["B", "C"]
    (error,) = findings.errors
    assert (error.where, error.code, error.value) == ("row 2", "row_long", 3)
    assert error.message == "has 3 cells, the header has 2"
