"""Bikes listed one by one: each counts once, and what counts nowhere is told with its number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optimiser.basics.city import StationStatus
from optimiser.basics.findings import Findings
from optimiser.demand.rooms import tonight_room
from scenarios.feed import Row
from scenarios.loader import load_city
from scenarios.single_bikes import SingleBikes, largest_ranges, with_single_bikes
from tests.city_documents import CITY_TOML, write_city_folder
from tests.feed_folders import DOCKS, write_csv, write_gbfs_2


def status(id_: str, **values: Any) -> Row:
    return Row(values={"station_id": id_, **values}, source="station_status.json", where=f"station {id_}")


def counted(bikes: list[dict[str, Any]], *statuses: Row, ranges: dict[str, float] | None = None):
    findings = Findings()
    listed = SingleBikes(rows=tuple(bikes), source="vehicle_status.json", ranges_m=ranges or {})
    rows = with_single_bikes(statuses, listed, findings, usable_charge=0.2)
    return {row.values["station_id"]: row.values for row in rows}, findings


def test_a_range_is_a_charge_where_the_largest_range_of_the_type_is_known():
    bikes = [
        {"station_id": "A", "vehicle_type_id": "boost", "current_range_meters": 9_000},  # 0.18 of 50 km
        {"station_id": "A", "vehicle_type_id": "boost", "current_range_meters": 10_000},  # 0.20: just enough
        {"station_id": "A", "vehicle_type_id": "cargo", "current_range_meters": 1_000, "vehicle_id": "7"},
    ]
    ranges = largest_ranges([{"vehicle_type_id": "boost", "max_range_meters": 50_000}, {"vehicle_type_id": "cargo"}])
    rows, findings = counted(bikes, status("A", bikes=5), ranges=ranges)
    assert rows["A"]["low_charge"] == 1
    (warning,) = findings.warnings
    assert (warning.code, warning.value) == ("charge_unknown", 1)
    assert warning.message.endswith("their type: 7")


def test_charges_written_as_hundredths_are_read_as_such_and_told():
    bikes = [{"station_id": "A", "current_fuel_percent": charge} for charge in (15, 1, 80)]
    rows, findings = counted(bikes, status("A", bikes=3))
    assert rows["A"]["low_charge"] == 2
    assert [warning.code for warning in findings.warnings] == ["charge_in_hundredths"]


@pytest.mark.parametrize("yes", [True, 1, "true"])
def test_a_disabled_bike_counts_as_broken_alone_however_low_it_is(yes):
    bikes = [{"station_id": "A", "current_fuel_percent": 0.01, "is_disabled": yes}]
    rows, findings = counted(bikes, status("A", bikes=3))
    assert (rows["A"].get("low_charge"), rows["A"]["disabled"]) == (None, 1)
    assert not findings.items


@pytest.mark.parametrize("no", [False, 0, "false"])
def test_a_bike_that_is_not_disabled_is_not_broken(no):
    rows, _ = counted([{"station_id": "A", "current_fuel_percent": 0.01, "is_disabled": no}], status("A", bikes=3))
    assert (rows["A"]["low_charge"], rows["A"].get("disabled")) == (1, None)


def test_the_status_counts_and_what_the_list_tells_beyond_is_told_with_its_number():
    low = [{"station_id": "A", "current_fuel_percent": 0.1}] * 3
    broken = [{"station_id": "B", "is_disabled": True}] * 2
    elsewhere = [{"station_id": "Z", "bike_id": "9"}]
    rows, findings = counted([*low, *broken, *elsewhere], status("A", bikes=1), status("B", bikes=0, disabled=1))
    assert rows["A"]["low_charge"] == 1
    assert rows["B"]["disabled"] == 1
    assert [(warning.code, warning.value) for warning in findings.warnings] == [
        ("bikes_at_unknown_stations", 1),
        ("low_charge_exceeds_bikes", 3),
        ("disabled_differ", 2),
    ]


def test_no_bike_counts_twice_on_its_way_into_the_night(tmp_path: Path):
    """A: 8 bikes, 2 of them low, 1 broken, 1 free dock in 10: 6 ready, and 7 fit while three docks are blocked."""
    folder = write_gbfs_2(write_city_folder(tmp_path, toml=CITY_TOML + "\n[demand]\nusable_charge = 0.3\n"))
    path = folder / "station_status.json"
    document = json.loads(path.read_text())
    document["data"]["stations"][0] |= {"num_bikes_disabled": 1, "num_docks_available": 1}
    path.write_text(json.dumps(document))
    bikes = [{"bike_id": str(number), "station_id": "A", "current_fuel_percent": 0.29} for number in range(2)]
    (folder / "free_bike_status.json").write_text(json.dumps({"data": {"bikes": bikes}}))
    loaded = load_city(folder)
    held = loaded.snapshot.stations[0]
    assert held == StationStatus(station_id="A", bikes=8, docks=1, ebikes=5, disabled=1, low_charge=2)
    assert held.usable == 6
    room = tonight_room(loaded.city.stations[0], held)
    assert room == 7
    assert room + held.low_charge + held.disabled == loaded.city.stations[0].capacity == DOCKS[0].capacity


def test_single_bikes_stand_beside_a_status_table_too(tmp_path: Path):
    toml = CITY_TOML + "\n[snapshot]\nas_of = 2026-11-22T21:00:00+01:00\n"
    folder = write_csv(write_city_folder(tmp_path, toml=toml))
    bikes = [{"vehicle_id": "1", "station_id": "A", "current_fuel_percent": 0.1}]
    (folder / "vehicle_status.json").write_text(json.dumps({"data": {"vehicles": bikes}}))
    assert [status.low_charge for status in load_city(folder).snapshot.stations] == [1, 0, 0]


def test_a_status_table_may_count_low_bikes_itself(tmp_path: Path):
    toml = CITY_TOML + "\n[snapshot]\nas_of = 2026-11-22T21:00:00+01:00\n"
    folder = write_csv(write_city_folder(tmp_path, toml=toml))
    (folder / "station_status.csv").write_text(
        "station_id,bikes,bikes_disabled,low_charge\nA,8,1,2\nB,0,1,\nC,3,-1,-1\n"
    )
    told = [(status.disabled, status.low_charge) for status in load_city(folder).snapshot.stations]
    assert told == [(1, 2), (1, 0), (0, 0)]


def test_broken_bikes_beyond_the_docks_raise_the_capacity(tmp_path: Path):
    toml = CITY_TOML + "\n[snapshot]\nas_of = 2026-11-22T21:00:00+01:00\n"
    folder = write_csv(write_city_folder(tmp_path, toml=toml))
    (folder / "station_status.csv").write_text("station_id,bikes,docks,bikes_disabled\nA,8,0,3\nB,0,9,5\nC,3,3,0\n")
    loaded = load_city(folder)
    # A: 8 + 3 in 10 docks. B: 5 + 9 in 12 docks: seven of the nine can be free.
    assert [(warning.code, warning.value) for warning in loaded.warnings] == [
        ("capacity_raised", 10),
        ("docks_exceed_capacity", 9),
    ]
    rooms = [tonight_room(*pair) for pair in zip(loaded.city.stations, loaded.snapshot.stations, strict=True)]
    assert rooms == [8, 7, 6]
