"""Rates fitted to pasts whose truth is known, and to counts by hand."""

from dataclasses import replace

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.demand.calendar import DayClass, calendar
from optimiser.demand.estimate import estimate
from optimiser.demand.history import status_history
from optimiser.demand.rates import LEAST_WATCHED_S, fit
from optimiser.demand.tally import COUNTERS, Tally, tally_status
from tests.pasts import MONDAY, generated, moment, polls

SLOT_S = 1800


def estimated(history):
    """Rentals and returns per station that the fitted rates and days add up to, shape (2, stations)."""
    rates, _, _ = estimate(history, as_of_ts=history.span()[1] + 1)
    totals = np.zeros((2, len(history.station_ids)))
    for row, known in enumerate((rates.rental, rates.giving)):
        for day, kind in enumerate(rates.calendar.classes):
            totals[row] += known.rate[:, kind].sum(axis=1) * SLOT_S * rates.day_factor[row, day]
    return totals


@pytest.fixture(scope="module")
def calm():
    """Large stations that hardly ever run dry, no vans."""
    return generated(capacities=(50, 60, 40, 70), turnover=0.8, vans=False)


@pytest.fixture(scope="module")
def dry():
    """Small stations that run dry or full every day."""
    return generated(capacities=(8, 12, 10, 16, 14, 20, 9, 18), turnover=6.0, days=42)


@pytest.mark.parametrize("poll_s", [600, 1200])
def test_from_polls_alone_totals_are_within_an_eighth_of_the_truth(poll_s):
    past = generated(capacities=(50, 60, 40, 70), turnover=1.5, vans=False, poll_s=poll_s)
    truth, found = past.wanted.sum(axis=1), estimated(past.history).sum(axis=1)
    assert truth == pytest.approx(found, rel=0.12)


def test_net_changes_alone_miss_what_cancels_between_polls(calm):
    history = calm.history
    span = history.span()
    days = calendar(history.time_zone, *span)
    naive = tally_status(history, days, rates=None)
    counted = naive.rentals.sum() + naive.returns.sum()
    assert counted < 0.9 * calm.served.sum()
    found = estimated(history).sum()
    assert abs(found - calm.wanted.sum()) < abs(counted - calm.wanted.sum()) / 2


def test_where_stations_run_dry_the_fit_knows_better_what_riders_want_than_what_was_served(dry):
    turned_away = 1 - dry.served / dry.wanted
    is_dry = turned_away > 0.15
    assert is_dry.sum() >= 4, "the past is too calm to prove anything"
    found = estimated(dry.history)
    off = np.abs(found - dry.wanted)[is_dry].sum() / dry.wanted[is_dry].sum()
    served_off = (dry.wanted - dry.served)[is_dry].sum() / dry.wanted[is_dry].sum()
    assert off < served_off / 2
    assert off < 0.15


@pytest.mark.parametrize("hours", [(3,), (0, 1, 2, 3, 4, 5)], ids=["at three each night", "at some hour of the night"])
def test_a_van_is_no_crowd_of_riders(hours):
    # Ten bikes are brought each night and rented one by one from six to ten; nobody ever returns one.
    rows = []
    for day in range(28):
        midnight = moment(f"{MONDAY} 00:00") + day * 86_400
        for number in range(72):
            rentals = min(10, max(0, (number - 18) * 10 // 12))
            rows.append((0, midnight + number * 1200, 10 - rentals if number > 3 * hours[day % len(hours)] else 0))
    history = polls(rows, (20,))
    _, tally, _ = estimate(history, as_of_ts=history.span()[1] + 1)
    assert 280 == pytest.approx(tally.rentals.sum(), rel=0.1)
    assert tally.returns.sum() < 0.1 * 280


def test_a_station_twice_as_busy_for_two_weeks_is_nearer_to_its_new_level_than_to_its_old():
    sizes = (60,) * 10
    before = generated(capacities=sizes, days=42, turnover=1.0, vans=False, spread=0.0)
    same, busy = (
        generated(capacities=sizes, first=42, days=14, turnover=turnover, vans=False, spread=0.0)
        for turnover in (1.0, 2.0)
    )
    parts = [rows_of(before), rows_of(same, keep=range(1, 10)), rows_of(busy, keep=[0])]
    station, ts, bikes = (np.concatenate(column) for column in zip(*parts, strict=True))
    history = replace(before.history, status=status_history(10, station, ts, bikes=bikes))
    was, now = (
        estimate(past, as_of_ts=past.span()[1] + 1)[0].rental.rate[:, DayClass.WORKDAY].sum(axis=1)
        for past in (before.history, history)
    )
    assert now[0] / was[0] > 1.5
    # The others go on as they were.
    assert 1 == pytest.approx((now[1:] / was[1:]).mean(), abs=0.1)


def rows_of(past, keep=range(10)):
    """Station, moment and bikes of every poll of some stations."""
    status = past.history.status
    station = np.repeat(np.arange(len(status.first)), status.end - status.first)
    kept = np.isin(station, list(keep))
    return station[kept], status.ts[kept], status.bikes[kept]


def by_hand(events, *, seconds=SLOT_S, days=28):
    """A tally of so many rentals and returns per station, day and slot, each slot watched throughout."""
    first = moment(f"{MONDAY} 00:00")
    shape = (len(events), days, 48)
    counts = np.broadcast_to(events, shape).astype(np.float32)
    exposure = np.full(shape, seconds, dtype=np.float32)
    return Tally(
        calendar=calendar("UTC", first, first + days * 86_400 - 1),
        rentals=counts,
        returns=counts,
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


def test_without_any_past_there_is_nothing_to_fit(calm):
    with pytest.raises(InvalidInput, match="nothing is known"):
        estimate(calm.history, as_of_ts=calm.history.span()[0])
