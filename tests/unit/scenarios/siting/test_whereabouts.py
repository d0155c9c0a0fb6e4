"""A file that is far from the others is told, with the word for swapped degrees where these would mend it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Severity
from optimiser.basics.findings import Findings
from scenarios.siting.files.whereabouts import Whereabouts, tell_far
from scenarios.siting.inline import InlineStudyModel
from scenarios.siting.inline_loader import check_inline_study
from scenarios.siting.loader import load_study
from tests.siting_folders import HEAD

TOWN = ((11.97, 57.70), (11.98, 57.71))
TURNED = tuple((lat, lon) for lon, lat in TOWN)
ELSEWHERE = ((2.30, 48.87), (2.31, 48.87))
SAID = {"demand": {"weight": 5}, "chargers": {"ac11": 1}, "grid": {"hosting_kw": 50}}
FILES = ("demand", "candidates", "chargers", "districts", "excluded", "grid")


def collection(name, places):
    """Points, or triangles where areas are asked for."""
    features = []
    for number, (lon, lat) in enumerate(places):
        ring = [[lon, lat], [lon + 0.001, lat], [lon + 0.001, lat + 0.001], [lon, lat]]
        is_area = name in {"districts", "excluded"}
        shape = {"type": "Polygon", "coordinates": [ring]} if is_area else {"type": "Point", "coordinates": [lon, lat]}
        properties = {"id": f"{name}-{number}", **SAID.get(name, {})}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    return {"type": "FeatureCollection", "features": features}


def errors_of(folder, head=HEAD, **places):
    """Code and hint by file of the study in a folder; a document that says the same is refused with the same codes."""
    files = {name: collection(name, points) for name, points in places.items()}
    (folder / "city.toml").write_text(head)
    for name, document in files.items():
        (folder / f"{name}.geojson").write_text(json.dumps(document))
    try:
        load_study(folder)
        found = ()
    except InvalidInput as error:
        found = error.findings
    inline = {"id": "town", "name": "Town", "currency": "EUR", "streets": {"circuity": 1.0, "speed_kmh": 48.0}, **files}
    (folder / "inline").mkdir()
    findings = Findings()
    check_inline_study(inline, InlineStudyModel.model_validate(inline), None, folder / "inline", findings)
    assert {item.where: item.code for item in findings.items if item.severity is Severity.ERROR} == {
        f"/city/{item.source.removesuffix('.geojson')}": item.code for item in found
    }
    return {item.source.removesuffix(".geojson"): (item.code, item.hint) for item in found}


@pytest.mark.parametrize("wrong", FILES)
@pytest.mark.parametrize(
    ("places", "told"),
    [
        (TURNED, ("coordinates_swapped", "longitude and latitude look swapped")),
        (ELSEWHERE, ("coordinates_far", "degrees of longitude and latitude, in one city")),
    ],
)
def test_the_file_that_is_far_from_all_others_is_told(tmp_path, wrong, places, told):
    where = {name: TOWN for name in FILES if name != "excluded"} | {"excluded": ((11.99, 57.72),)}
    assert errors_of(tmp_path, **{**where, wrong: places}) == {wrong: told}


def test_of_two_files_either_may_be_wrong(tmp_path):
    hint = "longitude and latitude look swapped; here or in demand.geojson"
    assert errors_of(tmp_path, demand=TOWN, candidates=TURNED) == {"candidates": ("coordinates_swapped", hint)}


@pytest.mark.parametrize("places", [(*TOWN, *TURNED), (*TOWN, *ELSEWHERE * 5), TOWN])
def test_a_file_that_has_places_near_the_others_is_not_told(tmp_path, places):
    assert errors_of(tmp_path, demand=TOWN, candidates=places) == {}


def test_streets_tell_which_files_are_wrong():
    files = [Whereabouts.of_points(name, TURNED) for name in ("demand.csv", "candidates.csv")]
    findings, alone = Findings(), Findings()
    tell_far([*files, Whereabouts.of_points("grid.csv", TOWN)], Whereabouts.of_points("the streets", TOWN), findings)
    assert [(item.source, item.code) for item in findings.items] == [
        ("demand.csv", "coordinates_swapped"),
        ("candidates.csv", "coordinates_swapped"),
    ]
    assert findings.items[0].message == "the 2 places lie 6,371 km from the streets or further"
    tell_far(files, None, alone)
    assert alone.items == []


@pytest.mark.parametrize("name", ["demand", "candidates", "chargers", "grid"])
def test_a_single_place_with_swapped_degrees_is_told(tmp_path, name):
    files = {"demand": TOWN, "candidates": TOWN, name: (*TOWN, TURNED[0], ELSEWHERE[0])}
    assert errors_of(tmp_path, **files) == {}
    (warning,) = [item for item in load_study(tmp_path).warnings if item.code == "coordinates_swapped"]
    assert (warning.source, warning.value, warning.hint) == (
        f"{name}.geojson",
        1,
        "longitude and latitude look swapped",
    )
    # The third; the fourth is in another city either way.
    assert warning.message == (
        f"1 place lies far from the city, in which it would lie with longitude for latitude: {name}-2"
    )


def test_a_city_as_far_east_as_north_has_no_swapped_places():
    findings = Findings()
    tell_far([Whereabouts.of_points("demand.csv", ((45.0, 45.5), (45.5, 45.0)), "ab")], None, findings)
    assert findings.items == []


def test_an_area_around_the_city_is_near_wherever_its_middle_is():
    country = Whereabouts("excluded.geojson", np.array([[10.0, 55.0, 24.0, 69.0]]))
    findings = Findings()
    tell_far([Whereabouts.of_points("demand.csv", TOWN), country], None, findings)
    assert findings.items == []
