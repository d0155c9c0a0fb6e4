"""Whether times are told with an offset, without, or both; and what those without mean."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from scenarios.history.batches import Batch
from scenarios.history.times import Times

CITY_KEY = "[history] time_zone in city.toml"


@dataclass(slots=True)
class Mixing:
    """First rows with and without an offset among the files of one kind."""

    one_meaning: bool
    """Times without offset have a zone of their own, so that files of both kinds can stand beside each other."""
    naive: tuple[str, int] | None = None
    offset: tuple[str, int] | None = None
    told: set[str] = field(default_factory=set)
    _here: str = ""
    _naive_here: int | None = None
    _offset_here: int | None = None

    def see(self, source: str, batch: Batch, times: Times) -> None:
        """Look at the times of a batch."""
        if source != self._here:
            self._here, self._naive_here, self._offset_here = source, None, None
        readable = times.seconds >= 0
        self._naive_here = self._naive_here or _first(batch.rows, readable & times.naive)
        self._offset_here = self._offset_here or _first(batch.rows, readable & ~times.naive)
        if self.naive is None and self._naive_here is not None:
            self.naive = source, self._naive_here
        if self.offset is None and self._offset_here is not None:
            self.offset = source, self._offset_here

    def tell(self, findings: Findings) -> bool:
        """Tell an error once for a file where the times seen so far do not go together; whether they do not."""
        source = self._here
        if self._naive_here is not None and self._offset_here is not None:
            naive, offset = f"row {self._naive_here}", f"row {self._offset_here}"
        elif self.naive is not None and self.offset is not None and not self.one_meaning:
            naive, offset = (f"{name}, row {row}," for name, row in (self.naive, self.offset))
        else:
            return False
        if source not in self.told:
            self.told.add(source)
            findings.error(
                "time_zones_mixed",
                f"tells times with and without an offset: {naive} has none, {offset} has one",
                source=source,
                where=f"row {self._naive_here or self._offset_here}",
                hint=f"one way for all; for whole files without offsets, {CITY_KEY} says what they mean",
            )
        return True


def _first(rows: NDArray[np.int64], chosen: NDArray[np.bool_]) -> int | None:
    return int(rows[np.argmax(chosen)]) if chosen.any() else None
