"""A study in one document is the study of the same folder, and is refused in the words of the document."""

import json

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from scenarios.siting.changes import ChangesModel
from scenarios.siting.inline import InlineStudyModel, pointed
from scenarios.siting.inline_loader import check_inline_study, load_inline_study
from scenarios.siting.loader import load_study
from scenarios.siting.study import state_study
from tests.siting_folders import PEOPLE, PLACES, SIMPLE, collection, inline_document, write_folder


def errors_of(whole, folder, changes=None):
    findings = Findings()
    model = InlineStudyModel.model_validate(whole)
    check_inline_study(whole, model, changes, folder, findings)
    return {finding.where: finding.code for finding in findings.items}


def in_paris(places):
    """The collection with its points in the 8e."""
    for feature in places["features"]:
        feature["geometry"]["coordinates"] = [2.305, 48.872]
    return places


def test_the_document_is_the_study_of_the_folder(tmp_path):
    inline, folder = tmp_path / "inline", tmp_path / "folder"
    inline.mkdir()
    write_folder(folder, SIMPLE, demand=PEOPLE, candidates=PLACES)
    model = InlineStudyModel.model_validate(json.loads(json.dumps(inline_document())))
    loaded = [load_inline_study(model, None, inline), load_study(folder)]
    one, other = (state_study(item.inputs, item.travel_of, item.city.assumed).problem for item in loaded)
    assert one.demand == other.demand
    assert one.access.travel_s.tolist() == other.access.travel_s.tolist() == [84, 84]
    assert [(site.id, site.open_cost, site.kinds) for site in one.sites] == [
        (site.id, site.open_cost, site.kinds) for site in other.sites
    ]


def test_a_bundled_city_lends_its_streets(tmp_path):
    champs = {"at": 0, "id": "a", "weight": 3}
    there = {name: in_paris(collection([champs])) for name in ("demand", "candidates")}
    model = InlineStudyModel.model_validate(inline_document(streets="paris-8e", **there))
    loaded = load_inline_study(model, None, tmp_path)
    assert loaded.city.streets.name == "streets.osm.pbf"


def test_what_is_wrong_is_told_with_pointers_into_the_document(tmp_path):
    assert errors_of(inline_document(), tmp_path) == {}
    wrong = inline_document(demand=collection([{**PEOPLE[0], "weight": -1}, {**PEOPLE[1], "weight": "many"}]))
    assert set(errors_of(wrong, tmp_path)) == {"/city/demand/features/0", "/city/demand/features/1"}
    wrong = inline_document(streets="nowhere")
    assert errors_of(wrong, tmp_path) == {"/city/streets": "unknown_streets"}
    changes = ChangesModel(force=("xx",), floor=0.5)
    assert errors_of(inline_document(), tmp_path, changes) == {
        "/wishes/force": "unknown_site",
        "/wishes/floor": "outside_districts",
    }
    with pytest.raises(InvalidInput):
        load_inline_study(InlineStudyModel.model_validate(inline_document(streets="nowhere")), None, tmp_path)


def test_other_places_are_told_with_pointers_into_the_document_too(tmp_path):
    around = [
        {"type": "Feature", "properties": {"id": "mid"}, "geometry": {"type": "Polygon", "coordinates": [AROUND]}}
    ]
    whole = inline_document(
        demand=collection([PEOPLE[0], PEOPLE[0]]),
        candidates=collection([PLACES[0], {**PLACES[1], "district": "north"}]),
        chargers=collection([{"id": "x", "at": 2, "ac11": 1}]),
        districts={"type": "FeatureCollection", "features": around * 2},
    )
    findings = Findings()
    check_inline_study(whole, InlineStudyModel.model_validate(whole), None, tmp_path, findings)
    assert {finding.where: finding.hint for finding in findings.errors} == {
        "/city/districts/features/1": "first: /city/districts/features/0 (id mid)",
        "/city/demand/features/1": "each once, also for several segments; the first is /city/demand/features/0 (id a)",
        "/city/candidates/features/0": "each once; the first is /city/chargers/features/0 (id x)",
        "/city/candidates/features/1": "/city/districts has mid, mid",
    }


def test_files_are_looked_at_even_where_the_rest_is_wrong(tmp_path):
    findings = Findings()
    check_inline_study({"demand": {"type": "Topology"}}, None, None, tmp_path, findings)
    assert [(finding.where, finding.code) for finding in findings.items] == [("/city/demand", "not_geojson")]


CHARGER = collection([{"id": "old", "at": 2}])
"""Does not say how many plugs it has."""
AROUND = [[0.0015 * x, 0.0015 * y] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
"""The first of the people and of the places."""
EXCLUDED = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [AROUND]}},
    ],
}


def test_what_is_odd_is_told_as_the_study_itself_tells_it(tmp_path):
    whole = inline_document(chargers=CHARGER, demand=collection([{**PEOPLE[0], "weight": 0}, PEOPLE[1]]))
    check, made = tmp_path / "check", tmp_path / "made"
    check.mkdir()
    made.mkdir()
    findings = Findings()
    model = InlineStudyModel.model_validate(whole)
    check_inline_study(whole, model, None, check, findings)
    assert findings.errors == ()
    assert [(finding.code, finding.where) for finding in findings.warnings] == [
        ("demand_empty", "/city/demand"),
        ("plugs_assumed", "/city/chargers/features/0"),
    ]
    assert tuple(pointed(load_inline_study(model, None, made).warnings)) == findings.warnings


def test_nothing_is_told_of_sites_that_only_the_extract_knows(tmp_path):
    # Which sites are excluded is known when the streets have been opened.
    whole = inline_document(streets="paris-8e", excluded=EXCLUDED, chargers=CHARGER)
    assert errors_of({**whole, "candidates": None}, tmp_path) == {"/city/chargers/features/0": "plugs_assumed"}
    (tmp_path / "candidates.geojson").unlink(missing_ok=True)
    assert errors_of(whole, tmp_path)["/city/excluded"] == "site_excluded"
