"""Sites and points that are left: merged, left out and forgotten only where nothing is lost."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from optimiser.siting.coverage.choice import choice_of
from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.reach import narrowed, reach_of, undominated
from optimiser.siting.coverage.relaxation import CLOSED, FREE, OPEN
from optimiser.siting.coverage.standing import Standing
from tests.unit.siting.coverings import most, plane, problem_of, problems


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_what_is_merged_and_left_out_changes_nothing(problem):
    reach = reach_of(problem)
    left = undominated(reach)
    small = narrowed(reach, left)
    sites = np.flatnonzero(left)
    p = min(problem.p, len(sites))
    points = np.repeat(np.arange(len(small.weight)), np.diff(small.first_site))
    values = [0.0]
    for chosen in combinations(range(len(sites)), p):
        is_open = np.zeros(len(sites), dtype=bool)
        is_open[list(chosen)] = True
        values.append(small.weight[np.unique(points[is_open[small.site]])].sum())
    assert max(values) == pytest.approx(most(problem))


def test_of_sites_that_reach_the_same_the_first_is_left():
    reach = reach_of(problem_of([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], [1, 1, 1], 1))
    assert undominated(reach).tolist() == [True, False, False, True]


def test_sites_that_stay_closed_are_forgotten_but_those_of_the_best_choice():
    now = Standing(plane(1, points=40, p=3, radius=10.0), seconds=60)
    now.best[[2, 5, 7]] = True
    sites = now.sites[[2, 5, 7]].tolist()
    now.fixed[:10], now.fixed[12] = CLOSED, OPEN
    left = now.narrow()
    assert np.flatnonzero(~left).tolist() == [0, 1, 3, 4, 6, 8, 9]
    assert now.sites[now.best].tolist() == sites
    assert (now.fixed == OPEN).sum() == 1
    assert (now.fixed != CLOSED).all()
    assert len(now.alike.site) == len(now.reach.first_point) - 1 == left.sum()


def test_new_choices_begin_among_sites_that_lack_next_to_nothing():
    now = Standing(plane(3, points=40, p=3, radius=15.0), seconds=60)
    now.best[[2, 5, 7]], now.known, now.bound = True, 100.0, 130.0
    now.lack[:] = 50.0
    now.lack[[1, 4, 9, 11]] = 0.0, 1.0, 1.0, 1.1
    now.fixed[1] = CLOSED
    now.concentrate()
    assert now.core.sites.tolist() == list(range(len(now.sites)))
    now.fixed[1] = FREE
    now.concentrate()
    core = now.core
    assert core.sites.tolist() == [1, 2, 4, 5, 7, 9]
    among_core = np.array([False, True, False, True, False, True])
    spread = core.spread(among_core, len(now.sites))
    assert np.flatnonzero(spread).tolist() == [2, 5, 9]
    for reach, is_open in ((core.reach, among_core), (now.reach, spread)):
        choice = choice_of(reach, is_open)
        assert reach.weight[choice.times > 0].sum() == covered(plane(3, points=40, p=3, radius=15.0), now.sites[spread])


def test_points_that_no_longer_differ_are_merged_anew():
    # Without the second site, the first two points are reached by the first one alone.
    reach = narrowed(
        reach_of(problem_of([[1, 1, 0], [1, 0, 0], [0, 0, 1]], [3, 4, 5], 1)), np.array([True, False, True])
    )
    assert reach.weight.tolist() == [7.0, 5.0]
    assert reach.site.tolist() == [0, 1]


def weight_by_sites(weight, first, site):
    """Of points by the set of sites that reach them, and how many points have one."""
    total, count = {}, 0
    for start, end, one in zip(first, first[1:], weight, strict=False):
        if end > start and one > 0:
            key, count = tuple(site[start:end].tolist()), count + 1
            total[key] = total.get(key, 0.0) + one
    return total, count


@pytest.mark.parametrize("is_told_apart", [True, False])
@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_points_are_merged_where_their_sites_are_the_same_and_only_there(is_told_apart, problem):
    wanted, _ = weight_by_sites(problem.weight, problem.first, problem.site)
    with pytest.MonkeyPatch.context() as patched:
        if not is_told_apart:
            # Points whose figures are the same though their sites are not: some that could be merged may then not be.
            patched.setattr("optimiser.siting.coverage.reach._set_codes", lambda *_: None)
        reach = reach_of(problem)
    found, count = weight_by_sites(reach.weight, reach.first_site, reach.site)
    assert found == pytest.approx(wanted)
    assert count == len(reach.weight)
    assert count == len(wanted) or not is_told_apart
    for site in range(problem.sites):
        points = reach.point[reach.first_point[site] : reach.first_point[site + 1]].tolist()
        assert points == [i for i in range(count) if site in reach.site[reach.first_site[i] : reach.first_site[i + 1]]]


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_a_site_is_left_out_exactly_where_another_one_reaches_as_much(problem):
    reach = reach_of(problem)
    own = [set(reach.point[a:b].tolist()) for a, b in zip(reach.first_point, reach.first_point[1:], strict=False)]
    is_left = [
        bool(mine) and not any(mine < other or (mine == other and rank < site) for rank, other in enumerate(own))
        for site, mine in enumerate(own)
    ]
    assert undominated(reach).tolist() == is_left
