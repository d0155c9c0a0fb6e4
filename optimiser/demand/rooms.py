"""How many bikes fit at a station tonight."""

from __future__ import annotations

from optimiser.basics.city import Station, StationStatus

ZONE_SPARE = 2.0
"""A plan may bring a free-floating zone up to so many times its soft capacity."""


def tonight_room(station: Station, status: StationStatus | None) -> int:
    """
    Usable bikes that fit tonight: docks that are out of order or hold a broken or a low-charge bike do not count.

    With the broken and low-charge bikes it is never more than the docks, unless more bikes than that stand there. A
    station of which nobody knows what it holds has the room of its docks.
    """
    if status is None:
        return station.capacity
    if station.is_zone:
        return max(status.usable, round(ZONE_SPARE * station.capacity))
    free = station.capacity - status.bikes - status.disabled
    if status.docks is not None:
        free = min(free, status.docks)
    return status.usable + max(0, free)
