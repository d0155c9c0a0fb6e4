"""Money as it is told: without noise; rounded up to the cent, so that it does; in words with cents where it has any."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

CENT = 0.01
NOISE, NOISE_SHARE = 1e-8, 1e-14
"""In cents, and of a sum: so little beside a cent is on it, for sums of floating-point numbers."""
MOST_NOISE, MOST_NOISE_SHARE = 1e-6, 1e-12
"""In money, and of a limit: what long sums may be off it; far less than a cent."""
DIGITS = 6
"""Behind the point, of money that is not on a cent."""


def is_beyond(spent: float, given: float) -> bool:
    """Whether more is spent than is given, by what no noise of sums comes to."""
    return spent > given + MOST_NOISE + MOST_NOISE_SHARE * abs(given)


def without_noise(money: float) -> float:
    """As exact as prices are, without what sums of floating-point numbers are off; nothing is no `-0.0`."""
    return round(money, DIGITS) + 0.0


def up_to_cent(money: float) -> float:
    """The least whole cents that pay for it."""
    cents = money / CENT
    return math.ceil(cents - _noise(cents)) / 100


def step_of(prices: NDArray[np.float64]) -> float | None:
    """What all sums of such prices are multiples of, in whole cents; None where prices are not on the cent."""
    cents = prices / CENT
    whole = np.rint(cents)
    if any(abs(off) > _noise(many) for off, many in zip((cents - whole).tolist(), cents.tolist(), strict=True)):
        return None
    return max(1, int(np.gcd.reduce(whole.astype(np.int64), initial=0))) / 100


def down_to_step(money: float, step: float) -> float:
    """The most that sums of prices with such a step may come to within it."""
    steps = money / step
    return math.floor(steps + _noise(steps)) * step


def in_words(money: float) -> str:
    """`1,234` or `21,071.20`; with more digits where it is not on a cent."""
    for digits in (0, 2):
        if abs(money - round(money, digits)) <= _noise(money / CENT) * CENT:
            return f"{money:,.{digits}f}"
    return f"{money:,.{DIGITS}f}".rstrip("0").rstrip(".")


def _noise(cents: float) -> float:
    return NOISE + NOISE_SHARE * abs(cents)
