"""Capacitated maximal covering held against trying everything, and its checker against broken answers."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from optimiser.siting.capacitated_coverage.check import check
from optimiser.siting.capacitated_coverage.cost import served
from optimiser.siting.capacitated_coverage.problem import CapacitatedCoverageProblem
from optimiser.siting.capacitated_coverage.programme import merged
from optimiser.siting.capacitated_coverage.solve import solve
from optimiser.siting.coverage import solve as coverage
from optimiser.siting.status import Status
from tests.unit.siting import test_coverage
from tests.unit.siting.coverings import problem_of


def capacitated(within, weight, capacity, p, *, may_split=True):
    covering = problem_of(within, weight, p)
    return CapacitatedCoverageProblem(covering=covering, capacity=np.asarray(capacity, float), may_split=may_split)


def most(problem):
    """Over all choices of sites, and of parts of demand or of assignments."""
    sites = combinations(range(problem.covering.sites), problem.covering.p)
    best = most_split if problem.may_split else most_whole
    return max(best(problem, set(chosen)) for chosen in sites)


def most_split(problem, sites):
    """
    The least cut is the greatest flow (Ford & Fulkerson 1956).

    The least over all sets of points of the weight outside and the capacity of open sites that reach into it.
    """
    covering, least = problem.covering, np.inf
    lists = np.split(covering.site, covering.first[1:-1])
    for inside in product((False, True), repeat=covering.demand):
        reached = {int(site) for is_in, near in zip(inside, lists, strict=True) if is_in for site in near} & sites
        outside = covering.weight[~np.array(inside)].sum()
        least = min(least, outside + sum(problem.capacity[site] for site in reached))
    return least


def most_whole(problem, sites):
    covering = problem.covering
    reached = np.split(covering.site, covering.first[1:-1])
    lists = [[None, *(int(site) for site in near if site in sites)] for near in reached]
    best = 0.0
    for assignment in product(*lists):
        load = np.zeros(covering.sites)
        for point, site in enumerate(assignment):
            if site is not None:
                load[site] += covering.weight[point]
        if (load <= problem.capacity).all():
            best = max(best, load.sum())
    return best


@st.composite
def problems(draw):
    points, sites = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    within = random.random((points, sites)) < draw(st.sampled_from([0.2, 0.5, 0.9]))
    weight = random.integers(0, 9, points)
    capacity = random.integers(0, draw(st.sampled_from([5, 20])), sites)
    return capacitated(within, weight, capacity, draw(st.integers(1, sites)), may_split=draw(st.booleans()))


def test_a_point_between_two_sites_by_hand():
    # Points of 6, 5 and 4 in a row, the one in the middle within reach of both sites, which have room for 8 and 7:
    # all 15 are served where it may be split. In one piece it fits beside neither of the others: 6 + 5 is the most.
    within = [[1, 0], [1, 1], [0, 1]]
    answer = solve(capacitated(within, [6, 5, 4], [8, 7], 2), seconds=60)
    assert (answer.sites, answer.served, answer.upper_bound) == ((0, 1), pytest.approx(15.0), pytest.approx(15.0))
    assert answer.status is Status.PROVEN
    answer = solve(capacitated(within, [6, 5, 4], [8, 7], 2, may_split=False), seconds=60)
    assert (answer.served, answer.upper_bound, answer.status) == (11.0, 11.0, Status.PROVEN)
    assert answer.share == (1.0, 0.0, 1.0, 0.0)
    # The second site alone takes 7 of the 9 that it reaches, the first one 8 of 11.
    answer = solve(capacitated(within, [6, 5, 4], [8, 7], 1), seconds=60)
    assert (answer.sites, answer.served) == ((0,), pytest.approx(8.0))


@settings(max_examples=120, deadline=None)
@given(problem=problems())
def test_small_ones_are_solved_as_by_trying_everything(problem):
    answer = solve(problem, seconds=60)
    assert answer.status is Status.PROVEN
    assert check(problem, answer.sites, answer.share) == ()
    assert answer.served == pytest.approx(most(problem), abs=1e-5) == served(problem, answer.share)
    assert answer.served <= answer.upper_bound


@pytest.mark.parametrize("seed", range(3))
def test_with_room_for_all_it_is_maximal_covering(seed):
    covering = test_coverage.plane(seed, points=40, p=3)
    roomy = CapacitatedCoverageProblem(covering=covering, capacity=np.full(40, covering.weight.sum()))
    expected = coverage.solve(covering, seconds=60)
    assert solve(roomy, seconds=60).served == pytest.approx(expected.covered)


@pytest.mark.parametrize("may_split", [True, False])
def test_without_time_there_is_an_answer_that_keeps_to_all_rules_and_a_bound(may_split):
    covering = test_coverage.plane(4, points=400, p=12)
    problem = CapacitatedCoverageProblem(covering=covering, capacity=np.full(400, 200.0), may_split=may_split)
    answer = solve(problem, seconds=0.0)
    assert check(problem, answer.sites, answer.share) == ()
    assert 0 < answer.served <= answer.upper_bound <= 12 * 200.0


def test_points_that_the_same_sites_reach_are_one_unless_they_may_not_be_split():
    within = [[1, 0], [1, 1], [1, 0], [0, 0]]
    points = merged(capacitated(within, [1, 2, 3, 4], [5, 1], 1))
    assert (points.weight.tolist(), points.site.tolist(), points.most.tolist()) == ([4, 2, 4], [0, 0, 1], [1, 1, 0.5])
    assert points.pair.tolist() == [0, 1, 2, 0]
    points = merged(capacitated(within, [1, 2, 3, 4], [5, 1], 1, may_split=False))
    assert (points.weight.tolist(), points.most.tolist()) == ([1, 2, 3, 4], [1, 1, 0, 1])


@pytest.mark.parametrize(
    ("sites", "share", "rules"),
    [
        ((0, 1), [1, 0.4, 0.6, 1], set()),
        ((0,), [1, 0.4, 0, 0], {"sites"}),
        ((0, 2), [1, 0.4, 0, 0], {"sites"}),
        ((0, 0), [1, 0.4, 0, 0], {"sites"}),
        ((0, 1), [1, 0.4, 0.6], {"share"}),
        ((0, 1), [1, -0.4, 0.6, 1], {"share"}),
        ((0, 1), [1, 0.2, 0.9, 0], {"served_share"}),
        ((0, 1), [1, 0.8, 0, 1], {"capacity"}),
        ((0,), [1, 0.4, 0.6, 1], {"sites", "open"}),
    ],
)
def test_what_an_answer_breaks_is_told(sites, share, rules):
    # As by hand above: 6 + 0.4 x 5 = 8 and 0.6 x 5 + 4 = 7 are just what the sites have room for.
    problem = capacitated([[1, 0], [1, 1], [0, 1]], [6, 5, 4], [8, 7], 2)
    assert {broken.rule for broken in check(problem, sites, share)} == rules


def test_who_may_not_be_split_is_not():
    problem = capacitated([[1, 0], [1, 1], [0, 1]], [6, 5, 4], [8, 7], 2, may_split=False)
    assert check(problem, (0, 1), [1, 0, 0, 1]) == ()
    assert [broken.rule for broken in check(problem, (0, 1), [1, 0.2, 0, 1])] == ["split"]


@pytest.mark.parametrize(
    ("capacity", "told"), [([1.0], "as many"), ([1.0, -1.0], "0 or more"), ([1.0, np.nan], "finite")]
)
def test_what_cannot_be_is_refused(capacity, told):
    with pytest.raises(InvalidInput, match=told):
        capacitated([[1, 1]], [1], capacity, 1)
