"""Ways to fill stations overnight that plans are compared with."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidProblem

Bikes = NDArray[np.int64]


class Policy(StrEnum):
    """How the stations come to their opening inventories."""

    NOTHING = "nothing"
    """Nobody moves a bike overnight."""
    OPERATOR = "operator"
    """What the operator really did that night, as far as it shows."""
    HALF_FULL = "half_full"
    """Every station half full, with as many bikes as that takes."""
    PROPORTIONAL = "proportional"
    """Every station as full as the fleet."""
    UNLIMITED = "unlimited"
    """Ours, as if vans did not count: tonight's bikes split so that they are expected to lose least."""
    UNLIMITED_BIKES = "unlimited_bikes"
    """Ours, as if bikes did not count either."""
    VANS = "vans"
    """Ours with the real vans, depots, streets and shifts."""
    HELD_OUT_RATES = "held_out_rates"
    """Tonight's bikes split by rates that were fitted to the held-out days themselves."""
    PERFECT = "perfect"
    """Tonight's bikes split knowing every rider of the coming day."""


def half_full(rooms: Bikes) -> Bikes:
    """Half of the room of each station, rounded down."""
    half: Bikes = rooms // 2
    return half


def proportional(rooms: Bikes, bikes: int) -> Bikes:
    """Every station equally full; what rounding leaves goes to the largest remainders, the first of equal ones."""
    docks = int(rooms.sum())
    if not 0 <= bikes <= docks:
        raise InvalidProblem(f"proportional: {bikes} bikes on {docks} docks")
    if docks == 0:
        return np.zeros(len(rooms), dtype=np.int64)
    exact = rooms * (bikes / docks)
    held: Bikes = np.floor(exact + 1e-9).astype(np.int64)
    rest = np.argsort(-(exact - held), kind="stable")[: bikes - int(held.sum())]
    held[rest] += 1
    return held
