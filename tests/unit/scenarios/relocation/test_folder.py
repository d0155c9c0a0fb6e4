"""A folder of e-cars as an operator writes it: what gets in, and every error at once with its place."""

import json
from datetime import UTC, datetime, time

import pytest

from optimiser.basics.car_fleet import ModeKind, WishSource
from optimiser.basics.errors import InvalidInput
from scenarios.relocation.loader import load_fleet
from tests.car_folders import CARS, CITY, DEMAND, PLUGS, STATIONS, VEHICLES, write_folder


def errors_of(folder):
    with pytest.raises(InvalidInput) as caught:
        load_fleet(folder)
    return {(finding.code, finding.source, finding.where) for finding in caught.value.findings}


def test_a_folder_gets_in_whole(tmp_path):
    loaded = load_fleet(write_folder(tmp_path))
    fleet = loaded.fleet
    assert (fleet.id, fleet.time_zone, fleet.opening) == ("town", "Europe/Berlin", time(6, 0))
    assert fleet.as_of.astimezone(UTC) == datetime(2026, 3, 10, 20, tzinfo=UTC)
    assert [station.bays for station in fleet.stations] == [4, 4, 4]
    bahnhof = fleet.stations[1]
    assert bahnhof.site_kw == 22
    assert [plug.occupied_until is None for plug in bahnhof.plugs] == [True, False]
    # Nobody says what c1 is: the defaults, 50 kWh and 0.17 kWh/km.
    car = fleet.cars[0]
    assert (car.battery_kwh, car.kwh_per_km, car.state_of_charge, car.plug_id) == (50, 0.17, 0.9, None)
    assert fleet.cars[3].plug_id == "1"
    assert [(mode.name, mode.kind, mode.ride_s) for mode in fleet.modes] == [
        ("folding-bike", ModeKind.FOLDING_BIKE, 60)
    ]
    assert {station.wish.source for station in fleet.stations} == {WishSource.TARGET}
    assert fleet.stations[2].wish.lost_trips_per_car == 2
    # No series is given: the bundled day, and it says so.
    assert "synthetic" in fleet.grid.source
    assert any("made-up day" in sentence for sentence in fleet.synthetic)
    assert loaded.warnings == ()


def test_types_and_season_fill_what_a_car_does_not_say(tmp_path):
    cars = "car_id,station_id,state_of_charge,type,battery_kwh\nc1,A,0.9,small,\nc2,A,0.8,small,30\nc3,A,0.2,,\n"
    toml = CARS + (
        '[[types]]\nid = "small"\nbattery_kwh = 20\nconnectors = ["CCS"]\nneeds = ["licence-c"]\n'
        "[defaults]\nkwh_per_km = 0.2\nseason_factor = 1.25\n"
    )
    first, second, third = load_fleet(write_folder(tmp_path, {"cars/cars.csv": cars, "cars.toml": toml})).fleet.cars
    assert (first.battery_kwh, second.battery_kwh, third.battery_kwh) == (20, 30, 50)
    assert first.connectors == {"ccs"}
    assert first.needs == {"licence-c"}
    assert first.kwh_per_km == pytest.approx(0.25)


def test_every_wrong_input_is_told_at_once_with_file_and_row(tmp_path):
    found = errors_of(
        write_folder(
            tmp_path,
            {
                "cars/cars.csv": VEHICLES.replace("c1,A", "c1,Z").replace("c2,A,0.8", "c2,A,1.3"),
                "cars/plugs.csv": PLUGS + "1,B,22,type2,\n",
                "cars/demand.csv": DEMAND + "X,1,2,1\n",
                "cars/grid.csv": "hour,tariff,co2_g_per_kwh\n"
                + "".join(f"{hour},0.2,100\n" for hour in range(24) if hour not in (3, 4)),
                "cars.toml": CARS.replace('mode = "folding-bike"\n', ""),
            },
        )
    )
    assert found == {
        ("unknown_station", "cars.csv", "row 2, station_id"),
        ("less_than_equal", "cars.csv", "row 3, state_of_charge"),
        ("duplicate_id", "plugs.csv", "row 4, plug_id"),
        ("unknown_station", "demand.csv", "row 5, station_id"),
        ("grid_gap", "grid.csv", ""),
        ("missing", "cars.toml", "drivers[0].mode"),
    }


