"""Bounds of phases by themselves: each above what the phase can bring, together above any plan of all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting.arrays import arrays_of
from optimiser.siting.bound.apart import Apart
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import groups_of
from optimiser.siting.solve import solve
from optimiser.siting.status import Status
from tests.siting_studies import one_now_or_another_later, point, random_study, site, study, wishes

SECONDS = 60.0


def apart_of(problem, *, known, looks, tell=lambda _: None):
    """Phases that begin with more than they can bring; over after so many looks."""
    phases, left = range(len(problem.wishes.phases)), itertools.count(1)
    return Apart(
        [arrays_of(problem, groups_of(problem), phase=phase) for phase in phases],
        np.array([phase.weight for phase in problem.wishes.phases]),
        np.full(len(phases), 1000.0),
        known=lambda: known,
        is_over=lambda: next(left) > looks,
        tell=tell,
    )


two_sites = pytest.fixture(one_now_or_another_later)


def test_a_phase_by_itself_begins_anew(two_sites):
    groups = groups_of(two_sites)
    each = [solve_exactly(two_sites, groups, seconds=SECONDS, phase=phase) for phase in (0, 1)]
    assert [one.bound for one in each] == pytest.approx([5.0, 9.0], abs=1e-3)
    # Later D is bought with the money of both, as if nothing had been built at once.
    assert [item.site_id for item in each[1].built[0]] == ["D"]
    assert solve_exactly(two_sites, groups, seconds=SECONDS).bound == pytest.approx(10.0, abs=1e-3)


def test_branches_close_each_phase_by_itself(two_sites):
    # In neither of them are both sites paid for, which prices of money would have by halves.
    bounds = []
    apart_of(two_sites, known=13.9, looks=3000, tell=bounds.append).grow()
    assert bounds == sorted(bounds, reverse=True)
    assert 14.0 - 1e-6 <= bounds[-1] <= 14.1


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("floor", [0.0, 0.2])
def test_no_phase_is_bounded_below_what_its_programme_proves(seed, floor):
    problem = random_study(seed, points=10, sites=5, phases=3, floor=floor)
    groups = groups_of(problem)
    every = solve_exactly(problem, groups, seconds=SECONDS)
    each = [solve_exactly(problem, groups, seconds=SECONDS, phase=phase).bound for phase in range(3)]
    assert sum(each) >= every.bound * (1 - 1e-6) - 1e-6
    bounds = []
    apart_of(problem, known=every.bound, looks=3000, tell=bounds.append).grow()
    assert min(bounds) >= sum(each) * (1 - 1e-6) - 1e-3


def test_what_a_programme_has_closed_is_left_alone(two_sites):
    bounds = []
    apart = apart_of(two_sites, known=13.9, looks=3000, tell=bounds.append)
    apart.lower(0, 5.0, is_closed=True)
    apart.lower(1, 9.5)
    apart.lower(1, 9.7)
    assert bounds == [1005.0, 14.5, 14.5]
    apart.lower(1, 9.0, is_closed=True)
    apart.grow()
    assert bounds[3:] == [14.0]


def test_a_study_is_proven_phase_by_phase_where_all_phases_are_too_large(monkeypatch):
    # 110 buy one of three sites, the largest, 220 two of them: what is best at first stays so.
    nested = study(
        [point("a", 7), point("b", 5), point("c", 4)],
        [site("A"), site("B"), site("C")],
        [{"A": 10}, {"B": 10}, {"C": 10}],
        wishes=wishes(150.0, 150.0),
    )

    def of_a_phase(*given, phase=None, **more):
        return None if phase is None else solve_exactly(*given, phase=phase, **more)

    monkeypatch.setattr("optimiser.siting.beside.is_small", lambda *_: False)
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", of_a_phase)
    monkeypatch.setattr("optimiser.siting.bound.phases.settle", lambda *_, **__: None)
    monkeypatch.setattr("optimiser.siting.bound.phases.Tree.grow", lambda _: False)
    monkeypatch.setattr("optimiser.siting.bound.apart.Apart.grow", lambda _: None)
    result = solve(nested, SolveLimits(seconds=20.0))
    assert (result.value, result.status) == (pytest.approx(7.0 + 12.0), Status.PROVEN)
