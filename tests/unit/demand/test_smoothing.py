"""A series followed day by day."""

import numpy as np
import pytest

from optimiser.demand.smoothing import DAMPING, TREND_SHARE, follow, smoothed


def days(count):
    return np.arange(count)


def test_three_days_by_hand():
    # Noise 1, 1, 4 and moves of 0.5. The level begins with the mean (2 + 4 + 3 / 4) / 2.25 = 3, variance 1 / 2.25.
    values, noise = np.array([2.0, 4.0, 3.0]), np.array([1.0, 1.0, 4.0])
    level, variance = 3.0, 1 / 2.25
    # Day 1: misses by -1, gain g, the trend takes an eighth of the correction.
    gain = variance / (variance + 1)
    first = variance + 1
    level, trend, variance = level - gain, -TREND_SHARE * gain, variance * (1 - gain) + 0.5
    # Day 2: expected at the level and nine tenths of the trend.
    expected = level + DAMPING * trend
    second, error = variance + 1, 4 - expected
    gain = variance / second
    level, trend = expected + gain * error, DAMPING * trend + TREND_SHARE * gain * error
    variance = variance * (1 - gain) + 0.5
    third = variance + 4
    coming, errors, variances, ahead = follow(values, days(3), noise, 0.5)
    np.testing.assert_allclose(errors[:2], [-1, error])
    assert 3 - (level + DAMPING * trend) == pytest.approx(errors[2])
    np.testing.assert_allclose(variances, [first, second, third])
    gain = variance / third
    assert level + DAMPING * trend + gain * errors[2] + DAMPING * (
        DAMPING * trend + TREND_SHARE * gain * errors[2]
    ) == pytest.approx(coming)
    assert variance * (1 - gain) + 0.5 == pytest.approx(ahead)


def test_days_that_were_not_watched_let_the_level_wander():
    steady = follow(np.zeros(20), days(20), np.ones(20), 0.1)
    gap = follow(np.zeros(20), np.r_[0:15, 20:25], np.ones(20), 0.1)
    assert gap[2][15] == pytest.approx(steady[2][15] + 5 * 0.1, abs=0.01)


@pytest.mark.parametrize("restless", [1.0, 4.0, 8.0])
def test_how_restless_days_off_are_is_recovered(restless):
    count = 350
    is_off = days(count) % 7 >= 5
    workdays, ratios = [], []
    for seed in range(12):
        random = np.random.default_rng(seed)
        noise = random.normal(0, 0.1, count) * np.where(is_off, np.sqrt(restless), 1)
        values = np.cumsum(random.normal(0, 0.01, count)) + noise
        workday, day_off = (smoothed(values, days(count), is_off, off=off, spread=0.1) for off in (False, True))
        workdays.append(workday.spread)
        ratios.append((day_off.spread / workday.spread) ** 2)
    # Some 25 days off that count, the level's own uncertainty beside both, and what is assumed, draw it towards 1.
    assert 0.6 * restless < np.exp(np.mean(np.log(ratios))) < 1.2 * restless
    # 0.1, and the level's own uncertainty.
    assert np.mean(workdays) == pytest.approx(0.108, rel=0.1)


def test_what_is_foretold_does_not_depend_on_what_comes_later():
    values = np.random.default_rng(1).normal(0, 0.3, 40)
    whole = follow(values, days(40), np.ones(40), 0.3)
    part = follow(values[:30], days(30), np.ones(30), 0.3)
    np.testing.assert_array_equal(whole[1][:30], part[1])
