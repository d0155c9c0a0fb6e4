"""Puts an integer programme together, block of columns by block of columns, block of rows by block of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimiser.siting.programme import Programme

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Blocks:
    """Columns and rows so far; nothing is taken back."""

    def __init__(self) -> None:
        self._columns: list[tuple[Floats, Floats, Floats, NDArray[np.bool_]]] = []
        self._entries: list[tuple[Ints, Ints, Floats]] = []
        self._limits: list[tuple[Floats, Floats]] = []
        self.columns = self.rows = 0

    def add_columns(self, count: int, *, gain: ArrayLike = 0.0, most: ArrayLike = 1.0, is_whole: bool) -> Ints:
        """So many columns from 0 to `most` that bring `gain` each; their numbers."""
        self._columns.append(
            (-_filled(gain, count), np.zeros(count), _filled(most, count), np.full(count, is_whole, dtype=np.bool_))
        )
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_rows(
        self,
        count: int,
        *entries: tuple[ArrayLike, ArrayLike, ArrayLike],
        least: ArrayLike = -np.inf,
        most: ArrayLike = np.inf,
    ) -> None:
        """So many rows between `least` and `most`; each entry is (row within the block, column, value)."""
        for row, column, value in entries:
            at = np.asarray(row, dtype=np.int64)
            self._entries.append((at + self.rows, np.asarray(column, dtype=np.int64), _filled(value, len(at))))
        self._limits.append((_filled(least, count), _filled(most, count)))
        self.rows += count

    def programme(self) -> Programme:
        """All of it; the least cost is the greatest gain."""
        cost, lower, upper, is_whole = map(np.concatenate, zip(*self._columns, strict=True))
        row, column, value = map(np.concatenate, zip(*self._entries, strict=True))
        row_lower, row_upper = map(np.concatenate, zip(*self._limits, strict=True))
        return Programme(
            cost=cost,
            lower=lower,
            upper=upper,
            is_whole=is_whole,
            row=row,
            column=column,
            value=value,
            row_lower=row_lower,
            row_upper=row_upper,
        )


def _filled(value: ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)).copy()
