"""What stood at the stations at a moment, and how many bikes fit."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from optimiser.basics.city import Station, StationStatus
from optimiser.demand.rooms import tonight_room
from optimiser.demand.snapshots import FRESH_S, snapshot_at
from tests.pasts import polls, trips_only

AS_OF = datetime(2026, 6, 1, 22, tzinfo=UTC)
T = int(AS_OF.timestamp())


def bikes_at(history):
    snapshot = snapshot_at(history, AS_OF)
    return None if snapshot is None else {status.station_id: status.bikes for status in snapshot.stations}


def test_the_last_poll_before_the_moment_tells():
    # A poll at the very moment comes too late.
    assert {"S0": 5} == bikes_at(polls([(0, T - 900, 4), (0, T - 1, 5), (0, T, 6), (0, T + 1, 7)]))


@pytest.mark.parametrize(("age_s", "seen"), [(FRESH_S, {"S0": 4}), (FRESH_S + 1, None)])
def test_a_poll_of_three_hours_ago_says_nothing(age_s, seen):
    assert seen == bikes_at(polls([(0, T - age_s, 4)]))


def test_closed_and_unseen_stations_take_no_part():
    history = polls([(0, T - 60, 4), (1, T - 61, 5)], (10, 10, 10), closed=[T - 60])
    assert {"S1": 5} == bikes_at(history)


def test_bikes_stand_where_riders_left_them_however_long_ago():
    assert {"S0": 0, "S1": 1} == bikes_at(trips_only([(0, T - 9 * 86_400, 0, T - 8 * 86_400, 1)], (5, 5)))
    assert bikes_at(trips_only([(-1, T - 900, 0, T - 60, 1)], (5, 5))) is None


def test_a_snapshot_tells_what_the_poll_told():
    history = polls([(0, T - 60, 4)])
    columns = {name: np.array([value], np.int16) for name, value in (("docks", 5), ("ebikes", 2), ("disabled", 1))}
    told = snapshot_at(replace(history, status=replace(history.status, **columns)), AS_OF).stations
    assert (StationStatus(station_id="S0", bikes=4, docks=5, ebikes=2, disabled=1),) == told
    untold = snapshot_at(history, AS_OF).stations
    assert (StationStatus(station_id="S0", bikes=4),) == untold


DOCKS = Station(id="A", name="A", lon=0, lat=0, capacity=10)
ZONE = replace(DOCKS, is_zone=True)


@pytest.mark.parametrize(
    ("station", "status", "room"),
    [
        (DOCKS, None, 10),
        # Three docks are free, three out of order.
        (DOCKS, {"bikes": 4, "docks": 3}, 7),
        # Of ten docks four hold bikes and one a broken one.
        (DOCKS, {"bikes": 4, "disabled": 1}, 9),
        # More docks than the city knows: its word counts; more bikes than it knows: they stand there.
        (DOCKS, {"bikes": 4, "docks": 20}, 10),
        (DOCKS, {"bikes": 12, "docks": 0}, 12),
        # A zone takes twice its soft capacity, or what stands there.
        (ZONE, {"bikes": 4}, 20),
        (ZONE, {"bikes": 25}, 25),
    ],
)
def test_what_fits_tonight(station, status, room):
    assert room == tonight_room(station, status and StationStatus(station_id="A", **status))
