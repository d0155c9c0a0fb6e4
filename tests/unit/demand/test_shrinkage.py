"""How strongly stations are drawn towards the city, told by days left out."""

import numpy as np

from optimiser.demand.calendar import calendar
from optimiser.demand.shrinkage import STRENGTHS, rate, strength
from tests.pasts import MONDAY, moment

DAYS, SLOTS = 28, 48


def chosen(per_slot, *, stations=40, seed=1):
    """The strength for Poisson counts with these means, shape (stations, slots)."""
    first = moment(f"{MONDAY} 00:00")
    shape = (stations, DAYS, SLOTS)
    means = np.broadcast_to(per_slot[:, None, :], shape)
    counts = np.random.default_rng(seed).poisson(means).astype(np.float32)
    return strength(
        counts,
        np.full(shape, 1800.0, dtype=np.float32),
        calendar("UTC", first, first + DAYS * 86_400 - 1),
        weights=np.ones(DAYS),
        factor=np.ones(DAYS),
    )


def profile():
    """A city that lives by day."""
    return np.interp(np.arange(SLOTS), [0, 14, 18, 34, 38, 47], [0.05, 0.1, 0.6, 0.5, 0.6, 0.05])


def test_stations_that_all_live_alike_are_drawn_to_the_city_as_strongly_as_can_be():
    levels = np.random.default_rng(2).uniform(0.5, 2, 40)
    assert chosen(levels[:, None] * profile()[None, :]) >= STRENGTHS[-3]


def test_stations_that_live_by_different_hours_are_hardly_drawn():
    mornings = np.roll(profile(), -12)[None, :].repeat(20, axis=0)
    evenings = np.roll(profile(), 12)[None, :].repeat(20, axis=0)
    assert chosen(2 * np.concatenate([mornings, evenings])) <= 4


def test_the_posterior_mean_lies_between_the_station_and_the_city():
    # 2 events where 1 is expected, a prior worth 3: (3 + 2) / (3 + 1) times the prior's 0.01.
    assert rate(np.array([0.01]), np.array([2.0]), np.array([1.0]), 3.0) == np.array([0.0125])
