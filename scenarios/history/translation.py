"""What translating the rows of status and trip files has in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from scenarios.history.batches import Batch, NotText, Shorts, read_batches
from scenarios.history.cells import text_of
from scenarios.history.files import HistoryFile
from scenarios.history.mixing import Mixing
from scenarios.history.prefetch import ahead
from scenarios.history.problems import Problem
from scenarios.history.raw_text import open_quote
from scenarios.history.set_aside import HOPELESS_ROWS, BadRows
from scenarios.history.stations import StationIndex
from scenarios.history.times import DateOrder
from scenarios.history.zones import Zone

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Counts:
    """Rows counted while they are read."""

    rows: int = 0
    blank: int = 0
    unknown: int = 0
    by_name: int = 0
    clock_changes: int = 0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One file while it is read, and what goes through all files of its kind."""

    file: HistoryFile
    order: DateOrder
    zone: Zone
    """Of times without offset."""
    as_utc: bool
    """Because the zone is not the city's, but shown to be UTC by the hours of the trips."""
    stations: StationIndex
    mixing: Mixing
    bad: BadRows
    counts: Counts
    findings: Findings
    shorts: Shorts = field(default_factory=Shorts)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The batches of the file, counted; ends early with an error where going on is useless."""
        rows, noted = 0, 0
        try:
            for batch in ahead(read_batches(self.file, columns, self.shorts)):
                yield batch
                rows += len(batch.rows)
                for short in self.shorts.items[noted:]:
                    self.bad.add_short(short)
                noted = len(self.shorts.items)
                if self.mixing.tell(self.findings):
                    break
                if self.bad.total > max(HOPELESS_ROWS, rows // 2):
                    break
            for short in self.shorts.items[noted:]:
                self.bad.add_short(short)
            if self.shorts.lines_within_rows > 0:
                self._tell_open_quote()
        except NotText as error:
            self.findings.error(
                "not_utf8",
                "is not UTF-8",
                source=self.file.name,
                where=f"row {error.row}" if error.row else "",
                hint="save the table as CSV UTF-8",
            )
        except (pa.ArrowException, OSError, EOFError) as error:
            self.findings.error("file_broken", f"cannot be read: {error}", source=self.file.name)
        self.counts.rows += len(self.shorts.items)

    def _tell_open_quote(self) -> None:
        """Tell a quote that swallowed rows; a note of several lines is none."""
        found = open_quote(self.file)
        if found is not None:
            self.findings.error(
                "quote_open",
                f"a quote opens here and takes in {found[1]:,} lines",
                source=self.file.name,
                where=f"row {found[0]}",
                value=found[1],
                hint="close the quote, or double it where it is meant",
            )

    def sound(self, batch: Batch, values: Mapping[str, Ints]) -> NDArray[np.bool_]:
        """Which rows have no problem in any column; the others are set aside, blank ones only counted."""
        names = tuple(values)
        problems = np.zeros(len(batch.rows), dtype=np.int64)
        columns = np.zeros(len(batch.rows), dtype=np.int64)
        for place, name in enumerate(names):
            here = (values[name] < -1) & (problems == 0)
            problems[here] = values[name][here]
            columns[here] = place
        bad = problems != 0
        self.counts.rows += len(bad)
        if bad.any():
            blank = _blank(batch, np.flatnonzero(bad & (problems == Problem.TIME_UNREADABLE)))
            problems[blank] = 0
            self.counts.blank += len(blank)
            self.counts.rows -= len(blank)
            self.bad.add(batch, problems, columns, names)
        sound: NDArray[np.bool_] = ~bad
        return sound


def _blank(batch: Batch, candidates: Ints) -> Ints:
    """Rows without anything in any column that is read."""
    empty = [
        place
        for place in candidates.tolist()
        if not any(text_of(array[place].as_py()) for array in batch.columns.values())
    ]
    return np.array(empty, dtype=np.int64)
