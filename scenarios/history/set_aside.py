"""Rows that cannot be used: told, counted, and kept in a file with the reason and their cells."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.cells import safe_cell
from optimiser.basics.findings import Findings
from scenarios.history.batches import Batch, Short
from scenarios.history.cells import text_of
from scenarios.history.files import HistoryFile
from scenarios.history.problems import HINTS, Problem, sentence

Ints = NDArray[np.int64]

FILE = "history-set-aside.csv"
TOLD_ONE_BY_ONE = 5
"""Rows of one kind and file told with their own place; the rest is counted."""
BAD_SHARE = 0.01
"""A file with a larger share of bad rows was misread, and stops."""
HOPELESS_ROWS = 100_000
"""With so many bad rows, more than half of those read, the rest of a file is not looked at."""


class SetAsideFile:
    """A CSV with every set-aside row; nothing where there is no place for it."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.rows = 0
        self._file: TextIO | None = None

    def write(self, source: str, row: int, reason: str, column: str, cells: str) -> None:
        """Keep a row."""
        self.rows += 1
        if self.path is None:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["file", "row", "reason", "column", "cells"])
        csv.writer(self._file).writerow([safe_cell(cell) for cell in (source, row, reason, column, cells)])

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(frozen=True, slots=True)
class _Told:
    problem: Problem
    column: str
    row: int
    value: str


@dataclass(slots=True)
class BadRows:
    """The bad rows of one file."""

    file: HistoryFile
    kept: SetAsideFile
    counts: Counter[tuple[Problem, str]] = field(default_factory=Counter)
    _told: list[_Told] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Rows set aside."""
        return sum(self.counts.values())

    def add_short(self, short: Short) -> None:
        """Set a row with the wrong number of cells aside."""
        told = f"has {short.cells} cells, the header has {len(self.file.layout.header)}"
        self._add(Problem.ROW_CELLS, "", short.row, told, short.text)

    def add(self, batch: Batch, problems: Ints, columns: Ints, names: tuple[str, ...]) -> None:
        """Set the rows of a batch aside that have a problem (below -1) in the column whose place is given."""
        in_file = sorted(batch.columns, key=self.file.layout.positions.__getitem__)
        for place in np.flatnonzero(problems < -1).tolist():
            column = names[int(columns[place])]
            cells = {self.file.layout.name(name): _cell(batch.columns[name], place) for name in in_file}
            value = cells[self.file.layout.name(column)]
            row = int(batch.rows[place])
            kept = json.dumps(cells, ensure_ascii=False) if self.kept.path else ""
            self._add(Problem(int(problems[place])), column, row, value, kept)

    def _add(self, problem: Problem, column: str, row: int, value: str, cells: str) -> None:
        named = self.file.layout.name(column) if column else ""
        self.counts[problem, named] += 1
        if self.counts[problem, named] <= TOLD_ONE_BY_ONE:
            self._told.append(_Told(problem, named, row, value))
        self.kept.write(self.file.name, row, problem.code, named, cells)

    def tell(self, rows: int, findings: Findings) -> None:
        """Tell what was set aside of a file with so many rows: errors when too many, else warnings."""
        if not self.total:
            return
        stops = self.total > BAD_SHARE * rows
        tell: Callable[..., None] = findings.error if stops else findings.warning
        for told in sorted(self._told, key=lambda told: told.row):
            tell(
                told.problem.code,
                sentence(told.problem, told.column, told.value[:200]),
                source=self.file.name,
                where=f"row {told.row}, {told.column}" if told.column else f"row {told.row}",
                value=told.value[:200],
                hint=HINTS[told.problem],
            )
        for (problem, column), count in self.counts.items():
            if count > TOLD_ONE_BY_ONE:
                tell(
                    problem.code,
                    f"{count - TOLD_ONE_BY_ONE:,} more rows like these",
                    source=self.file.name,
                    where=column,
                    value=count,
                    hint=HINTS[problem],
                )
        share = f"{self.total:,} of {rows:,} rows cannot be used and are set aside"
        kept = f"kept with their reasons in {self.kept.path}" if self.kept.path else ""
        if stops:
            findings.error(
                "rows_bad",
                f"{share}, more than {BAD_SHARE:.0%}",
                source=self.file.name,
                value=self.total,
                hint="mend the rows, or take the file out of the history" + (f"; {kept}" if kept else ""),
            )
        else:
            findings.warning("rows_set_aside", share, source=self.file.name, value=self.total, hint=kept)


def _cell(array: Any, place: int) -> str:
    return text_of(array[place].as_py())
