"""The border shape tells every error at once, with its place and what would be right."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.conversion import read_city, to_city
from scenarios.schema import CityModel
from scenarios.schema_errors import custom_error, findings_of
from scenarios.siting.schema import SitingModel
from tests.city_documents import city_document

Change = Callable[[dict[str, Any]], Any]


def errors_of(document: dict[str, Any]) -> dict[str, Finding]:
    findings = Findings()
    assert read_city(document, findings) is None
    assert not findings.warnings
    return {finding.where: finding for finding in findings.errors}


def test_a_valid_document_becomes_the_city_it_describes():
    city, snapshot, targets = to_city(CityModel.model_validate(city_document()))
    assert [(station.id, station.capacity) for station in city.stations] == [("A", 10), ("B", 12), ("C", 6)]
    assert (city.vans[0].shift_start, city.vans[0].shift_end) == (time(22), time(5, 30))
    assert city.vans[0].start_depot_id == city.depots[0].id == "depot"
    assert snapshot.as_of.isoformat() == "2026-11-22T21:00:00+01:00"
    assert [(status.bikes, status.docks, status.ebikes) for status in snapshot.stations] == [
        (8, 2, None),
        (0, None, None),
        (3, None, 1),
    ]
    assert targets == ()


def test_the_snapshot_is_told_in_the_time_of_the_city():
    document = city_document()
    document["snapshot"]["as_of"] = 1_782_075_600  # 2026-06-21 21:00 UTC, summer in Oslo
    _, snapshot, _ = to_city(CityModel.model_validate(document))
    assert snapshot.as_of.isoformat() == "2026-06-21T23:00:00+02:00"


def test_errors_of_fields_and_between_parts_come_together():
    document = city_document()
    document["stations"][0]["lat"] = 95
    document["stations"][1]["capacity"] = "many"
    document["stations"][2]["id"] = "A"
    document["vans"][0] |= {"slots": 5, "initial_load": 7, "end_depot": "dept"}
    document["vans"][0]["slotz"] = 3
    document["prices"].pop("van_km")
    document["snapshot"]["stations"][0]["bikes"] = math.nan
    found = errors_of(document)
    assert set(found) == {
        "/stations/0/lat",
        "/stations/1/capacity",
        "/stations/2/id",
        "/vans/0/initial_load",
        "/vans/0/end_depot",
        "/vans/0/slotz",
        "/prices/van_km",
        "/snapshot/stations/0/bikes",
        "/snapshot/stations/2/station_id",
    }
    assert found["/stations/0/lat"].value == 95
    assert "90" in found["/stations/0/lat"].hint
    assert found["/vans/0/slotz"].hint == "did you mean slots?"
    assert found["/vans/0/end_depot"].hint == "did you mean depot?"
    assert found["/prices/van_km"].message == "van_km is missing"
    assert found["/snapshot/stations/2/station_id"].code == "unknown_station"
    assert found["/stations/2/id"].code == "duplicate_id"


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        (lambda d: d.update(time_zone="Europe/Olso"), "/time_zone", "time_zone"),
        (lambda d: d.update(currency="kroner"), "/currency", "string_pattern_mismatch"),
        (lambda d: d.update(currency="NKO"), "/currency", "currency"),
        (lambda d: d.update(id="Oslo By"), "/id", "string_pattern_mismatch"),
        (lambda d: d.update(streets={"circuity": 1.3}), "/streets", "streets_choice"),
        (lambda d: d.update(streets={"source": "x", "circuity": 1.3, "speed_kmh": 9}), "/streets", "streets_choice"),
        (lambda d: d["streets"].update(circuity=0.9), "/streets/circuity", "greater_than_equal"),
        (lambda d: d["depots"].append(d["depots"][0] | {"id": "B"}), "/depots/1/id", "id_clash"),
        (lambda d: d.update(depots=[]), "/depots", "too_short"),
        (lambda d: d["vans"][0].update(shift=["22:00", "22:00"]), "/vans/0/shift", "shift_empty"),
        (lambda d: d["vans"][0].update(shift=["22:00+01:00", "05:00"]), "/vans/0/shift/0", "time_offset"),
        (lambda d: d["vans"][0].update(shift=["ten", "05:00"]), "/vans/0/shift/0", "time_parsing"),
        (lambda d: d["vans"][0].update(speed_factor=0), "/vans/0/speed_factor", "greater_than_equal"),
        (lambda d: d["prices"].update(van_km=-1), "/prices/van_km", "greater_than_equal"),
        (lambda d: d["prices"].update(van_km=math.inf), "/prices/van_km", "finite_number"),
        (lambda d: d["stations"][0].update(name="a\nb"), "/stations/0/name", "text_control"),
        (lambda d: d["snapshot"].update(as_of="2026-11-22T21:00:00"), "/snapshot/as_of", "timezone_aware"),
        (lambda d: d["snapshot"].update(as_of="1970-01-01T00:00:00Z"), "/snapshot/as_of", "time_range"),
        (lambda d: d["snapshot"]["stations"].pop(), "/stations/2", "status_missing"),
        (
            lambda d: d["snapshot"]["stations"][0].update(bikes=11),
            "/snapshot/stations/0/bikes",
            "more_bikes_than_capacity",
        ),
        (
            lambda d: d["snapshot"]["stations"][2].update(ebikes=4),
            "/snapshot/stations/2/ebikes",
            "more_ebikes_than_bikes",
        ),
        # What contradicts a number below 0 is no second mistake.
        (
            lambda d: d["snapshot"]["stations"][2].update(bikes=-4, low_charge=0, ebikes=0),
            "/snapshot/stations/2/bikes",
            "greater_than_equal",
        ),
        (lambda d: d.update(targets=[{"station_id": "A", "low": 5, "high": 3}]), "/targets/0/low", "target_reversed"),
        (
            lambda d: d.update(targets=[{"station_id": "A", "low": 5, "high": 11}]),
            "/targets/0/high",
            "target_above_capacity",
        ),
        (
            lambda d: d.update(targets=[{"station_id": "Z", "low": 5, "high": 6}]),
            "/targets/0/station_id",
            "unknown_station",
        ),
        (lambda d: d.update(stations="none"), "/stations", "tuple_type"),
    ],
)
def test_one_broken_thing_gives_that_one_error(change: Change, where: str, code: str):
    document = city_document()
    change(document)
    found = errors_of(document)
    assert found[where].code == code
    # Without stations or depots, what refers to them is wrong too.
    assert len(found) == 1 or where in {"/stations", "/depots"}


def test_every_error_says_what_would_be_right_or_what_is_missing():
    document = city_document()
    document["vans"][0] |= {"slots": 0, "shift": ["25:00", "05:00"], "start_depot": "x"}
    document["on_far"] = "ignore"
    document["currency"] = "kr"
    document["id"] = "By!"
    document["max_snap_m"] = 0
    for finding in errors_of(document).values():
        assert finding.hint, finding
        assert "String should" not in str(finding)


def test_the_model_itself_reports_all_so_that_http_does():
    document = city_document()
    document["vans"][0] |= {"slots": 5, "initial_load": 7}
    document["currency"] = "x"
    with pytest.raises(ValidationError) as caught:
        CityModel.model_validate_json(json.dumps(document))
    assert {error["loc"] for error in caught.value.errors()} == {("currency",), ("vans", 0, "initial_load")}


def test_a_model_survives_its_own_json():
    model = CityModel.model_validate(city_document())
    assert CityModel.model_validate_json(model.model_dump_json()) == model


@pytest.mark.parametrize(
    ("lon", "lat", "code", "hint"),
    [(59.92, 10.76, "coordinates_swapped", "look swapped"), (0.0, 0.0, "coordinates_far", "check lat and lon")],
)
def test_coordinates_far_from_the_rest_are_a_warning(lon: float, lat: float, code: str, hint: str):
    document = city_document()
    document["stations"][1] |= {"lat": lat, "lon": lon}
    findings = Findings()
    assert read_city(document, findings) is not None
    (warning,) = findings.warnings
    assert warning.where == "/stations/1"
    assert warning.code == code
    assert hint in warning.hint


def test_only_the_operators_own_targets_are_taken_over():
    document = city_document()
    document["targets"] = [{"station_id": "A", "low": 2, "high": 4, "lost_trips_per_bike": 2}]
    _, _, targets = to_city(CityModel.model_validate(document))
    assert [target.station_id for target in targets] == ["A"]
    # 0 bikes is 2 below the interval at 2 trips each; 10 bikes are 6 above.
    assert (targets[0].lost_trips[0], targets[0].lost_trips[3], targets[0].lost_trips[10]) == (4, 0, 12)


def test_an_unknown_country_of_holidays_is_told_with_a_hint():
    document = city_document() | {"history": {"holidays": "XX"}}
    error = errors_of(document)["/history/holidays"]
    assert error.code == "country"
    assert "US-CA" in error.hint


def test_numbers_as_ids_are_read_as_text():
    document = city_document()
    document["stations"][0]["id"] = 7
    document["snapshot"]["stations"][0]["station_id"] = "7"
    assert CityModel.model_validate(document).stations[0].id == "7"


@pytest.mark.parametrize("id_", [1.5, 1e30, math.nan, -math.inf])
def test_numbers_as_ids_are_compared_as_the_text_that_they_are_read_as(id_: float):
    document = city_document()
    document["stations"][0]["id"] = document["stations"][1]["id"] = id_
    assert any(error.code == "duplicate_id" and str(id_) in str(error) for error in errors_of(document).values())


def test_an_id_with_half_a_character_that_leads_nowhere_is_told_spelled_out():
    details = custom_error("unknown_station", "there is no station \ud800", at=("stations",), hint="did you mean \x00?")
    [error] = ValidationError.from_exception_data("city", [details]).errors()
    assert (error["msg"], error["ctx"]["hint"]) == ("there is no station \\ud800", "did you mean \\x00?")


def test_the_length_of_a_list_is_told_as_people_write_it():
    floors = {f"d{number}": 0.5 for number in range(5_001)}
    with pytest.raises(ValidationError) as refused:
        SitingModel(force=["a"] * 10_001, floors=floors)
    told = findings_of(refused.value, model=SitingModel, source="request")
    assert {(finding.message, finding.hint) for finding in told} == {
        ("force holds 10,001 items", "a list of at most 10,000"),
        ("floors holds 5,001 items", "an object of at most 5,000"),
    }
