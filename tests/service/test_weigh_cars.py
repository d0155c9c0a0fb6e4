"""`evenfleet site --weigh-nights` where the folder has shared cars: what new plugs save their night."""

from __future__ import annotations

import json
import shutil

from optimiser.basics.limits import SolveLimits
from scenarios.loader import find_folder
from scenarios.siting.loader import load_study
from service.siter import solve_study
from tests.car_folders import CARS, CITY, FILES
from tests.service.test_cli_plan import evenfleet
from tests.siting_folders import SIMPLE

# Everybody lives where car c3 stands, at 20 % and without a plug: station A has none.
SITING = SIMPLE.replace("[siting]\n", "[siting]\nmax_new_sites = 1\nnights = {seconds = 0.5}\n")
DEMAND = "id,lon,lat,weight\npeople,10.0,50.0,40\n"
SITES = "id,name,lon,lat\nat-a,Beside A,10.0001,50.0\n"
ONLY_A = "station_id,low,high\nA,1,2\nB,0,3\nC,0,3\n"
ONLY_C3 = "car_id,station_id,state_of_charge,plug_id\nc3,A,0.2,\nc4,B,0.3,1\n"


def write_town(folder, *, siting=SITING, **files):
    named = {
        **FILES,
        "cars/cars.csv": ONLY_C3,
        "cars/demand.csv": ONLY_A,
        "demand.csv": DEMAND,
        "candidates.csv": SITES,
        "city.toml": CITY + siting,
        **{name.replace("__", "/").replace("_", "."): text for name, text in files.items()},
    }
    for name, text in named.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def study(folder, *options, check=0):
    done = evenfleet(
        "site", "town", "--seconds", 1, "--output", "out", "--weigh-nights", "--json", *options, cwd=folder, check=check
    )
    return json.loads(done.stdout), json.loads((folder / "out/study.json").read_text()), done.stderr


def test_a_plug_at_a_station_saves_the_cars_that_stand_there_their_way(tmp_path):
    write_town(tmp_path / "town")
    summary, document, talk = study(tmp_path)
    told = document["car_night"]
    assert summary["car_night"] == told
    assert document["bike_nights"] is None
    # Nobody misses bikes in a folder that has none.
    assert not [item for item in document["warnings"] if item["where"] == "siting.weigh_nights"]
    assert (told["cars"], told["low_charge"], told["as_of"]) == (2, 1, "2026-03-10T21:00:00+01:00")
    assert (told["plugs_at_stations"], told["plugs_at_hubs"]) == ({"A": 1}, {})
    # Ready at A tomorrow: without a way, where it would have to go to B's plug and back.
    without, having = told["without"], told["with_plugs"]
    assert (having["charging_trips"], having["car_km"], having["plugged_in"]) == (0, 0.0, 1)
    assert having["lost_trips"] <= without["lost_trips"]
    assert having["cost"] < without["cost"]
    assert told["night"]["cost"]["saved"] == without["cost"] - having["cost"]
    least, most = told["cost_saved_between"]
    assert 0 <= least <= without["cost"] - having["cost"] + 1e-9 <= most + 2e-9
    assert "night of the cars of 2026-03-10: 1 new plug for the fleet; saves" in talk
    page = (tmp_path / "out/report.html").read_text()
    assert "1 new plug at 1 of the fleet" in page
    assert "All new plugs for cars stand free for the fleet all night (assumed)" in page


def test_plugs_that_others_hold_save_nothing(tmp_path):
    write_town(tmp_path / "town", siting=SITING.replace("0.5}", "0.5, free_share = 0}"))
    _, document, _ = study(tmp_path)
    told = document["car_night"]
    assert (told["plugs_held_by_others"], told["plugs_at_stations"]) == (1, {})
    assert told["without"] == told["with_plugs"]
    assert (
        "Not counted: 1 that others hold at night. The night of the cars stays as it is."
        in (tmp_path / "out/report.html").read_text()
    )


def test_a_study_without_plugs_for_cars_says_so(tmp_path):
    siting = SITING.replace('"ac11", plug_cost = 10', '"ebike", plug_cost = 10')
    siting = siting.replace('id = "residents", reach_s', 'id = "ebikes", full_s = 90, reach_s')
    write_town(
        tmp_path / "town",
        siting=siting,
        demand_csv=DEMAND.replace("weight", "weight,segment").replace("40", "40,ebikes"),
    )
    _, document, talk = study(tmp_path)
    assert document["car_night"] is None
    assert "no night of the cars is weighed: no kind of the study charges cars" in talk


def test_cars_and_bikes_that_cannot_be_planned_are_refused_before_the_search(tmp_path):
    write_town(
        tmp_path / "town",
        siting=SITING + "[[vans]]\nslots = -1\n",
        cars_toml=CARS.replace("lost_trip = 20.0", "lost_trip = -1"),
    )
    done = evenfleet("site", "town", "--weigh-nights", "--output", "out", cwd=tmp_path, check=1)
    assert "vans[0].slots" in done.stderr
    assert "prices.lost_trip" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_driver_who_lives_off_the_streets_is_told_before_the_search_beside_other_errors(tmp_path):
    shutil.copytree(find_folder("paris-8e"), tmp_path / "town")
    fleet = tmp_path / "town/cars.toml"
    text = fleet.read_text().replace('start = "P3"', 'start = "home"')
    fleet.write_text(text + '[[bases]]\nid = "home"\nlon = 2.31\nlat = 48.99\n')
    done = evenfleet("site", "town", "--weigh-nights", "--force", "nowhere", "--output", "out", cwd=tmp_path, check=1)
    assert "m from the nearest street, 250 m are allowed" in done.stderr
    assert "place home" in done.stderr
    assert "nowhere" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_night_that_was_stopped_before_is_told(tmp_path):
    loaded = load_study(write_town(tmp_path / "town"))
    study = solve_study(loaded, SolveLimits(seconds=1), weigh_nights=True, should_stop=lambda: True).study
    assert study.car_night is None
    assert [item.code for item in study.warnings if item.where == "siting.weigh_nights"] == ["nights_stopped"]


def test_what_is_wrong_with_the_study_and_with_the_cars_is_told_at_once(tmp_path):
    siting = SITING.replace("max_new_sites = 1", "max_new_sites = -1")
    write_town(tmp_path / "town", siting=siting, cars_toml=CARS.replace("lost_trip = 20.0", "lost_trip = -1"))
    done = evenfleet("site", "town", "--weigh-nights", "--output", "out", cwd=tmp_path, check=1)
    assert "siting.max_new_sites" in done.stderr
    assert "prices.lost_trip" in done.stderr
    alone = evenfleet("site", "town", "--output", "out", cwd=tmp_path, check=1)
    assert "prices.lost_trip" not in alone.stderr
