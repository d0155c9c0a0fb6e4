"""How many drivers some plugs can take before they queue: M/M/c (Erlang 1917; Gross & Harris 1998, section 2.3)."""

from __future__ import annotations

import math
from functools import lru_cache

HALVINGS = 60


def erlang_c(plugs: int, load: float) -> float:
    """
    Share of drivers who find all plugs taken.

    Parameters
    ----------
    load
        Plugs that are taken on average: arrivals per unit of time × mean session. From `plugs` on everybody waits.
    """
    if load >= plugs:
        return 1.0
    blocked = 1.0
    for taken in range(1, plugs + 1):
        blocked = load * blocked / (taken + load * blocked)
    return blocked / (1.0 - load / plugs * (1.0 - blocked))


def waiting_share(plugs: int, *, per_hour: float, session_minutes: float, max_wait_minutes: float) -> float:
    """Share of drivers who wait longer than `max_wait_minutes` when so many come in an hour."""
    if per_hour <= 0:
        return 0.0
    load = per_hour * session_minutes / 60.0
    if load >= plugs:
        return 1.0
    return erlang_c(plugs, load) * math.exp(-(plugs - load) * max_wait_minutes / session_minutes)


def mean_wait_minutes(plugs: int, *, per_hour: float, session_minutes: float) -> float | None:
    """Mean time before a plug is free; None where the queue would only grow."""
    load = per_hour * session_minutes / 60.0
    if load >= plugs:
        return 0.0 if per_hour <= 0 else None
    return erlang_c(plugs, load) * session_minutes / (plugs - load)


@lru_cache(maxsize=10_000)
def busiest_rate(plugs: int, *, session_minutes: float, max_wait_minutes: float, wait_share: float) -> float:
    """
    Most drivers an hour of whom at most `wait_share` wait longer than `max_wait_minutes`.

    Two plugs at one place take more than twice what one takes, so the table over plugs is convex, not concave: a
    model that adds up its steps has to take them in order.
    """
    if plugs == 0 or session_minutes == 0:
        return 0.0
    low, high = 0.0, plugs * 60.0 / session_minutes
    if wait_share >= 1.0:
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_fine = (
            waiting_share(plugs, per_hour=middle, session_minutes=session_minutes, max_wait_minutes=max_wait_minutes)
            <= wait_share
        )
        low, high = (middle, high) if is_fine else (low, middle)
    return low
