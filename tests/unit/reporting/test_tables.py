"""The route sheet."""

from __future__ import annotations

import csv
import io

import pytest

from optimiser.reporting.tables import COLUMNS, route_sheet_csv
from tests.unit.reporting.nights import small_night


def rows(night):
    return list(csv.DictReader(io.StringIO(route_sheet_csv(night), newline="")))


def test_rows_are_in_driving_order_with_the_depot_at_both_ends():
    sheet = rows(small_night())
    assert tuple(sheet[0]) == COLUMNS
    assert [(row["stop"], row["station_id"]) for row in sheet] == [("0", "D"), ("1", "A"), ("2", "B"), ("3", "D")]
    # The night starts at 21:00 UTC = 22:00 in Stockholm; A from 100 to 250 s, back after 890 s.
    assert sheet[0]["leave"] == "2026-11-22 22:00:00+01:00"
    assert sheet[1]["arrive"] == "2026-11-22 22:01:40+01:00"
    assert sheet[1]["leave"] == "2026-11-22 22:04:10+01:00"
    assert sheet[3]["arrive"] == "2026-11-22 22:14:50+01:00"
    assert [row["pick_up"] for row in sheet] == ["", "5", "0", ""]
    assert [row["drop_off"] for row in sheet] == ["", "0", "4", ""]
    assert [row["load_after"] for row in sheet] == ["0", "5", "1", "1"]
    # 100, 200 and 300 s; 1, 2 and 3 km.
    assert [row["drive_min"] for row in sheet] == ["", "1.7", "3.3", "5.0"]
    assert [row["km"] for row in sheet] == ["", "1.0", "2.0", "3.0"]


def test_made_up_data_and_attribution_are_told_on_the_first_row_of_a_van():
    note = rows(small_night())[0]["note"]
    assert "Synthetic: fleet, depot and demand are made up from seed 1." in note
    assert "© OpenStreetMap contributors" in note


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_names_that_look_like_formulas_are_defused(start):
    names = {"A": f"{start}HYPERLINK(1)", "B": 'Mitt, i "stan"\nhär'}
    sheet = rows(small_night(names))
    assert sheet[1]["station"] == f"'{start}HYPERLINK(1)"
    assert sheet[2]["station"] == names["B"]


def test_lines_end_as_rfc_4180_says():
    text = route_sheet_csv(small_night())
    assert text.count("\r\n") == 5
    assert text.endswith("\r\n")
