"""Ways to fill stations, and what the operator is seen to have done."""

import numpy as np
import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.demand.estimate import estimate
from optimiser.simulation.operator_moves import operator_moves
from optimiser.simulation.policies import half_full, proportional
from tests.pasts import moment, polls, trips_only

NIGHT = moment("2026-06-08 00:00")
MORNING = NIGHT + 6 * 3600


def rooms(*sizes):
    return np.array(sizes, dtype=np.int64)


@pytest.mark.parametrize(
    ("sizes", "bikes", "held"),
    [
        # 15 of 30 docks: half of each.
        ((10, 20), 15, [5, 10]),
        # 10 bikes on 3 x 7 docks: 3.33 each, the odd one to the first.
        ((7, 7, 7), 10, [4, 3, 3]),
        # 5 of 12 docks: 2.08, 1.25 and 1.67; 1 + 1 left over go to the largest remainders.
        ((5, 3, 4), 5, [2, 1, 2]),
        ((10, 20), 0, [0, 0]),
        ((10, 20), 30, [10, 20]),
        ((0, 4), 3, [0, 3]),
        ((0, 0), 0, [0, 0]),
    ],
)
def test_proportional_is_as_full_everywhere(sizes, bikes, held):
    assert held == proportional(rooms(*sizes), bikes).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_proportional_places_every_bike_within_one_of_its_share(seed):
    random = np.random.default_rng(seed)
    docks = random.integers(0, 30, 12)
    bikes = int(random.integers(0, docks.sum() + 1))
    held = proportional(docks, bikes)
    assert bikes == held.sum()
    assert (held <= docks).all()
    assert (np.abs(held - docks * bikes / docks.sum()) < 1).all()


@pytest.mark.parametrize("bikes", [-1, 4])
def test_bikes_that_do_not_fit_are_refused(bikes):
    with pytest.raises(InvalidProblem, match=f"{bikes} bikes on 3 docks"):
        proportional(rooms(1, 2), bikes)


def test_half_full_rounds_down():
    assert [0, 0, 1, 3] == half_full(rooms(0, 1, 2, 7)).tolist()


def moves(history):
    rates, _, _ = estimate(history, as_of_ts=history.span()[1] + 1)
    return operator_moves(history, rates, since_ts=NIGHT, until_ts=MORNING).tolist()


def calm(bikes_at, *, days=9):
    """Polls every 20 minutes of two stations for 40 bikes at which nothing happens but what `bikes_at` says."""
    begin = NIGHT - 7 * 86_400
    return polls(
        [
            (station, ts, bikes_at(station, ts))
            for station in (0, 1)
            for ts in range(begin, begin + days * 86_400, 1200)
        ],
        (40, 40),
    )


def test_a_jump_between_polls_is_a_van():
    # At two o'clock 12 bikes go from S0 to S1.
    at = NIGHT + 2 * 3600
    assert [-12, 12] == moves(calm(lambda station, ts: 20 + (12 if station else -12) * (ts >= at)))


@pytest.mark.parametrize(("at", "moved"), [(NIGHT - 1, 0), (NIGHT + 600, 12), (MORNING - 1200, 12), (MORNING + 1, 0)])
def test_only_what_happens_within_the_night_counts(at, moved):
    assert [0, moved] == moves(calm(lambda station, ts: 20 + 12 * station * (ts > at)))


def test_a_few_bikes_might_be_riders():
    assert [0, 0] == moves(calm(lambda station, ts: 20 + 3 * station * (ts >= NIGHT + 3600)))


def test_a_bike_that_starts_elsewhere_than_it_ended_was_moved():
    # Bike 0 ends at S0 at 22:00 and starts at S1 at 04:00: moved at 01:00. Bike 1 was moved at noon before.
    rows = [
        (0, NIGHT - 9000, 1, NIGHT - 7200, 0),
        (0, NIGHT + 4 * 3600, 1, NIGHT + 5 * 3600, 1),
        (1, NIGHT - 90_000, 1, NIGHT - 86_400, 0),
        (1, NIGHT - 3600, 1, NIGHT - 1800, 1),
    ]
    assert [-1, 1] == moves(trips_only(rows, (10, 10)))


def test_trips_of_unknown_bikes_tell_of_no_van():
    assert [0, 0] == moves(trips_only([(-1, NIGHT - 9000, 1, NIGHT - 7200, 0)], (10, 10)))
