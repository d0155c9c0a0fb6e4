"""
Makes the e-cars of Göteborg: `python derive_cars.py FOLDER` writes `cars/` from the hubs of the city.

Real: where stations are, which is where hubs are. Made up from a seed: everything else. `cars.toml` beside this file
holds drivers, prices and types and is kept by hand.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from scenarios.extracts import Point, metres
from scenarios.relocation.generation import Evening, Site, write_fleet

SEED = 20251121
CENTRE: Point = (11.9735, 57.7075)
"""Centralstationen."""

HUBS = ("G01", "G03", "G04", "G05", "G06", "G08", "G09", "G11", "G12", "G13", "G15", "G17", "G22", "G27", "G31", "G35")
ZONES = ("G20", "G34")
CHARGING = {"G03": 3, "G04": 2, "G06": 3, "G08": 4, "G09": 2, "G12": 2, "G13": 2, "G22": 3, "G27": 2}
"""Plugs by hub."""
KW = {"G08": 22.0, "G22": 22.0}
SITE_KW = {"G08": 44.0, "G06": 22.0}
OCCUPIED = {"G04": "2025-11-21T23:30:00+01:00"}

EVENING = Evening(
    cars=40,
    booked={7: "2025-11-22T05:15:00+01:00", 19: "2025-11-22T07:30:00+01:00"},
    expected={11: "2025-11-21T23:10:00+01:00"},
    broken=(29,),
)


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    derive(parser.parse_args().folder)


def derive(folder: Path) -> None:
    """Write the files of `cars/` in a city's folder that holds the hubs."""
    hubs = json.loads((folder / "station_information.json").read_text(encoding="utf-8"))["data"]["stations"]
    by_id = {hub["station_id"]: hub for hub in hubs}
    sites = [_site(by_id[id_], is_zone=id_ in ZONES) for id_ in (*HUBS, *ZONES)]
    write_fleet(folder / "cars", sites, EVENING, seed=SEED)


def _site(hub: dict[str, object], *, is_zone: bool) -> Site:
    id_, lat, lon = str(hub["station_id"]), float(str(hub["lat"])), float(str(hub["lon"]))
    plugs = CHARGING.get(id_, 0)
    return Site(
        id=f"C{id_[1:]}",
        name=str(hub["name"]),
        lat=lat,
        lon=lon,
        bays=None if is_zone else 3 + plugs,
        work=math.exp(-((metres((lon, lat), CENTRE) / 2600) ** 2)),
        plugs=plugs,
        kw=KW.get(id_, 11.0),
        site_kw=SITE_KW.get(id_),
        occupied_until=OCCUPIED.get(id_),
    )


if __name__ == "__main__":
    main()