def test_values_and_hints_come_with_each_error(tmp_path):
    write_folder(tmp_path, {"cars/cars.csv": VEHICLES.replace("c2,A,0.8", "c2,A,1.3").replace("c1,A", "c1,a")})
    with pytest.raises(InvalidInput) as caught:
        load_fleet(tmp_path)
    by_code = {finding.code: finding for finding in caught.value.findings}
    assert by_code["less_than_equal"].value == "1.3"
    assert by_code["less_than_equal"].hint == "1.0 or less"
    assert by_code["unknown_station"].hint == "did you mean A?"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"cars/cars.csv": VEHICLES.replace("c4,B,0.3,1", "c4,B,0.3,7")},
            ("unknown_plug", "cars.csv", "row 5, plug_id"),
        ),
        ({"cars/cars.csv": VEHICLES + "c5,B,0.3,1\n"}, ("plug_held_twice", "cars.csv", "row 6, plug_id")),
        (
            {"cars/cars.csv": VEHICLES.replace("c4,B,0.3,1", "c4,B,0.3,2")},
            ("plug_held_twice", "cars.csv", "row 5, plug_id"),
        ),
        ({"cars/cars.csv": VEHICLES + "c1,B,0.3,\n"}, ("duplicate_id", "cars.csv", "row 6, car_id")),
        ({"cars/cars.csv": VEHICLES + "c9,,0.3,\n"}, ("car_nowhere", "cars.csv", "row 6")),
        ({"cars/demand.csv": DEMAND.replace("A,1,2,1", "A,3,2,1")}, ("target_reversed", "demand.csv", "row 2, low")),
        ({"cars/demand.csv": DEMAND.replace("A,1,2,1", "A,1,9,1")}, ("target_above_bays", "demand.csv", "row 2, high")),
        ({"cars/demand.csv": DEMAND + "A,1,2,1\n"}, ("demand_twice", "demand.csv", "row 5, station_id")),
        (
            {"cars/stations.csv": STATIONS.replace("10.01,4", "10.01,1")},
            ("more_plugs_than_bays", "stations.csv", "row 3, bays"),
        ),
        (
            {"cars.toml": CARS.replace('home"\nshift', 'hom"\nshift')},
            ("unknown_place", "cars.toml", "drivers[0].start"),
        ),
        ({"cars.toml": CARS.replace("folding-bike", "pogo")}, ("unknown_mode", "cars.toml", "drivers[0].mode")),
        ({"cars.toml": CARS.replace("folding-bike", "matrix")}, None),
        ({"cars.toml": CARS.replace("04:00", "22:00")}, ("shift_empty", "cars.toml", "drivers[0].shift")),
        *(
            (
                {"cars.toml": CARS.replace('bike"\n', f'bike"\nbreak = {{ minutes = 30, {window} }}\n')},
                ("break_outside_shift", "cars.toml", "drivers[0].break"),
            )
            for window in (
                'earliest = "05:00", latest = "06:00"',
                'earliest = "02:00", latest = "01:00"',
                'earliest = "03:45", latest = "03:50"',
            )
        ),
        *(
            ({"cars.toml": f'{CARS}[[zones]]\nid = "z"\nstations = {stations}\n'}, (code, "cars.toml", where))
            for stations, code, where in (
                ('["A"]', "zone_open", "zones[0]"),
                ('["A", "A"]\nfloor = 2', "duplicate_id", "zones[0].stations[1]"),
                ('["A"]\nfloor = 2\ncap = 1', "zone_reversed", "zones[0].floor"),
            )
        ),
        ({"cars/musts.csv": "car_id,stations,charge\nc1,,0.5\nc2,,\n"}, ("must_empty", "musts.csv", "row 3")),
        ({"cars.toml": CARS.replace("[prices]", "[price]")}, ("extra_forbidden", "cars.toml", "price")),
        ({"cars.toml": "= nonsense"}, ("not_toml", "cars.toml", "")),
        ({"cars.toml": None}, ("file_missing", "cars.toml", "")),
        ({"city.toml": CITY.replace("Berlin", "Berlim")}, ("time_zone", "city.toml", "time_zone")),
        ({"city.toml": CITY.replace('"EUR"', '"EUX"')}, ("currency", "city.toml", "currency")),
        ({"city.toml": CITY.replace("EUR", "SEK")}, ("prices_in_euros", "cars.toml", "grid")),
        (
            {"city.toml": CITY.replace("{ circuity = 1.0, speed_kmh = 36.0 }", '"none.osm"')},
            ("streets_missing", "city.toml", "streets"),
        ),
        (
            {"cars/tasks.csv": "task_id,car_id,minutes,price\nt1,c8,10,5\n"},
            ("unknown_car", "tasks.csv", "row 2, car_id"),
        ),
        (
            {"cars/musts.csv": "car_id,stations,charge\nc1,A|Q,0.5\n"},
            ("unknown_station", "musts.csv", "row 2, stations.1"),
        ),
        (
            {
                "cars/grid.csv": "time,tariff,co2_g_per_kwh\n2026-03-10T21:00+01:00,1,1\n2026-03-10T22:00+01:00,1,1\n"
                "2026-03-11T00:00+01:00,1,1\n"
            },
            ("grid_gap", "grid.csv", "row 4, time"),
        ),
        ({"cars/cars.csv": "car_id,station_id\nc1,A\n"}, ("column_missing", "cars.csv", "row 1")),
        ({"cars/cars.csv": None}, ("missing", "cars.toml", "cars")),
    ],
)
def test_one_thing_wrong_is_told_where_it_stands(tmp_path, files, expected):
    folder = write_folder(tmp_path, files)
    if expected is None:
        load_fleet(folder)
    else:
        assert expected in errors_of(folder)


