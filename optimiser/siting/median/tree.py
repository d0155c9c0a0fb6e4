"""Branch and bound on the relaxation, depth first: a site is open, or it is not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_place, whole
from optimiser.siting.median.interchange import serve
from optimiser.siting.median.nearness import Nearness, Served, served_of
from optimiser.siting.median.problem import Floats, Ints
from optimiser.siting.median.relaxation import CLOSED, FREE, OPEN, Dual, ascend, copy_into

STEPS = 12
"""Subgradient steps at a node."""
LENGTH = 0.3
"""Of the way to what is known, the first of them."""


class Tree(NamedTuple):
    """Nodes that are open, the last on top; changed in place."""

    fixed: NDArray[np.int8]
    """Shape (depth, sites)."""
    price: Floats
    """Shape (depth, demand)."""
    bound: Floats
    """Of the node above each, shape (depth,)."""
    height: Ints
    """Nodes on the stack, shape (1,)."""
    best: NDArray[np.bool_]
    """Sites of the best choice, shape (sites,)."""
    served: Served


def tree_of(fixed: NDArray[np.int8], price: Floats, bound: float, best: NDArray[np.bool_], *, nodes: int) -> Tree:
    """A tree of one node, with room for so many to be looked into."""
    depth, sites, points = min(nodes, int((fixed == FREE).sum())) + 2, len(fixed), len(price)
    tree = Tree(
        fixed=np.zeros((depth, sites), dtype=np.int8),
        price=np.zeros((depth, points)),
        bound=np.zeros(depth),
        height=np.ones(1, dtype=np.int32),
        best=best.copy(),
        served=served_of(points, sites),
    )
    tree.fixed[0], tree.price[0], tree.bound[0] = fixed, price, bound
    return tree


@in_place
def explore(nearness: Nearness, p: int, dual: Dual, tree: Tree, known: float, unit: float, nodes: int) -> float:
    """
    Look into so many nodes at most; what the best choice costs then.

    `unit` is the least by which two choices that differ in cost do so.
    """
    for _ in range(nodes):
        if tree.height[0] == 0:
            break
        top = whole(tree.height[0] - 1)
        tree.height[0] = top
        limit = known - unit
        if tree.bound[top] >= limit:
            continue
        copy_into(dual.price, tree.price[top])
        dual.pace[0], dual.pace[1] = LENGTH, 0.0
        bound = ascend(nearness, p, tree.fixed[top], dual, limit, known, STEPS)
        if bound >= limit:
            continue
        total = serve(nearness, dual.chosen, tree.served)
        if total < known:
            known = total
            copy_into(tree.best, dual.chosen)
            if bound >= known - unit:
                continue
        site = _branching(tree.fixed[top], dual)
        if site < 0:
            continue
        copy_into(tree.fixed[top + 1], tree.fixed[top])
        copy_into(tree.price[top + 1], dual.price)
        copy_into(tree.price[top], dual.price)
        tree.bound[top], tree.bound[top + 1] = bound, bound
        tree.fixed[top, site], tree.fixed[top + 1, site] = CLOSED, OPEN
        tree.height[0] = top + 2
    return known


@in_place
def _branching(fixed: NDArray[np.int8], dual: Dual) -> int:
    """The free site that is open in the relaxation and would be missed most; -1 where none is free."""
    site, least = -1, np.inf
    for other in range(len(fixed)):
        if fixed[other] == FREE and dual.chosen[other] and dual.reduced[other] < least:
            site, least = other, dual.reduced[other]
    return site
