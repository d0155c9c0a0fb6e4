"""What a site brings at given prices, against the best flow from groups to plugs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from optimiser.siting.arrays import arrays_of
from optimiser.siting.bound.entries import entries_of
from optimiser.siting.bound.relaxation import Relaxation
from optimiser.siting.bound.worths import MOST_PATTERNS, Prices, add_all_served, find_gains, patterns_of
from optimiser.siting.groups import groups_of
from tests.siting_studies import DRIVERS, FAST, SLOW, point, site, study, wishes


def one_site(rng, patterns):
    """A site with up to three plugs, and groups that may use kinds by these patterns, near and far."""
    kinds = [
        replace(SLOW if number % 2 else FAST, id=f"K{number}", max_plugs=3)
        for number in range(1 + max(map(max, patterns)))
    ]
    segments = [
        replace(DRIVERS, id=f"S{number}", kinds=frozenset(f"K{kind}" for kind in pattern), full_s=20, least=0.3)
        for number, pattern in enumerate(patterns)
    ]
    demand = [point(f"P{n}", int(rng.integers(5, 60)), segment=f"S{rng.integers(len(patterns))}") for n in range(14)]
    return study(
        demand,
        [site("A", kinds=frozenset(kind.id for kind in kinds), max_plugs=3)],
        [{"A": int(rng.integers(0, 100))} for _ in demand],
        segments=segments,
        kinds=kinds,
        wishes=wishes(None),
    )


def looked_at(problem, served):
    """Demand, what each entry brings at prices of being served, and those served by it, in shares of groups."""
    demand, builds, limits = arrays_of(problem, groups_of(problem), phase=0)
    entries = entries_of(builds, limits)
    patterns = patterns_of(demand, builds, entries)
    prices = Prices(served=served(demand), floor=np.zeros_like(demand.asked), near=np.zeros(0))
    gain, shares = np.zeros(entries.first[-1]), np.zeros((entries.first[-1], *demand.weight.shape))
    find_gains(demand, builds, prices, patterns, np.zeros(1), entries.first, gain)
    for entry, share in enumerate(shares):
        add_all_served(demand, prices, patterns, np.array([entry]), share)
    return demand, builds, prices, gain, shares[:, 0]


def best_flow(demand, builds, prices, build):
    """The most that plugs bring, by a linear programme of sessions from each group to each kind."""
    groups, kinds = len(demand.rate), len(builds.sessions)
    group = demand.arc_group
    worth = demand.unit[group] * demand.arc_worth - prices.served[0][group]
    cost = np.repeat(-worth / demand.rate[group], kinds)
    rows = np.vstack([np.kron(np.eye(groups), np.ones(kinds)), np.kron(np.ones(groups), np.eye(kinds))])
    most = np.concatenate(
        [(demand.rate * demand.weight[0])[group], builds.sessions[np.arange(kinds), builds.plugs[build]]]
    )
    bounds = [(0.0, None if demand.fits[one, kind] else 0.0) for one in group for kind in range(kinds)]
    told = linprog(cost, A_ub=rows, b_ub=most, bounds=bounds, method="highs")
    assert told.success
    return -told.fun


def dear(rng):
    """Prices by which some groups bring nothing more."""
    return lambda demand: rng.uniform(0.0, 0.8, demand.weight.shape)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "patterns", [[{0, 1, 2}], [{0}, {1, 2}], [{0, 1}, {1, 2}, {0, 2}], [{0}, {0, 1}, {0, 1, 2}, {1, 2}, {2}]]
)
def test_plugs_that_share_groups_bring_the_best_flow(seed, patterns):
    rng = np.random.default_rng(seed)
    demand, builds, prices, gain, shares = looked_at(one_site(rng, patterns), dear(rng))
    worth = np.zeros(len(demand.rate))
    worth[demand.arc_group] = demand.arc_worth
    brings = (demand.unit * worth - prices.served[0]) * demand.weight[0]
    for build, (told, share) in enumerate(zip(gain, shares, strict=True)):
        assert told == pytest.approx(best_flow(demand, builds, prices, build), abs=1e-9)
        assert share @ brings == pytest.approx(told, abs=1e-9)  # Steps follow what the bound says.
    assert gain.max() > 0


@pytest.mark.parametrize("seed", range(4))
def test_of_many_patterns_a_site_brings_no_less_than_the_best_flow(seed):
    rng = np.random.default_rng(seed)
    patterns = [{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 2}]
    assert len(patterns) > MOST_PATTERNS
    demand, builds, prices, gain, _ = looked_at(one_site(rng, patterns), dear(rng))
    for build, told in enumerate(gain):
        assert told >= best_flow(demand, builds, prices, build) - 1e-9
        assert told <= (demand.unit.max() * demand.weight[0]).sum()


def test_plugs_of_two_kinds_serve_nobody_twice():
    # One group of 10 and plugs for all of them, of either kind: both kinds together bring 10 as well.
    problem = study([point("P", 10, segment="drivers")], [site("A")], [{"A": 0}], wishes=wishes(None))
    _, builds, _, gain, _ = looked_at(problem, lambda demand: np.zeros_like(demand.weight))
    both = (builds.plugs > 0).all(axis=1)
    assert both.any()
    assert gain.max() == pytest.approx(10.0)


def test_as_many_sites_as_may_be_opened_pay_the_price_of_one():
    # Two of four: 10 + 8, whatever the first prices are; a site more would bring 6.
    problem = study(
        [point(id_, weight) for id_, weight in (("a", 10), ("b", 8), ("c", 6), ("d", 4))],
        [site(id_) for id_ in "ABCD"],
        [{"A": 0}, {"B": 0}, {"C": 0}, {"D": 0}],
        wishes=wishes(None, max_new_sites=2),
    )
    relaxation = Relaxation(
        [arrays_of(problem, groups_of(problem), phase=0)], weight=np.ones(1), guess=np.array([18.0])
    )
    for _ in range(40):
        relaxation.step(relaxation.relax(), 18.0)
    assert 18.0 - 1e-9 <= relaxation.bound <= 18.05
