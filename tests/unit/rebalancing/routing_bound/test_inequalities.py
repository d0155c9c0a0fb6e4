"""Every inequality that separation finds holds for every plan; every price proves a bound."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.rebalancing.routing_bound.arc_relaxation import ArcRelaxation
from optimiser.rebalancing.routing_bound.branches import splits
from optimiser.rebalancing.routing_bound.load_relaxation import LoadRelaxation
from optimiser.rebalancing.routing_bound.loaded_arcs import EntriesRow, LoadedArcs, NoReturnRow
from optimiser.rebalancing.routing_bound.min_cut import disconnected_sets
from optimiser.rebalancing.routing_bound.separation import Separator
from optimiser.rebalancing.routing_bound.sets import SetRows, least_entries
from tests.unit.rebalancing.routing_bound.brute_force import best_cost, loaded_arcs, random_case, random_plan


def mixed_solution(seed, demand, capacity):
    """Half of one plan's arcs, half of another's, heads exchanged at random: fractional and mostly infeasible."""
    random = np.random.default_rng(seed)
    plans = [loaded_arcs(k, random_plan(seed + k, demand, capacity), demand, capacity) for k in (0, 1)]
    arcs = plans[0].and_also(plans[1])
    values = np.full(len(arcs), 0.5)
    kept = random.random(len(arcs)) < 0.8
    return arcs[kept], values[kept]


@pytest.mark.parametrize("seed", range(20))
def test_what_separation_finds_is_broken_by_the_solution_and_holds_for_plans(seed):
    _, demand, capacity = random_case(seed, stations=14, capacity=12)
    demand[0] = 0
    arcs, values = mixed_solution(seed, demand, capacity)
    rows = Separator(demand, capacity).broken(arcs, values, np.zeros((0, len(demand)), dtype=bool))
    assert rows
    for row in rows:
        amount = row.weights(arcs) @ values
        assert amount < row.low or amount > row.high
    for k in range(30):
        plan = loaded_arcs(k, random_plan(1000 + k, demand, capacity), demand, capacity)
        for row in rows:
            assert row.low <= row.weights(plan).sum() <= row.high


def test_a_plan_breaks_nothing():
    _, demand, capacity = random_case(1, stations=14)
    demand[0] = 0
    plan = loaded_arcs(1, random_plan(1, demand, capacity), demand, capacity)
    assert not Separator(demand, capacity).broken(plan, np.ones(len(plan)), np.zeros((0, len(demand)), dtype=bool))
    assert not splits(plan, np.ones(len(plan)), demand, capacity)


def test_each_half_of_a_split_lets_some_plans_through_and_together_all():
    _, demand, capacity = random_case(4, stations=8)
    demand[0] = 0
    arcs, values = mixed_solution(4, demand, capacity)
    found = splits(arcs, values, demand, capacity)
    assert found
    for k in range(40):
        plan = loaded_arcs(k, random_plan(k, demand, capacity), demand, capacity)
        for halves in found:
            assert 1 == sum(fits(half, plan) for half in halves)


def fits(half, plan):
    bars = half.bars(plan)
    if bars is not None:
        return not bars.any()
    return half.low <= EntriesRow(half.members, half.low, half.high).weights(plan).sum() <= half.high


def test_entries_needed():
    # 7 bikes net for vans of 5: two entries; 0 net: one; -5: one; -6: two
    members = np.array([[0, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1]], dtype=bool)
    assert [2, 1, 1, 2] == least_entries(members, np.array([0, 6, 1, -6]), 5).tolist()


def test_a_ring_without_the_depot_is_found():
    flow = np.zeros((5, 5))
    for tail, head in ((0, 1), (1, 0), (2, 3), (3, 4), (4, 2)):
        flow[tail, head] = 1.0
    sets = disconnected_sets(flow, 0.02)
    assert {(2, 3, 4)} == {tuple(np.flatnonzero(row).tolist()) for row in sets}


def test_there_and_back_is_no_way_on():
    row = NoReturnRow(1, 2, 3, 5)
    ways = LoadedArcs(np.array([1, 2, 2]), np.array([2, 1, 3]), np.array([3, 5, 5]), np.array([5, 0, 0]))
    assert [-1.0, 0.0, 1.0] == row.weights(ways).tolist()


@pytest.mark.parametrize("seed", range(10))
def test_any_prices_prove_a_bound(seed):
    """Even nonsense from the solver would not spoil the proof."""
    random = np.random.default_rng(seed)
    cost, demand, capacity = random_case(seed, stations=5)
    demand[0] = 0
    best = best_cost(cost, demand, capacity)
    members = random.random((6, 6)) < 0.5
    members[:, 0] = False
    members = members[members.any(axis=1)]

    by_arc = ArcRelaxation(cost, SetRows(demand, capacity))
    by_arc.add_sets(members)
    usable = ~np.eye(6, dtype=bool)
    arcs = LoadedArcs.possible(usable, demand, capacity)
    by_load = LoadRelaxation(cost, demand, capacity, arcs=arcs, start=np.arange(0, len(arcs), 2), price=1000.0)
    by_load.add_rows(Separator(demand, capacity).broken(*mixed_solution(seed, demand, capacity), members))
    for relaxation in (by_arc, by_load):
        solution = relaxation.program.solve(seconds=None)
        assert solution is not None
        for spread in (0.0, 1.0, 10.0, 100.0):
            prices = solution.prices + spread * random.normal(size=len(solution.prices))
            assert relaxation.prove(prices)[0] <= best + 1e-6
