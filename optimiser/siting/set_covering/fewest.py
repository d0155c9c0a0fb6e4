"""The fewest sites that cover so much: whether one less can, and again, each asked of the maximal covering."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from optimiser.siting.coverage import solve as coverage
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import Bools, Reach

SHARE = 0.3
"""Of the time that is left, for each number of sites, at most."""


class Fewest(NamedTuple):
    """What is known."""

    is_open: Bools
    """The fewest that were found."""
    least: int
    """Fewer cannot cover so much."""


def fewest(reach: Reach, is_open: Bools, *, wanted: float, seconds: float, seed: int) -> Fewest:
    """
    Fewer sites than those that are open, which cover so much, in so many seconds.

    Down from these for as long as choices are found; then on for as long as no bound tells that it cannot be.
    """
    until_s = time.monotonic() + seconds
    fewest_known, asked = is_open, int(is_open.sum()) - 1
    while asked >= 1 and time.monotonic() < until_s:
        problem = CoverageProblem(
            weight=reach.weight, first=reach.first_site, site=reach.site, sites=len(is_open), p=asked
        )
        told = coverage.solve(problem, seconds=SHARE * (until_s - time.monotonic()), seed=seed, enough=wanted)
        if told.covered >= wanted:
            fewest_known = np.zeros(len(is_open), dtype=np.bool_)
            fewest_known[list(told.sites)] = True
        elif told.upper_bound < wanted:
            return Fewest(fewest_known, asked + 1)
        asked -= 1
    return Fewest(fewest_known, 1)
