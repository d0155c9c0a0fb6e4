"""Rows of a history's file, batch by batch, each knowing its number in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from numpy.typing import NDArray

from scenarios.history.files import HistoryFile
from scenarios.history.raw_text import CheckedText, row_without_text

CSV_BLOCK_BYTES = 1 << 23
PARQUET_ROWS = 1 << 18
MOST_SHORT_ROWS = 1_000_000
"""With more rows that do not fit the header, the header is wrong."""

_TEXT = pa.string()
_REPEATED_TEXT = pa.dictionary(pa.int32(), pa.string())
_TIMES = frozenset({"ts", "started_at", "ended_at"})


class NotText(ValueError):
    """A cell that is not UTF-8; `row` is its row in the file, None where it cannot be found."""

    def __init__(self, row: int | None) -> None:
        self.row = row
        super().__init__("not UTF-8")


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """Some rows of a file."""

    columns: dict[str, Any]
    """Our name of a column to an Arrow array."""
    rows: NDArray[np.int64]
    """Number of each row in the file, the header being row 1."""


@dataclass(frozen=True, kw_only=True)
class Short:
    """A row whose cells are more or fewer than the header's."""

    row: int
    cells: int
    text: str


@dataclass(slots=True)
class Shorts:
    """Rows with the wrong number of cells, in the order of the file."""

    items: list[Short] = field(default_factory=list)
    lines_within_rows: int = 0
    """Line ends within quotes, known when the file has been read."""

    def rows_after(self, first: int, count: int) -> NDArray[np.int64]:
        """Numbers in the file of complete rows, counted without the others from `first` (0 for the first) on."""
        whole = np.arange(first, first + count, dtype=np.int64) + 2
        skipped = np.array([short.row - place for place, short in enumerate(self.items)], dtype=np.int64)
        return whole + np.searchsorted(skipped, whole, side="right")


def read_batches(file: HistoryFile, columns: Sequence[str], shorts: Shorts) -> Iterator[Batch]:
    """
    Some columns of a file, batch by batch; rows with the wrong number of cells go to `shorts` instead.

    Raises pyarrow.ArrowException, EOFError or OSError where the file is broken, `NotText` where it is not UTF-8.
    """
    if file.is_parquet:
        yield from _parquet_batches(file, columns)
        return
    try:
        yield from _csv_batches(file, columns, shorts)
    except UnicodeDecodeError as error:
        raise NotText(row_without_text(file)) from error
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise


def _csv_batches(file: HistoryFile, columns: Sequence[str], shorts: Shorts) -> Iterator[Batch]:
    places = {column: file.layout.positions[column] for column in columns}
    first = 0
    text = CheckedText(pa.input_stream(file.path, compression="gzip" if file.is_compressed else None))
    for record in _csv_reader(file, text, sorted(set(places.values())), _kinds(places), shorts):
        by_place = dict(zip(sorted(set(places.values())), record.columns, strict=True))
        yield Batch(
            columns={column: by_place[place] for column, place in places.items()},
            rows=shorts.rows_after(first, record.num_rows),
        )
        first += record.num_rows
    shorts.lines_within_rows = text.lines - 1 - first - len(shorts.items)


def _kinds(places: dict[str, int]) -> Callable[[int], Any]:
    times = {place for column, place in places.items() if column in _TIMES}
    return lambda place: _TEXT if place in times else _REPEATED_TEXT


def _csv_reader(
    file: HistoryFile, text: CheckedText, places: list[int], kind: Callable[[int], Any], shorts: Shorts
) -> Any:
    def skip(row: Any) -> str:
        if len(shorts.items) >= MOST_SHORT_ROWS:
            return "error"
        shorts.items.append(Short(row=row.number, cells=row.actual_columns, text=row.text))
        return "skip"

    return pa_csv.open_csv(
        pa.PythonFile(text, mode="r"),
        read_options=pa_csv.ReadOptions(
            # One thread: with more, rows do not know their number. They would not be faster either.
            use_threads=False,
            block_size=CSV_BLOCK_BYTES,
            column_names=[str(place) for place in range(len(file.layout.header))],
            skip_rows=1,
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=file.delimiter,
            ignore_empty_lines=False,
            newlines_in_values=True,
            invalid_row_handler=skip,
        ),
        convert_options=pa_csv.ConvertOptions(
            include_columns=[str(place) for place in places],
            column_types={str(place): kind(place) for place in places},
        ),
    )


def _parquet_batches(file: HistoryFile, columns: Sequence[str]) -> Iterator[Batch]:
    names = {column: file.layout.name(column) for column in columns}
    first = 2
    with pa_parquet.ParquetFile(file.path) as parquet:
        for record in parquet.iter_batches(batch_size=PARQUET_ROWS, columns=list(dict.fromkeys(names.values()))):
            by_name = dict(zip(record.schema.names, record.columns, strict=True))
            yield Batch(
                columns={column: by_name[name] for column, name in names.items()},
                rows=np.arange(first, first + record.num_rows, dtype=np.int64),
            )
            first += record.num_rows
