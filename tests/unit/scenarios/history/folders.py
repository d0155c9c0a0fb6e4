"""Small histories written by hand, and what is read from them as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from optimiser.demand.history import StatusHistory, TripHistory
from scenarios.history import LoadedHistory, read_history

IDS = ("72", "79", "A7")
NAMES = ("West End", "Harbour", "Old Mill")

Poll = tuple[str, int, int, int, int, int, bool]
Trip = tuple[int, int, str, str, int]


@dataclass(frozen=True)
class Read:
    """The answer of a reading."""

    loaded: LoadedHistory | None
    findings: Findings

    @property
    def history(self) -> LoadedHistory:
        assert self.loaded is not None, "\n".join(map(str, self.findings.items))
        return self.loaded

    @property
    def trips(self) -> list[Trip]:
        return plain_trips(self.history.history.trips)

    @property
    def polls(self) -> list[Poll]:
        return plain_polls(self.history.history.status)

    @property
    def told(self) -> list[str]:
        return [str(finding) for finding in self.findings.items]

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings.items]


def read(folder: Path, /, *, zone: str = "Europe/Oslo", naive: str | None = None, **options: Any) -> Read:
    """The history in a folder, for a city of three stations."""
    findings = Findings()
    ids = options.pop("ids", IDS)
    loaded = read_history(
        folder,
        station_ids=ids,
        capacities=[20] * len(ids),
        station_names=options.pop("names", NAMES),
        time_zone=zone,
        naive_zone=naive,
        findings=findings,
        **options,
    )
    if loaded is not None:
        report = loaded.report
        assert report.rows == report.status_rows + report.trip_rows + sum(report.losses.values())
    return Read(loaded, findings)


def write(folder: Path, /, **files: str | bytes) -> Path:
    """Write files into a folder's history; `trips_csv` is written to `trips.csv`."""
    inside = folder / "history"
    inside.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = inside / name.replace("_csv", ".csv").replace("_gz", ".gz").replace("_parquet", ".parquet")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def plain_trips(trips: TripHistory | None, ids: tuple[str, ...] = IDS) -> list[Trip]:
    if trips is None:
        return []
    places = {-1: "", **dict(enumerate(ids))}
    columns = (trips.started, trips.ended, trips.origin, trips.destination, trips.bike)
    return [
        (started, ended, places[origin], places[destination], bike)
        for started, ended, origin, destination, bike in zip(*(column.tolist() for column in columns), strict=True)
    ]


def plain_polls(status: StatusHistory | None, ids: tuple[str, ...] = IDS) -> list[Poll]:
    if status is None:
        return []
    return [
        (
            id_,
            int(status.ts[row]),
            int(status.bikes[row]),
            int(status.docks[row]),
            int(status.ebikes[row]),
            int(status.disabled[row]),
            bool(status.is_open[row]),
        )
        for station, id_ in enumerate(ids)
        for row in range(int(status.first[station]), int(status.end[station]))
    ]


def at(text: str) -> int:
    """Unix seconds of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


POLL_TEXT = "ts,station_id,bikes,docks\n1700000000,72,5,7\n1700000060,79,0,12\n"
TRIP_TEXT = (
    "started_at,ended_at,start_station_id,end_station_id,bike_id\n"
    "2019-07-01T08:00:00Z,2019-07-01T08:20:00Z,72,79,b1\n"
    "2019-07-01T09:00:00Z,2019-07-01T09:20:00Z,79,A7,b2\n"
)
