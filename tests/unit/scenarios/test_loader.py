"""A folder is loaded whole or not at all, and every error of all its files is told at once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.network.straight_line import StraightLine
from scenarios.loader import list_cities, load_city, load_inline, open_travel
from scenarios.schema import CityModel
from tests.city_documents import CITY_TOML, city_document, write_city_folder
from tests.feed_folders import AS_OF, DOCKS, write_csv, write_gbfs_2, write_gbfs_3

WITH_TIME = CITY_TOML + "\n[snapshot]\nas_of = 2026-11-22T21:00:00+01:00\n"


def errors_of(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidInput) as caught:
        load_city(folder)
    for finding in caught.value.findings:
        assert finding.message
    return [(finding.source, finding.where, finding.code) for finding in caught.value.findings]


@pytest.mark.parametrize("write", [write_gbfs_2, write_gbfs_3, write_csv])
def test_a_folder_loads_the_same_whichever_feed_lies_in_it(tmp_path: Path, write):
    write(write_city_folder(tmp_path, toml=WITH_TIME))
    loaded = load_city(tmp_path)
    assert [(station.id, station.name, station.capacity) for station in loaded.city.stations] == [
        (dock.id, dock.name, dock.capacity) for dock in DOCKS
    ]
    assert [(status.bikes, status.ebikes, status.docks) for status in loaded.snapshot.stations] == [
        (dock.bikes, dock.ebikes, dock.free) for dock in DOCKS
    ]
    assert loaded.snapshot.as_of == AS_OF
    assert loaded.streets == tmp_path / "streets.osm"
    assert (loaded.max_snap_m, loaded.on_far, loaded.warnings) == (250.0, "warn", ())


def test_the_feed_knows_better_than_city_toml_when_it_was_taken(tmp_path: Path):
    write_gbfs_2(write_city_folder(tmp_path, toml=WITH_TIME), as_of=AS_OF + timedelta(days=1))
    assert load_city(tmp_path).snapshot.as_of == AS_OF + timedelta(days=1)


def test_information_and_status_may_come_in_different_forms(tmp_path: Path):
    write_csv(write_city_folder(tmp_path))
    write_gbfs_2(tmp_path)
    (tmp_path / "station_information.json").unlink()
    (tmp_path / "station_status.csv").unlink()
    loaded = load_city(tmp_path)
    assert (len(loaded.city.stations), loaded.snapshot.as_of) == (3, AS_OF)


def test_one_form_twice_is_refused(tmp_path: Path):
    write_csv(write_gbfs_2(write_city_folder(tmp_path)))
    assert errors_of(tmp_path) == [
        ("station_information.csv", "", "file_twice"),
        ("station_status.csv", "", "file_twice"),
    ]


def test_targets_of_the_operator_are_used(tmp_path: Path):
    write_gbfs_2(write_city_folder(tmp_path))
    (tmp_path / "targets.csv").write_text("station_id,low,high,lost_trips_per_bike\nA,2,4,0.5\nB,1,1,2\n")
    loaded = load_city(tmp_path)
    assert loaded.targets
    # A: one bike below 2 at 0.5 trips; B: eleven bikes above 1 at 2 trips.
    assert loaded.targets[0].lost_trips[1] == 0.5
    assert loaded.targets[1].lost_trips[12] == 22
    (warning,) = loaded.warnings
    assert (warning.code, warning.source) == ("target_missing", "targets.csv")
    assert warning.message.endswith(": C")


def test_everything_wrong_in_all_files_is_told_at_once_with_its_place(tmp_path: Path):
    toml = WITH_TIME.replace('"Europe/Oslo"', '"Europe/Olso"').replace("slots = 10", "slots = 0\nslot = 3")
    write_csv(write_city_folder(tmp_path, toml=toml.replace('start_depot = "depot"', 'start_depot = "dep"')))
    (tmp_path / "streets.osm").unlink()
    (tmp_path / "station_information.csv").write_text(
        "station_id;name;lat;lon;capacity\nA;Alpha;95,0;10,75;ten\nB;Bravo;59,92;;12\nC;Charlie;59,93;10,77;6\nC;Again;59,93;10,77;6\n"
    )
    (tmp_path / "station_status.csv").write_text("station_id,bikes,ebikes,docks\nA,-2,-1,2\nB,1.5,-1,x\nC,3,-1,3\n")
    (tmp_path / "targets.csv").write_text("station_id,low,high\nA,1,nine\nB,5,4\nD,1,2\n")
    with pytest.raises(InvalidInput) as caught:
        load_city(tmp_path)
    told = {(finding.source, finding.where): finding for finding in caught.value.findings}
    assert set(told) == {
        ("city.toml", "time_zone"),
        ("city.toml", "vans[0].slots"),
        ("city.toml", "vans[0].slot"),
        ("city.toml", "vans[0].start_depot"),
        ("station_information.csv", "row 2, lat"),
        ("station_information.csv", "row 2, capacity"),
        ("station_information.csv", "row 3, lon"),
        ("station_information.csv", "row 5, station_id"),
        ("station_status.csv", "row 2, bikes"),
        ("station_status.csv", "row 3, bikes"),
        ("station_status.csv", "row 3, docks"),
        ("targets.csv", "row 2, high"),
        ("targets.csv", "row 3, low"),
        ("targets.csv", "row 4, station_id"),
    }
    assert told["city.toml", "time_zone"].hint == "did you mean Europe/Oslo?"
    assert told["station_information.csv", "row 2, capacity"].value == "ten"
    assert told["station_information.csv", "row 5, station_id"].hint == (
        "each once; the first is row 4, station_information.csv"
    )
    assert all(finding.hint or "missing" in finding.message for finding in told.values())


def test_errors_in_gbfs_name_station_and_field_as_gbfs_does(tmp_path: Path):
    write_gbfs_3(write_city_folder(tmp_path))
    path = tmp_path / "station_status.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["data"]["stations"][1]["num_vehicles_available"] = "three"
    document["data"]["stations"][2]["num_docks_available"] = -4
    document["last_updated"] = "yesterday"
    path.write_text(json.dumps(document))
    assert errors_of(tmp_path) == [
        ("station_status.json", "last_updated", "datetime_from_date_parsing"),
        ("station_status.json", "data/stations/1 (station_id B), num_vehicles_available", "int_parsing"),
        ("station_status.json", "data/stations/2 (station_id C), num_docks_available", "greater_than_equal"),
    ]


def test_a_broken_feed_does_not_hide_errors_in_city_toml(tmp_path: Path):
    write_gbfs_2(write_city_folder(tmp_path, toml=CITY_TOML.replace("stop_s = 240", "stop_s = -1")))
    (tmp_path / "station_status.json").write_text("{")
    assert sorted(errors_of(tmp_path)) == [
        ("city.toml", "handling.stop_s", "greater_than_equal"),
        ("station_status.json", "line 1, column 2", "not_json"),
    ]


def test_a_status_table_needs_a_time(tmp_path: Path):
    write_csv(write_city_folder(tmp_path))
    assert errors_of(tmp_path) == [("city.toml", "snapshot.as_of", "as_of_missing")]


def test_a_missing_feed_is_one_error_for_each_file(tmp_path: Path):
    write_city_folder(tmp_path)
    assert errors_of(tmp_path) == [
        ("station_information.json", "", "file_missing"),
        ("station_status.json", "", "file_missing"),
    ]


@pytest.mark.parametrize(("content", "place"), [(b"id = ", ""), (b"\n\xff", "line 2")])
def test_a_city_file_that_is_not_toml_says_so(tmp_path: Path, content: bytes, place: str):
    (tmp_path / "city.toml").write_bytes(content)
    assert errors_of(tmp_path) == [("city.toml", place, "not_toml")]


def test_a_missing_street_file_names_those_that_are_there(tmp_path: Path):
    write_gbfs_2(write_city_folder(tmp_path, toml=CITY_TOML.replace("streets.osm", "oslo.osm.pbf")))
    with pytest.raises(InvalidInput) as caught:
        load_city(tmp_path)
    (finding,) = caught.value.findings
    assert (finding.source, finding.where, finding.value) == ("city.toml", "streets", "oslo.osm.pbf")
    assert "streets.osm" in finding.hint


def test_an_unknown_city_names_the_bundled_ones():
    with pytest.raises(InvalidInput, match=r"did you mean goteborg\?") as caught:
        load_city("gothenborg")
    assert all(name in str(caught.value) for name in list_cities())


def test_a_folder_without_city_toml_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(InvalidInput, match="evenfleet city new"):
        load_city(tmp_path)


def test_an_inline_city_may_use_the_streets_of_a_bundled_one():
    document = city_document() | {"streets": "goteborg"}
    loaded = load_inline(CityModel.model_validate(document))
    assert loaded.streets == load_city("goteborg").streets
    assert loaded.folder is None


@pytest.mark.parametrize("source", ["../goteborg/streets.osm.pbf", "/etc/passwd", "gotebor"])
def test_an_inline_city_cannot_name_a_file(source: str):
    with pytest.raises(InvalidInput) as caught:
        load_inline(CityModel.model_validate(city_document() | {"streets": source}))
    assert [(finding.where, finding.value) for finding in caught.value.findings] == [("/streets", source)]


def test_a_straight_line_needs_no_file():
    loaded = load_inline(CityModel.model_validate(city_document()))
    assert open_travel(loaded) == StraightLine(1.3, 25)


def test_streets_of_a_folder_are_opened_at_night(tmp_path: Path):
    write_gbfs_2(write_city_folder(tmp_path))
    assert open_travel(load_city(tmp_path)).label == "street graph, drive, night"
