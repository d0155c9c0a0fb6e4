"""The New York tables are read as published, in both of their forms; what is wrong is told with row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.benchmarks.nyc import CITY_DEPOTS, DEPOT, read_nyc
from tests.unit.scenarios.benchmarks.instances import NYC_HEADER, write_meridian

CITY = """ID,Cluster,Target,Latitude,Longitude,Available,TotalDock,Outlier,Unit
3056,0,0,40.69,-73.95,17,31,0,0.15
313,0,-5,40.70,-73.96,9,23,0,0.5
"""


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_nyc(path)
    (finding,) = refused.value.findings
    assert str(path) == finding.source
    return str(finding).removeprefix(f"{path}: ")


def test_rows_of_one_station_are_one_station_with_the_sum_of_their_targets(tmp_path):
    read = read_nyc(write_meridian(tmp_path))
    assert ("A", "B") == read.ids
    assert [10, -10] == read.target.tolist()
    assert [12, 3] == read.available.tolist()
    assert [20, 20] == read.docks.tolist()
    assert [1.0, 1.0] == read.unit.tolist()
    assert ((DEPOT,), 2, 25) == (read.depots, read.vans, read.capacity)


def test_the_whole_city_has_units_three_depots_and_any_number_of_vans(tmp_path):
    path = tmp_path / "city.csv"
    path.write_text(CITY)
    read = read_nyc(path)
    assert ("3056", "313") == read.ids
    assert [0, -5] == read.target.tolist()
    assert [0.15, 0.5] == read.unit.tolist()
    assert (CITY_DEPOTS, None) == (read.depots, read.vans)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("-10,23", "many,23", "row 4, target: is 'many' (a whole number within -100,000..100,000)"),
        ("-10,23", "-1.5,23", "row 4, target: is '-1.5'"),
        ("3,20", "21,20", "row 4, available: is '21' (a whole number within 0..20)"),
        ("3,20", "-1,20", "row 4, available: is '-1'"),
        ("3,20", "3,inf", "row 4, total: is 'inf'"),
        ("3,20", "3", "row 4: has 10 cells, the header has 11 (one cell for each column)"),
        ("B,40", "B,140", "row 4, latitude: is '140"),
        ("B,40", ",40", "row 4, id: is empty"),
        ("25,12,20", "25,11,20", "row 3: station A stands there with other figures than in row 2"),
        ("Target", "Aim", "row 1: there is no column target"),
        ("available", "target", "row 1: column target appears more than once"),
    ],
)
def test_one_wrong_cell_is_told_with_its_place_and_what_would_be_right(tmp_path, old, new, says):
    path = write_meridian(tmp_path)
    text = path.read_text()
    assert 1 == text.count(old)
    path.write_text(text.replace(old, new))
    assert refusal(path).startswith(says)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty"), (NYC_HEADER.encode(), "row 2: has a header and no stations"), (b"id,\x00", "is no text")],
)
def test_a_table_without_stations_is_told(tmp_path, content, says):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    assert refusal(path).startswith(says)
