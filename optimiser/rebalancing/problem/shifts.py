"""From the city's local clock to seconds of one night, for vans."""

from __future__ import annotations

from datetime import datetime

from optimiser.basics import shifts
from optimiser.basics.city import City, Van
from optimiser.basics.shifts import Span, next_shift, open_spans, seconds_after
from optimiser.rebalancing.problem.fleet import Break

__all__ = ["Span", "next_break", "next_shift", "night_start", "open_spans", "seconds_after"]


def night_start(city: City, as_of: datetime) -> datetime:
    """When the first van of the night that follows `as_of` sets out (UTC)."""
    return shifts.night_start(city.vans, city.time_zone, as_of)


def next_break(van: Van, time_zone: str, as_of: datetime, *, start: datetime) -> Break | None:
    """
    The van's break in the shift of `next_shift`, in seconds after `start`.

    None where it has none, or where the shift has begun and the time for the break is over.
    """
    window = shifts.break_window(van, time_zone, as_of)
    if window is None or van.break_ is None:
        return None
    return Break(
        duration_s=van.break_.duration_s,
        earliest_s=seconds_after(start, window[0]),
        latest_s=seconds_after(start, window[1]),
    )
