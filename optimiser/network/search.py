"""
Compiled shortest-path searches over the street graph.

Labels are single integers, milliseconds in the high bits and millimetres in the low ones: adding them adds both, and
the smallest is the shortest of the fastest paths. Nodes wait in buckets of equal time, a ring of linked lists (Dial
1969, with buckets wider than the unit as in Denardo and Fox 1979): within a bucket a node may be passed on before its
label is final and is then passed on again, so the labels are exact and do not depend on the order of work.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled

IntArray = NDArray[np.int64]

MM_BITS = 33
"""Room for paths of 8,589 km; the other 30 bits hold twelve days."""
MM_MASK = (1 << MM_BITS) - 1
NEVER = 2**63 - 1
"""The label of a node that has not been reached."""


class SearchGraph(NamedTuple):
    """The edges of a street graph in the types that the compiled searches take."""

    indptr: IntArray
    head: IntArray
    cost: IntArray
    """Label to add per edge."""
    shift: int
    """Labels that agree above so many bits share a bucket."""
    buckets: int
    """A power of two; the ring is longer than the slowest edge."""


class Doors(NamedTuple):
    """
    How n places join the graph, shape (n, 2) each: the ways out of a place and into it.

    A place in the middle of a street leaves by the street's end (column 0, along the geometry) and by its
    beginning (column 1), as far as these directions are open, and is entered from the beginning (column 0) and
    from the end (column 1). A place at a node has that node as its only door.
    """

    street: IntArray
    """Shape (n,)."""
    out_node: IntArray
    """-1 where closed."""
    out_cost: IntArray
    in_node: IntArray
    in_cost: IntArray
    along: IntArray
    """Cost from the beginning (column 0) or end (column 1) of the street to the place, -1 where that way is closed."""


class Tree(NamedTuple):
    """What a search finds out about each node, and its queue; made once, overwritten by every search."""

    cost: IntArray
    via_edge: IntArray
    """The edge by which the node is reached, -1 for the first ones; without meaning where `cost` is NEVER."""
    passed_on: IntArray
    """The label that was last passed on to the neighbours."""
    newest: IntArray
    """Per bucket the entry that came last, -1 when it is empty."""
    older: IntArray
    """Per entry the one before it in its bucket."""
    waiting: IntArray
    """Per entry its node."""


@compiled
def empty_tree(graph: SearchGraph) -> Tree:
    """Room for the findings of a search."""
    count, room = len(graph.indptr) - 1, len(graph.head) + 2
    return Tree(
        np.empty(count, np.int64),
        np.empty(count, np.int64),
        np.empty(count, np.int64),
        np.empty(graph.buckets, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )


@compiled
def search(  # noqa: PLR0917  Numba knows no keyword-only arguments
    graph: SearchGraph, doors: Doors, origin: int, is_wanted: Any, wanted_count: int, tree: Tree
) -> Tree:
    """Search from place `origin` outwards until the labels of all wanted nodes are final; the tree, filled."""
    while not _fill(graph, doors, origin, is_wanted, wanted_count, tree):
        # Outside the loop that counts: there, arrays that may be replaced make it half as slow again.
        room = 2 * len(tree.waiting)
        tree = Tree(
            tree.cost, tree.via_edge, tree.passed_on, tree.newest, np.empty(room, np.int64), np.empty(room, np.int64)
        )
    return tree


@compiled
def _fill(  # noqa: PLR0917
    graph: SearchGraph, doors: Doors, origin: int, is_wanted: Any, wanted_count: int, tree: Tree
) -> bool:
    """Fill the tree; False when its queue is too short, which only labels that are often mended can bring about."""
    cost, passed_on, newest, older, waiting = tree.cost, tree.passed_on, tree.newest, tree.older, tree.waiting
    cost[:], passed_on[:], newest[:] = NEVER, NEVER, -1
    slot_mask, used, alive = graph.buckets - 1, 0, 0
    lowest = NEVER
    for door in range(2):
        node, label = doors.out_node[origin, door], doors.out_cost[origin, door]
        if node >= 0 and label < cost[node]:
            cost[node], tree.via_edge[node] = label, -1
            slot = (label >> graph.shift) & slot_mask
            waiting[used], older[used], newest[slot] = node, newest[slot], used
            used += 1
            alive += 1
            lowest = min(lowest, label)
    bucket = lowest >> graph.shift
    while alive > 0 and wanted_count > 0:
        slot = bucket & slot_mask
        while newest[slot] >= 0:
            node, newest[slot] = waiting[newest[slot]], older[newest[slot]]
            alive -= 1
            label = cost[node]
            if label == passed_on[node]:
                continue
            if passed_on[node] == NEVER and is_wanted[node]:
                wanted_count -= 1
            passed_on[node] = label
            for edge in range(graph.indptr[node], graph.indptr[node + 1]):
                head, head_label = graph.head[edge], label + graph.cost[edge]
                if head_label >= cost[head]:
                    continue
                cost[head], tree.via_edge[head] = head_label, edge
                head_slot = (head_label >> graph.shift) & slot_mask
                if used == len(waiting):
                    return False
                waiting[used], older[used], newest[head_slot] = head, newest[head_slot], used
                used += 1
                alive += 1
        bucket += 1
    return True


@compiled
def arrive(doors: Doors, origin: int, destination: int, tree: Tree) -> tuple[int, int]:
    """
    The best way into the destination, given the tree of its origin.

    Its cost, and its door: 0 or 1 for the columns of `in_node`, 2 or 3 straight along the common street with or
    against its geometry, -1 (and NEVER) where there is none.
    """
    best, best_door = NEVER, -1
    for door in range(2):
        node = doors.in_node[destination, door]
        if node >= 0 and tree.cost[node] != NEVER:
            cost = tree.cost[node] + doors.in_cost[destination, door]
            if cost < best:
                best, best_door = cost, door
    if doors.street[origin] == doors.street[destination]:
        for side in range(2):
            cost = doors.along[destination, side] - doors.along[origin, side]
            if doors.along[origin, side] >= 0 and 0 <= cost < best:
                best, best_door = cost, 2 + side
    return best, best_door


@compiled
def fill_rows(  # noqa: PLR0917
    graph: SearchGraph, doors: Doors, rows: tuple[int, int], is_wanted: Any, travel_s: Any, length_m: Any
) -> None:
    """Fill the rows `rows[0]..rows[1] - 1`: whole seconds rounded up, metres rounded, -1 where unreachable."""
    tree = empty_tree(graph)
    wanted_count = is_wanted.sum()
    for origin in range(rows[0], rows[1]):
        tree = search(graph, doors, origin, is_wanted, wanted_count, tree)
        for destination in range(len(doors.street)):
            cost, door = arrive(doors, origin, destination, tree)
            travel_s[origin, destination] = ((cost >> MM_BITS) + 999) // 1000 if door >= 0 else -1
            length_m[origin, destination] = ((cost & MM_MASK) + 500) // 1000 if door >= 0 else -1
