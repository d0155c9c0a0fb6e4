"""The p-center held against trying every choice, and its parts against what they mean."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.basics.errors import InvalidInput
from optimiser.siting.center.cost import cost
from optimiser.siting.center.exchange import exchange, served_of, spread
from optimiser.siting.center.problem import CenterProblem
from optimiser.siting.center.radius import cover
from optimiser.siting.center.solve import solve
from optimiser.siting.status import Status


def least(problem):
    """Over all choices."""
    return min(cost(problem, sites) for sites in combinations(range(problem.sites), problem.p))


@st.composite
def problems(draw):
    points, sites = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    way = random.integers(0, draw(st.sampled_from([4, 30])), (points, sites)).astype(float)
    if draw(st.booleans()):
        way = way * random.uniform(0.5, 2.0, (points, 1))
    return CenterProblem(way=way, p=draw(st.integers(1, sites)))


def plane(seed, *, points=60, p=5):
    place = np.random.default_rng(seed).uniform(0, 100, (points, 2))
    return CenterProblem(way=np.floor(np.linalg.norm(place[:, None] - place[None], axis=2)), p=p)


def test_a_line_by_hand():
    # 0, 1, 2, 3 and 10: one site does best at 3, with 7 to the end; two leave 2 at most, from 0 to 2 or from 1 to 3.
    place = np.array([0.0, 1, 2, 3, 10])
    line = np.abs(place[:, None] - place[None])
    answer = solve(CenterProblem(way=line, p=1), seconds=60)
    assert (answer.sites, answer.cost, answer.lower_bound, answer.status) == ((3,), 7.0, 7.0, Status.PROVEN)
    answer = solve(CenterProblem(way=line, p=2), seconds=60)
    assert (answer.cost, answer.lower_bound) == (2.0, 2.0)
    assert 4 in answer.sites
    answer = solve(CenterProblem(way=line, p=5), seconds=60)
    assert (answer.sites, answer.cost) == ((0, 1, 2, 3, 4), 0.0)


@settings(max_examples=200, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_small_ones_are_solved_as_by_trying_everything(problem, seed):
    answer = solve(problem, seconds=60, seed=seed)
    assert answer.status is Status.PROVEN
    assert len(answer.sites) == len(set(answer.sites)) == problem.p
    assert answer.cost == least(problem) == answer.lower_bound == cost(problem, answer.sites)


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_a_radius_is_too_short_exactly_below_the_best(problem):
    best = least(problem)
    for radius in np.unique(problem.way).tolist():
        told = cover(problem.way, problem.p, radius, chance_of(1), seconds=60, is_hard=True)
        assert told.is_too_short == (radius < best)
        if not told.is_too_short:
            assert len(told.sites) <= problem.p
            assert cost(problem, told.sites) <= radius


@pytest.mark.parametrize("seed", range(5))
def test_a_programme_tells_what_no_count_does(seed):
    problem = plane(seed, points=50, p=4)
    best = solve(problem, seconds=60).cost
    assert cover(problem.way, 4, best - 1, chance_of(1), seconds=60, is_hard=True).is_too_short
    assert cost(problem, cover(problem.way, 4, best, chance_of(1), seconds=60, is_hard=True).sites) <= best


@pytest.mark.parametrize("seed", range(5))
def test_sites_that_are_spread_out_are_at_most_twice_as_far(seed):
    problem = plane(seed)
    served = served_of(problem.demand, problem.p)
    spread(np.ascontiguousarray(problem.way.T), served, seed)
    reached = cost(problem, served.opened.tolist())
    best = solve(problem, seconds=60).cost
    # Ways are rounded down, each by less than 1.
    assert best <= reached <= 2 * (best + 1)


@pytest.mark.parametrize("seed", range(5))
def test_exchanges_keep_count(seed):
    problem = plane(seed, points=90, p=7)
    column = np.ascontiguousarray(problem.way.T)
    served = served_of(problem.demand, problem.p)
    spread(column, served, seed)
    before = cost(problem, served.opened.tolist())
    reached = exchange(column, served, chance_of(seed), 50)
    opened = served.opened.tolist()
    assert len(set(opened)) == 7
    assert reached == cost(problem, opened) <= before
    ways = np.sort(problem.way[:, opened], axis=1)
    assert (served.way == ways[:, 0]).all()
    assert (served.second == ways[:, 1]).all()


def test_the_same_seed_gives_the_same_sites():
    problem = plane(3, points=150, p=6)
    assert solve(problem, seconds=60, seed=5) == solve(problem, seconds=60, seed=5)


def test_out_of_time_it_says_bounded_and_not_proven():
    problem = plane(1, points=500, p=9)
    answer = solve(problem, seconds=0.0)
    assert len(set(answer.sites)) == 9
    assert answer.cost == cost(problem, answer.sites)
    assert answer.lower_bound <= answer.cost
    assert (answer.status is Status.PROVEN) == (answer.lower_bound == answer.cost)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"way": np.zeros((0, 2))}, "both above 0"),
        ({"way": np.array([[1.0, -1.0]])}, "0 or more"),
        ({"way": np.array([[1.0, np.inf]])}, "finite"),
        ({"p": 0}, "1..2 can be"),
        ({"p": 3}, "1..2 can be"),
    ],
)
def test_what_cannot_be_is_refused(change, told):
    with pytest.raises(InvalidInput, match=told):
        CenterProblem(**{"way": np.ones((3, 2)), "p": 1, **change})
