"""Moves prices against what is overdrawn, so that the bound falls (Held, Wolfe & Crowder 1974)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimiser.siting.arrays import Arrays, Floats

KEPT = 0.85
"""Of each direction, that the next one keeps (Crowder 1976)."""
STALE = 15
"""Steps without a better bound after which they get shorter."""
SHORTER = 0.8
"""Of what they were, then."""
NEAR = 5.0
"""How much further rewards of floors move than prices of groups; few of them carry much."""

Size = tuple[Floats, Floats]
"""Of a move where all of a price's supply is overdrawn, and the weight of a squared move in the norm."""


class Descent:
    """Prices, changed in place, and how far a step goes."""

    def __init__(self, prices: Sequence[Floats], sizes: Sequence[Size], *, pace: float = 1.0) -> None:
        self._prices, self._sizes = prices, sizes
        self._direction = [np.zeros_like(price) for price in prices]
        self._stale, self.pace = 0, pace

    def step(self, overdrawn: Sequence[Floats], *, excess: float, is_better: bool) -> bool:
        """
        Move all prices; or make steps shorter, to go on from the best prices: then the answer is True.

        Parameters
        ----------
        overdrawn
            Demand less supply, by price.
        excess
            By how much the bound at the prices exceeds what is known to be possible.
        is_better
            Whether that bound is better than all before.
        """
        self._stale = 0 if is_better else self._stale + 1
        if self._stale >= STALE:
            self._stale, self.pace = 0, self.pace * SHORTER
            for move in self._direction:
                move[...] = 0.0
            return True
        norm = 0.0
        for price, move, drawn, (size, metric) in zip(
            self._prices, self._direction, overdrawn, self._sizes, strict=True
        ):
            steepest = drawn * size
            steepest[(price <= 0.0) & (steepest < 0.0)] = 0.0
            move[...] = KEPT * move + (1 - KEPT) * steepest
            move[(price <= 0.0) & (move < 0.0)] = 0.0
            norm += float((steepest * steepest * metric).sum())
        length = self.pace * excess / max(norm, 1e-12)
        for price, move in zip(self._prices, self._direction, strict=True):
            np.maximum(price + length * move, 0.0, out=price)
        return False


def sizes_of(arrays: Arrays, worth: float) -> list[Size]:
    """Of the prices of a phase that brings about so much."""
    demand, _, limits = arrays
    total = max(float((demand.chance @ demand.weight).sum() / demand.chance.sum()), 1e-9)
    unit = worth / total
    site = np.array([worth / max(1.0, len(limits.node) / 10)])
    asked = np.maximum(demand.asked, 1e-9)
    return [
        (np.full_like(demand.weight, unit), demand.weight / unit),
        (NEAR * unit / asked, asked / unit / NEAR * (demand.asked > 0)),
        (site, 1.0 / site),
    ]