def test_swapped_degrees_of_a_station_are_told(tmp_path):
    folder = write_folder(tmp_path, {"cars/stations.csv": STATIONS.replace("50.0,10.02", "10.02,50.0")})
    told = [(finding.code, finding.where, finding.hint) for finding in load_fleet(folder).warnings]
    assert told == [("coordinates_swapped", "/stations/2", "lat and lon look swapped")]


def test_wishes_that_nobody_can_fulfil_are_warnings(tmp_path):
    rows = VEHICLES.replace("plug_id", "plug_id,needs").replace("0.8,", "0.8,,lift").replace("0.2,", "0.2,,kee lift")
    files = {
        "cars.toml": CARS.replace('bike"\n', 'bike"\nskills = ["key"]\n')
        + '[[zones]]\nid = "z"\nstations = ["A"]\nfloor = 2\n',
        "cars/cars.csv": rows.replace("0.9,", "0.9,,key").replace("0.3,1", "0.3,1,"),
    }
    told = [
        (finding.code, finding.where, finding.hint) for finding in load_fleet(write_folder(tmp_path, files)).warnings
    ]
    assert told == [
        ("skill_unknown", "/cars/1/needs/0", "skills of drivers: key"),
        ("skill_unknown", "/cars/2/needs/0", "did you mean key?"),
        ("zone_unpriced", "/zones", "prices.zone_car above 0"),
    ]


def test_cars_that_no_plug_fits_or_that_are_booked_before_they_are_there_are_warnings(tmp_path):
    rows = """\
car_id,station_id,state_of_charge,plug_id,connectors,available_from,booked_from
c1,A,0.9,,Type 1|tesla,2026-03-11T01:00+01:00,2026-03-11T00:30+01:00
c2,A,0.8,,tesla type-1,2026-03-11T01:00+01:00,2026-03-11T01:00+01:00
c3,A,0.2,,CCS Type 2,,
c4,B,0.3,1,type_2,,
"""
    loaded = load_fleet(write_folder(tmp_path, {"cars/cars.csv": rows}))
    assert [(finding.code, finding.where, finding.value, finding.hint) for finding in loaded.warnings] == [
        (
            "booked_before_brought",
            "/cars/0/booked_from",
            "2026-03-11T00:30:00+01:00",
            "2026-03-11T01:00:00+01:00 or later",
        ),
        ("no_plug_fits", "/cars/0", "tesla, type1", "connectors of plugs: type2"),
    ]
    assert loaded.fleet.cars[2].connectors == {"ccs", "type2"}


