"""Compiles the loops of the location models, so that the first study need not wait."""

from __future__ import annotations

import numpy as np

from optimiser.basics.chance import chance_of
from optimiser.siting.capacitated import solve as capacitated
from optimiser.siting.capacitated.columns import columns_of
from optimiser.siting.capacitated.pairs import pairs_of, ways_of
from optimiser.siting.capacitated.problem import CapacitatedProblem
from optimiser.siting.capacitated.relaxation import dual_of as dual_of_capacitated
from optimiser.siting.capacitated.relaxation import relax as relax_capacitated
from optimiser.siting.center import solve as center
from optimiser.siting.center.problem import CenterProblem
from optimiser.siting.center.radius import cover
from optimiser.siting.coverage import solve as coverage
from optimiser.siting.coverage.brood import around
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.reach import reach_of
from optimiser.siting.coverage.relaxation import descend
from optimiser.siting.coverage.relaxation import dual_of as dual_of_coverage
from optimiser.siting.coverage.triples import add_worths, triples_of
from optimiser.siting.flow import solve as flow
from optimiser.siting.flow.interchange import fill, interchange, stations_of
from optimiser.siting.flow.needs import needs_of
from optimiser.siting.flow.problem import FlowProblem
from optimiser.siting.median import gathering
from optimiser.siting.median import solve as median
from optimiser.siting.median.choices import Choices
from optimiser.siting.median.linear import Linear
from optimiser.siting.median.nearness import nearness_of, shortened
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.relaxation import dual_of, fix
from optimiser.siting.median.standing import Standing
from optimiser.siting.median.tree import explore, tree_of
from optimiser.siting.set_covering import solve as set_covering
from optimiser.siting.set_covering.problem import SetCoveringProblem
from optimiser.siting.set_covering.relaxation import relax
from optimiser.siting.set_covering.weighting import cover_with
from optimiser.siting.warm_up_study import warm_up_study

LINE = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
"""Ways between six places on a line."""
FIRST, SITE = np.arange(0, 8, 2), np.array([0, 1, 1, 2, 0, 2], dtype=np.int32)
"""Three points, each between two of three sites: none is better than the others, and one leaves a point out."""


def warm_up() -> None:
    """All of them; none of it would be needed. Kept on disk by Numba."""
    warm_up_median()
    warm_up_coverage()
    warm_up_flow()
    warm_up_center()
    warm_up_set_covering()
    warm_up_capacitated()
    warm_up_study()


def warm_up_median() -> None:
    """Choose sites on a line, look into the tree, and relax."""
    problem = MedianProblem.between_all(LINE, p=2)
    median.solve(problem, seconds=60.0)
    nearness, fixed = nearness_of(problem), np.zeros(6, dtype=np.int8)
    tree = tree_of(fixed, np.zeros(6), 0.0, np.zeros(6, dtype=np.bool_), nodes=1)
    explore(nearness, 2, dual_of(6, 6), tree, 100.0, 0.5, 1)
    relaxed = Linear(nearness, 2, np.ones(6)).relax(fixed, limit=100.0, left_s=lambda: 60.0)
    fix(fixed, dual_of(6, 6), relaxed.bound, 100.0)
    choices = Choices(Standing(nearness, 2, is_whole=True, until_s=np.inf), seed=1)
    choices.start(1)
    choices.anneal(1, 60.0, lambda: False)
    group = gathering.groups_of(nearness)
    nearness.within(np.full(6, 2.0))
    shortened(nearness, 3)
    gathering.spread(nearness, gathering.gathered(nearness, group), group, np.ones(6))


def warm_up_coverage() -> None:
    """Cover points of a ring, and bound it by triples."""
    ring = _ring()
    coverage.solve(ring, seconds=60.0)
    reach = reach_of(ring)
    around(reach, 0)
    descend(reach, 1, np.zeros(3, dtype=np.int8), dual_of_coverage(reach), limit=0.0, known=2.0, steps=2)
    triples, alone = triples_of(reach, np.full(3, 0.5), seed=1), np.arange(4)
    add_worths(reach, triples, np.ones(len(triples)), alone[:3], alone, np.zeros((3, 3)), np.zeros(3))


def warm_up_flow() -> None:
    """Two trips that are longer than the range, so that one station covers neither whole."""
    path, node = np.array([0, 3, 6]), np.array([0, 1, 2, 2, 3, 4], dtype=np.int32)
    at = np.array([0.0, 2.0, 4.0, 0.0, 2.0, 4.0])
    problem = FlowProblem(flow=np.ones(2), first=path, node=node, at=at, nodes=5, reach=4.0, p=2)
    flow.solve(problem, seconds=60.0)
    needs = needs_of(problem)
    stations, nodes = stations_of(needs), len(needs.nodes)
    won = fill(needs, stations, 1, np.ones((1, nodes)), 0.5)
    interchange(needs, stations, np.arange(nodes, dtype=np.int32), won)


def warm_up_center() -> None:
    """Centers of the line, and of five on a circle: each covers its neighbours, and none is enough."""
    center.solve(CenterProblem(way=LINE, p=2), seconds=60.0)
    cover(np.minimum(LINE[:5, :5], 5.0 - LINE[:5, :5]), 1, 1.0, chance_of(1), seconds=60.0)


def warm_up_set_covering() -> None:
    """Cover the ring for as little as possible."""
    relax(reach_of(_ring()), np.ones(3), 3.0, times=1, is_over=lambda: False)
    cover_with(reach_of(_ring()), np.zeros(3, dtype=np.bool_), 2, chance_of(1), steps=2)
    set_covering.solve(SetCoveringProblem(cost=np.ones(3), first=FIRST, site=SITE), seconds=60.0)


def warm_up_capacitated() -> None:
    """The six on a line, each site with room for three."""
    roomy = CapacitatedProblem(
        first=np.arange(0, 37, 6),
        site=np.tile(np.arange(6, dtype=np.int32), 6),
        way=LINE.ravel(),
        demand=np.ones(6),
        capacity=np.full(6, 3.0),
        p=2,
    )
    capacitated.solve(roomy, seconds=60.0)
    pairs = pairs_of(roomy)
    ways_of(pairs, np.zeros(6, dtype=np.int32), np.zeros(6))
    dual = dual_of_capacitated(pairs, None)
    relax_capacitated(pairs, 2, dual)
    columns_of(pairs, dual, slack=1.0, most=100)


def _ring() -> CoverageProblem:
    return CoverageProblem(weight=np.ones(3), first=FIRST, site=SITE, sites=3, p=1)
