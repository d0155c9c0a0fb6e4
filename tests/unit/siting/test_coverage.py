"""Maximal covering held against trying every choice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.solve import solve
from optimiser.siting.status import Status
from tests.unit.siting.coverings import HASTE, most, plane, problem_of, problems


def test_two_sites_by_hand():
    # Points of 3, 4, 5 and 6 in a row, a site at each, which reaches its neighbours as well: the second and the last,
    # or the second and the third, reach all of them.
    within = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) <= 1
    answer = solve(problem_of(within, [3, 4, 5, 6], 1), seconds=60)
    assert (answer.sites, answer.covered, answer.upper_bound) == ((2,), 15.0, 15.0)
    answer = solve(problem_of(within, [3, 4, 5, 6], 2), seconds=60)
    assert (answer.covered, answer.upper_bound, answer.status) == (18.0, 18.0, Status.PROVEN)


@settings(max_examples=150, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_small_ones_are_solved_as_by_trying_everything(problem, seed):
    answer = solve(problem, seconds=60, seed=seed)
    assert answer.status is Status.PROVEN
    assert len(answer.sites) == len(set(answer.sites)) == problem.p
    assert answer.covered == pytest.approx(most(problem)) == covered(problem, answer.sites)
    assert answer.upper_bound >= answer.covered


@pytest.mark.parametrize("seed", range(4))
def test_two_threads_prove_the_best_as_well(seed, monkeypatch):
    # No number of sites counts as few, every gap as near: what the first bound leaves open goes to both threads.
    monkeypatch.setattr("optimiser.siting.coverage.solve.FEW", -1)
    monkeypatch.setattr("optimiser.siting.coverage.solve.NEAR", 1.0)
    problem = plane(seed, points=24, p=3, radius=22.0)
    answer = solve(problem, seconds=60, seed=seed)
    assert (answer.covered, answer.upper_bound, answer.status) == (most(problem), most(problem), Status.PROVEN)


@settings(max_examples=60, deadline=None)
@given(
    problem=problems(),
    many=st.sampled_from([0.0, 2.0]),
    linear=st.sampled_from([{}, {"PAIRS_A_SECOND": 0}, {"PAIRS_A_SECOND": 0, "PACE": 1e-6}]),
    large=st.sampled_from([0, 500_000]),
    seed=st.integers(0, 3),
)
def test_what_is_left_after_the_linear_programme_still_holds_the_best(problem, many, linear, large, seed):
    # By HiGHS, from inside, or not at all; at once or not; sites that stay closed are always forgotten, or never.
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {**HASTE, "MANY": many, "LARGE": large}.items():
            patched.setattr(f"optimiser.siting.coverage.solve.{name}", value)
        for name, value in linear.items():
            patched.setattr(f"optimiser.siting.coverage.linear.{name}", value)
        answer = solve(problem, seconds=0.3, seed=seed)
    assert answer.covered == pytest.approx(covered(problem, answer.sites))
    assert answer.covered <= most(problem) * (1 + 1e-9) <= answer.upper_bound * (1 + 2e-9)


@pytest.mark.parametrize("seed", range(4))
def test_large_ones_are_proven_as_well(seed, monkeypatch):
    monkeypatch.setattr("optimiser.siting.coverage.solve.LARGE", 0)
    problem = plane(seed, points=24, p=3, radius=22.0)
    answer = solve(problem, seconds=60, seed=seed)
    assert (answer.covered, answer.upper_bound, answer.status) == (most(problem), most(problem), Status.PROVEN)


def test_the_same_seed_gives_the_same_sites():
    problem = plane(3, points=80, p=6)
    assert solve(problem, seconds=60, seed=5) == solve(problem, seconds=60, seed=5)


def test_out_of_time_it_says_bounded_and_not_proven():
    problem = plane(2, points=900, p=40, radius=4.0)
    answer = solve(problem, seconds=0.0)
    assert len(set(answer.sites)) == 40
    assert answer.status is (Status.PROVEN if answer.upper_bound == answer.covered else Status.BOUNDED)
    assert answer.upper_bound > answer.covered


def test_demand_that_nothing_reaches_is_left_out_and_told():
    answer = solve(problem_of([[0, 0], [0, 1]], [5, 2], 2), seconds=60)
    assert (answer.sites, answer.covered, answer.upper_bound) == ((0, 1), 2.0, 2.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"weight": np.array([1.0, -1.0])}, "0 or more"),
        ({"weight": np.array([1.0, np.inf])}, "finite"),
        ({"first": np.array([0, 2])}, "one beginning each"),
        ({"site": np.array([0, 1, 2], dtype=np.int32)}, "0..1"),
        ({"site": np.array([1, 0, 1], dtype=np.int32)}, "rise"),
        ({"site": np.array([0, 0, 1], dtype=np.int32)}, "rise"),
        ({"p": 3}, "1..2 can be"),
        ({"p": 0}, "1..2 can be"),
    ],
)
def test_what_cannot_be_is_refused(change, told):
    right = {
        "weight": np.ones(2),
        "first": np.array([0, 2, 3]),
        "site": np.array([0, 1, 1], dtype=np.int32),
        "sites": 2,
        "p": 1,
    }
    CoverageProblem(**right)
    with pytest.raises(InvalidInput, match=told):
        CoverageProblem(**{**right, **change})
