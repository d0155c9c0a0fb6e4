"""A noisy series that reverts to 0, against the same answered another way."""

import numpy as np
import pytest

from optimiser.demand import reverting
from optimiser.demand.reverting import drawn

WEEK_OFF = np.array([0, 0, 0, 0, 0, 1, 1], dtype=bool)


def only(monkeypatch, *, level, steady, own=0.0, effect=0.0):
    """A grid of one choice, besides that of no level."""
    monkeypatch.setattr(reverting, "LEVELS", (0.0, level))
    monkeypatch.setattr(reverting, "STEADY", (steady,))
    monkeypatch.setattr(reverting, "OWN", (own,))
    monkeypatch.setattr(reverting, "OFF", (effect,))
    monkeypatch.setattr(reverting, "NO_LEVEL", 1e-300)


def test_one_day_by_hand(monkeypatch):
    # Seen at 0.4 with a variance of 0.03, and as much as 0.01 of the day's own; the level has 0.04 beforehand.
    only(monkeypatch, level=0.2, steady=0.5, own=0.1)
    past, coming = drawn(np.array([0.4]), np.array([0.03]), np.array([0]), np.array([False]), coming=2)
    assert 0.2 == pytest.approx(past[0])
    np.testing.assert_allclose(coming, 0.25 * 0.2)


def test_the_next_day_is_that_of_a_kalman_filter(monkeypatch):
    only(monkeypatch, level=0.2, steady=0.9, own=0.05)
    random = np.random.default_rng(1)
    values, variances = random.normal(0, 0.2, 12), random.uniform(0.005, 0.05, 12)
    level, variance = 0.0, 0.04
    filtered = []
    for value, noise in zip(values, variances, strict=True):
        gain = variance / (variance + noise + 0.05**2)
        level, variance = level + gain * (value - level), variance * (1 - gain)
        filtered.append(level)
        level, variance = 0.9 * level, 0.81 * variance + 0.04 * (1 - 0.81)
    past, coming = drawn(values, variances, np.arange(12), np.zeros(12, dtype=bool), coming=12)
    np.testing.assert_allclose(coming, level, rtol=1e-9)
    assert filtered[-1] == pytest.approx(past[-1])


def test_level_and_days_off_are_a_dense_gaussian_posterior(monkeypatch):
    # Unknowns: the level of each of 14 days and of the next, and one effect; precisions added as Bayes has it.
    only(monkeypatch, level=0.1, steady=0.8, effect=0.1)
    off, random = np.tile(WEEK_OFF, 2), np.random.default_rng(2)
    values, variances = random.normal(0, 0.2, 14), random.uniform(0.005, 0.05, 14)
    prior = np.zeros((16, 16))
    prior[:15, :15] = 0.01 * 0.8 ** np.abs(np.subtract.outer(np.arange(15), np.arange(15)))
    prior[15, 15] = 0.01
    sees = np.zeros((14, 16))
    sees[np.arange(14), np.arange(14)] = 1
    sees[:, 15] = off
    precision = np.linalg.inv(prior) + sees.T @ (sees / variances[:, None])
    mean = np.linalg.solve(precision, sees.T @ (values / variances))
    past, coming = drawn(values, variances, np.arange(14), off, coming=14)
    np.testing.assert_allclose(past, sees @ mean, rtol=1e-8)
    np.testing.assert_allclose(coming, [mean[14], mean[14] + mean[15]], rtol=1e-8)


def test_noise_says_nothing_and_a_level_that_lasts_does():
    random = np.random.default_rng(3)
    noise, off = random.normal(0, 0.1, 60), np.resize(WEEK_OFF, 60)
    known = np.full(60, 0.01), np.arange(60), off
    assert np.abs(drawn(noise, *known, coming=60)[1]).max() < 0.02
    moved = np.where(np.arange(60) < 40, 0.0, 0.3)
    np.testing.assert_allclose(drawn(noise + moved, *known, coming=60)[1], 0.3, atol=0.06)


def test_what_was_seen_long_ago_is_forgotten():
    values, off = np.full(30, 0.2), np.zeros(30, dtype=bool)
    soon, late = (drawn(values, np.full(30, 1e-3), np.arange(30), off, coming=day)[1][0] for day in (30, 400))
    assert soon > 0.15
    assert abs(late) < 0.01
