"""What is wrong with the request for a study is told at once, each mistake once, in words that lead on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from optimiser.basics.finding import Finding
from service.errors import InvalidRequest
from service.settings import Settings
from service.studies.requests import read_request
from tests.siting_folders import inline_document


def errors(city: Any) -> list[Finding]:
    with pytest.raises(InvalidRequest) as caught:
        read_request(json.dumps({"city": city}).encode(), Settings())
    return [finding for finding in caught.value.findings if finding.severity.value == "error"]


def places(city: Any) -> list[tuple[str, str]]:
    return [(error.where, error.code) for error in errors(city)]


@pytest.mark.parametrize("city", [None, 7, True])
def test_what_is_no_city_is_told_both_forms_of_one(city):
    (error,) = errors(city)
    assert (error.where, error.code) == ("/city", "string_type")
    assert error.message == f"city is {json.dumps(city)}, neither a name nor a city in full"
    assert error.hint == "the name of a bundled city or of one of your own, or a city in full, an object"


def test_unknown_streets_are_told_beside_a_wrong_figure():
    siting = {"kinds": [{"id": "ac11", "power_kw": -1}]}
    assert places(inline_document(streets="nowhere", siting=siting)) == [
        ("/city/siting/kinds/0/power_kw", "greater_than"),
        ("/city/streets", "unknown_streets"),
    ]


def test_demand_that_is_missing_or_no_collection_is_told_once():
    city = inline_document()
    assert places({name: part for name, part in city.items() if name != "demand"}) == [("/city/demand", "missing")]
    assert places({**city, "demand": None}) == [("/city/demand", "not_geojson")]
    one = {"type": "Feature", "features": city["demand"]["features"]}
    assert places({**city, "demand": one}) == [("/city/demand", "not_geojson")]


def test_a_wrong_key_of_a_source_is_told_with_those_that_there_are():
    (error,) = errors(inline_document(siting={"sources": {"parking": {"colour": 3}}}))
    assert (error.where, error.code) == ("/city/siting/sources/parking/colour", "extra_forbidden")
    assert error.hint == "known here: open_cost, max_plugs, max_kw, kinds"
