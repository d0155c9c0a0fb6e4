"""Valid folders, each small and of many files, made with the builders that other tests use."""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import shapely

from tests import car_folders, siting_folders
from tests.city_documents import CITY_TOML, write_city_folder
from tests.feed_folders import write_csv, write_gbfs_1, write_gbfs_2, write_gbfs_3
from tests.unit.network.osm_files import osm_xml, way, write_osm
from tests.unit.scenarios.siting.places import point, square, write

Files = dict[str, bytes]

LINE_TOML = CITY_TOML.replace('"streets.osm"', "{ circuity = 1.3, speed_kmh = 25 }") + (
    '\n[[zones]]\nid = "z"\nstations = ["A", "B"]\nfloor = 1\n\n[[station_rules]]\nstations = ["C"]\nneeds = ["ramp"]\n'
)
BIKES = [
    {"bike_id": f"b{number}", "station_id": "A", "vehicle_type_id": "boost", "current_range_meters": 900 * number}
    | {"is_disabled": number == 3, "is_reserved": False, "lat": 59.91, "lon": 10.75}
    for number in range(1, 5)
]
TARGETS = "station_id,low,high,lost_trips_per_bike,reason\nA,1,6,0.5,by hand\nB,2,8,,\n"
MUSTS = "station_id,visit,low,high,swaps,broken\nA,1,,,,\nB,,2,9,,1\n"
STREETS = "streets.osm"
GRID = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2), 5: (1, 1)}
PLACES = {4: {"amenity": "charging_station", "capacity": "2", "name": "Café"}, 5: {"barrier": "bollard"}}
WAYS = (way(1, 2, 3, name="Störgatan"), way(3, 4, 1, oneway="yes"), way(2, 5, 4, amenity="parking"))


def made(write_files: Callable[[Path], Any]) -> Files:
    """What a writer of files leaves in an empty folder."""
    with tempfile.TemporaryDirectory() as scratch:
        write_files(Path(scratch))
        found = sorted(path for path in Path(scratch).rglob("*") if path.is_file())
        return {path.relative_to(scratch).as_posix(): path.read_bytes() for path in found}


def bikes(write_feed: Callable[[Path], Any]) -> Files:
    """A city of bikes on a straight line, its feed written by `write_feed`."""

    def write_files(folder: Path) -> None:
        write_feed(write_city_folder(folder, toml=LINE_TOML))
        (folder / STREETS).unlink()
        if write_feed is write_csv:
            (folder / "city.toml").write_text(LINE_TOML + "\n[snapshot]\nas_of = 2026-11-22T21:00:00+01:00\n")
        (folder / "targets.csv").write_text(TARGETS)
        (folder / "musts.csv").write_text(MUSTS)
        if write_feed is write_gbfs_2:
            (folder / "free_bike_status.json").write_text(json.dumps({"last_updated": 1, "data": {"bikes": BIKES}}))

    return made(write_files)


@cache
def feeds() -> dict[str, Files]:
    """The same city with feeds of all versions, and as tables."""
    writers = {"gbfs-1": write_gbfs_1, "gbfs-2": write_gbfs_2, "gbfs-3": write_gbfs_3, "tables": write_csv}
    return {name: bikes(write_feed) for name, write_feed in writers.items()}


def history() -> Files:
    """Status, trips, weather and holidays, as text, compressed and as Parquet."""
    began = 1_763_000_000
    polls = [(began + 300 * poll, id_, poll % 7, -1, 10 - poll % 7, 0, 1) for poll in range(40) for id_ in "ABC"]
    columns = ("ts", "station_id", "bikes", "ebikes", "docks", "bikes_disabled", "is_renting")
    status = "\n".join([",".join(columns), *(",".join(map(str, row)) for row in polls)]) + "\n"
    trips = "started_at,ended_at,start_station_id,end_station_id\n" + "".join(
        f"2025-11-{day:02} {hour:02}:05:00,2025-11-{day:02} {hour:02}:25:00,{'ABC'[hour % 3]},{'ABC'[day % 3]}\n"
        for day in (12, 13, 14)
        for hour in range(6, 22)
    )
    table = pa.table(dict(zip(columns, map(list, zip(*polls, strict=True)), strict=True)))
    packed = io.BytesIO()
    pa_parquet.write_table(table, packed)
    weather = "date,temperature_c,rain_mm,note\n2025-11-12,3.5,0,\n2025-11-13,1,2.5,sleet\n"
    return feeds()["gbfs-2"] | {
        "history/status.csv": status.encode(),
        "history/trips.csv.gz": __import__("gzip").compress(trips.encode(), mtime=0),
        "history/later.parquet": packed.getvalue(),
        "history/weather.csv": weather.encode(),
        "history/holidays.csv": b"date,name\n2025-11-13,Feast\n",
    }


def cars() -> Files:
    """A fleet of e-cars, all of it in tables."""
    more = {
        "cars/grid.csv": "hour,tariff,co2_g_per_kwh\n"
        + "".join(f"{hour},0.{20 + hour},{100 + hour}\n" for hour in range(24)),
        "cars/tasks.csv": "task_id,car_id,minutes,price,needs\nt1,c1,10,5.5,\n",
        "cars/musts.csv": "car_id,stations,charge\nc2,B C,\n",
    }
    return made(lambda folder: car_folders.write_folder(folder, more))


