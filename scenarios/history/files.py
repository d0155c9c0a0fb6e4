"""The files of a history: found, and opened far enough to know what they tell."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from optimiser.basics.findings import Findings
from scenarios.history.layout import Layout, layout_of

FOLDER = "history"
SUFFIXES = (".csv", ".csv.gz", ".parquet")
OTHERS = frozenset({"weather.csv", "holidays.csv"})
"""Files of `days`."""

_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True, kw_only=True)
class HistoryFile:
    """A file that tells trips or status."""

    path: Path
    layout: Layout
    delimiter: str = ","

    @property
    def name(self) -> str:
        """As findings tell it."""
        return f"{FOLDER}/{self.path.name}"

    @property
    def is_compressed(self) -> bool:
        """CSV, compressed with gzip."""
        return self.path.name.casefold().endswith(".gz")

    @property
    def is_parquet(self) -> bool:
        """Parquet, or CSV."""
        return self.path.name.casefold().endswith(".parquet")


def history_paths(folder: Path) -> list[Path]:
    """Files of a city folder's history, in the order in which later rows win."""
    inside = folder / FOLDER
    if not inside.is_dir():
        return []
    return sorted(
        path
        for path in inside.iterdir()
        if path.is_file()
        and not path.name.startswith(".")
        and path.name.casefold().endswith(SUFFIXES)
        and path.name.casefold() not in OTHERS
    )


def open_history(path: Path, findings: Findings) -> HistoryFile | None:
    """A file with its layout; None with errors in `findings` when it cannot be read as trips or status."""
    source = f"{FOLDER}/{path.name}"
    if path.name.casefold().endswith(".parquet"):
        try:
            header: list[str] = pa_parquet.read_schema(path).names
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            findings.error("file_broken", f"cannot be read as Parquet: {error}", source=source)
            return None
        delimiter = ","
    else:
        first = _first_line(path, findings, source)
        if first is None:
            return None
        delimiter = max(",;\t", key=first.count)
        try:
            header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter))]
        except csv.Error as error:
            findings.error("file_broken", f"has a header that cannot be read: {error}", source=source, where="row 1")
            return None
    layout = layout_of(header, findings, source=source)
    return HistoryFile(path=path, layout=layout, delimiter=delimiter) if layout else None


def _first_line(path: Path, findings: Findings, source: str) -> str | None:
    try:
        with open_bytes(path) as file:
            line = file.readline(_LONGEST_HEADER)
    except (OSError, EOFError, zlib.error) as error:
        findings.error("file_broken", f"cannot be read: {error}", source=source)
        return None
    try:
        text = line.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        findings.error("not_utf8", "is not UTF-8", source=source, where="row 1", hint="save the table as CSV UTF-8")
        return None
    if not text.strip():
        findings.error("table_empty", "is empty", source=source, where="row 1", hint="a header, then rows")
        return None
    return text


def open_bytes(path: Path) -> io.BufferedIOBase:
    """A CSV's content, decompressed."""
    return gzip.open(path, "rb") if path.name.casefold().endswith(".gz") else path.open("rb")
