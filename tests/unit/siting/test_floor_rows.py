"""Rows that whole builds keep: a district that one site alone cannot serve needs two of them, not a site and a bit."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.siting.arrays import arrays_of
from optimiser.siting.bound.entries import entries_of
from optimiser.siting.bound.floors import FloorRows
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import SitingPlan
from optimiser.siting.search.run import last_end
from tests.siting_studies import point, random_study, site, study, wishes

SEEDS = (0, 1, 3, 4, 5, 6, 7, 8)
"""Floors of number 2 can be kept by no plan."""


@pytest.fixture
def west_and_east():
    """Money for two sites of three; ten in the west, who live at two of them, and eight in the east."""
    return study(
        [point("a", 6, district="west"), point("b", 4, district="west"), point("c", 8, district="east")],
        [site("A"), site("B"), site("C")],
        [{"A": 10}, {"B": 10}, {"C": 10}],
        districts=("west", "east"),
        wishes=wishes(220.0, floors={"west": 0.7}),
    )


def lowest(relaxation, *, known, steps):
    """The best bound after so many steps more."""
    for _ in range(steps):
        relaxation.step(relaxation.relax(), known)
    return relaxation.bound


def test_a_second_site_is_needed_whole(west_and_east):
    # 7 of the west are asked for and A serves 6: prices alone take A, a quarter of B, three quarters of C, 6 + 1 + 6.
    # With A and B both there is money for nothing else: 10.
    arrays = arrays_of(west_and_east, groups_of(west_and_east), phase=0)
    relaxation = Relaxation([arrays], weight=np.ones(1), guess=np.array([10.0]))
    without = lowest(relaxation, known=10.0, steps=300)
    relaxation.ask_floors()
    assert without > 13.5
    assert 13.0 <= lowest(relaxation, known=10.0, steps=300) <= 13.1
    relaxation.round_floors()
    assert 10.0 - 1e-3 <= lowest(relaxation, known=10.0, steps=300) <= 10.1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_plan_keeps_every_row(seed):
    problem = random_study(seed, points=12, sites=5, phases=2, floor=0.5)
    exact = solve_exactly(problem, groups_of(problem), seconds=20.0)
    assert exact is not None
    assert exact.built is not None
    arrays = arrays_of(problem, groups_of(problem), phase=1)
    end = last_end(problem, SitingPlan(installations=exact.built[0], upgrades=exact.built[1]))
    builds, entries = arrays.builds, entries_of(arrays.builds, arrays.limits)
    chosen = []
    for number, plugs in enumerate(end.plugs):
        start = builds.first[builds.of_site[number]]
        same = (builds.plugs[start : builds.first[builds.of_site[number] + 1]] == plugs).all(axis=1)
        chosen.append(entries.first[number] + int(np.flatnonzero(same)[0]))
    # Nothing is built anywhere: any row that can be found is broken by that.
    rows = FloorRows(arrays, entries)
    rows.missing(entries.first[:-1])
    while rows.add():
        pass
    assert len(rows.least) > 0 or not arrays.demand.asked.any()
    assert (rows.missing(np.array(chosen)) <= 1e-6).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_with_rows_no_prices_give_a_bound_below_what_the_programme_proves(seed):
    problem = random_study(seed, points=12, sites=5, phases=2, floor=0.5)
    exact = solve_exactly(problem, groups_of(problem), seconds=20.0)
    assert exact is not None
    assert exact.built is not None
    arrays = [arrays_of(problem, groups_of(problem), phase=phase) for phase in range(2)]
    weight = np.array([phase.weight for phase in problem.wishes.phases])
    relaxation = Relaxation(arrays, weight=weight, guess=np.full(2, exact.bound / 2))
    relaxation.ask_floors()
    lowest(relaxation, known=exact.bound, steps=50)
    for _ in range(3):
        relaxation.round_floors()
        assert lowest(relaxation, known=exact.bound, steps=100) >= exact.bound * (1 - 1e-6) - 1e-6
