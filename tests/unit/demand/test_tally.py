"""Counts and minutes by hand, from polls and from trips."""

from dataclasses import replace

import numpy as np
import pytest

from optimiser.demand.calendar import calendar
from optimiser.demand.history import History
from optimiser.demand.poll_tally import tally_status
from optimiser.demand.tally import CellRates
from optimiser.demand.trip_tally import tally_trips
from tests.pasts import moment, polls, trips, trips_only

DAY = "2026-06-01"
NOON = moment(f"{DAY} 12:00")
NOON_SLOT = 24
MIN = 60
DAYS = calendar("UTC", NOON, NOON)


def steady(per_hour: float, stations: int = 1) -> CellRates:
    """So many rentals and returns an hour, always."""
    rate = np.full((stations, 3, 48), per_hour / 3600)
    return CellRates(rental=rate, giving=rate, day_factor=np.ones((2, 1)))


def with_trips(history: History, *rows) -> History:
    return replace(history, trips=trips(rows))


def test_trips_are_counted_in_the_cells_of_their_ends():
    # Bike 0 leaves S0 at 12:10 and reaches S1 at 12:40; bike 1 comes back to S1, from where it left at 12:29:59.
    history = trips_only(
        [(0, NOON + 10 * MIN, 0, NOON + 40 * MIN, 1), (1, NOON + 30 * MIN - 1, 1, NOON + 50 * MIN, 1)], (10, 10)
    )
    tally = tally_trips(history, DAYS, until_ts=NOON + 3600)
    assert [[0, 0, NOON_SLOT], [1, 0, NOON_SLOT]] == np.argwhere(tally.rentals).tolist()
    assert [[1, 0, NOON_SLOT + 1]] == np.argwhere(tally.returns).tolist()
    assert (2, 2, 2) == (tally.rentals.sum(), tally.returns.sum(), tally.returns[1, 0, NOON_SLOT + 1])


def test_a_trip_without_a_known_end_counts_as_a_rental_only():
    history = trips_only([(0, NOON, 0, -1, -1), (1, NOON, -1, NOON + 600, 0), (2, NOON, 0, NOON + 600, -1)])
    tally = tally_trips(history, DAYS, until_ts=NOON + 3600)
    assert (2, 1) == (tally.rentals.sum(), tally.returns.sum())


def test_polls_tell_how_long_a_trip_was_possible():
    # Empty from 12:00 to 12:10, then one bike until 12:30: 20 minutes to rent, 30 to return (10 docks).
    history = with_trips(polls([(0, NOON, 0), (0, NOON + 10 * MIN, 1)]), (0, NOON, 0, NOON, 0))
    tally = tally_trips(history, DAYS, until_ts=NOON + 30 * MIN)
    assert (20 * MIN, 30 * MIN) == (tally.rental_s.sum(), tally.return_s.sum())
    assert 20 * MIN == tally.rental_s[0, 0, NOON_SLOT]


def test_at_a_full_station_no_return_was_possible():
    # Full from 12:00 to 12:20, one dock free until 12:45: 15 of these minutes lie in the next half hour.
    history = with_trips(polls([(0, NOON, 10), (0, NOON + 20 * MIN, 9)]), (0, NOON, 0, NOON, 0))
    tally = tally_trips(history, DAYS, until_ts=NOON + 45 * MIN)
    assert [10 * MIN, 15 * MIN] == tally.return_s[0, 0, NOON_SLOT : NOON_SLOT + 2].tolist()
    assert 45 * MIN == tally.rental_s.sum()


@pytest.mark.parametrize(("apart_s", "watched_s", "gaps"), [(3600, 3600, 0), (3601, 0, 1)])
def test_polls_more_than_an_hour_apart_tell_nothing_of_the_time_between(apart_s, watched_s, gaps):
    tally = tally_status(polls([(0, NOON, 5), (0, NOON + apart_s, 5)]), DAYS, rates=steady(0.5))
    assert (watched_s, gaps) == (pytest.approx(tally.rental_s.sum(), rel=1e-3), tally.counters["gaps"])


def test_beside_trips_an_empty_station_is_believed_for_an_hour_and_then_anything_is_possible():
    # Empty at noon, looked at up to 14:30: an hour without a rental, then an hour and a half in which one may be.
    history = with_trips(polls([(0, NOON, 0)]), (0, NOON, 0, NOON, 0))
    tally = tally_trips(history, DAYS, until_ts=NOON + 9000)
    assert (5400, 9000, 1) == (tally.rental_s.sum(), tally.return_s.sum(), tally.counters["gaps"])


