"""Set covering held against trying every choice: all demand, backup, and a part of it."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.basics.errors import InvalidInput
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import reach_of
from optimiser.siting.set_covering.cost import cost, covered, is_enough
from optimiser.siting.set_covering.greedy import cover_greedily
from optimiser.siting.set_covering.problem import SetCoveringProblem
from optimiser.siting.set_covering.reduction import core_of
from optimiser.siting.set_covering.solve import solve
from optimiser.siting.set_covering.weighting import cover_with
from optimiser.siting.status import Status


def problem_of(within, *, cost=None, **asked):
    """From a table of which site reaches which point, shape (demand, sites)."""
    within = np.asarray(within, dtype=bool)
    return SetCoveringProblem(
        cost=np.ones(within.shape[1]) if cost is None else np.asarray(cost, dtype=float),
        first=np.concatenate([[0], np.cumsum(within.sum(axis=1))]),
        site=np.nonzero(within)[1].astype(np.int32),
        **asked,
    )


def choices(sites):
    return chain.from_iterable(combinations(range(sites), count) for count in range(sites + 1))


def least(problem):
    """Over all choices."""
    return min(cost(problem, sites) for sites in choices(problem.sites) if is_enough(problem, sites))


@st.composite
def problems(draw):
    points, sites = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    within = random.random((points, sites)) < draw(st.sampled_from([0.15, 0.35, 0.7]))
    times = draw(st.integers(1, 3))
    costs = draw(st.sampled_from([np.ones(sites), random.integers(0, 9, sites), random.uniform(0, 5, sites)]))
    if draw(st.booleans()):
        weight = random.integers(0, 9, points).astype(float)
        can_be = float(weight[within.sum(axis=1) >= times].sum())
        wanted = draw(st.floats(0.0, 1.0)) * can_be
        return problem_of(within, cost=costs, times=times, weight=weight, wanted=wanted)
    assume(sites >= times)
    for point in range(points):
        short = times - int(within[point].sum())
        if short > 0:
            within[point, random.choice(np.flatnonzero(~within[point]), short, replace=False)] = True
    return problem_of(within, cost=costs, times=times)


ROW = np.abs(np.subtract.outer(np.arange(6), np.arange(6))) <= 1
"""Six points in a row, a site at each, which reaches its neighbours as well."""


def test_a_row_by_hand():
    # The second and the fifth reach all.
    answer = solve(problem_of(ROW), seconds=60)
    assert (answer.sites, answer.cost, answer.lower_bound, answer.status) == ((1, 4), 2.0, 2.0, Status.PROVEN)
    # To be covered twice the ends need their only neighbours and themselves, and the middle one more of its two.
    answer = solve(problem_of(ROW, times=2), seconds=60)
    assert (answer.cost, answer.lower_bound) == (5.0, 5.0)
    assert {0, 1, 4, 5} < set(answer.sites)
    # One site covers three of six, four need two.
    answer = solve(problem_of(ROW, weight=np.ones(6), wanted=3.0), seconds=60)
    assert (answer.cost, answer.lower_bound) == (1.0, 1.0)
    answer = solve(problem_of(ROW, weight=np.ones(6), wanted=3.5), seconds=60)
    assert (answer.cost, answer.lower_bound) == (2.0, 2.0)


def test_dear_sites_are_avoided():
    # Without the second for 9: the first and the third for 3.
    answer = solve(problem_of(ROW[:3, :3], cost=[1, 9, 2]), seconds=60)
    assert (answer.sites, answer.cost) == ((0, 2), 3.0)


@settings(max_examples=200, deadline=None)
@given(problem=problems())
def test_small_ones_are_solved_as_by_trying_everything(problem):
    answer = solve(problem, seconds=60)
    assert answer.status is Status.PROVEN
    assert is_enough(problem, answer.sites)
    assert answer.cost == pytest.approx(least(problem)) == pytest.approx(cost(problem, answer.sites))
    assert answer.lower_bound == answer.cost


@settings(max_examples=150, deadline=None)
@given(problem=problems())
def test_what_is_left_out_changes_nothing(problem):
    assume(problem.wanted is None and problem.times == 1)
    core = core_of(problem.first, problem.site, problem.cost)
    assert not set(core.forced.tolist()) & set(core.sites.tolist())
    allowed = [
        sites
        for chosen in choices(len(core.sites))
        if is_enough(problem, sites := (*core.forced.tolist(), *core.sites[list(chosen)].tolist()))
    ]
    assert min(cost(problem, sites) for sites in allowed) == pytest.approx(least(problem))
    # What covers the points that are left, with the forced ones, covers all.
    point = np.repeat(np.arange(len(core.reach.weight)), np.diff(core.reach.first_site))
    for chosen in choices(len(core.sites)):
        all_left = len(np.unique(point[np.isin(core.reach.site, chosen)])) == len(core.reach.weight)
        assert all_left == ((*core.forced.tolist(), *core.sites[list(chosen)].tolist()) in allowed)


@pytest.mark.parametrize("seed", range(6))
def test_exchange_finds_coverings_of_the_least_sites_and_none_of_fewer(seed):
    random = np.random.default_rng(seed)
    place = random.uniform(0, 100, (60, 2))
    problem = problem_of(np.linalg.norm(place[:, None] - place[None], axis=2) <= 22)
    every = CoverageProblem(weight=np.ones(60), first=problem.first, site=problem.site, sites=60, p=1)
    reach, fewest = reach_of(every), round(solve(problem, seconds=60).cost)
    start = cover_greedily(reach, np.ones(60), times=1, wanted=float(len(reach.weight)))
    found = cover_with(reach, start, fewest, chance_of(seed), steps=20_000)
    assert found.sum() <= fewest
    assert is_enough(problem, np.flatnonzero(found).tolist())
    assert cover_with(reach, start, fewest - 1, chance_of(seed), steps=2_000) is None


def test_larger_ones_in_the_plane_are_covered_and_proven():
    random = np.random.default_rng(1)
    place = random.uniform(0, 100, (150, 2))
    within = np.linalg.norm(place[:, None] - place[None], axis=2) <= 15
    problem = problem_of(within)
    answer = solve(problem, seconds=60)
    assert answer.status is Status.PROVEN
    assert covered(problem, answer.sites) == 150
    backup = solve(problem_of(within | np.roll(within, 1, axis=1), times=2), seconds=60)
    assert backup.status is Status.PROVEN


def test_out_of_time_it_says_bounded_and_not_proven():
    random = np.random.default_rng(2)
    place = random.uniform(0, 100, (600, 2))
    problem = problem_of(np.linalg.norm(place[:, None] - place[None], axis=2) <= 9, cost=random.integers(50, 99, 600))
    answer = solve(problem, seconds=0.0)
    assert is_enough(problem, answer.sites)
    assert (answer.status is Status.PROVEN) == (answer.lower_bound == answer.cost)
    assert answer.lower_bound <= answer.cost


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cost": np.array([1.0, -1.0])}, "0 or more"),
        ({"cost": np.array([1.0, np.nan])}, "finite"),
        ({"first": np.array([0, 2])}, "one beginning each"),
        ({"site": np.array([0, 1, 2], dtype=np.int32)}, "0..1"),
        ({"site": np.array([1, 0, 1], dtype=np.int32)}, "rise"),
        ({"times": 0}, "1 or more"),
        ({"times": 2}, "demand point 1 has 1 sites within reach, 2 have to be open"),
        ({"weight": np.array([1.0, -1.0])}, "0 or more"),
        ({"weight": np.ones(3)}, "one for each point"),
        ({"wanted": 2.5}, "2.5 is to be covered: 0..2 can be"),
        ({"wanted": 1.5, "times": 2}, "1.5 is to be covered: 0..1 can be"),
        ({"first": np.array([0, 3, 3])}, "rise"),
        ({"first": np.array([0, 2, 2]), "site": np.array([0, 1], dtype=np.int32)}, "demand point 1 has 0 sites"),
    ],
)
def test_what_cannot_be_is_refused(change, told):
    right = {"cost": np.ones(2), "first": np.array([0, 2, 3]), "site": np.array([0, 1, 1], dtype=np.int32)}
    SetCoveringProblem(**right)
    with pytest.raises(InvalidInput, match=told):
        SetCoveringProblem(**{**right, **change})
