"""What riders wanted on a day of the past: what was seen, and what was turned away."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from optimiser.demand.estimate import estimate
from optimiser.demand.history import UNKNOWN
from optimiser.demand.inventory import with_inventories
from optimiser.demand.rates import Intensity, Rates
from optimiser.simulation.demand_day import FILLED, RESTORED, SEEN, restore_day
from optimiser.simulation.replay import replay_day
from tests.pasts import at_midnight, calendar_of, generated, moment, polls, trips, trips_only

NOON = moment("2026-06-01 12:00")
HOUR_S = 3600


def steady(history, *, rental, giving):
    """Rates of so many rentals and returns an hour, at any time."""
    days = calendar_of(history)
    shape = (len(history.station_ids), 3, days.slots)

    def always(per_hour):
        return Intensity(rate=np.full(shape, per_hour / 3600), shape=np.ones(shape), events=np.ones(shape[0]))

    return Rates(
        calendar=days,
        rental=always(rental),
        giving=always(giving),
        day_factor=np.ones((2, days.days)),
        lopsided=np.zeros(shape[0]),
        coming_tilt=np.zeros((2, 2)),
        watched=np.ones(days.days, dtype=bool),
        is_known=np.ones(shape[0], dtype=bool),
        strength=(1.0, 1.0),
    )


def events_of(day, station=0):
    rows = slice(int(day.first[station]), int(day.first[station + 1]))
    return list(zip(day.at_s[rows].tolist(), day.change[rows].tolist(), day.source[rows].tolist(), strict=True))


def polled(bikes, capacity=10, every_s=1200):
    """One station, polled from noon on."""
    return polls([(0, NOON + number * every_s, count) for number, count in enumerate(bikes)], (capacity,))


def restored(history, *, rental=6.0, giving=6.0, start_ts=NOON, hours=2, seed=1):
    rates = steady(history, rental=rental, giving=giving)
    return restore_day(history, rates, start_ts=start_ts, seconds=hours * HOUR_S, seed=seed)


def test_the_same_seed_is_the_same_day_and_another_seed_another():
    history = polled([5, 0, 0, 3, 5, 4, 4])
    one, same, other = (restored(history, seed=seed) for seed in (1, 1, 2))
    assert events_of(one) == events_of(same)
    assert events_of(one) != events_of(other)


def test_what_polls_saw_happened():
    # Two bikes go and one comes, at rates so low that nothing else is likely.
    day = restored(polled([5, 3, 3, 4, 4, 4, 4]), rental=0.01, giving=0.01)
    assert [-1, -1, 1] == [change for _, change, _ in events_of(day)]
    first, second, third = (at_s for at_s, _, _ in events_of(day))
    assert 0 <= first < second < 1200
    assert 2400 <= third < 3600
    assert {SEEN} == set(day.source.tolist())
    assert 1 == day.known_share[0]


def test_riders_are_turned_away_only_while_nothing_could_be_had():
    # Empty from 12:20 to 13:20, at three rentals an hour and hardly a return.
    history = polled([2, 0, 0, 0, 0, 2, 2])
    turned_away = []
    for seed in range(200):
        own = [event for event in events_of(restored(history, rental=3, giving=0.5, seed=seed)) if event[2] == RESTORED]
        assert {-1} >= {change for _, change, _ in own}
        # Before the first poll that saw it empty some may have found the last bike gone.
        assert all(0 < at_s < 6000 for at_s, _, _ in own)
        turned_away.append(sum(1200 <= at_s < 4800 for at_s, _, _ in own))
    # Nearly three in the hour: a return whose bike was rented at once is rare.
    assert 2.7 == pytest.approx(np.mean(turned_away), abs=0.4)


def test_nobody_is_turned_away_from_a_station_with_bikes_and_docks():
    for seed in range(50):
        day = restored(polled([30] * 7, capacity=60), seed=seed)
        assert {SEEN} >= set(day.source.tolist())


def test_returns_are_turned_away_from_a_full_station():
    day = restored(polled([10] * 7), rental=0.01, giving=30)
    assert {1} == {change for _, change, source in events_of(day) if source == RESTORED}
    # 60 in two hours
    assert 60 == pytest.approx((day.source == RESTORED).sum(), abs=25)


def test_a_gap_is_filled_with_riders_at_the_rates_and_not_called_watched():
    # Polls until 12:20 and from 14:20 on; the two hours between are unknown.
    history = polls([(0, NOON + minute * 60, 5) for minute in (0, 20, 140, 160, 180)])
    filled = []
    for seed in range(60):
        day = restored(history, rental=8, giving=4, hours=3, seed=seed)
        own = [event for event in events_of(day) if event[2] == FILLED]
        assert all(1200 <= at_s < 8400 for at_s, _, _ in own)
        filled.append([sum(change == wanted for _, change, _ in own) for wanted in (-1, 1)])
    assert [16, 8] == pytest.approx(np.mean(filled, axis=0).tolist(), rel=0.15)
    # One of three hours.
    assert 1 / 3 == pytest.approx(restored(history, hours=3).known_share[0])


def test_while_closed_nobody_could_have_been_served():
    history = polls(
        [(0, NOON + number * 1200, 0) for number in range(7)], closed=[NOON + number * 1200 for number in range(7)]
    )
    day = restored(history, rental=30, giving=30)
    assert [] == events_of(day)
    assert 1 == day.known_share[0]


def test_bikes_brought_by_a_van_are_no_riders():
    # 20 bikes come within 20 minutes at two returns an hour: some riders at the rates stand for what is not known.
    day = restored(polled([5, 25, 25, 25], capacity=40), rental=1, giving=2, hours=1)
    assert len(events_of(day)) < 15
    assert {FILLED} >= {source for at_s, _, source in events_of(day) if at_s < 1200}
    assert 2 / 3 == pytest.approx(day.known_share[0])


def test_real_trips_are_seen_at_their_own_moments():
    # Of three trips one begins before the day and ends within it, one lies in it, one begins within it.
    rows = [(0, NOON - 600, 0, NOON + 300, 1), (1, NOON + 900, 1, NOON + 1500, 0), (2, NOON + 7000, 0, NOON + 9000, 1)]
    history = with_inventories(trips_only(rows, (10, 10)))
    day = restored(history, rental=0.0, giving=0.0)
    assert [(1500, 1, SEEN), (7000, -1, SEEN)] == events_of(day, 0)
    assert [(300, 1, SEEN), (900, -1, SEEN)] == events_of(day, 1)


def test_beside_trips_polls_tell_only_who_was_turned_away():
    # Empty from noon to 13:00, when a van brings a bike that no trip tells of. Trips elsewhere cover the whole time.
    elsewhere = trips([(1, NOON - 60, UNKNOWN, NOON, UNKNOWN), (1, NOON + 7200, UNKNOWN, NOON + 7300, UNKNOWN)])
    history = replace(
        polls([(0, NOON + minute * 60, int(minute >= 60)) for minute in range(0, 121, 20)]), trips=elsewhere
    )
    away = []
    for seed in range(60):
        own = events_of(restored(history, rental=4, giving=1, seed=seed))
        assert {RESTORED} >= {source for _, _, source in own}
        assert all(change == -1 and at_s < 3600 for at_s, change, _ in own)
        away.append(len(own))
    assert 4 == pytest.approx(np.mean(away), rel=0.2)


def test_trips_of_unknown_bikes_are_all_that_is_known():
    history = trips_only([(-1, NOON + 100, 0, NOON + 900, 1)], (10, 10))
    day = restored(history)
    assert [[(100, -1, SEEN)], [(900, 1, SEEN)]] == [events_of(day, station) for station in (0, 1)]
    assert [1, 1] == day.known_share.tolist()


@pytest.fixture(scope="module")
def dry():
    """Small stations that run dry or full, their truth, and what was restored day by day: (days, change, stations)."""
    past = generated(capacities=(8, 12, 10, 16, 14, 20, 9, 18), turnover=4.0, days=28)
    rates, _, _ = estimate(past.history, as_of_ts=past.history.span()[1] + 1, recency=False)
    begins = [int(at_midnight(day).timestamp()) for day in range(29)]
    days = [
        restore_day(past.history, rates, start_ts=begin, seconds=end - begin, seed=7) for begin, end in pairwise(begins)
    ]
    return past, days


def wanted_of(days, *, sources=(SEEN, RESTORED, FILLED)):
    """Rentals and returns, shape (2, stations)."""
    made = np.zeros((2, len(days[0].first) - 1))
    for day in days:
        station = np.repeat(np.arange(made.shape[1]), np.diff(day.first))
        for row, change in enumerate((-1, 1)):
            rows = (day.change == change) & np.isin(day.source, list(sources))
            np.add.at(made[row], station[rows], 1)
    return made


def test_with_those_turned_away_days_hold_what_riders_wanted(dry):
    past, days = dry
    wanted = wanted_of(days)
    assert past.wanted.sum(axis=1) == pytest.approx(wanted.sum(axis=1), rel=0.1)
    off, served_off = (np.abs(made - past.wanted).sum() for made in (wanted, past.served))
    assert off < served_off / 2


def test_what_was_seen_alone_is_what_was_served(dry):
    past, days = dry
    assert past.served.sum(axis=1) == pytest.approx(wanted_of(days, sources=[SEEN]).sum(axis=1), rel=0.1)


def test_times_lie_within_the_day_and_in_order(dry):
    _, days = dry
    for day in days:
        assert (day.at_s >= 0).all()
        assert (day.at_s < day.seconds).all()
        for station in range(len(day.first) - 1):
            assert (np.diff(day.at_s[day.first[station] : day.first[station + 1]]) >= 0).all()
        rooms = np.array(dry[0].history.capacities)
        made = replay_day(day, rooms, rooms // 2)
        assert made.lost.sum() == made.lost_by_hour.sum()
