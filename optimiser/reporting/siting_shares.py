"""Shares in words: in per cent, and with as many digits as it takes."""

from __future__ import annotations

from optimiser.reporting.words import number

MOST_DIGITS = 4
"""Of a share that misses its floor: a floor is kept to a millionth."""


def percent(share: float | None, digits: int = 0) -> str:
    """`34 %`; a dash where there is no share."""
    return "–" if share is None else f"{number(100 * share, digits)} %"


def told_apart(share: float, floor: float, *others: float | None) -> tuple[str, ...]:
    """A share, the floor that it misses, and others, with as many digits as it takes to tell the first two apart."""
    digits = next((it for it in range(MOST_DIGITS) if percent(share, it) != percent(floor, it)), MOST_DIGITS)
    return tuple(percent(its, digits) for its in (share, floor, *others))
