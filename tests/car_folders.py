"""Writes small e-car folders: three stations on a straight line, four cars, one driver."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CITY = """
id = "town"
name = "Town"
time_zone = "Europe/Berlin"
currency = "EUR"
streets = { circuity = 1.0, speed_kmh = 36.0 }
"""

CARS = """
as_of = 2026-03-10T21:00:00+01:00

[[drivers]]
id = "d1"
start = "home"
shift = ["22:00", "04:00"]
mode = "folding-bike"

[[bases]]
id = "home"
lon = 10.0
lat = 50.0

[prices]
lost_trip = 20.0
driver_hour = 10.0
missing_kwh = 0.0
"""

# 0.01 degrees of longitude at 50 degrees north are 715 m.
STATIONS = """station_id,name,lat,lon,bays,is_zone,site_kw
A,Anger,50.0,10.0,4,,
B,Bahnhof,50.0,10.01,4,,22
C,Campus,50.0,10.02,4,,
"""

PLUGS = """plug_id,station_id,kw,connector,occupied_until
1,B,11,type2,
2,B,11,type2,2026-03-10T23:00:00+01:00
"""

VEHICLES = """car_id,station_id,state_of_charge,plug_id
c1,A,0.9,
c2,A,0.8,
c3,A,0.2,
c4,B,0.3,1
"""

DEMAND = """station_id,low,high,lost_trips_per_car
A,1,2,1
B,1,3,1
C,1,3,2
"""

FILES = {
    "city.toml": CITY,
    "cars.toml": CARS,
    "cars/stations.csv": STATIONS,
    "cars/plugs.csv": PLUGS,
    "cars/cars.csv": VEHICLES,
    "cars/demand.csv": DEMAND,
}


def write_folder(folder: Path, files: Mapping[str, str | None] | None = None) -> Path:
    """A folder of these files, others in their place where given; None = leave out."""
    for name, text in {**FILES, **(files or {})}.items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder
