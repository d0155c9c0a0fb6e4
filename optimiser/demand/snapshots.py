"""What stood at the stations at one moment of the past."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.city import Snapshot, StationStatus
from optimiser.demand.history import History
from optimiser.demand.inventory import with_inventories

FRESH_S = 3 * 3600
"""A poll older than this says nothing of a moment."""


def snapshot_at(history: History, as_of: datetime) -> Snapshot | None:
    """
    The city as the last poll of each station before `as_of` saw it; None where nothing was seen.

    Where only trips of known bikes tell, from where these had been left. Nothing after `as_of` is looked at; stations
    that were closed, or had not been seen for three hours, take no part.
    """
    ts = int(as_of.timestamp())
    known = with_inventories(history.between(0, ts))
    status = known.status
    if status is None:
        return None

    def told(column: NDArray[np.int16], row: int) -> int | None:
        return int(column[row]) if column[row] >= 0 else None

    statuses = []
    for station_id, first, end in zip(known.station_ids, status.first.tolist(), status.end.tolist(), strict=True):
        row = end - 1
        if end > first and status.is_open[row] and (status.holds or ts - status.ts[row] <= FRESH_S):
            statuses.append(
                StationStatus(
                    station_id=station_id,
                    bikes=int(status.bikes[row]),
                    docks=told(status.docks, row),
                    ebikes=told(status.ebikes, row),
                    disabled=told(status.disabled, row) or 0,
                )
            )
    if not statuses:
        return None
    return Snapshot(as_of=as_of.astimezone(ZoneInfo(history.time_zone)), stations=tuple(statuses))
