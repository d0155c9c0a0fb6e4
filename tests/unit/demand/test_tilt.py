"""Days on which stations are more lopsided than usual."""

import numpy as np
import pytest

from optimiser.demand.rates import fit
from optimiser.demand.tilt import MOST_LOPSIDED, day_tilts, foretold_tilts, lopsidedness, tilted
from tests.pasts import calendar_of, moment, polls
from tests.unit.demand.test_rates import by_hand

WEEK_S = 7 * 86_400
DAYS = 42


def always(weekly):
    """Rates of stations that see so many events in a week."""
    return np.broadcast_to(np.array(weekly)[:, None, None] / WEEK_S, (len(weekly), 3, 48))


def test_lopsided_is_the_logarithm_of_rentals_over_returns_about_the_city():
    # (20 + 5) / (5 + 5) = 2.5 and its inverse; both see 25 riders, so the centre is 0.
    days = calendar_of(polls([(0, moment("2026-06-01 12:00"), 3)]))
    told = lopsidedness(always([20.0, 5.0]), always([5.0, 20.0]), days)
    np.testing.assert_allclose(told, [np.log(2.5), -np.log(2.5)])


def test_stations_of_which_nothing_is_known_are_not_lopsided_and_none_is_beyond_measure():
    days = calendar_of(polls([(0, moment("2026-06-01 12:00"), 3)]))
    told = lopsidedness(always([1e6, 0.0, 0.0]), always([0.0, 1e6, 0.0]), days)
    np.testing.assert_allclose(told, [MOST_LOPSIDED, -MOST_LOPSIDED, 0.0])
    assert not lopsidedness(always([0.0]), always([0.0]), days).any()


def test_a_tilt_moves_events_between_stations_and_keeps_their_sum():
    # exp(0.5) and exp(-0.5) of 2 each, then scaled so that they are 4 together.
    leaning = tilted(np.array([[2.0], [2.0]]), np.array([1.0, -1.0]), 0.5)[:, 0]
    assert 4 == pytest.approx(leaning.sum())
    assert np.e == pytest.approx(leaning[0] / leaning[1])
    assert not tilted(np.zeros((2, 3)), np.array([1.0, -1.0]), 0.5).any()


def test_a_tilt_and_its_variance_by_hand():
    # 300 and 100 events where 100 and 100 were expected: exp(2 t) = 3, but for the little that steadies Newton's steps.
    # Curvature about the centre (0.75 - 0.25 = 0.5): 300 * 0.25 + 100 * 2.25 = 300; the scores vanish, so as Poisson.
    tilts, variances = day_tilts(np.array([[300.0], [100.0]]), np.full((2, 1), 100.0), np.array([1.0, -1.0]))
    assert np.log(3) / 2 == pytest.approx(tilts[0], rel=0.01)
    assert 1 / 300 == pytest.approx(variances[0], rel=0.01)


def test_the_tilt_of_a_day_is_found_again_whatever_the_city_did_that_day():
    lopsided, expected = np.array([1.0, 0.0, -1.0]), np.full((3, 3), 4000.0)
    counts = 1.4 * tilted(expected, lopsided, np.array([0.3, 0.0, -0.4]))
    np.testing.assert_allclose(day_tilts(counts, expected, lopsided)[0], [0.3, 0.0, -0.4], atol=0.005)


def test_restless_stations_make_tilts_less_sure_and_a_day_without_events_tells_nothing():
    random = np.random.default_rng(1)
    lopsided, expected = random.normal(0, 0.5, 200), np.full((200, 30), 10.0)
    # Negative binomial with a variance of 10 + 10^2 / 5 = 30: three times that of Poisson counts.
    steady, restless = random.poisson(expected), random.poisson(expected * random.gamma(5, 1 / 5, expected.shape))
    counts = np.concatenate([restless, np.zeros((200, 1))], axis=1)
    usual = day_tilts(steady.astype(float), expected, lopsided)[1].mean()
    tilts, variances = day_tilts(counts, np.full((200, 31), 10.0), lopsided)
    assert 3 == pytest.approx(variances[:30].mean() / usual, rel=0.15)
    assert np.var(tilts[:30]) == pytest.approx(variances[:30].mean(), rel=0.5)
    assert np.isinf(variances[30])
    assert 0 == tilts[30]


def city(*, tilt, seed=1):
    """Rates of forty stations, half of which lend three bikes for two they take, from counts of six weeks."""
    random = np.random.default_rng(seed)
    lends = np.repeat([0.5, -0.5], 20)
    usual = np.exp(0.4 * lends)[:, None, None] * np.full((40, DAYS, 48), 0.6)
    late = np.where(np.arange(DAYS) >= 28, tilt, 0.0)
    out, into = (usual[::side] * np.exp(side * np.outer(lends, late))[:, :, None] for side in (1, -1))
    return fit(by_hand(random.poisson(out), returns=random.poisson(into), days=DAYS))


def test_a_city_of_noise_has_no_coming_tilt():
    for seed in range(4):
        rates = city(tilt=0.0, seed=seed)
        weekly = rates.rental.rate.mean(axis=(1, 2))
        leaning = np.abs(np.log(tilted(weekly[:, None], rates.lopsided, rates.coming_tilt[0, 0])[:, 0] / weekly))
        assert leaning.max() < 0.005


def test_a_city_that_has_become_lopsided_is_expected_to_stay_so():
    usual, moved = city(tilt=0.0), city(tilt=0.6)
    assert (moved.coming_tilt[0] > 0.1).all()
    assert (moved.coming_tilt[1] < -0.1).all()

    def apart(rates):
        kind = rates.rental.rate[:, 0].sum(axis=1)[:, None]
        coming = tilted(kind, rates.lopsided, rates.coming_tilt[0, 0])[:, 0]
        return np.log(coming[:20].sum() / coming[20:].sum())

    assert 0.6 == pytest.approx(apart(moved) - apart(usual), abs=0.1)


def test_where_nothing_was_seen_nothing_is_foretold():
    days = calendar_of(polls([(0, moment("2026-06-01 12:00"), 3)]))
    nothing = np.zeros((2, days.days))
    tilts, coming = foretold_tilts(nothing, nothing, np.array([1.0, -1.0]), days)
    assert not tilts.any()
    assert not coming.any()
