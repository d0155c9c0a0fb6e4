"""The p-median held against trying every choice, and its parts against what they mean."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from optimiser.siting.median.cost import cost
from optimiser.siting.median.interchange import interchange, serve
from optimiser.siting.median.nearness import nearness_of, served_of
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.radius import close
from optimiser.siting.median.relaxation import CLOSED, FREE, OPEN, ascend, dual_of, relax
from optimiser.siting.median.solve import solve
from optimiser.siting.status import Status


def cheapest(problem):
    """Over all choices."""
    return min(cost(problem, sites) for sites in combinations(range(problem.sites), problem.p))


@st.composite
def problems(draw):
    points, sites = draw(st.integers(1, 9)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    ways = random.integers(0, draw(st.sampled_from([2, 10, 1000])), (points, sites)).astype(float)
    if draw(st.booleans()):
        ways = ways * random.uniform(0.1, 3.0, (points, 1))
    return MedianProblem(cost=ways, p=draw(st.integers(1, sites)))


def plane(seed, *, points=40, p=5):
    place = np.random.default_rng(seed).uniform(0, 100, (points, 2))
    return MedianProblem(cost=np.floor(np.linalg.norm(place[:, None] - place[None], axis=2)), p=p)


def test_three_sites_by_hand():
    # Two of the sites at 0, 10 and 11 on a line with demand at each: 0 and either of the others leave 1 to go.
    line = np.array([0.0, 10.0, 11.0])
    problem = MedianProblem(cost=np.abs(line[:, None] - line[None]), p=2)
    answer = solve(problem, seconds=5)
    assert (answer.cost, answer.lower_bound, answer.status) == (1.0, 1.0, Status.PROVEN)
    assert answer.sites in {(0, 1), (0, 2)}


@settings(max_examples=150, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_small_ones_are_solved_as_by_trying_everything(problem, seed):
    answer = solve(problem, seconds=20, seed=seed)
    best = cheapest(problem)
    assert answer.status is Status.PROVEN
    assert len(answer.sites) == len(set(answer.sites)) == problem.p
    assert answer.cost == pytest.approx(best) == cost(problem, answer.sites)
    assert answer.lower_bound <= answer.cost


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_no_prices_give_a_bound_above_the_best(problem, seed):
    dual = dual_of(problem.demand, problem.sites)
    fixed = np.zeros(problem.sites, dtype=np.int8)
    dual.price[:] = np.random.default_rng(seed).uniform(0, 1.5 * problem.cost.max() + 1, problem.demand)
    assert relax(nearness_of(problem.cost), problem.p, fixed, dual) <= cheapest(problem) + 1e-9
    assert dual.chosen.sum() == problem.p


@pytest.mark.parametrize("seed", range(10))
def test_what_is_fixed_is_so_in_every_better_choice(seed):
    problem = plane(seed, points=11, p=3)
    nearness, dual, fixed = nearness_of(problem.cost), dual_of(11, 11), np.zeros(11, dtype=np.int8)
    known = cheapest(problem) + 2
    dual.pace[0] = 1.0
    bound = ascend(nearness, 3, fixed, dual, known, known, 200)
    assert bound <= cheapest(problem) + 1e-9
    for sites in combinations(range(11), 3):
        if cost(problem, sites) < known:
            assert all(fixed[site] != CLOSED for site in sites)
            assert all(site in sites for site in np.flatnonzero(fixed == OPEN))
    assert (fixed != FREE).any()


@pytest.mark.parametrize("seed", range(10))
def test_interchange_ends_where_no_exchange_pays_and_touches_only_what_it_may(seed):
    problem = plane(seed, points=30, p=4)
    random = np.random.default_rng(seed)
    is_open, may_change = np.zeros(30, dtype=np.bool_), np.ones(30, dtype=np.bool_)
    is_open[random.choice(30, 4, replace=False)] = True
    kept, never = int(np.flatnonzero(is_open)[0]), int(np.flatnonzero(~is_open)[0])
    may_change[[kept, never]] = False
    nearness, served = nearness_of(problem.cost), served_of(30, 30)
    total = interchange(nearness, is_open, may_change, random.permutation(30).astype(np.int32), served)
    assert total == pytest.approx(cost(problem, np.flatnonzero(is_open))) == serve(nearness, is_open, served)
    assert (bool(is_open[kept]), bool(is_open[never]), is_open.sum()) == (True, False, 4)
    for closing in np.flatnonzero(is_open & may_change):
        for opening in np.flatnonzero(~is_open & may_change):
            other = is_open.copy()
            other[[closing, opening]] = other[[opening, closing]]
            assert cost(problem, np.flatnonzero(other)) >= total - 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_the_integer_programme_finds_what_trying_everything_finds(seed):
    problem = plane(seed, points=14, p=4)
    nearness, dual, fixed = nearness_of(problem.cost), dual_of(14, 14), np.zeros(14, dtype=np.int8)
    best = cheapest(problem)
    dual.price[:] = np.median(problem.cost, axis=1) / 2
    bound = relax(nearness, 4, fixed, dual)
    told = {"price": dual.price, "bound": bound, "unit": 1 - 1e-6, "seconds": 20.0}
    closed = close(nearness, 4, fixed, known=best + 5, entries=10_000, **told)
    assert best - 1 < closed.bound <= best
    assert cost(problem, np.flatnonzero(closed.is_open)) == best
    nothing = close(nearness, 4, fixed, known=best, entries=10_000, **told)
    assert best - 1 < nothing.bound <= best
    assert close(nearness, 4, fixed, known=best, entries=3, **told) is None


def test_time_that_runs_out_leaves_a_bound_and_no_proof():
    problem = plane(1, points=300, p=40)
    answer = solve(problem, seconds=0.0)
    assert answer.status is Status.BOUNDED
    assert 0.0 <= answer.lower_bound < answer.cost == cost(problem, answer.sites)


def test_the_same_seed_gives_the_same_choice():
    assert solve(plane(2), seconds=20, seed=4) == solve(plane(2), seconds=20, seed=4)


@pytest.mark.parametrize(
    ("ways", "p", "told"),
    [
        (np.zeros((0, 3)), 1, "shape"),
        (np.array([[1.0, np.inf]]), 1, "finite"),
        (np.array([[1.0, -1.0]]), 1, "0 or more"),
        (np.ones((2, 2)), 3, "1..2"),
        (np.ones((2, 2)), 0, "1..2"),
    ],
)
def test_what_cannot_be_is_refused(ways, p, told):
    with pytest.raises(InvalidInput, match=told.replace(".", r"\.")):
        MedianProblem(cost=ways, p=p)
