"""Time for several studies."""

from __future__ import annotations

from optimiser.basics.limits import SolveLimits
from optimiser.siting import shares
from optimiser.siting.shares import Shares, even_share


def test_whoever_takes_longer_takes_it_from_those_that_come_after(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(shares.time, "monotonic", lambda: now[0])
    told = Shares(SolveLimits(seconds=30.0, seed=4), 3)
    assert told.next().seconds == 10.0
    # The first took 18 s instead of 10: 12 are left for two.
    now[0] = 118.0
    assert told.next() == SolveLimits(seconds=6.0, seed=4)
    now[0] = 140.0
    assert told.next() == SolveLimits(seconds=shares.LEAST_S, seed=4)


def test_without_a_clock_all_have_the_same_rounds():
    told = Shares(SolveLimits(seconds=None, rounds=50), 2)
    assert [told.next(), told.next()] == [SolveLimits(seconds=None, rounds=50)] * 2


def test_studies_made_at_the_same_time_have_the_same_share_whoever_is_late():
    assert even_share(SolveLimits(seconds=30.0, rounds=7), 20) == SolveLimits(seconds=1.5, rounds=7)
    assert even_share(SolveLimits(seconds=1.0), 20).seconds == shares.LEAST_S
    assert even_share(SolveLimits(seconds=None, rounds=7), 20) == SolveLimits(seconds=None, rounds=7)
