"""Sorting, and cutting a past at a moment."""

import numpy as np

from optimiser.demand.history import UNKNOWN, History, status_history
from tests.pasts import polls, trips, trips_only


def test_polls_are_sorted_by_station_and_moment():
    history = polls([(1, 300, 7), (0, 200, 5), (1, 100, 6), (0, 100, 4)], (10, 10, 10)).status
    assert [(0, 2), (2, 4), (4, 4)] == list(zip(history.first.tolist(), history.end.tolist(), strict=True))
    assert [100, 200, 100, 300] == history.ts.tolist()
    assert [4, 5, 6, 7] == history.bikes.tolist()


def test_of_polls_of_one_station_and_moment_the_last_given_stays():
    history = polls([(0, 100, 4), (0, 200, 5), (0, 100, 9)]).status
    assert [(100, 9), (200, 5)] == list(zip(history.ts.tolist(), history.bikes.tolist(), strict=True))


def test_what_nobody_told_is_unknown_and_open():
    history = status_history(1, np.array([0]), np.array([100]), bikes=np.array([3]))
    assert (UNKNOWN, UNKNOWN, UNKNOWN) == (history.docks[0], history.ebikes[0], history.disabled[0])
    assert history.is_open[0]
    assert not history.holds


def test_polls_between_include_the_first_moment_and_not_the_last():
    history = polls([(station, ts, ts // 100) for station in (0, 1) for ts in (100, 200, 300)], (10, 10))
    part = history.between(200, 300).status
    assert 2 == part.rows
    assert [2, 2] == [int(part.bikes[first]) for first in part.first]
    assert (200, 200) == part.span()
    # The columns are the same, not copies.
    assert part.ts is history.status.ts


def test_nothing_is_known_outside_a_past():
    history = polls([(0, 100, 1)])
    assert history.between(200, 300).span() is None
    assert trips_only([]).span() is None
    assert History(station_ids=(), capacities=(), time_zone="UTC").span() is None


def test_a_trip_under_way_at_a_moment_has_not_ended_by_then():
    # Ends at 199, 200 and 300; nothing of 200 or later is known at 200.
    part = trips([(0, 100, 0, 199, 1), (1, 110, 0, 200, 1), (2, 120, 0, 300, 1), (3, 200, 0, 210, 1)]).between(0, 200)
    assert [100, 110, 120] == part.started.tolist()
    assert [199, -1, -1] == part.ended.tolist()
    assert [1, UNKNOWN, UNKNOWN] == part.destination.tolist()


def test_cutting_a_past_leaves_the_whole_as_it_was():
    whole = trips([(0, 100, 0, 300, 1)])
    whole.between(0, 200)
    assert (300, 1) == (whole.ended[0], whole.destination[0])


def test_a_past_spans_from_its_first_to_its_last_moment():
    assert (100, 400) == trips_only([(0, 100, 0, 400, 1), (0, 200, 0, -1, -1)]).span()
    assert (50, 90) == polls([(0, 50, 1), (1, 90, 1)], (10, 10)).span()
