"""Rates from polls where the truth is known: real trips as what riders want, replayed at stations short of bikes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.calendar import calendar
from optimiser.demand.estimate import estimate
from optimiser.demand.history import History, status_history
from optimiser.demand.poll_tally import tally_status
from optimiser.demand.rates import Rates, fit
from tests.bench.backtests import ridden

DAYS, RESET_S, SEED = 120, 3 * 3600, 0
BUSY = 5
"""Stations with fewer rentals a day are left out of the spread."""


def measure() -> str:
    """A table in Markdown."""
    trips = ridden()
    rows = [_row(trips, fill, poll_s) for fill in (0.2, 0.5, 1.0) for poll_s in (600, 1200)]
    told = (
        f"Real trips of {DAYS} days (Bay Area 2014) as what riders want. Each station opens at 03:00 UTC with 0 bikes "
        "up to the stated share of its docks, at random, and is polled; rates are fitted to the polls alone. Rentals a "
        "day over all stations, and the middle eight tenths of stations with five or more."
    )
    head = (
        "| bikes up to | polled every | empty | wanted | served | from net changes | from the chain | stations |\n"
        "|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    return f"{told}\n\n" + "\n".join([head, *rows])


def _row(trips: History, fill: float, poll_s: int) -> str:
    first_ts = int(trips.trips.started[-1]) // 86_400 * 86_400 - DAYS * 86_400 if trips.trips is not None else 0
    polled, wanted, served = _replayed(trips, first_ts, fill, poll_s)
    last_ts = first_ts + DAYS * 86_400
    days = calendar(polled.time_zone, first_ts, last_ts - 1)
    net = _daily(fit(tally_status(polled, days, rates=None)))
    ours = _daily(estimate(polled, as_of_ts=last_ts)[0])
    busy = wanted >= BUSY
    low, high = np.quantile(ours[busy] / wanted[busy], [0.1, 0.9])
    status = polled.status
    assert status is not None
    return (
        f"| {fill:.0%} | {poll_s // 60} min | {float((status.bikes == 0).mean()):.0%} | {wanted.sum():,.0f} "
        f"| {served.sum():,.0f} | {net.sum() / wanted.sum():.0%} | {ours.sum() / wanted.sum():.0%} "
        f"| {low:.0%} to {high:.0%} |"
    )


def _daily(rates: Rates) -> NDArray[np.float64]:
    """Rentals wanted on a mean day, by station."""
    share = np.bincount(rates.calendar.classes, minlength=3) / rates.calendar.days
    slot_s = rates.calendar.slot_minutes * 60
    daily: NDArray[np.float64] = (rates.rental.rate.sum(axis=2) * slot_s) @ share
    return daily


def _replayed(
    history: History, first_ts: int, fill: float, poll_s: int
) -> tuple[History, NDArray[np.float64], NDArray[np.float64]]:
    """Polls of stations at which trips find a bike and a dock or do not; rentals wanted and served a day."""
    trips, random = history.trips, np.random.default_rng(SEED)
    assert trips is not None
    moments = np.arange(first_ts, first_ts + DAYS * 86_400, poll_s)
    count = len(history.capacities)
    wanted, served = np.zeros(count), np.zeros(count)
    bikes = np.zeros((count, len(moments)), dtype=np.int64)
    for station, capacity in enumerate(history.capacities):
        out = trips.started[(trips.origin == station) & (trips.started >= first_ts)]
        into = trips.ended[(trips.destination == station) & (trips.ended >= first_ts)]
        resets = first_ts + RESET_S + 86_400 * np.arange(DAYS)
        events = [(int(ts), 0) for ts in resets] + [(int(ts), -1) for ts in out] + [(int(ts), 1) for ts in into]
        here, poll = 0, 0
        for ts, change in sorted(events):
            while poll < len(moments) and moments[poll] < ts:
                bikes[station, poll] = here
                poll += 1
            if change == 0:
                here = int(random.integers(0, max(1, int(capacity * fill)) + 1))
            elif 0 <= here + change <= capacity:
                here += change
                served[station] += change < 0
            wanted[station] += change < 0
        bikes[station, poll:] = here
    # What the resets did is no rider's doing: the station is closed for that poll.
    is_open = (moments - first_ts) % 86_400 // poll_s != RESET_S // poll_s
    status = status_history(
        count,
        np.repeat(np.arange(count), len(moments)),
        np.tile(moments, count),
        bikes=bikes.ravel(),
        docks=(np.array(history.capacities)[:, None] - bikes).ravel(),
        is_open=np.tile(is_open, count),
    )
    return replace(history, trips=None, status=status), wanted / DAYS, served / DAYS
