"""Rows on their way: in memory while they are few, else in one file for each stretch of the sort order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

IN_MEMORY_ROWS = 4_000_000
"""So many rows of 21 to 28 bytes are kept in memory before they are written out."""


class Spill:
    """Takes records with the stretch each belongs to; gives back stretch after stretch, in the order they came."""

    def __init__(self, dtype: np.dtype[Any], folder: Path, *, limit: int = IN_MEMORY_ROWS) -> None:
        self.dtype = dtype
        self.folder = folder
        self.limit = limit
        self.rows = 0
        self._waiting: list[tuple[NDArray[np.int64], NDArray[Any]]] = []
        self._waiting_rows = 0
        self._written: set[int] = set()

    @property
    def spilled(self) -> bool:
        """Some rows are in files."""
        return bool(self._written)

    def add(self, stretches: NDArray[np.int64], records: NDArray[Any]) -> None:
        """Take records."""
        if not len(records):
            return
        self.rows += len(records)
        self._waiting.append((stretches, records))
        self._waiting_rows += len(records)
        if self._waiting_rows > self.limit:
            self._write()

    def parts(self) -> Iterator[NDArray[Any]]:
        """The records, whole stretches at a time, in the order of the stretches."""
        if not self._written:
            if self._waiting:
                yield np.concatenate([records for _, records in self._waiting])
            return
        self._write()
        for stretch in sorted(self._written):
            yield np.fromfile(self._path(stretch), dtype=self.dtype)
            self._path(stretch).unlink()

    def _write(self) -> None:
        for stretches, records in self._waiting:
            order = np.argsort(stretches.astype(np.int16), kind="stable")
            sorted_stretches, sorted_records = stretches[order], records[order]
            present, begins = np.unique(sorted_stretches, return_index=True)
            ends = [*begins[1:].tolist(), len(records)]
            for stretch, begin, end in zip(present.tolist(), begins.tolist(), ends, strict=True):
                with self._path(stretch).open("ab") as file:
                    sorted_records[begin:end].tofile(file)
                self._written.add(stretch)
        self._waiting.clear()
        self._waiting_rows = 0

    def _path(self, stretch: int) -> Path:
        return self.folder / f"stretch-{self.dtype.itemsize}-{stretch}"
