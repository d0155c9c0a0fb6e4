"""A tiny city as a document, as `city.toml` and an inline city over HTTP say it; change it to break it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

STREETS_XML = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <node id="1" lat="59.91" lon="10.75"/>
  <node id="2" lat="59.92" lon="10.76"/>
  <node id="3" lat="59.93" lon="10.77"/>
  <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
</osm>
"""
"""One two-way street through the three stations of `city_document` and of `tests.feed_folders`."""

CITY_TOML = """
id = "tiny"
name = "Tiny"
time_zone = "Europe/Oslo"
currency = "NOK"
streets = "streets.osm"

[[depots]]
id = "depot"
name = "Depot"
lon = 10.751
lat = 59.911

[[vans]]
id = "van-1"
slots = 10
start_depot = "depot"
end_depot = "depot"
shift = ["22:00", "05:30"]

[handling]
stop_s = 240
bike_s = 45

[prices]
lost_trip = 35.0
van_hour = 400.0
van_km = 5.0
van_use = 150.0
"""

_DOCUMENT: dict[str, Any] = {
    "id": "tiny",
    "name": "Tiny",
    "time_zone": "Europe/Oslo",
    "currency": "NOK",
    "streets": {"circuity": 1.3, "speed_kmh": 25},
    "depots": [{"id": "depot", "name": "Depot", "lon": 10.751, "lat": 59.911}],
    "vans": [{"id": "van-1", "slots": 10, "start_depot": "depot", "end_depot": "depot", "shift": ["22:00", "05:30"]}],
    "handling": {"stop_s": 240, "bike_s": 45},
    "prices": {"lost_trip": 35.0, "van_hour": 400.0, "van_km": 5.0, "van_use": 150.0},
    "stations": [
        {"id": "A", "name": "Alpha", "lon": 10.75, "lat": 59.91, "capacity": 10},
        {"id": "B", "name": "Bravo", "lon": 10.76, "lat": 59.92, "capacity": 12},
        {"id": "C", "name": "Charlie", "lon": 10.77, "lat": 59.93, "capacity": 6},
    ],
    "snapshot": {
        "as_of": "2026-11-22T21:00:00+01:00",
        "stations": [
            {"station_id": "A", "bikes": 8, "docks": 2},
            {"station_id": "B", "bikes": 0},
            {"station_id": "C", "bikes": 3, "ebikes": 1},
        ],
    },
}


def city_document() -> dict[str, Any]:
    """A valid inline city, fresh for each caller."""
    return copy.deepcopy(_DOCUMENT)


def write_city_folder(folder: Path, *, toml: str = CITY_TOML) -> Path:
    """`city.toml` and the street file; a feed goes beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "city.toml").write_text(toml, encoding="utf-8")
    (folder / "streets.osm").write_text(STREETS_XML, encoding="utf-8")
    return folder
