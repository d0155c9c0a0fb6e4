"""Random numbers for compiled loops that run in threads: a state of one's own, the same draws everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place, inlined

Chance = NDArray[np.uint64]


def chance_of(seed: int, stream: int = 0) -> Chance:
    """State of a generator; other streams draw other numbers."""
    return np.random.SeedSequence([seed, stream]).generate_state(2, dtype=np.uint64).astype(np.uint64)


@in_place
def draw(chance: Chance) -> float:
    """Uniform in [0, 1); xoroshiro128+ (Blackman & Vigna 2021, ACM Transactions on Mathematical Software 47)."""
    first, second = chance[0], chance[1]
    total = first + second
    second ^= first
    chance[0] = ((first << np.uint64(24)) | (first >> np.uint64(40))) ^ second ^ (second << np.uint64(16))
    chance[1] = (second << np.uint64(37)) | (second >> np.uint64(27))
    return float(total >> np.uint64(11)) * 1.1102230246251565e-16


@inlined
def below(chance: Chance, count: int) -> int:
    """Uniform whole number in 0..count - 1."""
    return int(draw(chance) * count)
