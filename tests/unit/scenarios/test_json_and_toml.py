"""JSON and TOML without end are refused before they take anybody's time, and what is said twice is told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from optimiser.basics.findings import MOST_OF_ONE_FILE, Findings
from scenarios.folder import read_city_file
from scenarios.gbfs import read_gbfs
from scenarios.json_text import MAX_DEPTH, measure, parse_json
from scenarios.tables import read_information_table


def told(content: bytes) -> list[tuple[str, str]]:
    findings = Findings()
    parse_json(content, findings, source="feed.json")
    return [(finding.code, finding.message) for finding in findings.items]


def test_depth_and_values_are_counted_outside_of_texts():
    # The whole, a's list, 1, 2, the object, b's text: six.
    assert measure(b'{"a": [1, 2, {"b": "[[[[,,,,"}]}') == (3, 6)
    assert measure(rb'{"a": "\\", "b": "\"[,"}') == (1, 3)


def test_json_may_be_just_so_deep():
    assert told(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) == []
    assert told(b"[" * 1_000_000) == [("not_json", "is nested 1000000 deep")]


def test_a_name_said_twice_is_told_and_the_last_counts():
    [(code, message)] = told(b'{"data": {"stations": [1], "stations": []}}')
    assert code == "name_twice"
    assert message.endswith("the last counts: stations")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = " + "[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ("a = " + "9" * 5000, "is not TOML"),
        ("a." * 200_000 + "a = 1", "a name of more than 100 parts"),
        ("[" + "a." * 200_000 + "a]", "a name of more than 100 parts"),
        ("x = 1\na = {" + "b." * 101 + "b = 1}", "a name of more than 100 parts"),
        ('a = "\xff"', "not UTF-8 at byte 5"),
    ],
    ids=["deep", "digits", "dotted name", "dotted head", "dotted inside", "latin-1"],
)
def test_toml_without_end_is_refused_at_once(tmp_path: Path, text: str, says: str):
    (tmp_path / "city.toml").write_bytes(text.encode("latin-1"))
    findings, began_s = Findings(), time.process_time()
    assert read_city_file(tmp_path, findings) is None
    [finding] = findings.errors
    assert (finding.source, finding.code) == ("city.toml", "not_toml")
    assert says in str(finding)
    assert time.process_time() - began_s < 2


def test_numbers_and_sentences_with_many_dots_are_no_names(tmp_path: Path):
    places = ", ".join(f"[{number}.5, {number}.25]" for number in range(200))
    (tmp_path / "city.toml").write_text(f'a = [{places}]\nb = "{"so. " * 90}"\n')
    assert read_city_file(tmp_path, Findings()) is not None


def test_of_very_many_bad_rows_some_are_told_and_that_there_are_more(tmp_path: Path):
    (tmp_path / "station_information.csv").write_text("station_id,name,lat,lon,capacity\n" + "x\n" * 5000)
    findings = Findings()
    read_information_table(tmp_path / "station_information.csv", findings)
    assert [finding.code for finding in findings.items][-2:] == ["row_short", "too_many_errors"]
    assert len(findings.items) == MOST_OF_ONE_FILE + 1
    (tmp_path / "station_information.json").write_text('{"data": {"stations": [' + "0," * 5000 + "0]}}")
    (tmp_path / "station_status.json").write_text('{"data": {"stations": []}}')
    findings = Findings()
    assert read_gbfs(tmp_path, findings) is None
    assert len(findings.items) == MOST_OF_ONE_FILE + 1
