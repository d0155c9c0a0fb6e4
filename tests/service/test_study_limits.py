"""What a study of a city given in full may take: refused by counting, just above every limit and not at it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from optimiser.basics.findings import Findings
from scenarios.schema_errors import nearest
from service.errors import InvalidRequest
from service.jobs.bodies import excess
from service.settings import Settings
from service.studies import requests
from service.studies.counting import count_study
from service.system import health
from tests.siting_folders import collection, inline_document

LIMITS = {
    "max_demand_points": 6,
    "max_sites": 5,
    "max_areas": 2,
    "max_study_entries": 40,
    "max_access_pairs": 24,
    "max_servings": 12,
    "max_builds": 1000,
}


def found(document: Any, **limits: int) -> dict[str, tuple[str, float]]:
    findings = Findings()
    count_study(document, Settings(**{**LIMITS, **limits}), findings)
    assert {finding.code for finding in findings.items} <= {"limit_exceeded"}
    return {finding.where: (finding.message.split("limit ")[1].split()[0], finding.value) for finding in findings.items}


def many(count: int, **more: object) -> dict[str, Any]:
    return collection([{"id": f"p{row}", "at": row, **more} for row in range(count)])


def city(**more: Any) -> dict[str, Any]:
    return {"city": inline_document(demand=many(2), candidates=many(2), **more)}


@pytest.mark.parametrize(
    ("document", "where", "name", "value"),
    [
        (city() | {"city": inline_document(demand=many(6), candidates=many(1))}, None, None, None),
        (
            {"city": inline_document(demand=many(7), candidates=many(1))},
            "/city/demand/features",
            "max_demand_points",
            7,
        ),
        ({"city": inline_document(demand=many(1), candidates=many(5))}, None, None, None),
        ({"city": inline_document(demand=many(1), candidates=many(6))}, "/city/candidates/features", "max_sites", 6),
        (city(chargers=many(5)), None, None, None),
        (city(chargers=many(6)), "/city/chargers/features", "max_sites", 6),
        (city(grid=many(2), districts=many(2), excluded=many(2)), None, None, None),
        (city(grid=many(3)), "/city/grid/features", "max_areas", 3),
        # 6 demand points times 2 candidates and 2 or 3 chargers: 24 or 30 pairs.
        ({"city": inline_document(demand=many(6), candidates=many(2), chargers=many(2))}, None, None, None),
        (
            {"city": inline_document(demand=many(6), candidates=many(2), chargers=many(3))},
            "/city/demand/features",
            "max_access_pairs",
            30,
        ),
        # Without candidates each place of demand may be a site.
        ({"city": inline_document(demand=many(5), candidates=None)}, "/city/demand/features", "max_access_pairs", 25),
        # 2 demand points times 3 phases times 2 or 3 scenarios.
        (city(siting={"phases": [{"name": "p"}] * 3, "scenarios": [{"name": "s"}] * 2}), None, None, None),
        (
            city(siting={"phases": [{"name": "p"}] * 3, "scenarios": [{"name": "s"}] * 3}),
            "/city/siting",
            "max_servings",
            18,
        ),
        (city() | {"wishes": {"force": ["x"] * 5}}, None, None, None),
        (city() | {"wishes": {"force": ["x"] * 6}}, "/wishes/force", "max_sites", 6),
        (city(siting={"ban": ["x"] * 6}), "/city/siting/ban", "max_sites", 6),
        # A list of 40 names and the list itself.
        (city(siting={"synthetic": ["x"] * 40}), "/city/siting", "max_study_entries", 41),
    ],
)
def test_just_allowed_is_allowed_and_one_more_is_refused(document, where, name, value):
    assert found(document) == ({} if where is None else {where: (name, value)})


def test_ways_to_furnish_sites_are_counted_once_for_sites_of_which_the_same_is_said():
    kinds = [{"id": id_, "max_plugs": 4} for id_ in ("ac11", "ac22")]
    siting = {"kinds": kinds, "sources": {"upload": {"max_plugs": 6}}}
    # Two kinds, six plugs, four of a kind at most: 5 x 5 = 25 at most, the 28 ways to divide six not being fewer.
    assert found(city(siting=siting), max_builds=25) == {}
    assert found(city(siting=siting), max_builds=24) == {"/city/siting/kinds": ("max_builds", 25)}
    other = {"demand": many(2), "candidates": many(2, max_plugs=1), "siting": siting}
    # One plug of either kind, or none.
    assert found({"city": inline_document(**other)}, max_builds=2) == {"/city/siting/kinds": ("max_builds", 3)}


def test_a_site_that_could_be_furnished_in_a_hundred_billion_ways_is_refused_without_making_them():
    kinds = [{"id": f"k{row}", "max_plugs": 200} for row in range(6)]
    siting = {"kinds": kinds, "sources": {"upload": {"max_plugs": 200, "kinds": [kind["id"] for kind in kinds]}}}
    told = found(city(siting=siting), max_study_entries=1000, max_builds=2_000_000)
    assert told == {"/city/siting/kinds": ("max_builds", math.comb(206, 6))}


def test_numbers_of_a_limit_are_told_as_people_write_them():
    findings = Findings()
    excess(findings, "max_servings", "/city", 1_800_000, 1_000_000)
    excess(findings, "max_solve_s", "/limits/seconds", 900.5, 900.0)
    assert [(finding.message, finding.hint.split(";")[0]) for finding in findings.items] == [
        ("1,800,000 is over the limit max_servings of 1,000,000", "at most 1,000,000"),
        ("900.5 is over the limit max_solve_s of 900", "at most 900"),
    ]


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"city": None},
        {"city": "coquimbo"},
        {"city": {"demand": 3, "siting": [1], "chargers": {"features": "x"}}},
    ],
)
def test_what_is_malformed_is_told_elsewhere(document):
    assert found(document) == {}


def test_every_limit_is_published():
    assert set(LIMITS) <= health.Limits.model_fields.keys()


def test_bundled_studies_are_within_the_limits_as_they_come():
    settings = Settings()
    findings = Findings()
    count_study({"city": inline_document()}, settings, findings)
    assert findings.items == []


def test_sites_that_are_both_forced_and_banned_are_told_beside_every_other_error():
    wishes = {"force": ["x", "y"], "ban": ["x"], "floor": 40, "budget": -1, "sites": 3}
    body = json.dumps({"city": inline_document(currency="eur"), "wishes": wishes, "limits": {"seconds": 0}}).encode()
    with pytest.raises(InvalidRequest) as refused:
        requests.read_request(body, Settings())
    assert {(finding.where, finding.code) for finding in refused.value.findings} == {
        ("/wishes", "force_and_ban"),
        ("/wishes/floor", "less_than_equal"),
        ("/wishes/budget", "greater_than_equal"),
        ("/wishes/sites", "extra_forbidden"),
        ("/city/currency", "string_pattern_mismatch"),
        ("/limits/seconds", "greater_than"),
    }


def refusal(document):
    """Place, code and hint of each finding."""
    with pytest.raises(InvalidRequest) as refused:
        requests.read_request(json.dumps(document).encode(), Settings())
    return {finding.where: (finding.code, finding.hint) for finding in refused.value.findings}


def test_yes_and_one_are_not_taken_for_true_and_numbers_are_taken_as_ids():
    said = {"front": "yes", "sensitivity": 1, "weigh_nights": "on"}
    wrong = ("bool_type", "true or false, without quotes")
    assert refusal({"city": "coquimbo", **said, "wishes": {"ban": [3]}}) == {f"/{name}": wrong for name in said}
    city = inline_document()
    city["siting"] |= {"osm_candidates": "yes", "weigh_nights": 1}
    assert refusal({"city": city}) == {f"/city/siting/{name}": wrong for name in ("osm_candidates", "weigh_nights")}
    task, _ = requests.read_request(b'{"city": "coquimbo", "front": true, "wishes": {"ban": [3]}}', Settings())
    assert (task.front, task.sensitivity, task.wishes.ban) == (True, False, ("3",))


def test_a_request_of_another_shape_is_told_what_would_be_right():
    fields = "city, wishes, limits, front, weigh_nights, sensitivity, compare_with, name"
    assert refusal([1, 2]) == {"": ("model_type", f"an object, in TOML a table, of {fields}")}
    city = "The name of a bundled city or of one of your own, or a city in full"
    assert refusal({}) == {"/city": ("missing", city)}
    assert refusal({"city": inline_document(districts="x")}) == {
        "/city/districts": ("not_geojson", '{"type": "FeatureCollection", "features": [...]}')
    }
    twice = inline_document()
    twice["siting"]["kinds"] *= 2
    assert refusal({"city": twice}) == {
        "/city/siting/kinds/1/id": ("duplicate_id", "each once; the first is /city/siting/kinds/0")
    }


def test_nothing_is_built_from_what_is_over_a_limit(monkeypatch):
    def build(*_: object) -> None:
        raise AssertionError("built")

    monkeypatch.setattr(requests.StudyRequest, "model_validate", build)
    monkeypatch.setattr(requests, "_check_inline", build)
    body = json.dumps({"city": inline_document(demand=many(7)), "limits": {"seconds": 1e9}}).encode()
    with pytest.raises(InvalidRequest) as refused:
        requests.read_request(body, Settings(**LIMITS))
    assert {finding.where for finding in refused.value.findings} == {"/city/demand/features", "/limits/seconds"}


def test_spelling_is_compared_with_so_many_words_only():
    assert nearest("ac1", ["ac7", "ac11"]) is not None
    assert nearest("x" * 201, ["x" * 200]) is None
    assert nearest("needle", [f"{number:06}" for number in range(2000)] + ["needles"]) is None
