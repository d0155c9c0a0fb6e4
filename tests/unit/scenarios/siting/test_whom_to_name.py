"""OpenStreetMap is named wherever its data is in a study, also where nobody thought of it."""

import json

import pytest

from optimiser.basics.limits import SolveLimits
from scenarios.siting.loader import load_study
from service.siter import solve_study
from tests.siting_folders import HEAD, PEOPLE, SIMPLE, write_folder
from tests.unit.network.osm_files import way, write_osm

NAMED = "© OpenStreetMap contributors, ODbL"
STREETS = 'streets = "tiny.osm"\n'


def on_streets(folder, more=""):
    head = "\n".join(line for line in HEAD.splitlines() if "streets" not in line)
    demand = [{"id": "a", "at": 0, "weight": 30}]
    write_folder(folder, head=f"{head}\n{STREETS}{more}\n", demand=demand, candidates=[{"id": "x", "at": 1}])
    write_osm(folder / "tiny.osm", {1: (0, 0), 2: (2, 0)}, way(1, 2))
    return load_study(folder)


def test_streets_of_a_file_are_openstreetmaps(tmp_path):
    assert on_streets(tmp_path).attribution == (NAMED,)


@pytest.mark.parametrize("own", ["© OpenStreetMap contributors (ODbL 1.0)", "streets: openstreetmap.org"])
def test_who_names_it_already_does_so_in_own_words(tmp_path, own):
    assert on_streets(tmp_path, f'attribution = ["{own}"]').attribution == (own,)


def test_others_are_named_beside_it(tmp_path):
    assert on_streets(tmp_path, 'attribution = ["© the city"]').attribution == ("© the city", NAMED)


@pytest.mark.parametrize(("id_", "told"), [("node/17", (NAMED,)), ("x", ()), ("node/north", ())])
def test_sites_of_a_file_that_bear_its_ids_are_too(tmp_path, id_, told):
    # Along a straight line: no street file is there.
    write_folder(tmp_path, SIMPLE, demand=PEOPLE, candidates=[{"id": id_, "at": 1}, {"id": "y", "at": 4}])
    assert load_study(tmp_path).attribution == told


def test_every_output_that_names_somebody_names_it(tmp_path):
    files = solve_study(on_streets(tmp_path), SolveLimits(seconds=1)).files()
    assert json.loads(files["study.json"])["labels"]["attribution"] == [NAMED]
    assert json.loads(files["sites.geojson"])["attribution"] == [NAMED]
    assert json.loads(files["demand.geojson"])["attribution"] == [NAMED]
    page = files["report.html"].decode()
    assert f'<p class="credit">{NAMED}</p>' in page
    assert f"<span>{NAMED}</span>" in page
