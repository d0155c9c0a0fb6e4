"""Rates estimated from generated pasts whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.demand.calendar import DayClass
from optimiser.demand.estimate import estimate
from optimiser.demand.history import status_history
from optimiser.demand.inventory import with_inventories
from optimiser.demand.poll_tally import tally_status
from tests.pasts import MONDAY, calendar_of, generated, moment, polls, ridden

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
    naive = tally_status(history, calendar_of(history), rates=None)
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


def test_without_any_past_there_is_nothing_to_fit(calm):
    with pytest.raises(InvalidInput, match="nothing is known"):
        estimate(calm.history, as_of_ts=calm.history.span()[0])


@pytest.mark.parametrize(
    "is_polled",
    [
        lambda ts, first, last: True,
        lambda ts, first, last: ts >= last - 7 * 86_400,
        lambda ts, first, last: not 8 <= ts // 3600 % 24 < 16,
    ],
    ids=["throughout", "only for the last week", "never from eight to four"],
)
def test_polls_beside_trips_may_tell_of_less_time_than_they(is_polled):
    # Bikes and docks at any time: the polls turn nobody away, so they must not change what the trips say.
    rides = ridden(days=28)
    first, last = rides.span()
    rows = [(station, ts, 7) for station in range(4) for ts in range(first, last, 1200) if is_polled(ts, first, last)]
    watched = replace(rides, status=polls(rows, rides.capacities).status)
    assert estimated(rides).sum(axis=1) == pytest.approx(estimated(watched).sum(axis=1), rel=0.1)


def test_where_trips_end_before_the_polls_do_the_polls_go_on_telling():
    # Trips of two weeks; polls every 20 minutes, as the bikes of all four weeks make them, go on for two more.
    rides = ridden(days=28)
    first, last = rides.span()
    stood = with_inventories(rides).status
    rows = []
    for station in range(4):
        own = slice(int(stood.first[station]), int(stood.end[station]))
        for ts in range(first, last, 1200):
            row = int(np.searchsorted(stood.ts[own], ts, side="right")) - 1
            rows.append((station, ts, int(stood.bikes[own][row]) if row >= 0 else 0))
    mixed = replace(
        rides, trips=rides.trips.between(0, first + 14 * 86_400), status=polls(rows, rides.capacities).status
    )
    known, told = (estimated(history).sum(axis=1) for history in (rides, mixed))
    # Vans that move single bikes pass for riders where only polls tell.
    np.testing.assert_allclose(told, known, rtol=0.15)
