"""From a city's past to its rates: choose the window, count, and where only polls are known count again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from functools import reduce
from operator import add

from optimiser.basics.errors import InvalidInput
from optimiser.demand.calendar import Calendar, calendar
from optimiser.demand.history import History, StatusHistory
from optimiser.demand.poll_tally import tally_status
from optimiser.demand.rates import Rates, fit
from optimiser.demand.tally import CellRates, Tally
from optimiser.demand.trip_tally import tally_trips

WINDOW_DAYS = 120
"""Days before `as_of` that are looked at."""
PASSES = 12
"""Times that polls are counted again; rates are then some per cent too low (docs/benchmarks.md)."""


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
    from_trips, from_polls = _parts(known, days, until_ts=min(as_of_ts, last_ts + 1))

    def count(rates: CellRates | None) -> Tally:
        told = [tally_status(part, days, rates=rates) for part in from_polls]
        return reduce(add, told if from_trips is None else [from_trips, *told])

    tally = count(None)
    # The expectation-maximisation of `bridge`: what hides between polls depends on the rates, and the other way round.
    # Tilts of days are told once all is counted.
    for _ in range(PASSES if from_polls else 0):
        tally = count(fit(tally, rounds=1, recency=recency, tilting=False).cells())
    return fit(tally, recency=recency), tally, last_ts


def _parts(known: History, days: Calendar, *, until_ts: int) -> tuple[Tally | None, list[History]]:
    """What trips tell, and the history of the times of which only polls do."""
    trips = known.trips.span() if known.trips is not None else None
    if trips is None:
        return None, [known]
    polls = known.status.span() if known.status is not None else None
    before = [] if polls is None or polls[0] >= trips[0] else [known.between(polls[0], trips[0])]
    after = [] if polls is None or polls[1] <= trips[1] else [known.between(trips[1], polls[1] + 1)]
    within = known if polls is None else replace(known, status=_only(known, trips))
    own = tally_trips(within, days, until_ts=until_ts if polls is None else min(until_ts, trips[1]))
    return own, [replace(part, trips=None) for part in (*before, *after)]


def _only(known: History, span: tuple[int, int]) -> StatusHistory | None:
    """The polls within a span of time, its end included."""
    assert known.status is not None
    return known.status.between(span[0], span[1] + 1)
