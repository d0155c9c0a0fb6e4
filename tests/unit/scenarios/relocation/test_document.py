"""A fleet as one document, as it will come over HTTP: pointers, every error at once, and no crash whatever comes."""

import tomllib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from scenarios.relocation.folder import read_fleet
from scenarios.relocation.loader import load_fleet, load_inline_fleet
from scenarios.relocation.schema import CarFleetModel
from tests.car_folders import CARS, CITY, write_folder

DOCUMENT = tomllib.loads(CITY + CARS) | {
    "stations": [
        {"id": "A", "name": "Anger", "lat": 50.0, "lon": 10.0, "bays": 4},
        {"id": "B", "name": "Bahnhof", "lat": 50.0, "lon": 10.01, "bays": 4},
    ],
    "plugs": [{"id": "1", "station_id": "B", "kw": 11}],
    "cars": [{"id": "c1", "station_id": "A", "state_of_charge": 0.5}],
    "demand": [{"station_id": "A", "low": 1}],
    "grid_series": [{"hour": hour, "tariff": 0.2, "co2_g_per_kwh": 100} for hour in range(24)],
    "tasks": [{"id": "t", "car_id": "c1", "minutes": 5, "price": 1}],
    "musts": [{"car_id": "c1", "stations": ["B"], "charge": 0.5}],
    "zones": [{"id": "z", "stations": ["A", "B"], "floor": 1}],
    "types": [{"id": "small", "battery_kwh": 20}],
    "pairs": [],
    "modes": [{"name": "folding-bike"}],
}
LISTS = [part for part, value in DOCUMENT.items() if isinstance(value, list)]
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 30),
    st.floats(allow_nan=True),
    st.sampled_from(["", "A", "c1", "1", "22:00", "2026-03-10T21:00:00+01:00", "nonsense", "{}"]),
    st.just([]),
    st.just({}),
    st.lists(st.sampled_from(["A", "B", 3, None]), max_size=3),
)


def read(document):
    findings = Findings()
    return read_fleet(document, findings), findings


def test_a_document_gets_in_like_the_folder_that_says_the_same(tmp_path):
    model, findings = read(DOCUMENT)
    assert findings.items == []
    files = {
        "cars/plugs.csv": "plug_id,station_id,kw\n1,B,11\n",
        "cars/cars.csv": "car_id,station_id,state_of_charge\nc1,A,0.5\n",
    }
    folder = load_fleet(write_folder(tmp_path, files)).fleet
    inline = load_inline_fleet(model).fleet
    assert inline.cars == folder.cars
    assert inline.stations[1] == load_inline_fleet(model).fleet.stations[1]
    assert inline.stations[1].plugs == folder.stations[1].plugs
    assert inline.drivers == folder.drivers


def test_errors_carry_pointers_and_come_all_at_once():
    broken = DOCUMENT | {
        "cars": [{"id": "c1", "station_id": "Q", "state_of_charge": 1.3}],
        "demand": [{"station_id": "A", "low": 3, "high": 2}],
        "prices": {"lost_trip": -1, "driver_hour": 1},
    }
    _, findings = read(broken)
    assert {(item.code, item.where) for item in findings.errors} == {
        ("unknown_station", "/cars/0/station_id"),
        ("less_than_equal", "/cars/0/state_of_charge"),
        ("target_reversed", "/demand/0/low"),
        ("greater_than_equal", "/prices/lost_trip"),
    }


def test_streets_are_those_of_a_bundled_city():
    model, _ = read(DOCUMENT | {"streets": "goteborg"})
    assert load_inline_fleet(model).streets.name == "streets.osm.pbf"
    model, _ = read(DOCUMENT | {"streets": "nowhere"})
    with pytest.raises(InvalidInput, match="no streets named nowhere"):
        load_inline_fleet(model)


def test_a_car_on_a_plug_that_does_not_fit_is_refused():
    car = {"id": "c1", "station_id": "B", "state_of_charge": 0.5, "plug_id": "1", "connectors": ["chademo"]}
    model, findings = read(DOCUMENT | {"cars": [car], "musts": [], "tasks": []})
    assert findings.items == []
    with pytest.raises(InvalidInput, match="which is type2"):
        load_inline_fleet(model)


def test_a_fleet_without_drivers_is_one_that_only_charges():
    model, findings = read({key: value for key, value in DOCUMENT.items() if key != "drivers"})
    assert findings.items == []
    assert load_inline_fleet(model).fleet.drivers == ()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_one_field_holds_it_is_read_or_told(data):
    """One value anywhere in a good document is anything at all: never an exception, and never both or neither."""
    part = data.draw(st.sampled_from(sorted(DOCUMENT)))
    value = data.draw(ANYTHING)
    document = dict(DOCUMENT)
    if part in LISTS and DOCUMENT[part] and data.draw(st.booleans()):
        row = data.draw(st.integers(0, len(DOCUMENT[part]) - 1))
        known = [field.alias or name for name, field in _row_model(part).model_fields.items()]
        rows = list(DOCUMENT[part])
        rows[row] = rows[row] | {data.draw(st.sampled_from(known)): value}
        document[part] = rows
    else:
        document[part] = value
    model, findings = read(document)
    assert (model is None) == bool(findings.errors)
    if model is not None:
        with suppress(InvalidInput):
            assert load_inline_fleet(model).fleet.stations


def _row_model(part):
    (inner, *_) = CarFleetModel.model_fields[part].annotation.__args__
    return getattr(inner, "__origin__", inner) if not hasattr(inner, "model_fields") else inner