def car_feed() -> Files:
    """The same fleet with its stations and cars as a GBFS feed tells them."""
    stations = [
        {"station_id": id_, "name": [{"text": id_, "language": "en"}], "lat": 50.0, "lon": lon, "capacity": 4}
        for id_, lon in (("A", 10.0), ("B", 10.01), ("C", 10.02))
    ]
    kinds = [
        {"vehicle_type_id": "zoe", "form_factor": "car", "propulsion_type": "electric", "max_range_meters": 300_000},
        {"vehicle_type_id": "kick", "form_factor": "scooter", "propulsion_type": "electric", "max_range_meters": 9000},
    ]
    listed = [
        {
            "vehicle_id": f"c{number}",
            "station_id": "ABC"[number % 3],
            "vehicle_type_id": "zoe",
            "lat": 50.0,
            "lon": 10.0,
        }
        | {"is_reserved": False, "is_disabled": False, "current_fuel_percent": number / 10}
        for number in range(1, 6)
    ]
    free = [{"vehicle_id": "c1", "availabilities": [{"from": "2026-03-10T20:00:00Z", "until": "2026-03-11T08:00:00Z"}]}]
    told = {"last_updated": "2026-03-10T20:00:00Z", "ttl": 60, "version": "3.1"}
    feed = {
        "station_information": {"stations": stations},
        "vehicle_types": {"vehicle_types": kinds},
        "vehicle_status": {"vehicles": listed},
        "vehicle_availability": {"vehicles": free},
    }
    toml = car_folders.CARS.replace("as_of = 2026-03-10T21:00:00+01:00\n", "")
    files = made(lambda folder: car_folders.write_folder(folder, {"cars/stations.csv": None, "cars/cars.csv": None}))
    documents = {f"cars/{name}.json": json.dumps(told | {"data": data}).encode() for name, data in feed.items()}
    return files | documents | {"cars.toml": toml.encode(), "cars/plugs.csv": b"plug_id,station_id,kw\n1,B,11\n"}


def siting(ending: str) -> Files:
    """A study of charging sites with every file that one may have, its demand as GeoJSON, CSV or GeoPackage."""

    def write_files(folder: Path) -> None:
        places = [{"id": "x", "at": 1}, {"id": "y", "at": 4}]
        siting_folders.write_folder(folder, demand=siting_folders.PEOPLE, candidates=places)
        (folder / "candidates.csv").unlink()
        write(folder, "candidates.geojson", point(id="x", name="Ext", max_plugs=4), point(1, id="y", open_cost=50))
        write(folder, "chargers.geojson", point(0.5, capacity=2, amenity="charging_station"))
        write(folder, "districts.geojson", square(-1, -1, 3, 3, id="mid", name="Middle"))
        write(folder, "excluded.geojson", square(5, 5, 6, 6, name="Park"))
        (folder / "grid.csv").write_text(f"id,lon,lat,hosting_kw\ng,{11.97},{57.7},200\n")
        (folder / "demand.csv").unlink()
        if ending == "csv":
            (folder / "demand.csv").write_text("id,lon,lat,weight\na,11.97,57.70,30\nb,11.98,57.70,20\n")
        elif ending == "gpkg":
            _write_geopackage(folder / "demand.gpkg")
        else:
            write(folder, "demand.geojson", point(id="a", weight=30), square(0, 0, 1, 1, id="b", weight=20.5))

    return made(write_files)


def _write_geopackage(path: Path) -> None:
    places = (("a", 30, shapely.Point(11.97, 57.7)), ("b", 20, shapely.box(11.97, 57.7, 11.98, 57.71)))
    with sqlite3.connect(path) as database:
        database.executescript(
            """
            CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER);
            CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
            CREATE TABLE demand (fid INTEGER PRIMARY KEY, id TEXT, weight REAL, geom BLOB);
            INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'EPSG', 4326);
            INSERT INTO gpkg_contents VALUES ('demand', 'features');
            INSERT INTO gpkg_geometry_columns VALUES ('demand', 'geom', 4326);
            """
        )
        head = b"GP\x00\x01" + (4326).to_bytes(4, "little")
        rows = [(id_, weight, head + shapely.to_wkb(place)) for id_, weight, place in places]
        database.executemany("INSERT INTO demand (id, weight, geom) VALUES (?, ?, ?)", rows)


def streets(ending: str) -> Files:
    """A square of streets with a charger and a car park, in one of the formats of street files."""
    if ending == ".graphml":
        import osmnx

        from tests.unit.network.test_streets import osmnx_graph

        return made(lambda folder: osmnx.save_graphml(osmnx_graph(), folder / "streets.graphml"))
    if ending == ".osm":
        return {STREETS: osm_xml(GRID, WAYS, node_tags=PLACES).encode()}
    return made(lambda folder: write_osm(folder / f"streets{ending}", GRID, *WAYS, node_tags=PLACES))


def archive() -> Files:
    """The zip file of a whole city folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in feeds()["gbfs-2"].items():
            file.writestr(f"mycity/{name}", content)
    return {"upload.zip": packed.getvalue()}
