"""Reads what a recorder wrote, with other eyes than its own."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

COLUMNS = ["ts", "station_id", "bikes", "ebikes", "docks", "bikes_disabled", "is_renting"]


def rows(path: Path) -> list[tuple[Any, ...]]:
    """What a file holds, in the order of ts and station."""
    if path.suffix == ".parquet":
        table = pq.ParquetFile(path).read()
        assert table.column_names == COLUMNS
        return sorted(tuple(row.values()) for row in table.to_pylist())
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        assert next(reader) == COLUMNS
        return sorted((int(row[0]), row[1], *map(int, row[2:])) for row in reader)