def test_a_file_that_cannot_be_read_brings_no_further_errors(tmp_path):
    folder = write_folder(tmp_path, {"cars/stations.csv": "station_id,lat\nA,1\n"})
    assert errors_of(folder) == {("column_missing", "stations.csv", "row 1")}


def test_rates_by_hour_and_all_day(tmp_path):
    hours = "".join(f"A,{hour},{hour / 10},0.5\n" for hour in range(24))
    text = f"station_id,hour,rentals_per_hour,returns_per_hour\n{hours}B,,0.3,0.2\n"
    stations = load_fleet(write_folder(tmp_path, {"cars/demand.csv": text})).fleet.stations
    assert [station.wish.source for station in stations] == [WishSource.RATES, WishSource.RATES, WishSource.DEFAULT]
    assert stations[0].wish.rates.rentals_per_hour[7] == pytest.approx(0.7)
    assert set(stations[1].wish.rates.rentals_per_hour) == {0.3}
    # Nothing is known of Campus: one ready car at least, one of four bays free.
    assert (stations[2].wish.low, stations[2].wish.high) == (1, 3)


def test_hours_that_are_missing_are_named(tmp_path):
    text = "station_id,hour,rentals_per_hour,returns_per_hour\n" + "".join(f"A,{hour},1,1\n" for hour in range(23))
    write_folder(tmp_path, {"cars/demand.csv": text})
    with pytest.raises(InvalidInput, match="no row for hour 23"):
        load_fleet(tmp_path)


def test_cars_off_stations_stand_at_the_nearest_in_a_zone_or_nowhere(tmp_path):
    stations = STATIONS + "Z,Zone,50.0,10.05,,yes,\n"
    cars = "car_id,station_id,lat,lon,state_of_charge\nn1,,50.0002,10.0,0.5\nn2,,50.0,10.045,0.5\nn3,,51.0,10.0,0.5\n"
    cars += "n4,Z,50.001,10.05,0.5\n"
    files = {"cars/stations.csv": stations, "cars/cars.csv": cars, "cars/demand.csv": None}
    loaded = load_fleet(write_folder(tmp_path, files))
    # 22 m from Anger; 358 m from the middle of the zone; 111 km from everything.
    assert [(car.id, car.station_id, car.place_id) for car in loaded.fleet.cars] == [
        ("n1", "A", None),
        ("n2", "Z", "car:n2"),
        ("n4", "Z", "car:n4"),
    ]
    (warning,) = loaded.warnings
    assert (warning.code, warning.value) == ("car_far_from_station", 1)
    assert "n3" in warning.message


def test_what_is_not_read_is_told(tmp_path):
    loaded = load_fleet(write_folder(tmp_path, {"cars/prices.csv": "a\n1\n"}))
    assert [(item.code, item.source) for item in loaded.warnings] == [("file_unread", "cars/prices.csv")]


def test_two_files_for_one_list_are_refused(tmp_path):
    feed = json.dumps({"last_updated": 1773172800, "data": {"vehicles": []}})
    assert ("file_twice", "cars.csv", "") in errors_of(write_folder(tmp_path, {"cars/vehicle_status.json": feed}))


def test_a_dated_series_holds_until_its_last_step_ends(tmp_path):
    text = "time,tariff,co2_g_per_kwh\n2026-03-10T21:00+01:00,0.3,100\n2026-03-10T22:00+01:00,0.2,50\n"
    grid = load_fleet(write_folder(tmp_path, {"cars/grid.csv": text})).fleet.grid
    assert grid.end == datetime(2026, 3, 10, 22, tzinfo=UTC)
    assert [step.co2_kg for step in grid.steps] == [0.1, 0.05]


def test_decimal_commas_and_words_in_a_cell(tmp_path):
    cars = "car_id;station_id;state_of_charge;connectors;in_service\nc1;A;0,55;type2 CCS;no\n"
    (car,) = load_fleet(write_folder(tmp_path, {"cars/cars.csv": cars})).fleet.cars
    assert (car.state_of_charge, car.connectors, car.in_service) == (0.55, {"type2", "ccs"}, False)
