"""A day that is over, `status-YYYY-MM-DD.parquet`: made from the day's table, which is removed after that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity
from service.recording.durable import replace_file, sync_folder
from service.recording.table import COLUMNS, is_empty

TYPES = (pa.int64(), pa.string(), pa.int16(), pa.int16(), pa.int16(), pa.int16(), pa.int8())
SCHEMA = pa.schema(list(zip(COLUMNS, TYPES, strict=True)))
KEYS = ("station_id", "ts")


def archive_path(table: Path) -> Path:
    """Where the rows of a table go when its day is over."""
    return table.with_suffix(".parquet")


def archive(table: Path) -> Path | None:
    """
    Turn a table into a Parquet file and remove it; None when there was no row in it.

    May be repeated after a crash at any point: rows that the Parquet file has already are kept once. So are those
    that came late, after their day was archived.

    Raises
    ------
    InvalidInput
        When one of the two cannot be read; both are left as they are.
    """
    path = archive_path(table)
    written = None
    if not is_empty(table):
        parts = [_read_table(table)]
        if path.exists():
            parts.insert(0, _read_archive(path, COLUMNS).cast(SCHEMA))
        sink = pa.BufferOutputStream()
        pq.write_table(_each_once(pa.concat_tables(parts)), sink, compression="zstd")
        replace_file(path, sink.getvalue().to_pybytes())
        written = path
    table.unlink()
    sync_folder(table.parent)
    return written


def archived_moments(path: Path) -> frozenset[int]:
    """The moments of a Parquet file; none where there is no file."""
    return frozenset(_read_archive(path, ["ts"])["ts"].to_pylist()) if path.exists() else frozenset()


def _each_once(rows: pa.Table) -> pa.Table:
    """Sorted station by station, which takes a fraction of the room of moment by moment."""
    others = [name for name in COLUMNS if name not in KEYS]
    grouped = rows.group_by(list(KEYS), use_threads=False).aggregate([(name, "first") for name in others])
    named = grouped.rename_columns([name.removesuffix("_first") for name in grouped.column_names])
    return named.select(list(COLUMNS)).cast(SCHEMA).sort_by([(key, "ascending") for key in KEYS])


def _read_table(path: Path) -> pa.Table:
    convert = arrow_csv.ConvertOptions(column_types=SCHEMA, null_values=[])
    try:
        return arrow_csv.read_csv(path, convert_options=convert).select(list(COLUMNS)).cast(SCHEMA)
    except (pa.ArrowException, KeyError) as error:
        raise _unreadable(path, error) from None


def _read_archive(path: Path, columns: Sequence[str]) -> Any:
    try:
        # Opened here: of a path, pyarrow would also read folder names as columns.
        with path.open("rb") as file:
            return pq.read_table(file, columns=list(columns)).select(list(columns))
    except (pa.ArrowException, KeyError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> InvalidInput:
    finding = Finding(
        code="history_unreadable",
        severity=Severity.ERROR,
        source=f"history/{path.name}",
        where="",
        value=path.name,
        message=f"cannot be read: {error}",
        hint="mend it, or move it out of the folder",
    )
    return InvalidInput("history", findings=(finding,))
