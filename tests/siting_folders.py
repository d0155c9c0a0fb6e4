"""Writes small city folders for siting: places on the equator, along a straight line on which all travel goes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HEAD = """
id = "town"
name = "Town"
currency = "EUR"
streets = {circuity = 1.0, speed_kmh = 48.0}
"""
STEP = 0.001
"""Degrees: 111.195 m, which take 84 s on foot at 4.8 km/h, 9 s by car at 48 km/h, rounded up."""
SIMPLE = """
[siting]
kinds = [{id = "ac11", plug_cost = 10}]
segments = [{id = "residents", reach_s = 100, sessions_per_day = 0}]
sources = {upload = {open_cost = 90}}
"""
"""People count as served wherever a charger is within one step; each takes 100 to open with one plug."""

Row = Mapping[str, object]


def write_folder(
    folder: Path, toml: str = SIMPLE, *, head: str = HEAD, demand: Sequence[Row], candidates: Sequence[Row]
) -> Path:
    """A folder with `city.toml`, `demand.csv` and `candidates.csv`; `at` is how many steps east something is."""
    folder.mkdir(exist_ok=True)
    (folder / "city.toml").write_text(head + toml)
    for name, rows in (("demand", demand), ("candidates", candidates)):
        placed = [{"id": row["id"], "lon": STEP * float(str(row["at"])), "lat": 0.0, **row} for row in rows]
        columns = list(dict.fromkeys(key for row in placed for key in row if key != "at"))
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows(placed)
    return folder


PEOPLE: list[Row] = [{"id": "a", "at": 0, "weight": 30}, {"id": "b", "at": 3, "weight": 20}]
PLACES: list[Row] = [{"id": "x", "at": 1}, {"id": "y", "at": 4}]


def collection(rows: Sequence[Row]) -> dict[str, Any]:
    """Points as GeoJSON."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {name: value for name, value in row.items() if name != "at"},
                "geometry": {"type": "Point", "coordinates": [float(str(row["at"])) * STEP, 0.0]},
            }
            for row in rows
        ],
    }


def inline_document(**more: Any) -> dict[str, Any]:
    """The folder of `PEOPLE` and `PLACES` as one document."""
    return {
        "id": "town",
        "name": "Town",
        "currency": "EUR",
        "streets": {"circuity": 1.0, "speed_kmh": 48.0},
        "siting": {
            "kinds": [{"id": "ac11", "plug_cost": 10}],
            "segments": [{"id": "residents", "reach_s": 100, "sessions_per_day": 0}],
            "sources": {"upload": {"open_cost": 90}},
        },
        "demand": collection(PEOPLE),
        "candidates": collection(PLACES),
        **more,
    }
