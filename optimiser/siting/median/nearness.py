"""Sites by nearness to each demand point: what all loops of the p-median look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Nearness(NamedTuple):
    """A p-median as arrays."""

    cost: Floats
    """Shape (demand, sites)."""
    column: Floats
    """The same by site, shape (sites, demand)."""
    near: Ints
    """Sites, nearest first, shape (demand, sites)."""
    way: Floats
    """Their costs, the same shape."""


def nearness_of(cost: Floats) -> Nearness:
    """Sort the sites of every demand point."""
    near = np.argsort(cost, axis=1, kind="stable").astype(np.int32)
    return Nearness(
        cost=np.ascontiguousarray(cost),
        column=np.ascontiguousarray(cost.T),
        near=near,
        way=np.take_along_axis(cost, near, axis=1),
    )


class Served(NamedTuple):
    """By which open sites demand is served; changed in place."""

    first: Ints
    """The nearest open site, shape (demand,)."""
    first_way: Floats
    second_way: Floats
    """Way to the nearest but one; infinite where one site is open."""
    loss: Floats
    """Room for a figure of each site, shape (sites,)."""


def served_of(points: int, sites: int) -> Served:
    """Room for it."""
    return Served(
        first=np.zeros(points, dtype=np.int32),
        first_way=np.zeros(points),
        second_way=np.zeros(points),
        loss=np.zeros(sites),
    )
