"""Compiles the inner loops of demand, so that the first night with a history need not wait."""

from __future__ import annotations

import numpy as np

from optimiser.demand.dissatisfaction import losses_by_slot
from optimiser.demand.estimate import estimate
from optimiser.demand.forecast import expected_losses, forecast
from optimiser.demand.history import History, TripHistory, status_history


def warm_up() -> None:
    """Estimate a station's demand from a few polls, and from a few trips; slow once, then kept on disk by Numba."""
    ts = 1_700_000_000 + 1200 * np.arange(12)
    polls = status_history(1, np.zeros(12, dtype=np.int64), ts, bikes=np.arange(12) % 4, docks=np.full(12, 5))
    trips = TripHistory(
        started=ts[:-1],
        ended=ts[:-1] + 600,
        origin=np.zeros(11, dtype=np.int32),
        destination=np.zeros(11, dtype=np.int32),
        bike=np.zeros(11, dtype=np.int32),
    )
    for status, known in ((polls, None), (None, trips)):
        history = History(station_ids=("a",), capacities=(8,), time_zone="UTC", status=status, trips=known)
        rates, _, _ = estimate(history, as_of_ts=int(ts[-1]) + 1)
        coming, rooms = forecast(rates, start_ts=int(ts[-1])), np.array([8], dtype=np.int64)
        expected_losses(coming, rooms)
        losses_by_slot(coming.rental, coming.giving, rooms, rooms // 2, slot_s=coming.slot_s)
