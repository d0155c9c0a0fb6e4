"""OpenStreetMap is named with nights whose streets are its data, also where nobody thought of it."""

import json

import pytest

from optimiser.basics.limits import SolveLimits
from scenarios.loader import load_city, load_inline
from scenarios.relocation.loader import load_fleet
from scenarios.schema import CityModel
from service.planner import plan_city
from tests import car_folders
from tests.city_documents import CITY_TOML, STREETS_XML, city_document, write_city_folder
from tests.feed_folders import write_gbfs_2

NAMED = "© OpenStreetMap contributors, ODbL"


def with_own(text):
    return CITY_TOML.replace("[[depots]]", f'attribution = ["{text}"]\n\n[[depots]]', 1)


def credits_of(folder, toml=CITY_TOML):
    return load_city(write_gbfs_2(write_city_folder(folder, toml=toml))).city.attribution


def test_streets_of_a_file_are_openstreetmaps(tmp_path):
    assert credits_of(tmp_path) == (NAMED,)


@pytest.mark.parametrize("own", ["© OpenStreetMap contributors (ODbL 1.0)", "streets: openstreetmap.org"])
def test_who_names_it_already_does_so_in_own_words(tmp_path, own):
    assert credits_of(tmp_path, with_own(own)) == (own,)


def test_others_are_named_beside_it(tmp_path):
    assert credits_of(tmp_path, with_own("© the city")) == ("© the city", NAMED)


def test_a_straight_line_is_nobodys_and_streets_of_a_bundled_city_are_openstreetmaps():
    assert load_inline(CityModel.model_validate(city_document())).city.attribution == ()
    there = {**city_document(), "streets": "paris-8e"}
    assert load_inline(CityModel.model_validate(there)).city.attribution == (NAMED,)


def test_it_is_named_with_e_cars_as_well(tmp_path):
    on_line, on_streets = tmp_path / "line", tmp_path / "streets"
    assert load_fleet(car_folders.write_folder(on_line)).fleet.attribution == ()
    toml = car_folders.CITY.replace("{ circuity = 1.0, speed_kmh = 36.0 }", '"streets.osm"')
    car_folders.write_folder(on_streets, {"city.toml": toml, "streets.osm": STREETS_XML})
    assert load_fleet(on_streets).fleet.attribution == (NAMED,)


def test_every_output_that_names_somebody_names_it(tmp_path):
    loaded = load_city(write_gbfs_2(write_city_folder(tmp_path)))
    files = plan_city(loaded, SolveLimits(rounds=10), cache_dir=None).files()
    assert json.loads(files["plan.json"])["labels"]["attribution"] == [NAMED]
    assert json.loads(files["routes.geojson"])["attribution"] == [NAMED]
    page = files["report.html"].decode()
    assert f'<p class="credit">{NAMED}</p>' in page
    assert f"<span>{NAMED}</span>" in page
