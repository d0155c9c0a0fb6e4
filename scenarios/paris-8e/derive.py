"""
Makes Paris 8e: `python derive.py SOURCE.osm.pbf FOLDER` writes streets, stations, inventories, their past, and for
siting chargers, candidate sites and demand.

Real: the streets, the stations with their capacity, the chargers, the car parks and street lamps that are candidate
sites. Made up: the bikes at the stations, and six weeks of riders before, from a seed; people, from the floors of real
buildings (`scenarios.generated_demand`).
`city.toml` beside this file holds depot, vans and prices, and what siting asks for, and is kept by hand.
"""

from __future__ import annotations

import argparse
import random
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import shapely

from scenarios.extracts import Point, metres, write_feed_file, write_points, write_streets, write_table
from scenarios.generated_demand import demand_rows
from scenarios.generated_history import made_demand, made_past

SEED = 75008
AS_OF = 1_779_303_600
"""2026-05-20 19:00 UTC, 21:00 in Paris, on the day the extract was made."""
EBIKE_SHARE = 0.4
FIRST_DAY, DAYS = date(2026, 4, 8), 43
CHARGER_TAGS = ("name", "capacity", "operator", "network", "ref:EU:EVSE", "socket:type2", "socket:typee", "fee")
LAMP_SPACING_M = 90.0
"""Of all street lamps, some that are so far from each other stand for the rest."""
PARKING = frozenset({"parking", "parking_entrance"})


def main() -> None:
    """Read the source, write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    derive(arguments.source, arguments.folder)


def derive(source: Path, folder: Path) -> None:
    """Write all data files of the city into `folder`."""
    write_streets(source, folder / "streets.osm.pbf")
    stations: list[dict[str, Any]] = []
    chargers = []
    for node in osmium.FileProcessor(str(source), osmium.osm.NODE):
        assert isinstance(node, osmium.osm.Node)
        tags = dict(node.tags)
        lon, lat = round(node.location.lon, 7), round(node.location.lat, 7)
        if tags.get("network") == "Vélib' Métropole" and "capacity" in tags:
            capacity = int(tags["capacity"])
            stations.append(
                {"station_id": tags["ref"], "name": tags["name"], "lat": lat, "lon": lon, "capacity": capacity}
            )
        if tags.get("amenity") == "charging_station":
            known = {key: tags[key] for key in CHARGER_TAGS if key in tags}
            chargers.append(((lon, lat), {"id": f"node/{node.id}", **known}))
    write_points(folder / "candidates.geojson", candidates(source))
    write_table(folder / "demand.csv", ("id", "lon", "lat", "weight", "segment"), demand_rows(source))
    stations.sort(key=lambda station: int(station["station_id"]))
    write_feed_file(folder / "station_information.json", stations, last_updated=AS_OF)
    write_feed_file(folder / "station_status.json", evening(stations), last_updated=AS_OF)
    write_points(folder / "chargers.geojson", chargers)
    write_past(folder / "history", stations)


def candidates(source: Path) -> list[tuple[Point, dict[str, str]]]:
    """Car parks, their entrances, and street lamps that are not near each other."""
    found: list[tuple[Point, dict[str, str]]] = []
    lamps: list[Point] = []
    factory = osmium.geom.WKBFactory()
    for thing in osmium.FileProcessor(str(source)).with_areas():
        if isinstance(thing, osmium.osm.Node):
            place, id_ = (round(thing.location.lon, 7), round(thing.location.lat, 7)), f"node/{thing.id}"
        elif isinstance(thing, osmium.osm.Area) and thing.tags.get("amenity") in PARKING:
            middle = shapely.from_wkb(factory.create_multipolygon(thing)).representative_point()
            place, id_ = (round(middle.x, 7), round(middle.y, 7)), f"area/{thing.orig_id()}"
        else:
            continue
        name = {"name": thing.tags["name"]} if "name" in thing.tags else {}
        if thing.tags.get("amenity") in PARKING:
            found.append((place, {"id": id_, "source": "parking", **name}))
        elif thing.tags.get("highway") == "street_lamp" and all(
            metres(place, lamp) >= LAMP_SPACING_M for lamp in lamps
        ):
            lamps.append(place)
            found.append((place, {"id": id_, "source": "street_lamp"}))
    return sorted(found, key=lambda item: (item[1]["source"], item[1]["id"]))


def write_past(folder: Path, stations: list[dict[str, Any]]) -> None:
    """Six weeks of polls every 20 minutes, up to the evening of the snapshot."""
    capacities = [int(station["capacity"]) for station in stations]
    ids = [str(station["station_id"]) for station in stations]
    demand = made_demand(capacities, seed=SEED)
    past = made_past(ids, capacities, demand, time_zone="Europe/Paris", first_day=FIRST_DAY, days=DAYS, seed=SEED)
    polls = past.history.status
    assert polls is not None
    station = np.repeat(np.array(ids), polls.end - polls.first)
    before = polls.ts < AS_OF
    columns = {
        "ts": pa.array(polls.ts[before], pa.int64()),
        "station_id": pa.array(station[before]).dictionary_encode(),
        "bikes": pa.array(polls.bikes[before], pa.int16()),
        "docks": pa.array(polls.docks[before], pa.int16()),
    }
    folder.mkdir(exist_ok=True)
    pa_parquet.write_table(pa.table(columns), folder / "status.parquet", compression="zstd", compression_level=19)


def evening(stations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bikes after work in a quarter of offices and nightlife: many stations run dry, a few overflow."""
    rng = random.Random(SEED)  # noqa: S311 - a city is made up here, no secret
    rows: list[dict[str, Any]] = []
    for station in stations:
        capacity = station["capacity"]
        mood = rng.choices(("dry", "full", "usual"), weights=(0.4, 0.25, 0.35))[0]
        share = {"dry": rng.uniform(0, 0.12), "full": rng.uniform(0.85, 1), "usual": rng.uniform(0.25, 0.6)}[mood]
        bikes = round(share * capacity)
        rows.append(
            {
                "station_id": station["station_id"],
                "num_bikes_available": bikes,
                "num_ebikes_available": round(EBIKE_SHARE * bikes),
                "num_docks_available": capacity - bikes,
                "is_installed": True,
                "is_renting": True,
                "is_returning": True,
                "last_reported": AS_OF,
            }
        )
    return rows


if __name__ == "__main__":
    main()
