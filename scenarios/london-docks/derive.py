"""
Makes London's docks: `python derive.py SOURCE.geojson FOLDER` writes the docks and what stands in them, all real.

`city.toml` beside this file holds depots, vans, prices and the straight-line travel, and is kept by hand.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scenarios.extracts import write_feed_file


def main() -> None:
    """Read the source, write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    derive(arguments.source, arguments.folder)


def derive(source: Path, folder: Path) -> None:
    """Write all data files of the city into `folder`."""
    docks = json.loads(source.read_text(encoding="utf-8"))["features"]
    docks.sort(key=lambda dock: dock["properties"]["id"])
    stations, statuses = [], []
    for dock in docks:
        known = dock["properties"]
        lon, lat = dock["geometry"]["coordinates"]
        station_id = str(known["id"])
        # A dock out of order is neither counted as a bike nor as a space, so this is what works.
        capacity = known["nbikes"] + known["nempty"]
        name = f"{known['name']}, {known['area']}"
        stations.append({"station_id": station_id, "name": name, "lat": lat, "lon": lon, "capacity": capacity})
        statuses.append(
            {
                "station_id": station_id,
                "num_bikes_available": known["nbikes"],
                "num_docks_available": known["nempty"],
            }
        )
    write_feed_file(folder / "station_information.json", stations, last_updated=None)
    write_feed_file(folder / "station_status.json", statuses, last_updated=None)


if __name__ == "__main__":
    main()
