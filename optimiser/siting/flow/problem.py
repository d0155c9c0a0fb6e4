"""What is asked: trips along their paths, how far a full battery lasts, and how many stations there are to be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class FlowProblem:
    """
    Open stations at `p` of the nodes; a trip is covered if a vehicle can drive it there and back, again and again.

        max  sum_q f_q [no way between two visits to open stations is longer than the range]

    Raises
    ------
    InvalidInput
        Paths without two nodes, that come to a node twice or lead backwards, flows that are negative or not finite, a
        range that is not above 0, or a `p` that cannot be.
    """

    flow: Floats
    """Of each trip, there and back, shape (trips,)."""
    first: Longs
    """Where the path of each trip begins, shape (trips + 1,)."""
    node: Ints
    """Nodes along the paths, one path after another."""
    at: Floats
    """Way from the origin of the path to each of them."""
    nodes: int
    """Where a station may be."""
    reach: float
    """Way that a vehicle can drive after it has left a station full."""
    p: int
    """Stations to be open."""

    def __post_init__(self) -> None:
        if not np.isfinite(self.flow).all() or (self.flow < 0).any():
            raise InvalidInput("flows have to be finite and 0 or more")
        is_whole = len(self.first) == self.trips + 1 and self.first[0] == 0 and self.first[-1] == len(self.node)
        if not is_whole or (np.diff(self.first) < 2).any() or len(self.at) != len(self.node):
            raise InvalidInput("the paths of all trips need one beginning each, their end, and two nodes or more")
        if len(self.node) and (self.node.min() < 0 or self.node.max() >= self.nodes):
            raise InvalidInput(f"nodes of paths are to be of 0..{self.nodes - 1}")
        trip = np.repeat(np.arange(self.trips), np.diff(self.first))
        if len(np.unique(trip * self.nodes + self.node)) != len(self.node):
            raise InvalidInput("a path may come to a node only once")
        onward = np.diff(self.at, prepend=0.0)
        onward[self.first[:-1]] = 0.0
        if not np.isfinite(self.at).all() or (onward < 0).any() or (self.at[self.first[:-1]] != 0).any():
            raise InvalidInput("ways along a path have to be finite, begin with 0 and never fall")
        if not (np.isfinite(self.reach) and self.reach > 0):
            raise InvalidInput(f"a range of {self.reach} leads nowhere: it has to be finite and above 0")
        if not 1 <= self.p <= self.nodes:
            raise InvalidInput(f"{self.p} stations are to be open, there are {self.nodes} nodes")

    @property
    def trips(self) -> int:
        """Trips, each there and back."""
        return len(self.flow)

    @cached_property
    def is_whole(self) -> bool:
        """Whether all flows are whole numbers, so that a bound may be rounded down."""
        return bool((self.flow == np.round(self.flow)).all() and self.flow.sum() < 2**53)
