"""Which columns the CSV files of a fleet have, and which of them may be left out or blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from optimiser.basics.findings import Findings
from scenarios.feed import Row
from scenarios.tables import read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file that fills one list of the document."""

    columns: Mapping[str, str]
    """Name of each value in the document and of its column."""
    needed: frozenset[str]
    """Columns that have to be there."""

    @property
    def optional(self) -> frozenset[str]:
        """Columns that may be absent or blank."""
        return frozenset(self.columns.values()) - self.needed


def _table(needed: str, optional: str = "", *, names: Mapping[str, str] | None = None) -> Table:
    columns = (*needed.split(), *optional.split())
    return Table(
        columns={(names or {}).get(column, column): column for column in columns}, needed=frozenset(needed.split())
    )


TABLES: Mapping[str, tuple[str, Table]] = {
    "stations": (
        "stations",
        _table("station_id lat lon", "name bays is_zone is_renting site_kw opens closes", names={"station_id": "id"}),
    ),
    "plugs": (
        "plugs",
        _table("plug_id station_id kw", "connector occupied_until car_id", names={"plug_id": "id"}),
    ),
    "cars": (
        "cars",
        _table(
            "car_id state_of_charge",
            "station_id lat lon type battery_kwh kwh_per_km charge_kw connectors ready_charge goal_charge plug_id "
            "available_from booked_from in_service can_move needs",
            names={"car_id": "id"},
        ),
    ),
    "demand": (
        "demand",
        _table("station_id", "low high lost_trips_per_car rentals_per_hour returns_per_hour hour"),
    ),
    "grid": ("grid_series", _table("tariff co2_g_per_kwh", "hour time")),
    "tasks": ("tasks", _table("task_id car_id minutes price", "needs", names={"task_id": "id"})),
    "musts": ("musts", _table("car_id", "stations charge")),
    "matrix": ("pairs", _table("mode from to seconds", "metres")),
}
"""File in `cars/`, without `.csv`; list of the document; columns."""


def read_cars_table(folder: Path, name: str, findings: Findings) -> tuple[Row, ...] | None:
    """Rows of one file; None when it cannot be read as a table at all."""
    table = TABLES[name][1]
    rows = read_table(
        folder / f"{name}.csv",
        table.columns,
        findings,
        optional=table.optional,
        decimals=frozenset(table.columns.values()),
        unknown=frozenset({""}),
    )
    if rows is None or name != "stations":
        return rows
    return tuple(row.having(name=row.values.get("name") or row.values["id"]) for row in rows)
