"""Instances of maximal covering that are small enough to try every choice."""

from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.problem import CoverageProblem


def problem_of(within, weight, p):
    """From a table of which site reaches which point, shape (demand, sites)."""
    within = np.asarray(within, dtype=bool)
    first = np.concatenate([[0], np.cumsum(within.sum(axis=1))])
    site = np.nonzero(within)[1].astype(np.int32)
    return CoverageProblem(weight=np.asarray(weight, float), first=first, site=site, sites=within.shape[1], p=p)


def most(problem):
    """Over all choices."""
    return max(covered(problem, sites) for sites in combinations(range(problem.sites), problem.p))


@st.composite
def problems(draw):
    points, sites = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    within = random.random((points, sites)) < draw(st.sampled_from([0.1, 0.3, 0.6]))
    weight = random.integers(0, 20, points).astype(float)
    if draw(st.booleans()):
        weight = weight * random.uniform(0.1, 3.0, points)
    return problem_of(within, weight, draw(st.integers(1, sites)))


def plane(seed, *, points=60, p=5, radius=18.0):
    random = np.random.default_rng(seed)
    place = random.uniform(0, 100, (points, 2))
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)
    return problem_of(apart <= radius, random.integers(1, 50, points), p)


HASTE = {"SHORTEST": np.inf, "FEW": -1, "NEAR": -1.0}
"""No steps on the bound are taken, and no integer programme proves what may not be so."""
