"""A town of six stations on straight lines with five weeks of made-up riders, as a folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from scenarios.generated_history import MadePast, made_demand, made_past

IDS = ("A", "B", "C", "D", "E", "F")
CAPACITIES = (12, 16, 20, 14, 18, 10)
FIRST_DAY, DAYS = date(2026, 10, 12), 36
"""Over the night in which Oslo's clocks go back."""
AS_OF = "2026-11-15T22:00:00+01:00"
HEADER = ("ts", "station_id", "bikes", "docks")

TOML = """
id = "town"
name = "Town"
time_zone = "Europe/Oslo"
currency = "NOK"
streets = {circuity = 1.3, speed_kmh = 25}

[[depots]]
id = "depot"
name = "Depot"
lon = 10.751
lat = 59.911

[[vans]]
id = "van-1"
slots = 16
start_depot = "depot"
end_depot = "depot"
shift = ["22:00", "05:30"]

[handling]
stop_s = 240
bike_s = 45

[prices]
lost_trip = 35.0
van_hour = 100.0
van_km = 1.0
van_use = 10.0

[snapshot]
as_of = 2026-11-15T22:00:00+01:00
"""

Row = tuple[object, ...]


def the_past(seed: int = 7) -> MadePast:
    """Riders of the town."""
    demand = made_demand(CAPACITIES, seed=seed, turnover=2.5)
    return made_past(
        IDS, CAPACITIES, demand, time_zone="Europe/Oslo", first_day=FIRST_DAY, days=DAYS, seed=seed, vans=False
    )


def rows_of(past: MadePast) -> list[Row]:
    """Polls as rows of a table."""
    status = past.history.status
    assert status is not None
    return [
        (int(status.ts[row]), IDS[station], int(status.bikes[row]), int(status.docks[row]))
        for station in range(len(IDS))
        for row in range(int(status.first[station]), int(status.end[station]))
    ]


def write_table(path: Path, header: Iterable[object], rows: Iterable[Row]) -> None:
    """A CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_town(folder: Path, *, history: Iterable[Row] | None) -> Path:
    """The town's folder, with a history or without."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "city.toml").write_text(TOML, encoding="utf-8")
    places = [(id_, f"Station {id_}", 59.91 + 0.004 * n, 10.75 + 0.006 * n) for n, id_ in enumerate(IDS)]
    write_table(
        folder / "station_information.csv",
        ("station_id", "name", "lat", "lon", "capacity"),
        [(*place, capacity) for place, capacity in zip(places, CAPACITIES, strict=True)],
    )
    bikes = (0, 16, 3, 14, 9, 1)
    write_table(
        folder / "station_status.csv",
        ("station_id", "bikes", "docks"),
        [(id_, count, room - count) for id_, count, room in zip(IDS, bikes, CAPACITIES, strict=True)],
    )
    if history is not None:
        write_table(folder / "history" / "status.csv", HEADER, history)
    return folder
