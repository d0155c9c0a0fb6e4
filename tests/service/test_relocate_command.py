"""`evenfleet relocate` as an operator types it: exit codes, data on stdout, talk on stderr, and `city check`."""

import json

import pytest

from tests.car_folders import CARS, DEMAND, PLUGS, VEHICLES, write_folder
from tests.service.test_cli_plan import evenfleet

FILES = ["plan.json", "routes.geojson", "driver_sheet.csv", "unserved.json", "report.html"]


@pytest.fixture
def town(tmp_path):
    write_folder(tmp_path / "town")
    return tmp_path


def relocate(folder, *options, check=0):
    done = evenfleet("relocate", "town", "--rounds", 3, "--output", "out", "--json", *options, cwd=folder, check=check)
    return json.loads(done.stdout), done.stderr


def test_one_json_document_on_stdout_and_the_talk_on_stderr(town):
    summary, talk = relocate(town)
    assert "Town: 4 cars, 3 stations, 2 plugs, 1 drivers" in talk
    before, after = summary["kpis"]["before"], summary["kpis"]["after"]
    # Anger has two ready cars of the three there; Bahnhof's charges from 0.3 to 0.4 on its plug; Campus has none.
    assert before["ready_cars"] == 3
    assert before["lost_trips"] == 2
    # A ready car of Anger goes to Campus: 1.4 km, and nothing is lost any more.
    assert after["lost_trips"] == 0
    assert after["jobs"] >= 1
    assert summary["costs"]["after"]["lost_trips"] == 0
    assert summary["objective"] < summary["costs"]["before"]["lost_trips"]
    assert summary["wishes"] == {"target": 3, "rates": 0, "default": 0, "hub": 0}
    assert "synthetic" in summary["grid"]
    assert any("made-up day" in sentence for sentence in summary["synthetic"])
    assert [f"out/{name}" for name in FILES] == summary["files"]
    assert all((town / path).is_file() for path in summary["files"])
    assert not list((town / "out").glob(".*.part"))


def test_tables_for_people_name_what_is_made_up(town):
    done = evenfleet("relocate", "town", "--rounds", 1, "--output", "out", cwd=town, check=0)
    assert "Stations without a ready car" in done.stdout
    assert "given intervals at 3 stations" in done.stdout
    assert "Made up, not measured" in done.stdout


def test_must_do_work_that_cannot_be_done_ends_with_three(town):
    # c3 has 10 kWh; it must have 100 % by the morning and there is one free plug of 11 kW, but no driver may touch it.
    cars = VEHICLES.replace("plug_id", "plug_id,can_move").replace("c3,A,0.2,", "c3,A,0.2,,no")
    cars = "\n".join(row if row.startswith(("car_id", "c3")) else f"{row}," for row in cars.splitlines()) + "\n"
    write_folder(town / "town", {"cars/cars.csv": cars, "cars/musts.csv": "car_id,charge\nc3,1.0\n"})
    summary, talk = relocate(town, check=3)
    assert summary["must_do_left"] == ["car c3 lacks 40.0 kWh"]
    assert "must-do work left: car c3 lacks 40.0 kWh" in talk


def test_every_wrong_input_is_told_at_once(town):
    write_folder(
        town / "town",
        {
            "cars/cars.csv": VEHICLES.replace("c1,A", "c1,Z").replace("c2,A,0.8", "c2,A,1.3"),
            "cars/plugs.csv": PLUGS + "1,B,22,type2,\n",
            "cars/demand.csv": DEMAND + "X,1,2,1\n",
            "cars/grid.csv": "hour,tariff,co2_g_per_kwh\n0,0.2,100\n",
            "cars.toml": CARS.replace('mode = "folding-bike"\n', ""),
        },
    )
    places = (
        "cars.csv: row 2, station_id",
        "cars.csv: row 3, state_of_charge",
        "plugs.csv: row 4, plug_id",
        "demand.csv: row 5, station_id",
        "grid.csv: there is no row for hour 1, 2",
        "cars.toml: drivers[0].mode",
    )
    told = evenfleet("relocate", "town", "--output", "out", cwd=town, check=1).stderr
    checked = evenfleet("city", "check", "town", cwd=town, check=1)
    for place in places:
        assert place in told
        assert place in checked.stderr
    assert "town: errors 6" in checked.stdout
    assert not (town / "out").exists()


def test_a_good_folder_passes_its_check(town):
    done = evenfleet("city", "check", "town", "--json", cwd=town, check=0)
    assert json.loads(done.stdout) == {"errors": [], "warnings": []}


def test_a_series_that_ends_before_the_night_is_found_by_the_check(town):
    text = "time,tariff,co2_g_per_kwh\n2026-03-10T21:00+01:00,0.3,100\n2026-03-10T22:00+01:00,0.2,50\n"
    write_folder(town / "town", {"cars/grid.csv": text})
    done = evenfleet("city", "check", "town", "--json", cwd=town, check=1)
    assert [error["code"] for error in json.loads(done.stdout)["errors"]] == ["grid_gap"]


def test_another_moment_is_told(town):
    summary, _ = relocate(town, "--as-of", "2026-03-11T21:00")
    assert [warning["code"] for warning in summary["warnings"]] == ["snapshot_moved"]


def test_a_city_without_cars_says_what_is_missing(town):
    done = evenfleet("relocate", "london-docks", cwd=town, check=1)
    assert "cars.toml: london-docks has no fleet of cars" in done.stderr


def test_bikes_and_cars_of_one_night_are_summed_up(tmp_path):
    done = evenfleet(
        *("plan", "goteborg", "--all", "--rounds", 2, "--van-co2", 0.4, "--output", "out", "--json"), cwd=tmp_path
    )
    summed = json.loads(done.stdout)
    bikes = json.loads((tmp_path / "out/bikes/plan.json").read_text())
    cars = json.loads((tmp_path / "out/cars/plan.json").read_text())
    assert summed["lost_trips_bikes"]["after"] == bikes["kpis"]["after"]["expected_lost_trips"]
    assert summed["lost_trips_cars"]["after"] == cars["kpis"]["after"]["lost_trips"]
    assert summed["co2_kg_vans"] == pytest.approx(0.4 * summed["km_vans"])
    assert summed["trips_saved"] > 0
    assert json.loads((tmp_path / "out/night.json").read_text()).items() <= summed.items()
    assert len(summed["files"]) == 11
