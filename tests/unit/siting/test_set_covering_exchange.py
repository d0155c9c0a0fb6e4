"""Coverings by exchange, prices and counting down, without the integer programme: held against trying every choice."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimiser.basics.chance import chance_of
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import reach_of
from optimiser.siting.programme import Told
from optimiser.siting.set_covering import solve as module
from optimiser.siting.set_covering.cost import cost, is_enough
from optimiser.siting.set_covering.fewest import fewest
from optimiser.siting.set_covering.relaxation import relax
from optimiser.siting.set_covering.solve import solve
from optimiser.siting.set_covering.weighting import MISSING, OPEN, close_site, cover_for, open_site, state_of
from tests.unit.siting.test_set_covering import ROW, least, problem_of, problems


def reach_to(problem):
    weight = np.ones(problem.demand) if problem.weight is None else problem.weight
    every = CoverageProblem(weight=weight, first=problem.first, site=problem.site, sites=problem.sites, p=1)
    return reach_of(every)


def looked_up(reach, state, times):
    """Scores, told from what is open alone."""
    owner = np.repeat(np.arange(len(reach.weight)), np.diff(reach.first_site))
    met = np.bincount(owner[state.is_open[reach.site]], minlength=len(reach.weight))
    counts = state.counts_for[owner]
    lacks, hangs = met[owner] < times, met[owner] <= times
    is_open = state.is_open[reach.site]
    score = np.bincount(reach.site, np.where(is_open, hangs, lacks) * counts, minlength=len(state.is_open))
    return met, score


@settings(max_examples=100, deadline=None)
@given(problem=problems(), moves=st.lists(st.integers(0, 7), max_size=30), seed=st.integers(0, 99))
def test_scores_are_those_of_what_is_open(problem, moves, seed):
    reach, times = reach_to(problem), problem.times
    assume(len(reach.weight) > 0)
    start = np.random.default_rng(seed).random(problem.sites) < 0.5
    state = state_of(reach, start, problem.cost, times=times, is_part=problem.wanted is not None)
    for site in (move for move in moves if move < problem.sites):
        (close_site if state.is_open[site] else open_site)(reach, problem.cost, times, state, site)
    cover_for(reach, problem.cost, times, 0.0, float(problem.cost.sum()) / 2, state, chance_of(seed), 5)
    met, score = looked_up(reach, state, times)
    assert state.met.tolist() == met.tolist()
    assert state.score == pytest.approx(score)
    assert sorted(state.missing[: state.tally[MISSING]].tolist()) == np.flatnonzero(met < times).tolist()
    assert sorted(state.opened[: state.tally[OPEN]].tolist()) == np.flatnonzero(state.is_open).tolist()
    assert state.total == pytest.approx([problem.cost[state.is_open].sum(), reach.weight[met < times].sum()])


@pytest.fixture(scope="module")
def no_programme():
    """The integer programme tells nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("cover_all", "cover_enough"):
            patch.setattr(module, name, lambda *_, **__: Told(bound=0.0, values=None))
        yield


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_exchange_alone_finds_the_cheapest_of_small_ones(no_programme, problem):
    answer = solve(problem, seconds=60)
    assert is_enough(problem, answer.sites)
    assert answer.cost == pytest.approx(least(problem)) == pytest.approx(cost(problem, answer.sites))
    assert answer.lower_bound <= answer.cost * (1 + 1e-9)


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_no_covering_undercuts_what_prices_tell(problem):
    assume(problem.wanted is None)
    known = float(problem.cost.sum())
    bound = relax(reach_to(problem), problem.cost, known, times=problem.times, is_over=lambda: False)
    assert 0.0 <= bound <= least(problem) * (1 + 1e-9) + 1e-9


def test_prices_by_hand():
    # The ends of the row share no site: two. A ring of three, each site with two of them, has half of each: 1.5.
    assert relax(reach_to(problem_of(ROW)), np.ones(6), 3.0, times=1, is_over=lambda: False) == pytest.approx(2.0)
    ring = problem_of(~np.eye(3, dtype=bool))
    assert relax(reach_to(ring), np.ones(3), 2.0, times=1, is_over=lambda: False) == pytest.approx(1.5, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), sites=st.integers(1, 8), share=st.floats(0.1, 1.0))
def test_counting_down_ends_at_the_fewest(seed, sites, share):
    random = np.random.default_rng(seed)
    within, weight = random.random((12, sites)) < 0.35, random.integers(1, 9, 12).astype(float)
    problem = problem_of(within, weight=weight, wanted=share * float(weight[within.any(axis=1)].sum()))
    assume(problem.wanted > 0)
    told = fewest(reach_to(problem), np.ones(sites, dtype=bool), wanted=problem.wanted - 1e-9, seconds=60, seed=1)
    few = round(least(problem))
    assert (int(told.is_open.sum()), told.least) == (few, few)
    assert is_enough(problem, np.flatnonzero(told.is_open).tolist())


@pytest.mark.parametrize("asked", [{}, {"times": 2}, {"share": 0.9}, {"share": 0.9, "cost": True}])
def test_beyond_the_programme_it_is_cheaper_than_greedy_and_bounded(asked, no_programme):
    random = np.random.default_rng(7)
    place = random.uniform(0, 100, (500, 2))
    within = np.linalg.norm(place[:, None] - place[None], axis=2) <= 8
    within |= np.roll(within, 1, axis=1)
    options = {"times": asked.get("times", 1)}
    if "share" in asked:
        options |= {"weight": random.integers(1, 9, 500).astype(float)}
        options["wanted"] = asked["share"] * options["weight"].sum()
    problem = problem_of(within, cost=random.integers(5, 15, 500) if "cost" in asked else None, **options)
    at_once, answer = solve(problem, seconds=0.0), solve(problem, seconds=4.0)
    assert is_enough(problem, answer.sites)
    assert answer.cost < at_once.cost
    assert ("cost" in asked) or answer.lower_bound > 0.8 * answer.cost
