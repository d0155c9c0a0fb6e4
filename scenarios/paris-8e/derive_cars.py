"""
Makes the e-cars of Paris 8e: `python derive_cars.py FOLDER` writes `cars/` from its chargers and car parks.

Real: where stations are, and the number of plugs of each charging station where OpenStreetMap knows it. Made up from a
seed: everything else. `cars.toml` beside this file holds drivers, prices and types and is kept by hand.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from scenarios.relocation.generation import Evening, Site, write_fleet

SEED = 75009
KW = 7.4
UNKNOWN_PLUGS = 2
"""Of a charging station whose capacity nobody mapped."""

CAR_PARKS = {
    "node/1961531240": 0.4,
    "node/314917333": 0.8,
    "node/829051551": 0.9,
    "node/3635532292": 0.7,
    "node/5556768726": 0.3,
    "node/826681805": 0.6,
    "node/831929556": 0.2,
    "node/838122315": 0.3,
}
"""Car parks whose entrances are mapped, and how much of what is around are workplaces."""
WORK_AT_CHARGERS = (0.3, 0.2, 0.2, 0.7, 0.8)

EVENING = Evening(
    cars=25,
    booked={4: "2025-11-22T05:00:00+01:00"},
    expected={9: "2025-11-21T22:45:00+01:00"},
    broken=(17,),
    with_rates=True,
)


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    derive(parser.parse_args().folder)


def derive(folder: Path) -> None:
    """Write the files of `cars/` in a city's folder that holds chargers and candidate sites."""
    chargers, parks = (_features(folder / name) for name in ("chargers.geojson", "candidates.geojson"))
    sites = [
        _charger(number, feature, work)
        for number, (feature, work) in enumerate(zip(chargers, WORK_AT_CHARGERS, strict=True), start=1)
    ]
    chosen = [feature for feature in parks if feature["properties"]["id"] in CAR_PARKS]
    sites += [_park(number, feature) for number, feature in enumerate(chosen, start=1)]
    write_fleet(folder / "cars", sites, EVENING, seed=SEED)


def _features(path: Path) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def _charger(number: int, feature: dict[str, Any], work: float) -> Site:
    lon, lat = feature["geometry"]["coordinates"]
    plugs = int(feature["properties"].get("capacity", UNKNOWN_PLUGS))
    name = str(feature["properties"].get("name", f"Charging station {number}")).removeprefix("Paris | ")
    return Site(id=f"E{number}", name=name, lat=lat, lon=lon, bays=plugs, work=work, plugs=plugs, kw=KW)


def _park(number: int, feature: dict[str, Any]) -> Site:
    lon, lat = feature["geometry"]["coordinates"]
    name = str(feature["properties"].get("name", f"Car park {number}"))
    work = CAR_PARKS[feature["properties"]["id"]]
    return Site(id=f"P{number}", name=name, lat=lat, lon=lon, bays=4, work=work)


if __name__ == "__main__":
    main()
