"""Cars and stations of GBFS feeds, 2.3 and 3.1: charges, bookings, strangers, types."""

import json
from datetime import UTC, datetime

import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.relocation.loader import load_fleet
from tests.car_folders import CARS, write_folder

AS_OF = "2026-03-10T20:00:00Z"
STATIONS = [
    {"station_id": "A", "name": [{"text": "Anger", "language": "de"}], "lat": 50.0, "lon": 10.0, "capacity": 4},
    {"station_id": "Z", "name": "Zone", "lat": 50.0, "lon": 10.05, "is_virtual_station": True, "capacity": 50},
]
TYPES = [
    {"vehicle_type_id": "zoe", "form_factor": "car", "propulsion_type": "electric", "max_range_meters": 300_000},
    {"vehicle_type_id": "polo", "form_factor": "car", "propulsion_type": "combustion"},
    {"vehicle_type_id": "bike", "form_factor": "bicycle", "propulsion_type": "human"},
]
TOML = CARS.replace("as_of = 2026-03-10T21:00:00+01:00\n", "")


def feed(data, *, version="3.1", last_updated=AS_OF):
    return json.dumps({"last_updated": last_updated, "ttl": 0, "version": version, "data": data})


def vehicle(id_, **more):
    usual = {"vehicle_id": id_, "vehicle_type_id": "zoe", "is_reserved": False, "is_disabled": False}
    return usual | {"station_id": "A", "current_fuel_percent": 0.5} | more


def load(tmp_path, vehicles, *, files=None, toml=TOML):
    given = {
        "cars.toml": toml,
        "cars/stations.csv": None,
        "cars/cars.csv": None,
        "cars/plugs.csv": "plug_id,station_id,kw,car_id\n1,A,11,v1\n",
        "cars/demand.csv": None,
        "cars/station_information.json": feed({"stations": STATIONS}),
        "cars/vehicle_types.json": feed({"vehicle_types": TYPES}),
        "cars/vehicle_status.json": feed({"vehicles": vehicles}),
    }
    return load_fleet(write_folder(tmp_path, given | (files or {})))


def test_a_feed_of_version_3_gets_in(tmp_path):
    cars = [
        vehicle("v1"),
        vehicle("v2", current_fuel_percent=None, current_range_meters=75_000),
        vehicle("v3", is_disabled=True),
        vehicle("v4", station_id=None, lat=50.001, lon=10.05),
    ]
    loaded = load(tmp_path, cars)
    fleet = loaded.fleet
    assert fleet.as_of == datetime(2026, 3, 10, 20, tzinfo=UTC)
    assert [(s.name, s.bays, s.is_zone) for s in fleet.stations] == [("Anger", 4, False), ("Zone", None, True)]
    # 75 of 300 km are a quarter; a disabled car is neither rented nor driven; plugs.csv knows what is on its plug.
    assert [car.state_of_charge for car in fleet.cars] == [0.5, 0.25, 0.5, 0.5]
    assert [(car.in_service, car.can_move) for car in fleet.cars] == [
        (True, True),
        (True, True),
        (False, False),
        (True, True),
    ]
    assert [car.plug_id for car in fleet.cars] == ["1", None, None, None]
    assert [car.place_id for car in fleet.cars] == [None, None, None, "car:v4"]
    # Nobody says what a zoe's battery holds: 300 km at 0.17 kWh.
    assert {car.battery_kwh for car in fleet.cars} == {51}
    assert [warning.code for warning in loaded.warnings] == ["battery_assumed"]


