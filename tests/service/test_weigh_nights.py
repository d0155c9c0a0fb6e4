"""`evenfleet site --weigh-nights`: what charging docks save the nights of a town's bikes, and towns without a night."""

from __future__ import annotations

import csv
import json
import re

import pytest

from tests.service.test_cli_plan import evenfleet
from tests.service.town import rows_of, the_past, write_table, write_town
from tests.siting_folders import PEOPLE, PLACES, write_folder

# One site, a step from everybody: docks at station C, which is short of bikes.
SITING = """
[siting]
max_new_sites = 1
kinds = [{id = "ebike", plug_cost = 100}]
segments = [{id = "ebikes", sessions_per_day = 0.5}]
sources = {upload = {open_cost = 1000, max_plugs = 8}}
nights = {seconds = 0.4, nights = 2}
"""


def write_bikes(folder, *, low=3, siting=SITING, history=None, ebike_share=None):
    write_town(folder, history=history)
    with (folder / "city.toml").open("a") as file:
        file.write(siting)
    text = (folder / "city.toml").read_text()
    (folder / "city.toml").write_text(text.replace("slots = 16", "slots = 16\nbatteries = 20"))
    rows = list(csv.DictReader((folder / "station_status.csv").open()))
    told = [(row["station_id"], row["bikes"], row["docks"], low * (row["station_id"] == "C")) for row in rows]
    columns = ("station_id", "bikes", "docks", "low_charge")
    if ebike_share is not None:
        told = [(*row, int(int(row[1]) * ebike_share)) for row in told]
        columns = (*columns, "ebikes")
    write_table(folder / "station_status.csv", columns, told)
    place = (10.762, 59.918)
    write_table(folder / "demand.csv", ("id", "lon", "lat", "weight", "segment"), [("riders", *place, 40, "ebikes")])
    write_table(folder / "candidates.csv", ("id", "lon", "lat"), [("at-c", *place)])


def study(folder, *options):
    done = evenfleet(
        "site", "town", "--seconds", 1, "--output", "out", "--json", "--weigh-nights", *options, cwd=folder
    )
    page = (folder / "out/report.html").read_text()
    return json.loads(done.stdout), json.loads((folder / "out/study.json").read_text()), page, done.stderr


def test_docks_at_a_station_save_its_swaps(tmp_path):
    write_bikes(tmp_path / "town")
    summary, document, page, talk = study(tmp_path)
    told = document["bike_nights"]
    assert summary["bike_nights"] == told
    assert told["docks"].keys() == {"C"}
    assert told["docks"]["C"] >= 3
    (night,) = told["nights"]
    assert (night["low_charge"], night["charged"]) == (3, 3)
    assert night["with_docks"]["swaps"] == 0
    assert night["with_docks"]["cost"] <= night["without"]["cost"]
    assert "3 need no van" in page
    assert "night of 2026-11-15: 3 bikes low on charge, 3 at docks" in talk
    assert any("the city's snapshot" in text for text in told["assumptions"])
    assert any("200 g of CO₂ per km (assumed)" in text for text in told["assumptions"])


def test_without_the_option_no_night_is_planned(tmp_path):
    write_bikes(tmp_path / "town")
    evenfleet("site", "town", "--seconds", 1, "--output", "out", cwd=tmp_path)
    assert json.loads((tmp_path / "out/study.json").read_text())["bike_nights"] is None


def test_a_history_gives_several_nights_with_low_bikes_by_chance(tmp_path):
    siting = SITING.replace("nights = 2", "nights = 2, low_share = 0.5") + "weigh_nights = true\n"
    write_bikes(tmp_path / "town", history=rows_of(the_past()), siting=siting)
    done = evenfleet("site", "town", "--seconds", 1, "--output", "out", cwd=tmp_path)
    document = json.loads((tmp_path / "out/study.json").read_text())
    nights = document["bike_nights"]["nights"]
    # Five weeks from 12 October on: the last two evenings that they tell of.
    assert [night["as_of"][:10] for night in nights] == ["2026-11-15", "2026-11-16"]
    assert all(night["low_charge"] > 0 for night in nights)
    assert any("so 50% of the e-bikes are" in text for text in document["bike_nights"]["assumptions"])
    assert any("Nobody says which bikes are e-bikes, so all of them are" in text for text in told(document))
    assert "Nights of the bikes" in done.stdout


def told(document):
    return document["bike_nights"]["assumptions"]


def test_a_history_without_e_bikes_has_the_share_of_them_that_the_snapshot_has(tmp_path):
    siting = SITING.replace("nights = 2", "nights = 2, low_share = 1.0") + "weigh_nights = true\n"
    write_bikes(tmp_path / "all", low=0, history=rows_of(the_past()), siting=siting)
    write_bikes(tmp_path / "none", low=0, history=rows_of(the_past()), siting=siting, ebike_share=0.0)
    low = {}
    for name in ("all", "none"):
        evenfleet("site", name, "--seconds", 1, "--output", f"{name}-out", cwd=tmp_path)
        document = json.loads((tmp_path / f"{name}-out/study.json").read_text())
        low[name] = [night["low_charge"] for night in document["bike_nights"]["nights"]]
    assert min(low["all"]) > 0
    # The snapshot has none, so the history is taken to have none.
    assert low["none"] == [0, 0]
    assert any(
        "it is not said which bikes are e-bikes, 0% are, as in the snapshot (assumed)" in text
        for text in told(document)
    )


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (lambda folder: write_folder(folder, demand=PEOPLE, candidates=PLACES), "no_night"),
        (lambda folder: write_bikes(folder, low=0), "no_low_charge"),
        (
            lambda folder: write_bikes(
                folder,
                siting=SITING.replace('"ebike",', '"ac7",').replace(
                    '"ebikes",', '"ebikes", kinds = ["ac7"], reach_s = 300,'
                ),
            ),
            "no_bike_dock",
        ),
    ],
)
def test_a_city_that_has_nothing_to_weigh_by_says_so_and_where(tmp_path, write, code):
    write(tmp_path / "town")
    _, document, page, talk = study(tmp_path)
    assert document["bike_nights"] is None
    (told,) = [warning for warning in document["warnings"] if warning["code"] == code]
    assert (told["source"], told["where"]) == ("city.toml", "siting.weigh_nights")
    assert re.match("no night( of the bikes)? is weighed: ", told["message"])
    assert told["message"] in talk
    assert 'id="nights"' not in page


def test_a_bike_system_that_cannot_be_planned_is_refused_before_the_search(tmp_path):
    write_bikes(tmp_path / "town")
    text = (tmp_path / "town/city.toml").read_text()
    (tmp_path / "town/city.toml").write_text(text.replace("slots = 16", "slots = -1"))
    done = evenfleet("site", "town", "--weigh-nights", "--output", "out", cwd=tmp_path, check=1)
    assert "vans[0].slots" in done.stderr
    assert not (tmp_path / "out").exists()
