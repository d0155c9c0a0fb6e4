"""Set inequalities: how often vans must enter a set of stations, and what the prices of such rows do to arc costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def least_entries(members: Flags, demand: Integers, capacity: int) -> Integers:
    """
    How often the stations of each set must be entered, at least; one row of flags per set.

    Each unbroken part of a route changes the load by at most `capacity`.
    """
    net = np.abs(members.astype(np.int64) @ demand)
    return np.asarray(np.maximum(1, -(-net // capacity)))


class SetRows:
    """The set inequalities in use: x(arcs inside S) <= |S| - r(S), which is r(S) entries or more, once each."""

    def __init__(self, demand: Integers, capacity: int) -> None:
        self._demand = demand
        self._capacity = capacity
        self.members: Flags = np.zeros((0, len(demand)), dtype=bool)
        self.entries: Integers = np.zeros(0, dtype=np.int64)
        self.idle: Integers = np.zeros(0, dtype=np.int64)
        self._known: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def limits(self) -> Integers:
        """|S| - r(S), by row."""
        return np.asarray(self.members.sum(axis=1) - self.entries)

    def add(self, members: Flags) -> Flags:
        """Take the sets that are not in use yet; returns those taken."""
        fresh = []
        for row in members:
            key = np.packbits(row).tobytes()
            if key not in self._known:
                self._known.add(key)
                fresh.append(row)
        taken = np.array(fresh, dtype=bool).reshape(len(fresh), self.members.shape[1])
        self.members = np.concatenate([self.members, taken])
        self.entries = np.concatenate([self.entries, least_entries(taken, self._demand, self._capacity)])
        self.idle = np.concatenate([self.idle, np.zeros(len(taken), dtype=np.int64)])
        return taken

    def keep(self, kept: Flags) -> None:
        """Forget the other rows; they may come back."""
        for row in self.members[~kept]:
            self._known.discard(np.packbits(row).tobytes())
        self.members = self.members[kept]
        self.entries = self.entries[kept]
        self.idle = self.idle[kept]

    def arc_prices(self, prices: Floats) -> Floats:
        """What the rows' prices >= 0 add to each arc: the sum over sets that hold both of its ends."""
        used = prices > 0
        inside = self.members[used].astype(np.float64)
        return np.asarray((inside.T * prices[used]) @ inside)
