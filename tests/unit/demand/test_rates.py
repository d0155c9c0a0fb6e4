"""Rates fitted to counts by hand."""

from dataclasses import replace

import numpy as np
import pytest

from optimiser.demand.calendar import DayClass, calendar
from optimiser.demand.rates import LEAST_WATCHED_S, fit
from optimiser.demand.tally import COUNTERS, Tally
from tests.pasts import MONDAY, moment

SLOT_S = 1800


def by_hand(events, *, returns=None, seconds=SLOT_S, days=28):
    """A tally of so many rentals, and as many returns, per station, day and slot; each slot watched throughout."""
    first = moment(f"{MONDAY} 00:00")
    shape = (len(events), days, 48)
    counts, given = (
        np.broadcast_to(part, shape).astype(np.float32) for part in (events, events if returns is None else returns)
    )
    exposure = np.full(shape, seconds, dtype=np.float32)
    return Tally(
        calendar=calendar("UTC", first, first + days * 86_400 - 1),
        rentals=counts,
        returns=given,
        rental_s=exposure,
        return_s=exposure,
        counters=dict.fromkeys(COUNTERS, 0),
    )


@pytest.mark.parametrize("seconds", [SLOT_S, 900])
def test_a_rate_is_events_per_watched_second(seconds):
    # Two events in each half hour, or in each half of one: 2 / 1800 s, or twice that.
    rates = fit(by_hand(np.full((3, 1, 48), 2.0), seconds=seconds))
    daily = rates.rental.rate[:, rates.calendar.classes] * rates.day_factor[0][None, :, None]
    np.testing.assert_allclose(daily, 2 / seconds, rtol=0.03)


def test_rentals_and_returns_drift_each_for_itself():
    # At one of twenty stations rentals double for two weeks; its returns, and all others, stay.
    events = np.ones((20, 56, 48))
    busier = events.copy()
    busier[0, 42:] = 2
    rates = fit(by_hand(busier, returns=events, days=56))
    now, given = (
        known.rate[:, DayClass.WORKDAY].mean(axis=1) * factor[-7:].mean()
        for known, factor in zip((rates.rental, rates.giving), rates.day_factor, strict=True)
    )
    assert 1.5 < now[0] * SLOT_S < 2.05
    np.testing.assert_allclose(given * SLOT_S, 1, rtol=0.05)
    np.testing.assert_allclose(now[1:] * SLOT_S, 1, rtol=0.05)


def test_two_events_are_drawn_to_the_neighbours_profile():
    # Five stations live around slot 16 and sleep otherwise; the sixth saw two rentals in slot 40, and nothing else.
    events = np.zeros((6, 28, 48))
    events[:5, :, 14:19] = 3
    events[5, 3, 40] = events[5, 10, 40] = 1
    quiet = fit(by_hand(events)).rental.rate[5, DayClass.WORKDAY]
    assert 14 <= quiet.argmax() < 19
    # Raw: two events in 20 watched workdays of half an hour.
    assert quiet[40] < 2 / (20 * SLOT_S)
    assert quiet[40] > quiet[30]


def test_many_events_outvote_the_neighbours_profile():
    events = np.zeros((6, 28, 48))
    events[:5, :, 14:19] = 3
    events[5, :, 38:43] = 3
    own = fit(by_hand(events)).rental.rate[5, DayClass.WORKDAY]
    assert 38 <= own.argmax() < 43
    assert 3 / SLOT_S == pytest.approx(own[40], rel=0.15)


@pytest.mark.parametrize(("watched_s", "is_known"), [(0, False), (LEAST_WATCHED_S / 2, False), (LEAST_WATCHED_S, True)])
def test_a_station_watched_for_less_than_two_days_has_no_rates_of_its_own(watched_s, is_known):
    tally = by_hand(np.full((3, 1, 48), 1.0))
    exposure = tally.rental_s.copy()
    exposure[1] = watched_s / exposure[1].size
    rates = fit(replace(tally, rental_s=exposure, return_s=exposure))
    assert [True, is_known, True] == rates.is_known.tolist()
    assert np.isfinite(rates.rental.rate).all()


def test_days_of_which_nothing_is_known_are_not_watched():
    tally = by_hand(np.full((2, 28, 48), 1.0))
    seconds, counts = tally.rental_s.copy(), tally.rentals.copy()
    seconds[:, 5], counts[:, 5] = 0, 0
    rates = fit(replace(tally, rental_s=seconds, return_s=seconds, rentals=counts, returns=counts))
    assert [5] == np.flatnonzero(~rates.watched).tolist()
    np.testing.assert_allclose(rates.day_factor[:, 5], 1)


def test_busy_and_quiet_days_are_told_apart():
    # Every other day is three times as busy as the one before it.
    busy = np.where(np.arange(28) % 2 == 0, 0.5, 1.5)
    factor = fit(by_hand(4.0 * np.broadcast_to(busy[None, :, None], (4, 28, 48)))).day_factor
    workdays = [day for day in range(28) if day % 7 < 5]
    ratio = (
        factor[0, [day for day in workdays if day % 2]].mean() / factor[0, [d for d in workdays if d % 2 == 0]].mean()
    )
    assert 3 == pytest.approx(ratio, rel=0.05)
    np.testing.assert_allclose(factor[0], factor[1])
