"""Local times of a zone as moments in UTC, whole arrays at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_FIRST_YEAR, _LAST_YEAR = 1999, 2101
_DAY_S = 86_400


@dataclass(frozen=True, eq=False, kw_only=True)
class Zone:
    """The offsets of a zone, from one change of its clocks to the next."""

    changes: NDArray[np.int64]
    """Unix seconds of the changes, shape (n,)."""
    offsets: NDArray[np.int64]
    """Seconds ahead of UTC before the first change, between, and after the last; shape (n + 1,)."""

    def local(self, ts: NDArray[np.int64]) -> NDArray[np.int64]:
        """What clocks show at moments, as if it were seconds of UTC."""
        return ts + self.offsets[np.searchsorted(self.changes, ts, side="right")]

    def moments(self, shown: NDArray[np.int64]) -> Moments:
        """The moments at which clocks show something; see `Moments` for the hours around changes."""
        before, after = self.offsets[:-1], self.offsets[1:]
        number = np.searchsorted(self.changes + np.maximum(before, after), shown, side="right")
        ts = shown - self.offsets[number]
        again = np.zeros(len(shown), dtype=np.int64)
        missing = np.zeros(len(shown), dtype=np.bool_)
        if len(self.changes):
            change = np.minimum(number, len(self.changes) - 1)
            within = (number < len(self.changes)) & (shown >= self.changes[change] + np.minimum(before, after)[change])
            step = (after - before)[change]
            again = np.where(within & (step < 0), -step, 0)
            missing = within & (step > 0)
        return Moments(ts=ts, again_s=again, missing=missing)


@dataclass(frozen=True, eq=False, kw_only=True)
class Moments:
    """Moments of local times."""

    ts: NDArray[np.int64]
    """Unix seconds; the first where clocks show a time twice, moved forward where they skip it."""
    again_s: NDArray[np.int64]
    """Seconds until clocks show the same once more, 0 where they do not."""
    missing: NDArray[np.bool_]
    """Times that clocks skipped."""


@lru_cache(maxsize=8)
def zone(name: str) -> Zone:
    """The zone of an IANA name, for the years 2000..2100."""
    info = ZoneInfo(name)

    def offset(ts: int) -> int:
        told = datetime.fromtimestamp(ts, UTC).astimezone(info).utcoffset()
        return int(told.total_seconds()) if told is not None else 0

    first = int(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    changes, offsets = [], [offset(first)]
    for day in range(first, last, _DAY_S):
        if offset(day + _DAY_S) == offsets[-1]:
            continue
        low, high = day, day + _DAY_S
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
        changes.append(high)
        offsets.append(offset(high))
    return Zone(changes=np.array(changes, dtype=np.int64), offsets=np.array(offsets, dtype=np.int64))
