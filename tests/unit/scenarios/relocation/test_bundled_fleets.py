"""The bundled fleets: the same byte for byte from their seeds, labelled, and a night worth planning."""

import importlib.util
import shutil

import pytest

from optimiser.basics.car_fleet import WishSource
from optimiser.relocation.problem.wishes import lost_trip_tables
from scenarios.loader import BUNDLED
from scenarios.relocation.loader import load_fleet

FLEETS = {"goteborg": (40, 3), "paris-8e": (25, 2)}


def script(name):
    spec = importlib.util.spec_from_file_location("derive_cars", BUNDLED / name / "derive_cars.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", FLEETS)
def test_the_files_are_what_the_script_makes(name, tmp_path):
    for path in BUNDLED.glob(f"{name}/*.*json"):
        shutil.copy(path, tmp_path)
    script(name).derive(tmp_path)
    made = {path.name: path.read_bytes() for path in (tmp_path / "cars").iterdir()}
    assert made == {path.name: path.read_bytes() for path in (BUNDLED / name / "cars").iterdir()}


@pytest.mark.parametrize(("name", "cars", "drivers"), [(name, *counts) for name, counts in FLEETS.items()])
def test_a_fleet_loads_without_a_warning_and_says_what_is_made_up(name, cars, drivers):
    loaded = load_fleet(name)
    assert (len(loaded.fleet.cars), len(loaded.fleet.drivers)) == (cars, drivers)
    assert loaded.warnings == ()
    assert len(loaded.fleet.synthetic) >= 4
    assert "OpenStreetMap" in loaded.fleet.attribution[0]


@pytest.mark.parametrize("name", FLEETS)
def test_the_evening_has_low_cars_and_stations_that_are_short(name):
    fleet = load_fleet(name).fleet
    low = [car for car in fleet.cars if car.state_of_charge < car.ready_charge]
    assert 0.2 < len(low) / len(fleet.cars) < 0.5
    assert sum(car.plug_id is not None for car in fleet.cars) >= 5
    assert sum(car.booked_from is not None for car in fleet.cars) >= 1
    tables = lost_trip_tables(fleet)
    ready = {station.id: 0 for station in fleet.stations}
    for car in fleet.cars:
        ready[car.station_id] += car.state_of_charge >= car.ready_charge
    lost = sum(table[min(ready[id_], len(table) - 1)] for id_, table in tables.items())
    least = sum(min(table) for table in tables.values())
    assert lost > least + 5
    assert set(fleet.wish_sources) == set(WishSource)
