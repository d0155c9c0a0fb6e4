"""GBFS of every version reads the same; what feeds leave open is settled and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optimiser.basics.findings import Findings
from scenarios.feed import Row, join_feed
from scenarios.gbfs import read_gbfs
from tests.feed_folders import DOCKS, SHARED, write_gbfs_1, write_gbfs_2, write_gbfs_3


def read(folder: Path) -> tuple[dict[str, Row], dict[str, Row], Findings]:
    findings = Findings()
    feed = read_gbfs(folder, findings)
    assert feed is not None, findings.errors
    stations, statuses = join_feed(feed, findings)
    return (
        {row.values["id"]: row for row in stations},
        {row.values["station_id"]: row for row in statuses},
        findings,
    )


def change(folder: Path, file: str, alter: Callable[[dict[str, Any]], Any]) -> None:
    path = folder / f"{file}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    alter(document)
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("write", [write_gbfs_1, write_gbfs_2, write_gbfs_3])
def test_every_version_says_the_same(tmp_path: Path, write: Callable[[Path], Path]):
    stations, statuses, findings = read(write(tmp_path))
    assert not findings.items
    for dock in DOCKS:
        assert stations[dock.id].values == {
            "id": dock.id,
            "name": dock.name,
            "lon": dock.lon,
            "lat": dock.lat,
            "capacity": dock.capacity,
        }
        assert statuses[dock.id].values == {
            "station_id": dock.id,
            "bikes": dock.bikes,
            "ebikes": dock.ebikes,
            "docks": dock.free,
            "disabled": dock.disabled,
        }


def test_a_file_without_the_data_wrapper_is_read_too(tmp_path: Path):
    write_gbfs_2(tmp_path)
    path = tmp_path / "station_status.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document["data"]), encoding="utf-8")
    _, statuses, _ = read(tmp_path)
    assert statuses["A"].values["bikes"] == 8


def test_a_missing_capacity_is_what_the_status_counts(tmp_path: Path):
    write_gbfs_2(tmp_path)
    change(tmp_path, "station_information", lambda d: d["data"]["stations"][1].pop("capacity"))
    stations, _, findings = read(tmp_path)
    # no bike + 11 free docks + 1 disabled bike
    assert stations["B"].values["capacity"] == 12
    (warning,) = findings.warnings
    assert (warning.code, warning.source) == ("capacity_assumed", "station_information.json")
    assert warning.where == "data/stations/1 (station_id B), capacity"


def test_a_virtual_station_of_unknown_size_gets_room_for_twice_its_bikes(tmp_path: Path):
    write_gbfs_3(tmp_path)
    change(tmp_path, "station_information", lambda d: d["data"]["stations"][0].pop("capacity"))
    change(tmp_path, "station_status", lambda d: d["data"]["stations"][0].pop("num_docks_available"))
    stations, _, findings = read(tmp_path)
    assert stations["A"].values["capacity"] == 16
    assert [warning.code for warning in findings.warnings] == ["capacity_assumed"]


def test_capacity_by_type_counts_where_no_total_is_stated(tmp_path: Path):
    write_gbfs_3(tmp_path)

    def by_type(document: dict[str, Any]) -> None:
        station = document["data"]["stations"][0]
        del station["capacity"]
        station["vehicle_docks_capacity"] = [{"vehicle_type_ids": ["pedal", "boost"], "count": 14}]

    change(tmp_path, "station_information", by_type)
    stations, _, findings = read(tmp_path)
    assert stations["A"].values["capacity"] == 14
    assert not findings.items


def test_more_bikes_than_capacity_raise_it_with_a_warning(tmp_path: Path):
    write_gbfs_2(tmp_path, (replace(DOCKS[0], bikes=13, docks=0), *DOCKS[1:]))
    stations, _, findings = read(tmp_path)
    assert stations["A"].values["capacity"] == 13
    (warning,) = findings.warnings
    assert (warning.code, warning.value, warning.hint) == ("capacity_raised", 10, "13 or more")


def test_what_goes_through_a_whole_feed_is_told_once_with_every_id(tmp_path: Path):
    write_gbfs_2(tmp_path, [replace(DOCKS[0], id=f"S{number}") for number in range(30)])

    def forget(document: dict[str, Any]) -> None:
        for station in document["data"]["stations"]:
            del station["capacity"]

    change(tmp_path, "station_information", forget)
    _, _, findings = read(tmp_path)
    (warning,) = findings.warnings
    assert (warning.code, warning.where, warning.value) == ("capacity_assumed", "capacity", 30)
    assert all(f"S{number}" in warning.message for number in range(30))


def test_bikes_and_docks_beyond_capacity_are_told_and_kept(tmp_path: Path):
    write_gbfs_2(tmp_path, (replace(DOCKS[0], docks=5), *DOCKS[1:]))
    _, statuses, findings = read(tmp_path)
    assert statuses["A"].values["docks"] == 5
    assert [(warning.code, warning.hint) for warning in findings.warnings] == [("docks_exceed_capacity", "2 or less")]


def test_fewer_docks_than_capacity_need_no_word(tmp_path: Path):
    # Docks out of order are neither bikes nor free docks.
    write_gbfs_2(tmp_path, (replace(DOCKS[0], docks=0), *DOCKS[1:]))
    assert not read(tmp_path)[2].items


def test_stations_described_or_reported_only_once_are_left_out_by_name(tmp_path: Path):
    write_gbfs_2(tmp_path)
    change(tmp_path, "station_information", lambda d: d["data"]["stations"].pop(0))
    change(tmp_path, "station_status", lambda d: d["data"]["stations"].pop(2))
    stations, statuses, findings = read(tmp_path)
    assert set(stations) == set(statuses) == {"B"}
    told = {warning.code: warning.message for warning in findings.warnings}
    assert told["status_missing"].endswith("left out: C")
    assert told["station_unknown"].endswith("left out: A")


@pytest.mark.parametrize(
    "flags",
    [{"is_installed": False}, {"is_installed": 0}, {"is_renting": "false", "is_returning": "false"}],
)
def test_a_closed_station_is_left_out_by_name(tmp_path: Path, flags: dict[str, Any]):
    write_gbfs_2(tmp_path)
    change(tmp_path, "station_status", lambda d: d["data"]["stations"][1].update(flags))
    stations, _, findings = read(tmp_path)
    assert set(stations) == {"A", "C"}
    assert [(warning.code, warning.message[-2:]) for warning in findings.warnings] == [("station_closed", " B")]


def test_a_half_open_station_is_planned_and_told(tmp_path: Path):
    write_gbfs_2(tmp_path)
    change(tmp_path, "station_status", lambda d: d["data"]["stations"][1].update(is_returning=False))
    stations, _, findings = read(tmp_path)
    assert "B" in stations
    assert [(warning.code, warning.where) for warning in findings.warnings] == [("station_half_open", "is_returning")]


def test_scooters_do_not_count_as_bikes(tmp_path: Path):
    write_gbfs_3(tmp_path)
    scooter = {"vehicle_type_id": "scooter", "form_factor": "scooter", "propulsion_type": "electric"}
    change(tmp_path, "vehicle_types", lambda d: d["data"]["vehicle_types"].append(scooter))

    def park(document: dict[str, Any]) -> None:
        station = document["data"]["stations"][0]
        station["num_vehicles_available"] = 9
        station["vehicle_types_available"].append({"vehicle_type_id": "scooter", "count": 1})

    change(tmp_path, "station_status", park)
    _, statuses, _ = read(tmp_path)
    assert (statuses["A"].values["bikes"], statuses["A"].values["ebikes"]) == (8, 5)


@pytest.mark.parametrize("spelled", [{"mechanical": 3, "ebike": 5}, [{"mechanical": 3}, {"ebike": 5}]])
def test_ebikes_as_some_operators_spell_them(tmp_path: Path, spelled: Any):
    write_gbfs_1(tmp_path, [replace(dock, ebikes=None) for dock in DOCKS])
    change(
        tmp_path,
        "station_status",
        lambda d: d["data"]["stations"][0].update(num_bikes_available_types=spelled),
    )
    _, statuses, _ = read(tmp_path)
    assert statuses["A"].values["ebikes"] == 5
    assert "ebikes" not in statuses["B"].values


@pytest.mark.parametrize(
    ("file", "key", "id_key"),
    [
        ("vehicle_status", "vehicles", "vehicle_id"),
        ("free_bike_status", "bikes", "bike_id"),
    ],
)
def test_single_bikes_tell_which_are_electric_and_which_stand_outside(tmp_path: Path, file: str, key: str, id_key: str):
    write_gbfs_2(tmp_path, [replace(dock, ebikes=None) for dock in DOCKS])
    bikes = [
        {id_key: "1", "station_id": "A", "vehicle_type_id": "boost"},
        {id_key: "2", "station_id": "A", "vehicle_type_id": "pedal"},
        {id_key: "3", "station_id": "A", "vehicle_type_id": "boost", "is_disabled": True},
        {id_key: "4", "lat": 59.9, "lon": 10.7, "vehicle_type_id": "boost"},
    ]
    (tmp_path / f"{file}.json").write_text(json.dumps({"data": {key: bikes}}), encoding="utf-8")
    _, statuses, findings = read(tmp_path)
    assert statuses["A"].values["ebikes"] == 1
    assert [(warning.code, warning.source, warning.value) for warning in findings.warnings] == [
        ("bikes_outside_stations", f"{file}.json", 1),
        # The status counts no disabled bike, and its count holds.
        ("disabled_differ", "station_status.json", 1),
    ]
    assert statuses["A"].values["disabled"] == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "not_json"),
        (b"\xff\xfe{}", "not_utf8"),
        (b"[]", "list_missing"),
        (b'{"data": {"stations": {}}}', "list_missing"),
        (b'{"data": {"stations": [1]}}', "not_an_object"),
        (b"[" * 100_000, "not_json"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_beside_the_other(tmp_path: Path, content: bytes, code: str):
    (tmp_path / "station_status.json").write_bytes(content)
    findings = Findings()
    assert read_gbfs(tmp_path, findings) is None
    assert [(error.source, error.code) for error in findings.errors] == [
        ("station_information.json", "file_missing"),
        ("station_status.json", code),
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared with real feeds is absent")
@pytest.mark.parametrize("name", ["bay_wheels", "citibike_2019"])
def test_real_feeds_are_read_whole(name: str):
    by_id, statuses, findings = read(SHARED / name)
    raw = json.loads((SHARED / name / "station_status.json").read_text(encoding="utf-8"))["data"]["stations"]
    counted = {
        row["station_id"]: row["num_bikes_available"]
        for row in raw
        if row["is_installed"] and (row["is_renting"] or row["is_returning"])
    }
    assert {id_: row.values["bikes"] for id_, row in statuses.items()} == counted
    assert set(by_id) == set(counted)
    assert not findings.errors
    told = "".join(warning.message for warning in findings.warnings if warning.code == "station_closed")
    assert all(row["station_id"] in told for row in raw if row["station_id"] not in counted)


def test_a_virtual_station_is_a_zone_that_may_hold_more_than_its_soft_capacity(tmp_path: Path):
    folder = write_gbfs_2(tmp_path)
    change(
        folder, "station_information", lambda document: document["data"]["stations"][0].update(is_virtual_station=True)
    )
    change(folder, "station_status", lambda document: document["data"]["stations"][0].update(num_bikes_available=14))
    stations, statuses, findings = read(folder)
    assert (stations["A"].values["is_zone"], stations["A"].values["capacity"]) == (True, 10)
    assert statuses["A"].values["bikes"] == 14
    assert "is_zone" not in stations["B"].values
    assert not findings.items


def test_bikes_low_on_charge_are_counted_where_single_bikes_tell_it(tmp_path: Path):
    folder = write_gbfs_2(tmp_path)
    single = [
        {"bike_id": "1", "station_id": "A", "current_fuel_percent": 0.05},
        {"bike_id": "2", "station_id": "A", "current_fuel_percent": 0.149},
        {"bike_id": "3", "station_id": "A", "current_fuel_percent": 0.15},  # just enough
        {"bike_id": "4", "station_id": "A", "current_fuel_percent": 0.01, "is_disabled": True},  # counted elsewhere
        {"bike_id": "5", "station_id": "C", "current_fuel_percent": True},  # no number
        *({"bike_id": f"b{number}", "station_id": "B", "current_fuel_percent": 0} for number in range(3)),
    ]
    (folder / "free_bike_status.json").write_text(json.dumps({"data": {"bikes": single}}))
    _, statuses, _ = read(folder)
    # B has three low bikes in the list and none by its own count.
    assert [statuses[id_].values.get("low_charge") for id_ in "ABC"] == [2, 0, None]
    strict = read_gbfs(folder, Findings(), usable_charge=0.5)
    assert strict is not None
    assert strict.statuses[0].values["low_charge"] == 3
