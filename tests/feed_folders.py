"""Writes station feeds as GBFS 2.3, GBFS 3.0, GBFS 1.1 or CSV, so that one system can be read from each of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Real data for tests and measurements; not part of the product."""

AS_OF = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Dock:
    """A station and what it holds."""

    id: str
    name: str
    lon: float
    lat: float
    capacity: int
    bikes: int
    ebikes: int | None = None
    docks: int | None = None
    disabled: int = 0

    @property
    def free(self) -> int:
        return self.capacity - self.bikes - self.disabled if self.docks is None else self.docks


DOCKS = (
    Dock(id="A", name="Alpha", lon=10.75, lat=59.91, capacity=10, bikes=8, ebikes=5),
    Dock(id="B", name="Bravo", lon=10.76, lat=59.92, capacity=12, bikes=0, ebikes=0, disabled=1),
    Dock(id="C", name="Charlie", lon=10.77, lat=59.93, capacity=6, bikes=3, ebikes=1),
)


def write_gbfs_2(folder: Path, docks: Sequence[Dock] = DOCKS, *, as_of: datetime = AS_OF) -> Path:
    """GBFS 2.3: epoch seconds, plain names, e-bikes by vehicle type."""
    moment = int(as_of.timestamp())
    _dump(
        folder,
        "station_information",
        moment,
        "2.3",
        stations=[
            {"station_id": dock.id, "name": dock.name, "lon": dock.lon, "lat": dock.lat, "capacity": dock.capacity}
            for dock in docks
        ],
    )
    _dump(
        folder,
        "station_status",
        moment,
        "2.3",
        stations=[
            {
                "station_id": dock.id,
                "num_bikes_available": dock.bikes,
                "num_bikes_disabled": dock.disabled,
                "num_docks_available": dock.free,
                "is_installed": True,
                "is_renting": True,
                "is_returning": True,
                "last_reported": moment,
                **_by_type(dock),
            }
            for dock in docks
        ],
    )
    _dump(folder, "vehicle_types", moment, "2.3", vehicle_types=_TYPES)
    _dump(
        folder, "system_information", moment, "2.3", system_id="test", language="nb", name="By", timezone="Europe/Oslo"
    )
    return folder


def write_gbfs_3(folder: Path, docks: Sequence[Dock] = DOCKS, *, as_of: datetime = AS_OF) -> Path:
    """GBFS 3.0: RFC 3339 times, localised names, vehicles instead of bikes."""
    moment = as_of.isoformat().replace("+00:00", "Z")
    _dump(
        folder,
        "station_information",
        moment,
        "3.0",
        stations=[
            {
                "station_id": dock.id,
                "name": [{"text": f"{dock.name} (en)", "language": "en"}, {"text": dock.name, "language": "nb"}],
                "lon": dock.lon,
                "lat": dock.lat,
                "capacity": dock.capacity,
            }
            for dock in docks
        ],
    )
    _dump(
        folder,
        "station_status",
        moment,
        "3.0",
        stations=[
            {
                "station_id": dock.id,
                "num_vehicles_available": dock.bikes,
                "num_vehicles_disabled": dock.disabled,
                "num_docks_available": dock.free,
                "is_installed": True,
                "is_renting": True,
                "is_returning": True,
                "last_reported": moment,
                **_by_type(dock),
            }
            for dock in docks
        ],
    )
    _dump(folder, "vehicle_types", moment, "3.0", vehicle_types=_TYPES)
    _dump(
        folder,
        "system_information",
        moment,
        "3.0",
        system_id="test",
        languages=["nb", "en"],
        name=[{"text": "By", "language": "nb"}],
        timezone="Europe/Oslo",
    )
    return folder


def write_gbfs_1(folder: Path, docks: Sequence[Dock] = DOCKS, *, as_of: datetime = AS_OF) -> Path:
    """GBFS 1.1: flags are 0 and 1, e-bikes in a field of their own."""
    moment = int(as_of.timestamp())
    stations = [
        {"station_id": dock.id, "name": dock.name, "lon": dock.lon, "lat": dock.lat, "capacity": dock.capacity}
        for dock in docks
    ]
    statuses = [
        {
            "station_id": dock.id,
            "num_bikes_available": dock.bikes,
            "num_bikes_disabled": dock.disabled,
            "num_docks_available": dock.free,
            "is_installed": 1,
            "is_renting": 1,
            "is_returning": 1,
            "last_reported": moment,
            **({} if dock.ebikes is None else {"num_ebikes_available": dock.ebikes}),
        }
        for dock in docks
    ]
    _dump(folder, "station_information", moment, None, stations=stations)
    _dump(folder, "station_status", moment, None, stations=statuses)
    return folder


def write_csv(folder: Path, docks: Sequence[Dock] = DOCKS) -> Path:
    """The two CSV tables; -1 where e-bikes are not known."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "station_information.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["station_id", "name", "lat", "lon", "capacity"])
        writer.writerows((dock.id, dock.name, dock.lat, dock.lon, dock.capacity) for dock in docks)
    with (folder / "station_status.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["station_id", "bikes", "ebikes", "docks", "bikes_disabled"])
        writer.writerows(
            (dock.id, dock.bikes, -1 if dock.ebikes is None else dock.ebikes, dock.free, dock.disabled)
            for dock in docks
        )
    return folder


def oslo_docks(as_of: datetime) -> tuple[Dock, ...]:
    """Oslo's real stations with what stood in them at some moment; needs the shared data."""
    import pandas as pd

    stations = pd.read_csv(SHARED / "oslo" / "station_information.csv", dtype={"station_id": str})
    history = pd.read_parquet(SHARED / "oslo" / "station_status_history.parquet")
    before = history[history["ts"] <= int(as_of.timestamp())].sort_values("ts", kind="stable")
    latest = before.groupby(before["station_id"].astype(str)).last()
    known = stations[stations["station_id"].isin(latest.index)]
    return tuple(
        Dock(
            id=row.station_id,
            name=row.name_,
            lon=row.lon,
            lat=row.lat,
            capacity=row.capacity,
            bikes=int(latest.at[row.station_id, "bikes"]),
            docks=int(latest.at[row.station_id, "docks"]),
        )
        for row in known.rename(columns={"name": "name_"}).itertuples()
    )


_TYPES = [
    {"vehicle_type_id": "pedal", "form_factor": "bicycle", "propulsion_type": "human"},
    {"vehicle_type_id": "boost", "form_factor": "bicycle", "propulsion_type": "electric_assist"},
]


def _by_type(dock: Dock) -> dict[str, Any]:
    if dock.ebikes is None:
        return {}
    counts = {"pedal": dock.bikes - dock.ebikes, "boost": dock.ebikes}
    return {"vehicle_types_available": [{"vehicle_type_id": key, "count": count} for key, count in counts.items()]}


def _dump(folder: Path, file: str, last_updated: Any, version: str | None, **data: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    document = {"last_updated": last_updated, "ttl": 60, "data": data}
    if version:
        document["version"] = version
    (folder / f"{file}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
