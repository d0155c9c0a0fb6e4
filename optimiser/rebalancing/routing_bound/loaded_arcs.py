"""Arcs with the load a van carries over them, and the rows they appear in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimiser.rebalancing.routing_bound.sets import Flags, Floats, Integers


@dataclass(frozen=True, slots=True)
class LoadedArcs:
    """One entry per arc and load: from `tail` to `head` with `load` bikes on board, `after` once `head` is served."""

    tail: Integers
    head: Integers
    load: Integers
    after: Integers

    def __len__(self) -> int:
        return len(self.tail)

    def __getitem__(self, chosen: Flags | Integers) -> LoadedArcs:
        return LoadedArcs(self.tail[chosen], self.head[chosen], self.load[chosen], self.after[chosen])

    @classmethod
    def possible(cls, usable: Flags, demand: Integers, capacity: int) -> LoadedArcs:
        """All loads that leave room for the demand at both ends of the usable arcs; the depot takes any load."""
        tails, heads = np.nonzero(usable)
        loads = np.arange(capacity + 1)
        before = loads[None, :] - demand[tails][:, None]
        after = loads[None, :] + demand[heads][:, None]
        fits = (before >= 0) & (before <= capacity) & (after >= 0) & (after <= capacity)
        arc, load = np.nonzero(fits)
        return cls(tails[arc], heads[arc], load, load + demand[heads[arc]])

    def and_also(self, other: LoadedArcs) -> LoadedArcs:
        """Those of both, in order."""
        return LoadedArcs(
            np.concatenate([self.tail, other.tail]),
            np.concatenate([self.head, other.head]),
            np.concatenate([self.load, other.load]),
            np.concatenate([self.after, other.after]),
        )


class Row(Protocol):
    """An inequality over loaded arcs, valid for every plan."""

    @property
    def low(self) -> float:
        """At least."""

    @property
    def high(self) -> float:
        """At most."""

    @property
    def key(self) -> tuple[object, ...]:
        """Family first; same for the same inequality."""

    def weights(self, arcs: LoadedArcs) -> Floats:
        """What one van on each arc counts."""


@dataclass(frozen=True, slots=True)
class EntriesRow:
    """x(arcs inside S) within limits: |S| less the entries into S (connectivity, rounded capacity, branching)."""

    members: Flags
    low: float
    high: float

    @property
    def key(self) -> tuple[object, ...]:
        """Its family and what tells it apart."""
        return ("entries", self.members.tobytes())

    def weights(self, arcs: LoadedArcs) -> Floats:
        """1 inside the set."""
        return (self.members[arcs.tail] & self.members[arcs.head]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class RoundedLoadRow:
    """sum over arcs leaving S of ceil(r l + s), less those entering of floor(r l + s), is at least ceil(r q(S))."""

    members: Flags
    multiplier: int
    out: Floats
    into: Floats
    low: float
    high: float = np.inf

    @property
    def key(self) -> tuple[object, ...]:
        """Its family and what tells it apart."""
        return ("rounded_load", self.members.tobytes(), self.multiplier)

    def weights(self, arcs: LoadedArcs) -> Floats:
        """By the load on arcs that cross the border."""
        starts, ends = self.members[arcs.tail], self.members[arcs.head]
        return np.where(starts & ~ends, self.out[arcs.load], np.where(ends & ~starts, -self.into[arcs.load], 0.0))


@dataclass(frozen=True, slots=True)
class NoReturnRow:
    """What comes from i to j with a load goes on to other places than i: i is visited once."""

    first: int
    second: int
    load: int
    after: int
    low: float = 0.0
    high: float = np.inf

    @property
    def key(self) -> tuple[object, ...]:
        """Its family and what tells it apart."""
        return ("no_return", self.first, self.second, self.load)

    def weights(self, arcs: LoadedArcs) -> Floats:
        """-1 on the way in, 1 on all ways out but the one back."""
        comes = (arcs.tail == self.first) & (arcs.head == self.second) & (arcs.load == self.load)
        leaves = (arcs.tail == self.second) & (arcs.head != self.first) & (arcs.load == self.after)
        return np.asarray(leaves.astype(np.float64) - comes)