def test_a_closed_station_is_not_watched():
    # Closed from 12:10 to 12:20: 10 + 10 minutes are left for trips; of polls, only the last pair saw it open twice.
    history = polls(
        [(0, NOON + minute * MIN, 5) for minute in (0, 10, 20, 30)],
        closed=[NOON + 10 * MIN],
    )
    seen = tally_trips(with_trips(history, (0, NOON, 0, NOON, 0)), DAYS, until_ts=NOON + 30 * MIN)
    assert (20 * MIN, 1) == (seen.rental_s.sum(), seen.counters["closed"])
    polled = tally_status(history, DAYS, rates=steady(0.1))
    assert (10 * MIN, 2) == (pytest.approx(polled.rental_s.sum()), polled.counters["closed"])


def test_net_changes_alone_are_counted_before_any_rate_is_known():
    # +3, then -2; empty at one end of the first 20 minutes: half of them count as possible for a rental.
    history = polls([(0, NOON, 0), (0, NOON + 20 * MIN, 3), (0, NOON + 40 * MIN, 1)])
    tally = tally_status(history, DAYS, rates=None)
    assert (2, 3) == (tally.rentals.sum(), tally.returns.sum())
    assert (10 * MIN + 20 * MIN, 40 * MIN) == (tally.rental_s.sum(), tally.return_s.sum())


def test_what_cancels_between_two_polls_is_counted_as_often_as_is_likely():
    # Six rentals and six returns an hour, 20 minutes, 5 bikes before and after: 2 and 2 expected at large.
    # Given that they cancel: sqrt(4) I1(4) / I0(4) = 2 x 9.7595 / 11.3019 = 1.727.
    tally = tally_status(polls([(0, NOON, 5), (0, NOON + 20 * MIN, 5)], (20,)), DAYS, rates=steady(6))
    assert 1.727 == pytest.approx(tally.rentals.sum(), abs=0.12)
    assert tally.rentals.sum() == pytest.approx(tally.returns.sum(), abs=1e-5)


def test_twenty_bikes_at_once_are_a_van_and_no_riders():
    history = polls([(0, NOON, 25), (0, NOON + 20 * MIN, 5), (0, NOON + 40 * MIN, 25)], (30,))
    tally = tally_status(history, DAYS, rates=steady(2))
    assert (0, 0, 0) == (tally.rentals.sum(), tally.returns.sum(), tally.rental_s.sum())
    assert (2, 20, 20, 0) == tuple(
        tally.counters[name] for name in ("jumps", "jump_bikes_out", "jump_bikes_in", "intervals")
    )


@pytest.mark.parametrize(("gone", "jumps"), [(17, 0), (18, 1)])
def test_a_jump_is_what_exceeds_the_expectation_by_far(gone, jumps):
    # 12 an hour, 20 minutes: 4 expected; 4 + 4.5 sqrt(4) + 4 = 17 are just believed.
    history = polls([(0, NOON, 20), (0, NOON + 20 * MIN, 20 - gone)], (30,))
    assert jumps == tally_status(history, DAYS, rates=steady(12)).counters["jumps"]


def test_docks_that_were_seen_say_more_than_the_capacity():
    # 4 bikes and no free dock at a station for 10: six docks are out of order, nothing can be returned.
    history = polls([(0, NOON, 4)])
    docks = np.zeros(1, np.int16)
    history = with_trips(replace(history, status=replace(history.status, docks=docks)), (0, NOON, 0, NOON, 0))
    tally = tally_trips(history, DAYS, until_ts=NOON + 600)
    assert (600, 0) == (tally.rental_s.sum(), tally.return_s.sum())


def test_trips_of_unknown_bikes_without_polls_are_possible_at_any_time():
    # From the quarter of the first trip, 12:00, to 13:00.
    history = trips_only([(-1, NOON + 5 * MIN, 0, NOON + 20 * MIN, 1)], (10, 10))
    tally = tally_trips(history, DAYS, until_ts=NOON + 3600)
    assert [3600, 3600] == tally.rental_s.sum(axis=(1, 2)).tolist()
    assert [3600, 3600] == tally.return_s.sum(axis=(1, 2)).tolist()


def test_polls_every_few_seconds_are_not_all_looked_at():
    # Ten bikes leave in ten minutes, polled every five seconds: intervals of four minutes, the last one shorter.
    rows = [(0, NOON + 5 * step, 20 - step // 12) for step in range(121)]
    tally = tally_status(polls(rows, (20,)), DAYS, rates=None)
    assert 3 == tally.counters["intervals"]
    assert 10 == pytest.approx(tally.rentals.sum())
    assert 600 == pytest.approx(tally.rental_s.sum())
