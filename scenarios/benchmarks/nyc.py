"""
Instances of Citi Bike, New York (Liu, Chen, Sun, INFORMS Journal on Computing 2024): more is wanted than must be.

A file is a table in one of two forms, told apart by the column `unit`:

    id, Latitude, Longitude, Target, Class1 ... , available, total                       15 to 35 stations
    ID, Cluster, Target, Latitude, Longitude, Available, TotalDock, Outlier, Unit        the whole city

`Target` is how many bikes to take away (above 0) or to bring (below 0); `unit` is the demand lost for each bike that
is not, 1 where there is no such column. The classes and clusters are the authors' way to solve it, not part of the
problem: a station with a row in each of its clusters is one station here, with the sum of their targets.

The problem: routes of vans that start and end at a depot, with any load, within 0..25 bikes all along. A station may be
visited several times; what is taken from it over all visits lies within available - docks .. available. Minimise
miles + 0.5 x the sum of unit x |target - taken|. The files with classes are solved from one depot by two vans at most,
the whole city from three depots by any number.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenarios.benchmarks.files import finite_number, read_text, refuse

CAPACITY = 25
DEPOT = (-73.982616, 40.716629)
CITY_DEPOTS = ((-74.0113, 40.7292), (-73.9921, 40.750739), DEPOT)
VANS = 2

LAYOUT = "a table with the columns id, Latitude, Longitude, Target, available, total and perhaps Unit"
COLUMNS = {
    "id": ("id",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "target": ("target",),
    "available": ("available",),
    "total": ("total", "totaldock"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class NycInstance:
    """Stations with what is wanted there; arrays in the order of `ids`."""

    name: str
    ids: tuple[str, ...]
    target: NDArray[np.int64]
    """Bikes to take away, below 0 to bring."""
    unit: NDArray[np.float64]
    """Demand lost for each bike off the target."""
    available: NDArray[np.int64]
    docks: NDArray[np.int64]
    """All of the station's, free or not."""
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    depots: tuple[tuple[float, float], ...]
    """`(lon, lat)`; a route starts and ends at the same one."""
    vans: int | None
    """Most routes; None where any number may drive."""
    capacity: int = CAPACITY


@dataclass(frozen=True, slots=True, kw_only=True)
class NycStop:
    """Bikes taken from a station, below 0 brought to it."""

    id: str
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NycRoute:
    """A van's stops in order, from a depot and back to it."""

    depot: tuple[float, float]
    """`(lon, lat)`."""
    stops: tuple[NycStop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row of the table, as written."""

    number: int
    id: str
    target: int
    unit: float
    available: int
    docks: int
    latitude: float
    longitude: float

    @property
    def place(self) -> tuple[float, float, int, int, float]:
        """What all rows of a station must agree on."""
        return (self.latitude, self.longitude, self.available, self.docks, self.unit)


def read_nyc(path: Path) -> NycInstance:
    """
    Read an instance; its name is that of the file.

    Raises
    ------
    InvalidInput
        One located error: the first row or column that is wrong, with its value and what would be right.
    """
    text = read_text(path, hint=LAYOUT)
    lines = csv.reader(text.splitlines())
    header = [cell.strip().casefold() for cell in next(lines)]
    position = _positions(path, header)
    stations: dict[str, list[_Row]] = {}
    for cells in lines:
        if any(cell.strip() for cell in cells):
            row = _row(path, lines.line_num, cells, header, position)
            stations.setdefault(row.id, []).append(row)
    if not stations:
        refuse(path, "table_empty", "has a header and no stations", where="row 2", hint="one row for each station")
    for rows in stations.values():
        for row in rows[1:]:
            if row.place != rows[0].place:
                told = f"station {row.id} stands there with other figures than in row {rows[0].number}"
                hint = "only the target may differ between rows of one station"
                refuse(path, "station_differs", told, where=f"row {row.number}", value=row.id, hint=hint)
    first = [rows[0] for rows in stations.values()]
    whole_city = "unit" in position
    return NycInstance(
        name=path.stem,
        ids=tuple(stations),
        target=np.array([sum(row.target for row in rows) for rows in stations.values()], dtype=np.int64),
        unit=np.array([row.unit for row in first]),
        available=np.array([row.available for row in first], dtype=np.int64),
        docks=np.array([row.docks for row in first], dtype=np.int64),
        latitude=np.array([row.latitude for row in first]),
        longitude=np.array([row.longitude for row in first]),
        depots=CITY_DEPOTS if whole_city else (DEPOT,),
        vans=None if whole_city else VANS,
    )


def _positions(path: Path, header: list[str]) -> dict[str, int]:
    position: dict[str, int] = {}
    for column, names in COLUMNS.items():
        found = [index for index, name in enumerate(header) if name in names]
        if len(found) != 1:
            refuse(
                path,
                "column_twice" if found else "column_missing",
                f"column {names[0]} appears more than once" if found else f"there is no column {names[0]}",
                where="row 1",
                value=header,
                hint=LAYOUT,
            )
        position[column] = found[0]
    if "unit" in header:
        position["unit"] = header.index("unit")
    return position


def _row(path: Path, number: int, cells: list[str], header: list[str], position: dict[str, int]) -> _Row:
    if len(cells) != len(header):
        told = f"has {len(cells)} cells, the header has {len(header)}"
        hint = "one cell for each column"
        refuse(path, "row_length", told, where=f"row {number}", value=len(cells), hint=hint)
    text = {column: cells[index].strip() for column, index in position.items()}

    def number_of(column: str, low: float, high: float, *, whole: bool = False) -> float:
        value = finite_number(text[column])
        if value is None or not low <= value <= high or (whole and not value.is_integer()):
            refuse(
                path,
                "cell_wrong",
                f"is {text[column]!r}",
                where=f"row {number}, {column}",
                value=text[column],
                hint=f"a {'whole ' if whole else ''}number within {low:,.0f}..{high:,.0f}",
            )
        return value

    if not text["id"]:
        refuse(path, "cell_wrong", "is empty", where=f"row {number}, id", value="", hint="the id of the station")
    docks = int(number_of("total", 0, 100_000, whole=True))
    return _Row(
        number=number,
        id=text["id"],
        target=int(number_of("target", -100_000, 100_000, whole=True)),
        unit=number_of("unit", 0, 1_000_000) if "unit" in text else 1.0,
        available=int(number_of("available", 0, docks, whole=True)),
        docks=docks,
        latitude=number_of("latitude", -90, 90),
        longitude=number_of("longitude", -180, 180),
    )
