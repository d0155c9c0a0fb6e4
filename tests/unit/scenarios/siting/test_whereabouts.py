"""A file that is far from the others is told, with the word for swapped degrees where these would mend it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Severity
from optimiser.basics.findings import Findings
from scenarios.siting.files.whereabouts import Single, Whereabouts, tell_far
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
        "1 place lies far from the city, in which it would lie with longitude for latitude: "
        f"{name}-2 (features/2, 6,372 km)"
    )


@pytest.mark.parametrize("name", ["demand", "candidates", "chargers", "grid"])
@pytest.mark.parametrize(
    "slip",
    [
        ((1, -1), "coordinates_sign", "in which it would lie with the other sign of latitude: ", "12,83"),
        ((-1, 1), "coordinates_sign", "in which it would lie with the other sign of longitude: ", "1,41"),
        ((-1, -1), "coordinates_sign", "in which it would lie with the other sign of both degrees: ", "13,00"),
        ((0, 0), "coordinates_far", "", "6,50"),
    ],
)
def test_a_single_place_that_is_far_is_told_with_its_row_and_what_would_bring_it_there(tmp_path, name, slip):
    signs, code, with_, km = slip
    lon, lat = TOWN[0]
    files = {"demand": TOWN, "candidates": TOWN, name: (*TOWN, (signs[0] * lon, signs[1] * lat))}
    assert errors_of(tmp_path, **files) == {}
    (warning,) = [item for item in load_study(tmp_path).warnings if item.code.startswith("coordinates_")]
    assert (warning.code, warning.source, warning.where, warning.value) == (
        code,
        f"{name}.geojson",
        f"features/2 (id {name}-2)",
        1,
    )
    words = f", {with_}" if with_ else ": "
    # By the haversine formula; the last digit depends on where the middle of the others is.
    assert warning.message[:-5] == f"1 place lies far from the city{words}{name}-2 (features/2, {km}"


def test_a_file_of_a_whole_country_is_not_told_place_by_place():
    city = Whereabouts.of_points("the streets", TOWN)
    country = [Single(f"c{number}", f"row {number + 2}", (11.97 + number % 2, 57.70 - number)) for number in range(8)]
    findings = Findings()
    tell_far([Whereabouts.of_singles("chargers.csv", country)], city, findings)
    assert findings.items == []
    few = [*country[:3], *(Single(f"f{number}", f"row {number + 20}", (0.0, float(number))) for number in range(2))]
    tell_far([Whereabouts.of_singles("chargers.csv", few)], city, findings)
    assert [(item.code, item.message, item.where) for item in findings.items] == [
        ("coordinates_far", "2 places lie far from the city: f0 (row 20, 6,504 km), f1 (row 21, 6,394 km)", "")
    ]


def test_a_row_that_counts_for_several_segments_is_told_once_and_long_lists_are_cut():
    rows = [
        Single(f"d{number}-{segment}", f"row {number + 2}", (11.97, -57.70)) for number in range(12) for segment in "ab"
    ]
    near = [Single(f"n{number}", f"row {number + 30}", TOWN[0]) for number in range(40)]
    findings = Findings()
    tell_far([Whereabouts.of_singles("demand.csv", [*near, *rows])], None, findings)
    (warning,) = findings.items
    assert warning.message.startswith("12 places lie far from the city, in which they would lie with the other sign")
    assert warning.message.endswith("d9-b (row 11, 12,832 km) and 2 more")


def test_a_file_that_lost_its_minus_is_told_as_such():
    findings = Findings()
    files = [Whereabouts.of_points("demand.csv", [(lon, -lat) for lon, lat in TOWN])]
    tell_far(files, Whereabouts.of_points("the streets", TOWN), findings)
    assert [(item.code, item.hint) for item in findings.items] == [
        ("coordinates_sign", "a minus looks lost, or is one too many")
    ]


def test_a_city_as_far_east_as_north_has_no_swapped_places():
    findings = Findings()
    places = [Single("a", "row 2", (45.0, 45.5)), Single("b", "row 3", (45.5, 45.0))]
    tell_far([Whereabouts.of_singles("demand.csv", places)], None, findings)
    assert findings.items == []


def test_an_area_around_the_city_is_near_wherever_its_middle_is():
    country = Whereabouts("excluded.geojson", np.array([[10.0, 55.0, 24.0, 69.0]]))
    findings = Findings()
    tell_far([Whereabouts.of_points("demand.csv", TOWN), country], None, findings)
    assert findings.items == []
