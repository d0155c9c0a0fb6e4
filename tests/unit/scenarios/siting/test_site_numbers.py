"""Numbers and columns of files of places: read where they are clear, refused or told where they are not."""

from __future__ import annotations

import pytest

from optimiser.basics.findings import Findings
from scenarios.siting.files.grid import read_grid
from scenarios.siting.files.ground import Nearby
from tests.unit.scenarios.siting.places import point, read, write


@pytest.mark.parametrize("text", ["9.000", "9,000"])
def test_a_text_that_may_be_thousands_or_decimals_is_refused(tmp_path, text):
    write(tmp_path, "candidates.geojson", point(id="a", open_cost=text))
    _, findings, _ = read(tmp_path)
    (error,) = findings.errors
    assert (error.code, error.where) == ("number_ambiguous", "features/0 (id a), open_cost")
    assert error.message == f"open_cost is {text!r}, which may be 9000 or 9"
    assert error.hint == "write 9000 or 9, a number, not a text"


@pytest.mark.parametrize(
    ("given", "read_as"), [("0,125", 0.125), ("0.125", 0.125), ("12,5", 12.5), (9.125, 9.125), ("1234,5", 1234.5)]
)
def test_a_number_that_is_clear_is_read(tmp_path, given, read_as):
    write(tmp_path, "candidates.geojson", point(id="a", open_cost=given))
    (site,), findings, _ = read(tmp_path)
    assert findings.items == []
    assert site.open_cost == read_as


@pytest.mark.parametrize(
    ("line", "hosting_kw"),
    [
        ('T,"11,970",57.705,"1,250"', None),
        ('T,"11,970",57.705,1.250', 1.25),
        ("T;11,970;57,705;1,250", 1.25),
        ("T;11,970;57,705;1.250", None),
        ("T;11.970;57.705;1.250", 1.25),
        ("T;11.970;57.705;1,250", None),
        ("T;12;57;1,250", 1.25),
        ("T;12;57;1.250", None),
        ("T,12,57,1.250", 1.25),
        ("T\t11,970\t57,705\t1,250", 1.25),
        ("T\t11,970\t57,705\t1.250", None),
        ("T\t11.970\t57.705\t1,250", None),
    ],
)
def test_in_a_table_the_sign_that_degrees_are_written_with_is_decimal(tmp_path, line, hosting_kw):
    sign = next(sign for sign in ";\t," if sign in line)
    (tmp_path / "grid.csv").write_text(sign.join(["id", "lon", "lat", "hosting_kw"]) + f"\n{line}\n")
    findings = Findings()
    grid = read_grid(tmp_path, findings)
    if hosting_kw is not None:
        assert [node.hosting_kw for node in grid.nodes] == [hosting_kw]
        assert Nearby.of(grid.points).nearest([(11.97, 57.705)])[1][0] == (
            0.0 if "705" in line else pytest.approx(78_400, rel=0.01)
        )
        return
    (error,) = findings.errors
    assert (error.code, error.where) == ("number_ambiguous", "row 2, hosting_kw")
    is_with_comma = "1.250" in line
    assert (
        error.hint
        == f"write 1250 or {'1,25, with a decimal comma' if is_with_comma else '1.25, with a decimal point'} if any"
    )


def test_a_column_that_is_spelled_nearly_as_a_known_one_is_told(tmp_path):
    write(
        tmp_path, "candidates.geojson", point(0, 0, id="a", max_plgs=4, colour="red"), point(1, 0, id="b", kinds="ac11")
    )
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.message, item.hint) for item in findings.warnings] == [
        ("column_unknown", "column max_plgs is not looked at", "did you mean max_plugs?")
    ]


def test_a_column_that_other_places_spell_right_is_told_and_one_beside_the_right_is_not(tmp_path):
    both, right = point(0, 0, id="a", max_plugs=4, max_plug=1), point(1, 0, id="b", max_plugs=4)
    write(tmp_path, "candidates.geojson", both, right)
    _, findings, _ = read(tmp_path)
    assert findings.items == []
    write(tmp_path, "candidates.geojson", both, right, point(2, 0, id="c", max_plug=1))
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.value, item.hint) for item in findings.items] == [
        ("column_unknown", "max_plug", "did you mean max_plugs?")
    ]
