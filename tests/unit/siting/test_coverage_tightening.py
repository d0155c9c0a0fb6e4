"""Triples of points: what holds for every choice, and bounds that no choice exceeds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from optimiser.siting.coverage.interior import Interior
from optimiser.siting.coverage.linear import bound_linearly
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import grouped, narrowed, reach_of
from optimiser.siting.coverage.relaxation import CLOSED, OPEN
from optimiser.siting.coverage.standing import Standing
from optimiser.siting.coverage.tightening import Tightening
from optimiser.siting.coverage.triples import add_worths, triples_of

RINGS = [{0, 1}, {1, 2}, {0, 2}, {3, 4}, {4, 5}, {3, 5}]
"""Points by the sites that reach them: halves of six sites cover all, three sites five."""


def problem_of(sites_of, p, weight=None):
    return CoverageProblem(
        weight=np.ones(len(sites_of)) if weight is None else np.asarray(weight, dtype=np.float64),
        first=np.cumsum([0, *map(len, sites_of)]).astype(np.int64),
        site=np.array([site for sites in sites_of for site in sorted(sites)], dtype=np.int32),
        sites=1 + max(max(sites) for sites in sites_of),
        p=p,
    )


def drawn(seed, points=40, sites=12, p=3):
    random = np.random.default_rng(seed)
    sites_of = [set(random.choice(sites, random.integers(1, 5), replace=False).tolist()) for _ in range(points)]
    return problem_of([*sites_of, {sites - 1}], p, random.integers(1, 9, points + 1))


def within(reach):
    table = np.zeros((len(reach.weight), len(reach.first_point) - 1), dtype=np.bool_)
    table[np.repeat(np.arange(len(table)), np.diff(reach.first_site)), reach.site] = True
    return table


def most(reach, p):
    table = within(reach)
    return max(
        float(reach.weight[table[:, list(choice)].any(axis=1)].sum())
        for choice in itertools.combinations(range(table.shape[1]), p)
    )


def linear(reach, p, triples):
    """The linear programme with rows of triples, by a solver that knows nothing of ours."""
    table = within(reach).astype(float)
    points, sites = table.shape
    counts = np.ceil(table[triples].sum(axis=1) / 2.0)
    members = np.zeros((len(triples), points))
    np.put_along_axis(members, triples, 1.0, axis=1)
    rows = np.block([[-table, np.eye(points)], [-counts, members]])
    told = linprog(
        np.concatenate([np.zeros(sites), -reach.weight]),
        A_ub=rows,
        b_ub=np.concatenate([np.zeros(points), np.ones(len(triples))]),
        A_eq=np.concatenate([np.ones(sites), np.zeros(points)])[None, :],
        b_eq=[p],
        bounds=(0, 1),
    )
    return -told.fun


@pytest.mark.parametrize("seed", range(6))
def test_triples_hold_for_choices_and_not_for_the_shares(seed):
    reach = reach_of(drawn(seed))
    table, random = within(reach), np.random.default_rng(seed)
    share = random.dirichlet(np.ones(table.shape[1])) * 3.0
    triples = triples_of(reach, np.minimum(share, 1.0), seed=seed)
    counts = np.ceil(table[triples].sum(axis=1) / 2.0)
    for choice in itertools.combinations(range(table.shape[1]), 3):
        is_covered = table[:, list(choice)].any(axis=1)
        assert (is_covered[triples].sum(axis=1) <= 1 + counts[:, list(choice)].sum(axis=1)).all()
    at = np.minimum(table @ np.minimum(share, 1.0), 1.0)
    assert (at[triples].sum(axis=1) > 1.0 + counts @ np.minimum(share, 1.0)).all()
    assert np.bincount(triples.ravel(), minlength=1).max(initial=0) <= 2


def test_a_triple_is_found_in_each_ring():
    triples = triples_of(reach_of(problem_of(RINGS, 3)), np.full(6, 0.5), seed=1)
    assert {frozenset(row) for row in triples.tolist()} == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


@pytest.mark.parametrize("triples", [0, 5])
@pytest.mark.parametrize("seed", range(4))
def test_from_inside_it_comes_to_the_linear_programme_with_triples(seed, triples):
    reach, p = reach_of(drawn(seed, p=2)), 2
    inside = Interior(reach, p, triples)
    wanted = linear(reach, p, np.arange(3 * triples).reshape(-1, 3))
    for _ in range(40):
        assert inside.value() <= wanted * (1 + 1e-9)
        assert inside.bound() >= wanted * (1 - 1e-9)
        if inside.bound() - inside.value() < 1e-7 * wanted or not inside.step():
            break
    assert inside.bound() == pytest.approx(wanted, rel=1e-6)
    assert (inside.price >= 0).all()
    assert (inside.of_triple >= 0).all()


def test_halves_of_rings_are_proven_wrong():
    now = Standing(problem_of(RINGS, 3), seconds=60)
    now.best[[0, 1, 3]], now.known = True, 5.0
    bound_linearly(now)
    assert now.bound == pytest.approx(6.0, abs=1e-3)
    now.share[:] = 0.5
    Tightening(now).go_on()
    assert 5.0 <= now.bound < 5.02
    assert now.is_proven()


@pytest.mark.parametrize("lacking", [0.0, 1.0, 1e9])
@pytest.mark.parametrize("seed", range(8))
def test_no_choice_exceeds_the_bound_and_the_best_stays(seed, lacking, monkeypatch):
    # Whether few sites take part or all.
    monkeypatch.setattr("optimiser.siting.coverage.tightening.LACKING", lacking)
    monkeypatch.setattr("optimiser.siting.coverage.linear.PAIRS_A_SECOND", 0)
    now = Standing(drawn(seed), seconds=60)
    best = most(now.reach, now.p)
    now.known = best - 2.0
    bound_linearly(now)
    before = now.bound
    Tightening(now).go_on()
    assert best <= now.bound * (1 + 1e-9)
    assert now.bound <= before
    left = now.fixed != CLOSED
    still = narrowed(now.reach, left)
    settled = np.flatnonzero((now.fixed == OPEN)[left])
    values = [
        float(still.weight[within(still)[:, list(choice)].any(axis=1)].sum())
        for choice in itertools.combinations(range(int(left.sum())), now.p)
        if set(settled) <= set(choice)
    ]
    assert max(values) == best


def test_a_site_is_worth_a_triple_as_far_as_it_reaches_its_groups():
    # Groups {0, 1}, {2}, {3}; the first site reaches half of the first group and all others, the second all of one.
    reach = reach_of(problem_of([{0, 2}, {2, 3}, {0, 1}, {0, 3, 4}], 1))
    table = within(reach)
    points = [
        int(np.flatnonzero((table == np.isin(np.arange(5), list(sites))).all(axis=1))[0])
        for sites in ({0, 2}, {2, 3}, {0, 1}, {0, 3, 4})
    ]
    worth, part = np.zeros(5), np.zeros((5, 3))
    triple, first = np.array([[0, 1, 2]]), np.array([0, 2, 3, 4])
    add_worths(reach, triple, np.array([8.0]), np.array(points), first, part, worth)
    assert worth.tolist() == [12.0, 8.0, 8.0, 8.0, 8.0]
    assert not part.any()


def test_points_know_their_groups():
    reach = reach_of(problem_of([{0, 1}, {0, 2}, {1, 2}, {2}], 1, [1, 2, 3, 4]))
    few, group = grouped(reach, np.array([True, True, False]))
    table = within(reach)[:, :2]
    for point, number in enumerate(group):
        assert (number == -1) == (not table[point].any())
        assert number == -1 or (within(few)[number] == table[point]).all()
