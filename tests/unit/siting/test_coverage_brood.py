"""Choices of maximal covering that are bred from others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.siting.coverage.annealing import Annealing
from optimiser.siting.coverage.brood import Brood, around, crossed
from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.reach import reach_of
from optimiser.siting.coverage.relaxation import CLOSED, FREE
from optimiser.siting.coverage.solve import solve
from optimiser.siting.coverage.standing import Standing
from tests.unit.siting.coverings import HASTE, most, plane, problem_of, problems


def test_sites_around_one_come_by_the_points_between_and_other_towns_last():
    # Sites 0, 2, 4 in a row of two points, sites 1 and 3 share another one: seen from 4, then from 1.
    reach = reach_of(problem_of([[1, 0, 1, 0, 0], [0, 0, 1, 0, 1], [0, 1, 0, 1, 0]], [1, 1, 1], 2))
    assert around(reach, 4).tolist() == [4, 2, 0, 1, 3]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), sites=st.integers(2, 12))
def test_what_is_crossed_has_one_choice_first_and_the_other_after(seed, sites):
    random = np.random.default_rng(seed)
    p = int(random.integers(1, sites))
    first, second = (np.isin(np.arange(sites), random.choice(sites, p, replace=False)) for _ in range(2))
    order = random.permutation(sites).astype(np.int32)
    child = crossed(first, second, order, random)
    if child is None:
        return
    assert child.sum() == p
    assert (child != first).any()
    assert (child != second).any()
    cuts = range(1, sites)
    assert any((child[order] == [*first[order[:cut]], *second[order[cut:]]]).all() for cut in cuts)


def test_what_is_good_in_one_town_and_in_another_comes_together():
    # Two towns of three sites, two of which are worth most; each choice has found them in one of both.
    first, second = np.array([1, 1, 0, 1, 0, 1], dtype=bool), np.array([0, 1, 1, 1, 1, 0], dtype=bool)
    found = {
        tuple(np.flatnonzero(child).tolist())
        for seed in range(20)
        if (child := crossed(first, second, np.arange(6, dtype=np.int32), np.random.default_rng(seed))) is not None
    }
    assert found == {(0, 1, 3, 4)}
    child = crossed(second, first, np.arange(6, dtype=np.int32), np.random.default_rng(1))
    assert child is not None
    assert np.flatnonzero(child).tolist() == [1, 2, 3, 5]
    assert crossed(first, first, np.arange(6, dtype=np.int32), np.random.default_rng(1)) is None


def test_a_brood_comes_to_the_best_choice_and_forgets_sites_with_what_opens_them():
    problem = plane(3, points=24, p=3, radius=22.0)
    now = Standing(problem, seconds=60.0)
    annealing, brood = Annealing(now, seed=1, stream=0), Brood(now, seed=1)
    for _ in range(60):
        brood.breed(annealing)
    assert now.known == most(problem) == covered(problem, now.sites[now.best].tolist())
    now.fixed[~now.best] = CLOSED
    now.fixed[np.flatnonzero(~now.best)[:2]] = FREE
    left = now.narrow()
    annealing.narrow(left)
    brood.narrow(left)
    for _ in range(60):
        brood.breed(annealing)
    assert now.known == most(problem)


@settings(max_examples=20, deadline=None)
@given(problem=problems(), many=st.sampled_from([0.0, 2.0]), seed=st.integers(0, 3))
def test_choices_that_are_bred_cover_what_is_told(problem, many, seed):
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {**HASTE, "MANY": many, "RUNS": 0}.items():
            patched.setattr(f"optimiser.siting.coverage.solve.{name}", value)
        answer = solve(problem, seconds=0.3, seed=seed)
    assert answer.covered == pytest.approx(covered(problem, answer.sites))
    assert answer.covered <= most(problem) * (1 + 1e-9) <= answer.upper_bound * (1 + 2e-9)
