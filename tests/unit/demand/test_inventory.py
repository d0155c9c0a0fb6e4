"""Where bikes stood, as told by their own trips."""

from dataclasses import replace

import numpy as np
import pytest

from optimiser.demand.inventory import IDLE_S, inventories, with_inventories
from tests.pasts import moment, polls, trips, trips_only

A, B, C = 0, 1, 2
T = moment("2026-06-01 00:00")
CAPACITIES = (10, 10, 10)


def stood(rows, capacities=CAPACITIES):
    """Bikes after each change by station, as (seconds after T, bikes), and the moves without a rider."""
    status, moves = inventories(
        trips([(bike, T + start, o, T + end, d) for bike, start, o, end, d in rows]), capacities
    )
    changes = [
        list(zip((status.ts[first:end] - T).tolist(), status.bikes[first:end].tolist(), strict=True))
        for first, end in zip(status.first, status.end, strict=True)
    ]
    return changes, list(zip((moves.ts - T).tolist(), moves.origin.tolist(), moves.destination.tolist(), strict=True))


def test_a_bike_stands_where_it_was_left_until_it_is_rented_again():
    # Bike 9 starts the clock at 0. Bike 0 stands at A from then on, rides to B (100 to 400), and at 900 on to C.
    changes, moves = stood([(9, 0, C, 50, C), (0, 100, A, 400, B), (0, 900, B, 1000, C)])
    assert [(0, 1), (100, 0)] == changes[A]
    assert [(400, 1), (900, 0)] == changes[B]
    # Bike 9 is rented at once, back at 50; bike 0 comes at 1000.
    assert [(0, 0), (50, 1), (1000, 2)] == changes[C]
    assert [] == moves


def test_a_bike_that_starts_elsewhere_was_moved_half_way_in_between():
    # Left at B at 400, rented at C at 1000: a van took it at 700.
    changes, moves = stood([(0, 100, A, 400, B), (0, 1000, C, 1200, A)])
    assert [(700, B, C)] == moves
    assert [(400, 1), (700, 0)] == changes[B]
    assert [(700, 1), (1000, 0)] == changes[C]


def test_a_return_to_a_full_station_shows_that_a_bike_had_been_fetched():
    # B has two docks. Bikes 1, 2, 3 come at 200, 300, 400: at 400 one must have been fetched, and a dock was free, so
    # one bike is left. Bikes 1 and 2 next start at A at 1000: fetched at 600 and 650, which is known by then.
    rows = [(bike, 100, A, 100 * (bike + 1), B) for bike in (1, 2, 3)] + [(bike, 1000, A, 1100, A) for bike in (1, 2)]
    changes, moves = stood(rows, (10, 2, 10))
    assert [(600, B, A), (650, B, A)] == moves
    assert [(200, 1), (300, 2), (400, 1), (600, 1), (650, 1)] == changes[B]


@pytest.mark.parametrize(("idle_s", "bikes"), [(IDLE_S - 1, 1), (IDLE_S, 0)])
def test_a_bike_that_nobody_rents_for_two_weeks_was_withdrawn(idle_s, bikes):
    # Bike 0 ends at B at 100; bike 9's last trip ends `idle_s` later.
    changes, _ = stood([(0, 0, A, 100, B), (9, 0, C, 100 + idle_s, C)])
    assert bikes == (changes[B][-1][1] if changes[B] else 0)


def test_a_pause_of_more_than_two_weeks_between_two_trips_is_no_withdrawal():
    changes, moves = stood([(0, 0, A, 100, B), (0, 100 + 2 * IDLE_S, B, 200 + 2 * IDLE_S, A)])
    assert [(100, 1), (100 + 2 * IDLE_S, 0)] == changes[B]
    assert [] == moves


def test_overlapping_trips_of_one_bike_leave_no_bike_between_them():
    # The second trip starts at 300, before the first has ended at 500: no stay at B, no move; it rests at C.
    changes, moves = stood([(0, 100, A, 500, B), (0, 300, C, 600, C)])
    assert [] == changes[B]
    assert [] == moves
    assert [(600, 1)] == changes[C]


def test_a_bike_under_way_stands_nowhere():
    made = inventories(trips([(0, T, A, -1, -1)]), CAPACITIES)
    assert made is not None
    assert [0] == made[0].bikes.tolist()


def test_what_lasts_until_the_next_change_is_marked_so():
    made = inventories(trips([(0, T, A, T + 60, B)]), CAPACITIES)
    assert made is not None
    assert made[0].holds


def test_docks_are_what_bikes_leave_of_the_capacity():
    made = inventories(trips([(bike, T + bike, A, T + 60 + bike, B) for bike in range(4)]), CAPACITIES)
    assert made is not None
    assert {10} == set((made[0].bikes + made[0].docks).tolist())


def test_trips_that_do_not_tell_their_bikes_tell_no_inventory():
    assert inventories(trips([(-1, T, A, T + 60, B)]), CAPACITIES) is None


def test_inventories_are_made_only_where_there_are_no_polls():
    rows = [(0, T, A, T + 60, B)]
    only = trips_only(rows, CAPACITIES)
    made = with_inventories(only)
    assert made.status is not None
    assert 2 == made.status.rows
    watched = replace(only, status=polls([(A, T, 5)], CAPACITIES).status)
    assert with_inventories(watched) is watched
    polled = polls([(A, T, 5)], CAPACITIES)
    assert with_inventories(polled) is polled
    nameless = trips_only([(-1, T, A, T + 60, B)], CAPACITIES)
    assert with_inventories(nameless) is nameless


def test_every_bike_is_somewhere_at_the_end_of_a_quiet_week():
    # Seven bikes ride about within a week, none is moved: all seven stand somewhere.
    random = np.random.default_rng(5)
    rows, places = [], dict.fromkeys(range(7), A)
    for number in range(60):
        bike, after = int(random.integers(7)), int(random.integers(3))
        rows.append((bike, number * 9000, places[bike], number * 9000 + 1200, after))
        places[bike] = after
    changes, moves = stood(rows)
    ridden = len({row[0] for row in rows})
    assert [] == moves
    assert ridden == sum(own[-1][1] for own in changes)
