"""Choices of maximal covering that are bred from others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.siting.coverage.annealing import HOT, Annealing
from optimiser.siting.coverage.brood import DISTRICT, LEAST, SEAM, Brood, around, crossed
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
@given(problem=problems(), seed=st.integers(0, 10_000))
def test_of_all_cuts_that_leave_enough_to_both_the_one_that_covers_most_is_taken(problem, seed):
    random, reach, sites = np.random.default_rng(seed), reach_of(problem), problem.sites
    first, second = (np.isin(np.arange(sites), random.choice(sites, problem.p, replace=False)) for _ in range(2))
    orders = [random.permutation(sites).astype(np.int32) for _ in range(2)]
    differ = int((first != second).sum())
    children = []
    for order in orders:
        for cut in range(1, sites + 1):
            child = second.copy()
            child[order[:cut]] = first[order[:cut]]
            given_by_both = min((child != first).sum(), (child != second).sum())
            if child.sum() == problem.p and given_by_both >= LEAST * differ and differ:
                children.append(covered(problem, np.flatnonzero(child).tolist()))
    made = crossed(reach, first, second, orders)
    if not children:
        assert made is None
        return
    assert made is not None
    child, is_near = made
    assert 0 < is_near.sum() <= max(2, round(SEAM * sites) + 1)
    assert child.sum() == problem.p
    assert covered(problem, np.flatnonzero(child).tolist()) == pytest.approx(max(children))


def test_what_is_good_in_one_town_and_in_another_comes_together():
    # Two towns of three sites, two of which are worth most; each choice has found them in one of both.
    reach = reach_of(problem_of(np.eye(6, dtype=bool), [5, 5, 1, 1, 5, 5], 4))
    first, second = np.array([1, 1, 0, 1, 0, 1], dtype=bool), np.array([0, 1, 1, 0, 1, 1], dtype=bool)
    there, back = np.arange(6, dtype=np.int32), np.arange(6, dtype=np.int32)[::-1].copy()
    for orders in ([there], [there, back]):
        made = crossed(reach, first, second, orders)
        assert made is not None
        assert np.flatnonzero(made[0]).tolist() == [0, 1, 4, 5]
        assert np.flatnonzero(made[1]).tolist() == [2, 3]
    assert crossed(reach, first, first, [there, back]) is None


def test_a_district_lies_around_a_place_and_nothing_changes_beyond_it():
    now = Standing(plane(3, points=60, p=8, radius=12.0), seconds=60.0)
    annealing, brood, sites = Annealing(now, seed=1, stream=0), Brood(now, seed=1), len(now.sites)
    before = np.arange(sites) < now.p
    changed = np.zeros(sites, dtype=bool)
    for _ in range(20):
        is_near = brood.district()
        count = round(DISTRICT * sites)
        assert any(set(around(now.reach, site)[:count]) == set(np.flatnonzero(is_near)) for site in range(sites))
        reached, after = annealing.from_child(before, is_near, HOT, 200)
        assert after.sum() == before.sum()
        assert not (after != before)[~is_near].any()
        assert reached == pytest.approx(now.reach.weight[_reached(now, after)].sum())
        changed |= after != before
    assert changed.any()


def _reached(now, is_open):
    pairs = np.repeat(is_open, np.diff(now.reach.first_point))
    return np.unique(now.reach.point[pairs])


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
