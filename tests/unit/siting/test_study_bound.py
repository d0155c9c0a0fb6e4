"""Bounds of siting studies: sequences of builds against trying all, phases together against phases that begin anew."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting.arrays import arrays_of
from optimiser.siting.bound.chains import best_ends, smaller_builds, trace_back
from optimiser.siting.bound.phases import Bound, guess_of
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.bound.tree import Tree
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import groups_of
from optimiser.siting.solve import solve
from tests.siting_studies import one_now_or_another_later, point, random_study, site, study, wishes


def relaxation_of(problem, *, guess, known, steps=300):
    """Prices and their bound after some steps."""
    arrays = [arrays_of(problem, groups_of(problem), phase=phase) for phase in range(len(problem.wishes.phases))]
    weight = np.array([phase.weight for phase in problem.wishes.phases])
    relaxation = Relaxation(arrays, weight=weight, guess=np.array(guess))
    for step in range(steps):
        if step == steps // 2 and not relaxation.asks_floors:
            relaxation.ask_floors()
        relaxation.step(relaxation.relax(), known)
    return relaxation


def grown(relaxation, *, known, branches):
    """A tree that has branched so often, or as often as it can, and its bounds on the way."""
    tree = Tree(relaxation, known=lambda: known, is_over=lambda: False)
    bounds = [tree.bound]
    while len(bounds) <= branches and tree.grow():
        bounds.append(tree.bound)
    return bounds


two_sites = pytest.fixture(one_now_or_another_later)


def test_a_phase_cannot_begin_anew(two_sites):
    # At prices 0.0159 and 0.075 of money C is worth nothing more than it costs, nor is D: 10.75.
    exact = solve_exactly(two_sites, groups_of(two_sites), seconds=20.0)
    assert exact is not None
    assert exact.bound == pytest.approx(10.0, abs=1e-3)
    assert 10.0 <= relaxation_of(two_sites, guess=[5.0, 5.0], known=10.0).bound <= 10.76


def test_branches_close_what_prices_leave_open(two_sites):
    # With C there is no money for D, so 10; without it 9.
    bounds = grown(relaxation_of(two_sites, guess=[5.0, 5.0], known=10.0), known=10.0, branches=8)
    assert bounds[0] > 10.5
    assert 10.0 - 1e-6 <= bounds[-1] < 10.1


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("floor", [0.0, 0.2])
def test_no_prices_give_a_bound_below_what_the_programme_proves_over_phases(seed, floor):
    problem = random_study(seed, points=10, sites=5, phases=3, floor=floor)
    exact = solve_exactly(problem, groups_of(problem), seconds=20.0)
    assert exact is not None
    assert exact.built is not None
    relaxation = relaxation_of(problem, guess=[exact.bound / 3] * 3, known=exact.bound)
    least = exact.bound * (1 - 1e-6) - 1e-6
    assert relaxation.bound >= least
    bounds = grown(relaxation, known=exact.bound, branches=6)
    assert min(bounds) >= least
    assert bounds == sorted(bounds, reverse=True)


@pytest.mark.parametrize("guess", [0.01, 1.0, 100.0])
def test_a_bad_guess_of_what_plans_bring_is_no_harm(two_sites, guess):
    # The bound of the best prices is the same whatever they begin with.
    arrays = [arrays_of(two_sites, groups_of(two_sites), phase=phase) for phase in range(2)]
    relaxation = Relaxation(arrays, weight=np.ones(2), guess=np.full(2, 5.0 * guess))
    relaxation.find_money_prices()
    for _ in range(600):
        relaxation.step(relaxation.relax(), 9.0)
    assert 10.0 <= relaxation.bound <= 10.8


def test_a_phase_in_which_a_plan_builds_nothing_isguess_of_by_demand_and_money():
    # 40 of the last phase's 400: a tenth of all; the first has a quarter of the money, the second asks for half.
    known, reachable = np.array([0.0, 30.0, 40.0]), np.array([400.0, 200.0, 400.0])
    assert guess_of(known, reachable, np.array([25.0, 50.0, 100.0])).tolist() == [10.0, 30.0, 40.0]
    # Money without end is no limit; nothing is guessed of nothing.
    assert guess_of(known, reachable, np.array([25.0, np.inf, np.inf])).tolist() == [0.0, 30.0, 40.0]
    assert guess_of(known, reachable, np.full(3, np.inf)).tolist() == [40.0, 30.0, 40.0]
    assert guess_of(np.zeros(3), np.zeros(3), np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("seed", range(6))
def test_floors_that_can_hardly_be_kept_do_not_keep_the_bound_up(seed):
    # A plan builds for the floors alone, and late: what is known of earlier phases is nothing.
    problem = random_study(seed, points=30, sites=12, phases=3, floor=0.0)
    groups = groups_of(problem)
    bounds = []
    for floor in (0.0, 0.6):
        asked = replace(problem, wishes=replace(problem.wishes, floor=floor))
        arrays = [arrays_of(asked, groups, phase=phase) for phase in range(3)]
        bound, known = Bound(asked, groups), solve(problem, SolveLimits(rounds=200)).value
        bound.begin(arrays, [0.0, 0.0, 0.2 * known] if floor else [known / 3] * 3)
        bound.know(known)
        bound.step(400)
        bounds.append(bound.value)
    assert bounds[1] <= 1.02 * bounds[0]


@pytest.mark.parametrize("seed", range(10))
def test_sequences_of_builds_are_the_best_of_all(seed):
    problem = random_study(seed, points=6, sites=3, phases=3)
    builds = arrays_of(problem, groups_of(problem), phase=2).builds
    rng = np.random.default_rng(seed)
    first = np.concatenate([[0], np.cumsum(np.diff(builds.first)[builds.of_site])])
    gain, cost, price = rng.uniform(-5, 10, (3, first[-1])), rng.uniform(0, 5, first[-1]), rng.uniform(0, 1, 3)
    value, before = np.zeros(first[-1]), np.zeros((3, first[-1]), dtype=np.int64)
    best_ends(builds.of_site, builds.first, smaller_builds(builds), first, gain, cost, price, value, before)
    place = np.array([int(value[first[j] : first[j + 1]].argmax()) for j in range(3)])
    build = np.zeros((3, 3), dtype=np.int64)
    trace_back(builds.of_site, builds.first, first, before, place, build)
    profit = gain - price[:, None] * cost
    for j, start in enumerate(builds.first[builds.of_site].tolist()):
        plugs = builds.plugs[start : start + first[j + 1] - first[j]]
        ways = {
            ends: float(profit[np.arange(3), first[j] + np.array(ends)].sum())
            for ends in itertools.product(range(len(plugs)), repeat=3)
            if all((plugs[one] <= plugs[next_]).all() for one, next_ in itertools.pairwise(ends))
        }
        found = tuple((build[:, j] - start).tolist())
        assert value[first[j] + place[j]] == pytest.approx(max(ways.values()))
        assert ways[found] == pytest.approx(max(ways.values()))


def test_how_many_sites_the_money_pays_for_is_branched_on():
    # 275 pay for two sites of 110 and half of another. All five are alike, so that no single one settles it; that two
    # sites at most may be built, or three, does.
    five = [str(number) for number in range(5)]
    alike = study(
        [point(f"p{name}", 4.0) for name in five],
        [site(f"S{name}", cost=100.0) for name in five],
        [{f"S{name}": 10} for name in five],
        wishes=wishes(275.0),
    )
    bounds = grown(relaxation_of(alike, guess=[8.0], known=8.0), known=8.0, branches=4)
    assert bounds[0] == pytest.approx(10.0, abs=0.05)
    assert 8.0 - 1e-6 <= bounds[-1] <= 9.0