def test_a_feed_of_version_2_gets_in(tmp_path):
    bikes = [
        {"bike_id": "b1", "lat": 50.0, "lon": 10.0, "is_reserved": 0, "is_disabled": 0, "current_fuel_percent": 80}
    ]
    files = {
        "cars/vehicle_status.json": None,
        "cars/plugs.csv": None,
        "cars/free_bike_status.json": feed({"bikes": bikes}, version="2.3", last_updated=1773172800),
        "cars/vehicle_types.json": None,
    }
    loaded = load(tmp_path, [], files=files)
    assert loaded.fleet.as_of == datetime(2026, 3, 10, 20, tzinfo=UTC)
    assert [(car.id, car.station_id, car.state_of_charge) for car in loaded.fleet.cars] == [("b1", "A", 0.8)]


def test_what_is_no_car_with_a_plug_is_left_out_and_told(tmp_path):
    cars = [vehicle("v1"), vehicle("v2", vehicle_type_id="polo"), vehicle("v3", vehicle_type_id="bike")]
    loaded = load(tmp_path, cars, toml=TOML + '[[types]]\nid = "zoe"\nbattery_kwh = 52\n')
    assert [car.id for car in loaded.fleet.cars] == ["v1"]
    assert {(item.code, item.value) for item in loaded.warnings} == {("not_a_car", 1), ("no_plug", 1)}


def test_bookings_come_from_availability_reservation_and_available_until(tmp_path):
    cars = [vehicle(f"v{number}") for number in range(1, 6)]
    cars += [vehicle("v6", available_until="2026-03-11T03:00:00Z"), vehicle("v7", is_reserved=True)]
    windows = {
        "v1": [{"from": "2026-03-10T18:00:00Z"}],
        "v2": [{"from": "2026-03-10T18:00:00Z", "until": "2026-03-11T04:00:00Z"}],
        "v3": [{"from": "2026-03-10T23:00:00Z", "until": "2026-03-11T12:00:00Z"}],
        "v4": [{"from": "2026-03-10T10:00:00Z", "until": "2026-03-10T12:00:00Z"}, {"from": "2026-03-10T21:00:00Z"}],
        "v5": [{"from": "2026-03-10T10:00:00Z", "until": "2026-03-10T12:00:00Z"}],
    }
    listed = [{"vehicle_id": id_, "availabilities": spans} for id_, spans in windows.items()]
    files = {"cars/vehicle_availability.json": feed({"vehicles": listed}), "cars/plugs.csv": None}
    cars_by_id = {car.id: car for car in load(tmp_path, cars, files=files).fleet.cars}

    def hours(moment):
        return None if moment is None else (moment - datetime(2026, 3, 10, 20, tzinfo=UTC)).total_seconds() / 3600

    found = {id_: (hours(car.available_from), hours(car.booked_from)) for id_, car in cars_by_id.items()}
    assert found == {
        "v1": (None, None),
        "v2": (None, 8),
        "v3": (3, 16),
        "v4": (1, None),
        "v5": (None, 0),
        "v6": (None, 7),
        "v7": (None, 0),
    }


def test_a_station_that_is_not_described_is_told_and_the_place_counts(tmp_path):
    loaded = load(tmp_path, [vehicle("v1"), vehicle("v2", station_id="Q", lat=50.0, lon=10.0001)])
    assert [car.station_id for car in loaded.fleet.cars] == ["A", "A"]
    assert "station_unknown" in {item.code for item in loaded.warnings}


def test_broken_feeds_are_told_with_their_place(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, [vehicle("v1"), vehicle("v2", current_fuel_percent=None), vehicle("v1")])
    found = {(item.code, item.source, item.where) for item in caught.value.findings}
    assert found == {
        ("missing", "vehicle_status.json", "data/vehicles/1 (vehicle_id v2), current_fuel_percent"),
        ("duplicate_id", "vehicle_status.json", "data/vehicles/2 (vehicle_id v1), vehicle_id"),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ("null", "not_an_object"),
        ("[]", "list_missing"),
        ('{"data": {"vehicles": [3]}}', "not_an_object"),
    ],
)
def test_what_is_no_feed_is_told(tmp_path, text, code):
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, [], files={"cars/vehicle_status.json": text})
    assert code in {item.code for item in caught.value.findings}
