"""
What riders did between two polls, against exact integrals of the chain.

A step holds at most one event, and at most 0.15 are expected in it. So of all that is expected about half of 0.15 comes
second in its step and is missed: counts may be off by 8 %. A moment is told no finer than a step, within which a bike
counts as having come or gone at its end: times may be off by most of a step. With thousands of steps both vanish.
"""

import numba
import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import ive

from optimiser.demand import bridge

CELLS = np.zeros(16, dtype=np.int32)
TWO_CELLS = np.array([0] + [1] * 15, dtype=np.int32)
TOLERANCE = 0.08


class Between:
    """Everything the compiled functions need for one pair of polls."""

    def __init__(self, before, after, capacity, rates, seconds, *, cells=CELLS, steps=None):
        rates = np.array(rates, dtype=float)
        if steps is None:
            self.step_cell = np.empty(bridge.MAX_STEPS, np.int64)
            self.rental, self.giving = np.empty(bridge.MAX_STEPS), np.empty(bridge.MAX_STEPS)
            self.count = bridge.steps_between(
                0, seconds, after - before, cells, 0, *rates, self.step_cell, self.rental, self.giving
            )
        else:
            self.count = steps
            self.step_cell = cells[((np.arange(steps) + 0.5) * seconds / steps // 900).astype(int)].astype(np.int64)
            self.rental, self.giving = (rate[self.step_cell] * seconds / steps for rate in rates)
        middle = cells[seconds // 2 // 900]
        self.low, self.high = bridge.window(before, after, capacity, (rates[0] + rates[1])[middle] * seconds)
        self.before, self.after, self.capacity, self.seconds = before, after, capacity, seconds
        self.back = np.empty((self.count + 1, bridge.MAX_STATES))
        bridge.backward(after, self.low, self.high, capacity, self.count, self.rental, self.giving, self.back)

    @property
    def likelihood(self):
        return self.back[0, self.before - self.low]

    def expect(self):
        """Rentals, returns, seconds with a bike and with a free dock; shape (4, 2 cells)."""
        made = np.zeros((4, 2))
        here, there = np.empty(bridge.MAX_STATES), np.empty(bridge.MAX_STATES)
        state = (self.before, self.after, self.low, self.high, self.capacity, self.count)
        steps = (float(self.seconds), self.step_cell, self.rental, self.giving, self.back, here, there)
        bridge.expect(*state, *steps, *made)
        return made

    def draw(self):
        """Changes of bikes, and bikes before them, by step."""
        change, state = np.empty(bridge.MAX_STEPS, np.int64), np.empty(bridge.MAX_STEPS, np.int64)
        inside = (self.before, self.low, self.high, self.capacity, self.count)
        bridge.draw(*inside, self.rental, self.giving, self.back, change, state)
        return change[: self.count], state[: self.count]


def generator(capacity, rental, giving):
    """Rates of change of the chain, and the parts of them that are rentals and returns."""
    down, up = np.diag([rental] * capacity, -1), np.diag([giving] * capacity, 1)
    return down + up - np.diag((down + up).sum(axis=1)), down, up


def exact(before, after, capacity, rates, pieces_s):
    """The same four, by Van Loan's block exponential over pieces of constant rates; shape (4, pieces)."""
    whole = np.eye(capacity + 1)
    chains = [generator(capacity, *pair) for pair in zip(*rates, strict=True)]
    moves = [expm(chain[0] * seconds) for chain, seconds in zip(chains, pieces_s, strict=True)]
    for move in moves:
        whole = whole @ move
    made = np.zeros((4, len(pieces_s)))
    states = np.arange(capacity + 1)
    for piece, ((changes, down, up), seconds) in enumerate(zip(chains, pieces_s, strict=True)):
        for row, part in enumerate((down, up, np.diag(1.0 * (states > 0)), np.diag(1.0 * (states < capacity)))):
            block = np.block([[changes, part], [np.zeros_like(changes), changes]])
            inside = expm(block * seconds)[: capacity + 1, capacity + 1 :]
            for number, move in enumerate(moves):
                inside = inside if number == piece else (move @ inside if number < piece else inside @ move)
            made[row, piece] = inside[before, after] / whole[before, after]
    return made


CASES = [
    (before, after, capacity, per_hour[0], per_hour[1], seconds)
    for capacity in (3, 8)
    for before, after in ((0, 0), (0, 2), (2, 1), (capacity, capacity), (capacity - 1, 1), (1, capacity))
    for per_hour in ((2.0, 3.0), (12.0, 6.0), (0.5, 20.0))
    for seconds in (300, 1800)
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_with_short_steps_expectations_are_those_of_the_exact_chain(case):
    before, after, capacity, out, into, seconds = case
    between = Between(before, after, capacity, [[out / 3600], [into / 3600]], seconds, steps=4000)
    truth = exact(before, after, capacity, [[out / 3600], [into / 3600]], [seconds])[:, 0]
    made = between.expect()[:, 0]
    np.testing.assert_allclose(made[:2], truth[:2], rtol=0.01, atol=1e-3)
    np.testing.assert_allclose(made[2:], truth[2:], atol=0.003 * seconds)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_likely_intervals_are_told_well_enough_by_the_steps_that_are_used(case):
    before, after, capacity, out, into, seconds = case
    between = Between(before, after, capacity, [[out / 3600], [into / 3600]], seconds)
    truth = exact(before, after, capacity, [[out / 3600], [into / 3600]], [seconds])[:, 0]
    made = between.expect()[:, 0]
    # Likely is what comes in more than one of fifty such intervals; the rest, which is rare, is told within a third.
    is_likely = expm(generator(capacity, out / 3600, into / 3600)[0] * seconds)[before, after] > 0.02
    np.testing.assert_allclose(made[:2], truth[:2], rtol=TOLERANCE if is_likely else 1 / 3, atol=0.06)
    off = 0.03 + 0.8 / between.count if is_likely else 0.2
    np.testing.assert_allclose(made[2:], truth[2:], atol=off * seconds)


@pytest.mark.parametrize("steps", [None, 4000])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_returns_exceed_rentals_by_exactly_what_came(case, steps):
    before, after, capacity, out, into, seconds = case
    between = Between(before, after, capacity, [[out / 3600], [into / 3600]], seconds, steps=steps)
    rentals, returns, *times = between.expect()[:, 0]
    assert after - before == pytest.approx(returns - rentals, abs=1e-6)
    assert min(rentals, returns) >= 0
    assert all(0 <= value <= seconds + 1e-6 for value in times)


@pytest.mark.parametrize(("steps", "off"), [(None, TOLERANCE), (4000, 0.01)])
def test_events_fall_into_the_cells_whose_rates_make_them_likely(steps, off):
    # A quarter of an hour in which mostly bikes come, then one in which they go.
    rates = [2 / 3600, 20 / 3600], [20 / 3600, 2 / 3600]
    made = Between(1, 1, 6, rates, 1800, cells=TWO_CELLS, steps=steps).expect()
    truth = exact(1, 1, 6, rates, [900, 900])
    np.testing.assert_allclose(made[:2], truth[:2], rtol=off, atol=off / 2)
    np.testing.assert_allclose(made[2:], truth[2:], atol=off * 900)


@pytest.mark.parametrize("change", [-3, 0, 1, 5])
@pytest.mark.parametrize("per_hour", [(4.0, 4.0), (10.0, 5.0)])
@pytest.mark.parametrize(("steps", "off"), [(None, 0.12), (4000, 0.005)])
def test_far_from_both_ends_as_many_cancel_as_under_two_poisson_counts(change, per_hour, steps, off):
    # Rentals and returns that cancel: sqrt(ab) I_|d|+1(2 sqrt(ab)) / I_|d|(2 sqrt(ab)), the mean of a Bessel variable.
    a, b = (value * 1200 / 3600 for value in per_hour)
    root, apart = (a * b) ** 0.5, abs(change)
    hidden = root * ive(apart + 1, 2 * root) / ive(apart, 2 * root)
    out, into = (value / 3600 for value in per_hour)
    made = Between(40, 40 + change, 80, [[out], [into]], 1200, steps=steps).expect()[:, 0]
    assert hidden == pytest.approx(min(made[0], made[1]), abs=off)
    assert [1200, 1200] == pytest.approx(made[2:].tolist())


def test_an_empty_station_tells_of_no_rental_but_of_those_its_returns_allowed():
    # At one return an hour and twenty rentals: empty for nearly all of 20 minutes.
    made = Between(0, 0, 5, [[20 / 3600], [1 / 3600]], 1200).expect()[:, 0]
    assert made[2] < 0.1 * 1200
    assert made[0] < 1


@numba.njit
def seed_random(seed):
    np.random.seed(seed)


@pytest.mark.parametrize("case", [(0, 2, 4, 8.0, 6.0), (3, 0, 3, 4.0, 4.0), (5, 5, 6, 3.0, 12.0)], ids=str)
def test_draws_average_to_the_expectation_and_end_where_the_next_poll_saw_it(case):
    before, after, capacity, out, into = case
    between = Between(before, after, capacity, [[out / 3600], [into / 3600]], 1800)
    rentals, draws = [], 4000
    for seed in range(draws):
        seed_random(seed)
        change, state = between.draw()
        assert after == before + change.sum()
        assert state.tolist() == (before + np.concatenate([[0], np.cumsum(change)[:-1]])).tolist()
        assert 0 <= state.min()
        assert state.max() <= capacity
        rentals.append((change < 0).sum())
    # Four standard errors.
    wanted = between.expect()[0, 0]
    assert wanted == pytest.approx(np.mean(rentals), abs=4 * np.std(rentals) / draws**0.5 + 1e-9)


def test_more_bikes_than_fit_into_the_steps_are_no_riders():
    # 5 bikes in a second at one event an hour
    assert Between(0, 5, 10, [[1 / 3600], [1 / 3600]], 1).likelihood < bridge.IMPOSSIBLE
