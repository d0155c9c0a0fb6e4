"""From a city's past to its rates: choose the window, count, and where only polls are known count again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from optimiser.basics.errors import InvalidInput
from optimiser.demand.calendar import calendar
from optimiser.demand.history import History
from optimiser.demand.rates import Rates, fit
from optimiser.demand.tally import Tally, tally_status, tally_trips

WINDOW_DAYS = 120
"""Days before `as_of` that are looked at."""
PASSES = 10
"""Times that polls are counted again; rates of real trips seen every 20 minutes are then about 5 % too low."""


def estimate(
    history: History,
    *,
    as_of_ts: int,
    holidays: Collection[date] = (),
    slot_minutes: int = 30,
    window_days: int = WINDOW_DAYS,
    recency: bool = True,
) -> tuple[Rates, Tally, int]:
    """
    Rates from what was known just before `as_of_ts`, the counts behind them, and the last moment known.

    Nothing at or after `as_of_ts` is looked at. The window ends with the last thing known before it, so that a past
    with a hole in front still tells something. `recency` as in `fit`.

    Raises
    ------
    InvalidInput
        When nothing is known before `as_of_ts`.
    """
    span = history.between(0, as_of_ts).span()
    if span is None:
        raise InvalidInput("history: nothing is known of the time before the plan")
    last_ts = min(span[1], as_of_ts - 1)
    known = history.between(last_ts - window_days * 86_400, as_of_ts)
    first_ts = max(span[0], last_ts - window_days * 86_400)
    days = calendar(history.time_zone, first_ts, last_ts, slot_minutes=slot_minutes, holidays=holidays)
    if known.trips is not None and known.trips.rows:
        tally = tally_trips(known, days, until_ts=min(as_of_ts, last_ts + 1))
        return fit(tally, recency=recency), tally, last_ts
    # The expectation-maximisation of `bridge`: what hides between polls depends on the rates, and the other way round.
    tally = tally_status(known, days, rates=None)
    for _ in range(PASSES):
        tally = tally_status(known, days, rates=fit(tally, rounds=1, recency=recency).cells())
    return fit(tally, recency=recency), tally, last_ts
