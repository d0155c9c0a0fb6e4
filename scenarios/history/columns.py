"""Final columns, written part by part: arrays in memory, or `.npy` files that are mapped when they are complete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_HEADER_BYTES = 128
"""Of a `.npy` file with one short axis: NumPy leaves room for the length to grow."""


class ColumnWriter:
    """Collects columns of one length; in files where a folder is given."""

    def __init__(self, types: Mapping[str, Any], folder: Path | None, prefix: str) -> None:
        self.types = {name: np.dtype(kind) for name, kind in types.items()}
        self.rows = 0
        self.folder, self.prefix = folder, prefix
        self._parts: dict[str, list[NDArray[Any]]] = {name: [] for name in types}
        self._files: dict[str, BinaryIO] = {}
        if folder is not None:
            for name in types:
                self._files[name] = self._path(name).open("wb")
                self._files[name].write(bytes(_HEADER_BYTES))

    def append(self, **columns: NDArray[Any]) -> None:
        """Add rows."""
        for name, kind in self.types.items():
            part = np.ascontiguousarray(columns[name], dtype=kind)
            if self._files:
                part.tofile(self._files[name])
            else:
                self._parts[name].append(part)
        self.rows += len(next(iter(columns.values())))

    def finish(self) -> dict[str, NDArray[Any]]:
        """The columns."""
        if self.folder is None:
            return {
                name: np.concatenate([np.zeros(0, dtype=kind), *self._parts[name]]) for name, kind in self.types.items()
            }
        for name, kind in self.types.items():
            with self._files[name] as file:
                file.seek(0)
                header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (self.rows,)}
                np.lib.format.write_array_header_1_0(file, header)
                if file.tell() != _HEADER_BYTES:
                    raise AssertionError(f"a header of {file.tell()} bytes")
        return {name: map_column(self._path(name)) for name in self.types}

    def _path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{self.prefix}-{name}.npy"


def map_column(path: Path) -> NDArray[Any]:
    """A column in a file, mapped where it has rows; raises OSError or ValueError when it is none."""
    column: NDArray[Any] = np.load(path, mmap_mode="c", allow_pickle=False)
    return column.view(np.ndarray)
