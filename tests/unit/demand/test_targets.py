"""Targets by hand."""

import pytest

from optimiser.basics.city import Snapshot, StationStatus
from optimiser.basics.errors import InvalidProblem
from optimiser.demand.targets import Target, fit_to_room, interval_target, proportional_targets
from tests.builders import START, small_city


def test_an_interval_loses_one_rate_per_bike_outside_it():
    target = interval_target("A", capacity=6, low=2, high=4, trips_per_bike=1.5, reason="by hand")
    assert (3.0, 1.5, 0, 0, 0, 1.5, 3.0) == target.lost_trips


@pytest.mark.parametrize(
    ("low", "high", "lost", "says"),
    [
        (3, 2, (0.0,) * 5, "outside 0..4 or reversed"),
        (0, 5, (0.0,) * 5, "outside 0..4 or reversed"),
        (0, 1, (0.0, float("nan"), 0.0), "finite"),
        (0, 1, (0.0, -1.0, 0.0), "at least 0"),
        (0, 1, (0.0, 2.0, 3.0), "not convex"),
    ],
)
def test_a_target_that_contradicts_itself_is_refused(low, high, lost, says):
    with pytest.raises(InvalidProblem, match=says):
        Target(station_id="A", low=low, high=high, lost_trips=lost, reason="")


def test_less_room_tonight_cuts_the_table_and_the_interval():
    target = interval_target("A", capacity=6, low=4, high=5, trips_per_bike=1.0, reason="by hand")
    fitted = fit_to_room(target, 3)
    assert (3, 3, (4.0, 3.0, 2.0, 1.0)) == (fitted.low, fitted.high, fitted.lost_trips)


def test_more_bikes_than_the_table_knows_go_on_costing_as_the_last_one_did():
    target = interval_target("A", capacity=3, low=1, high=2, trips_per_bike=2.0, reason="by hand")
    assert (2.0, 0.0, 0.0, 2.0, 4.0, 6.0) == fit_to_room(target, 5).lost_trips


def test_proportional_targets_follow_the_whole_fleet():
    # 12 bikes on 10 + 20 docks = 40 % full: 25 % .. 55 % of 10 = 2 .. 6, of 20 = 5 .. 11.
    city = small_city(capacities=(10, 20))
    statuses = (StationStatus(station_id="S0", bikes=12), StationStatus(station_id="S1", bikes=0))
    first, second = proportional_targets(city, Snapshot(as_of=START, stations=statuses))
    assert (2, 6) == (first.low, first.high)
    assert (5, 11) == (second.low, second.high)
    assert 5.0 == second.lost_trips[0]
