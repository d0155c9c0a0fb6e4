"""Bounds of maximal covering: no choice exceeds them, and what they settle stays so."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.interior import Interior
from optimiser.siting.coverage.programme import close, linear_prices
from optimiser.siting.coverage.reach import reach_of
from optimiser.siting.coverage.relaxation import CLOSED, FREE, OPEN, PATIENT, descend, dual_of, relax
from tests.unit.siting.coverings import most, plane, problems


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 5))
def test_no_choice_exceeds_the_relaxation_whatever_the_prices(problem, seed):
    reach = reach_of(problem)
    dual, fixed = dual_of(reach), np.zeros(problem.sites, dtype=np.int8)
    dual.price[:] = reach.weight * np.random.default_rng(seed).random(len(reach.weight))
    assert relax(reach, problem.p, fixed, dual) >= most(problem) - 1e-9


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_what_is_fixed_stays_so_in_every_better_choice(problem):
    reach, best = reach_of(problem), most(problem)
    dual, fixed = dual_of(reach), np.zeros(problem.sites, dtype=np.int8)
    # Told that a little less is known, no best choice may be lost.
    limit = best - 1e-6
    bound = descend(reach, problem.p, fixed, dual, limit=limit, known=limit, steps=200)
    assert bound >= best - 1e-9
    for sites in combinations(range(problem.sites), problem.p):
        if covered(problem, sites) >= best - 1e-9:
            is_open = np.zeros(problem.sites, dtype=bool)
            is_open[list(sites)] = True
            assert is_open[fixed == OPEN].all()
            assert not is_open[fixed == CLOSED].any()


@settings(max_examples=60, deadline=None)
@given(problem=problems(), first=st.sampled_from([FREE, OPEN, CLOSED]))
def test_prices_of_the_linear_programme_give_its_bound(problem, first):
    reach, fixed = reach_of(problem), np.zeros(problem.sites, dtype=np.int8)
    if problem.p > 1 or problem.sites > 1:
        fixed[0] = first if problem.p < problem.sites else FREE
    price = linear_prices(reach, problem.p, fixed, seconds=60)
    dual = dual_of(reach)
    dual.price[:] = price
    bound = relax(reach, problem.p, fixed, dual)
    assert (dual.price >= 0).all()
    assert (dual.price <= reach.weight).all()
    kept = [
        covered(problem, sites)
        for sites in combinations(range(problem.sites), problem.p)
        if fixed[0] == FREE or (0 in sites) == (fixed[0] == OPEN)
    ]
    assert bound >= max(kept) - 1e-9
    # What subgradients come to is no lower.
    slow = dual_of(reach, PATIENT)
    slow_bound = descend(reach, problem.p, fixed.copy(), slow, limit=-1.0, known=max(kept), steps=300)
    assert bound <= slow_bound + 1e-6 * max(1.0, slow_bound)


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_from_inside_it_comes_to_the_bound_of_the_linear_programme(problem):
    reach, fixed = reach_of(problem), np.zeros(problem.sites, dtype=np.int8)
    assume(problem.p < problem.sites and len(reach.weight) > 0)
    inside, dual, bound = Interior(reach, problem.p), dual_of(reach), np.inf
    for _ in range(40):
        assert (inside.price > 0).all()
        assert (inside.price < reach.weight).all()
        dual.price[:] = inside.price
        bound = min(bound, relax(reach, problem.p, fixed, dual))
        assert bound >= most(problem) - 1e-9
        if bound - inside.value() <= 1e-6 * bound or not inside.step():
            break
    # What shares of sites cover is a value of the linear programme, so the two can only meet at its best.
    assert inside.y.sum() == pytest.approx(problem.p)
    assert (inside.y > 0).all()
    assert (inside.y < 1).all()
    reached = [
        inside.y[reach.site[start:end]].sum()
        for start, end in zip(reach.first_site, reach.first_site[1:], strict=False)
    ]
    assert inside.value() == pytest.approx(reach.weight @ np.minimum(reached, 1.0))
    assert inside.value() <= bound + 1e-9
    assert bound - inside.value() <= 1e-6 * bound


@pytest.mark.parametrize("seed", range(4))
def test_the_programme_alone_proves_the_best(seed):
    problem = plane(seed, points=16, p=3)
    reach, free = reach_of(problem), np.full(problem.sites, FREE, dtype=np.int8)
    closed = close(reach, 3, free, np.zeros(problem.sites, dtype=bool), unit=1.0, seconds=60)
    assert covered(problem, np.flatnonzero(closed.is_open).tolist()) == most(problem)
    assert most(problem) <= closed.bound < most(problem) + 1.0


def test_the_programme_keeps_to_what_is_settled():
    problem = plane(1, points=16, p=3)
    fixed = np.full(problem.sites, FREE, dtype=np.int8)
    fixed[0], fixed[1] = OPEN, CLOSED
    closed = close(reach_of(problem), 3, fixed, np.zeros(problem.sites, dtype=bool), unit=1.0, seconds=60)
    others = [sites for sites in combinations(range(problem.sites), 3) if 0 in sites and 1 not in sites]
    assert closed.is_open[0]
    assert not closed.is_open[1]
    assert covered(problem, np.flatnonzero(closed.is_open).tolist()) == max(covered(problem, one) for one in others)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_patience_does_not_lower_a_bound_too_far(problem, seed):
    reach, best = reach_of(problem), most(problem)
    dual, fixed = dual_of(reach, PATIENT), np.zeros(problem.sites, dtype=np.int8)
    dual.price[:] = reach.weight * np.random.default_rng(seed).random(len(reach.weight))
    limit = best - 1e-6
    for _ in range(3):
        assert descend(reach, problem.p, fixed, dual, limit=limit, known=limit, steps=100) >= best - 1e-9
