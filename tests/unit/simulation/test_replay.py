"""A day replayed by hand."""

import numpy as np
import pytest

from optimiser.simulation.demand_day import DemandDay
from optimiser.simulation.replay import lost_by_opening, replay_day


def day_of(*stations, seconds=7200):
    """A day from the events of each station, as (seconds after the start, change)."""
    events = [event for own in stations for event in own]
    return DemandDay(
        start_ts=0,
        seconds=seconds,
        first=np.concatenate([[0], np.cumsum([len(own) for own in stations])]).astype(np.int64),
        at_s=np.array([at_s for at_s, _ in events], dtype=float),
        change=np.array([change for _, change in events], dtype=np.int8),
        source=np.zeros(len(events), np.int8),
        known_share=np.ones(len(stations)),
    )


def rooms(*sizes):
    return np.array(sizes, dtype=np.int64)


TWO_RENTALS_THEN_A_RETURN = day_of([(600, -1), (1800, -1), (5400, 1)])


@pytest.mark.parametrize(
    ("opening", "lost", "empty_s", "full_s"),
    [
        # Empty until the return at 5400: both rentals are lost.
        (0, (2, 0), 5400, 0),
        # The bike goes at 600, the second rental is lost, a bike again from 5400.
        (1, (1, 0), 4800, 0),
        # Full until 600, empty from 1800 to 5400; nobody is lost.
        (2, (0, 0), 3600, 600),
    ],
)
def test_three_events_at_two_docks(opening, lost, empty_s, full_s):
    made = replay_day(TWO_RENTALS_THEN_A_RETURN, rooms(2), rooms(opening))
    assert lost == (made.lost_rentals[0], made.lost_returns[0])
    assert (empty_s, full_s) == (made.empty_s[0], made.full_s[0])
    assert sum(lost) == made.lost[0] == made.lost_by_hour.sum()


def test_a_return_to_a_full_station_is_lost_in_its_hour():
    # Full throughout: returns at 600 and 4000 are lost, in hours 0 and 1.
    made = replay_day(day_of([(600, 1), (4000, 1)]), rooms(2), rooms(2))
    assert [[1, 1]] == made.lost_by_hour.tolist()
    assert (2, 7200) == (made.lost_returns[0], made.full_s[0])


def test_all_openings_at_once():
    # From 0, 1 and 2 bikes 2, 1 and 0 trips are lost, see above.
    assert [[2, 1, 0]] == lost_by_opening(TWO_RENTALS_THEN_A_RETURN, rooms(2)).tolist()


def test_what_lies_beyond_a_room_is_not_a_number():
    lost = lost_by_opening(day_of([(600, -1)], [(600, -1), (700, -1)]), rooms(1, 2))
    assert [1, 0] == lost[0, :2].tolist()
    assert np.isnan(lost[0, 2])
    assert [2, 1, 0] == lost[1].tolist()


def test_a_station_without_docks_loses_everybody():
    made = replay_day(day_of([(600, -1), (700, 1)]), rooms(0), rooms(0))
    assert (1, 1, 7200, 7200) == (made.lost_rentals[0], made.lost_returns[0], made.empty_s[0], made.full_s[0])


def test_a_day_without_riders_loses_nobody():
    made = replay_day(day_of([], []), rooms(3, 3), rooms(0, 2))
    assert [0, 0] == made.lost.tolist()
    assert [7200, 0] == made.empty_s.tolist()


def test_an_hour_that_is_cut_short_counts_as_an_hour():
    made = replay_day(day_of([(5000, -1)], seconds=5400), rooms(1), rooms(0))
    assert [[0, 1]] == made.lost_by_hour.tolist()
