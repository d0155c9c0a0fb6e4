"""
Compiled shortest-path searches over the street graph.

Dijkstra's algorithm with a four-ary heap of single integers: milliseconds in the high bits, node in the low ones, so
that equal times leave the heap in order of node and every run settles nodes in the same order. Of equally fast paths
the shortest counts. Entries that a faster path has overtaken stay in the heap and are skipped when they surface.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
compiled = cast("Callable[[F], F]", numba.njit(cache=True, nogil=True))

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

NEVER = 2**62
"""Milliseconds to a node that has not been reached."""


class SearchGraph(NamedTuple):
    """The edges of a street graph in the types that the compiled searches take."""

    indptr: IntArray
    head: IntArray
    ms: IntArray
    metres: FloatArray
    bits: int
    """Low bits of a heap key that hold the node."""


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
    out_ms: IntArray
    out_m: FloatArray
    in_node: IntArray
    in_ms: IntArray
    in_m: FloatArray
    along_ms: IntArray
    """From the beginning (column 0) or end (column 1) of the street to the place, -1 where that way is closed."""
    along_m: FloatArray


class Tree(NamedTuple):
    """What a search finds out about each node; overwritten by the next search."""

    ms: IntArray
    metres: FloatArray
    via_edge: IntArray
    """The edge by which the node is reached, -1 for seeds and where nothing came."""


@compiled
def push(heap: Any, size: int, key: int) -> int:
    """Put a key into the heap; the new size."""
    child = size
    while child > 0:
        parent = (child - 1) >> 2
        if heap[parent] <= key:
            break
        heap[child] = heap[parent]
        child = parent
    heap[child] = key
    return size + 1


@compiled
def drop_first(heap: Any, size: int) -> int:
    """Take the smallest key, heap[0], out of the heap; the new size."""
    size -= 1
    key = heap[size]
    parent = 0
    while True:
        child = 4 * parent + 1
        if child >= size:
            break
        smallest = heap[child]
        last = min(child + 4, size)
        best = child
        for other in range(child + 1, last):
            if heap[other] < smallest:
                smallest = heap[other]
                best = other
        if key <= smallest:
            break
        heap[parent] = smallest
        parent = best
    heap[parent] = key
    return size


@compiled
def empty_tree(graph: SearchGraph) -> Tree:
    """Room for the findings of a search."""
    count = len(graph.indptr) - 1
    return Tree(np.empty(count, np.int64), np.zeros(count, np.float64), np.empty(count, np.int64))


@compiled
def search(  # noqa: PLR0917  Numba knows no keyword-only arguments
    graph: SearchGraph, doors: Doors, origin: int, is_wanted: Any, wanted_count: int, tree: Tree
) -> None:
    """Fill the tree from place `origin` outwards until the last of the wanted nodes is settled."""
    heap = np.empty(len(graph.head) + 2, np.int64)
    size = 0
    tree.ms[:] = NEVER
    tree.via_edge[:] = -1
    for door in range(2):
        node = doors.out_node[origin, door]
        if node >= 0 and _improve(tree, node, doors.out_ms[origin, door], doors.out_m[origin, door], -1):
            size = push(heap, size, (doors.out_ms[origin, door] << graph.bits) | node)
    mask = (1 << graph.bits) - 1
    while size > 0:
        node, ms = heap[0] & mask, heap[0] >> graph.bits
        size = drop_first(heap, size)
        if ms != tree.ms[node]:
            continue
        if is_wanted[node]:
            wanted_count -= 1
            if wanted_count == 0:
                break
        metres = tree.metres[node]
        for edge in range(graph.indptr[node], graph.indptr[node + 1]):
            head, head_ms = graph.head[edge], ms + graph.ms[edge]
            if _improve(tree, head, head_ms, metres + graph.metres[edge], edge):
                size = push(heap, size, (head_ms << graph.bits) | head)


@compiled
def _improve(tree: Tree, node: int, ms: int, metres: float, edge: int) -> bool:
    """Note a faster path, or an equally fast and shorter one; whether it is faster."""
    is_faster: bool = ms < tree.ms[node]
    if is_faster or (ms == tree.ms[node] and metres < tree.metres[node]):
        tree.ms[node] = ms
        tree.metres[node] = metres
        tree.via_edge[node] = edge
    return is_faster


@compiled
def arrive(doors: Doors, origin: int, destination: int, tree: Tree) -> tuple[int, float, int]:
    """
    The best way into the destination, given the tree of its origin.

    Milliseconds, metres, and the door: 0 or 1 for the columns of `in_node`, 2 or 3 straight along the common street
    with or against its geometry, -1 and NEVER where there is none.
    """
    best_ms, best_m, best_door = NEVER, 0.0, -1
    for door in range(2):
        node = doors.in_node[destination, door]
        if node < 0 or tree.ms[node] == NEVER:
            continue
        ms = tree.ms[node] + doors.in_ms[destination, door]
        metres = tree.metres[node] + doors.in_m[destination, door]
        if ms < best_ms or (ms == best_ms and metres < best_m):
            best_ms, best_m, best_door = ms, metres, door
    if doors.street[origin] == doors.street[destination]:
        for side in range(2):
            ms = doors.along_ms[destination, side] - doors.along_ms[origin, side]
            metres = doors.along_m[destination, side] - doors.along_m[origin, side]
            is_ahead = doors.along_ms[origin, side] >= 0 and metres >= 0
            if is_ahead and (ms < best_ms or (ms == best_ms and metres < best_m)):
                best_ms, best_m, best_door = ms, metres, 2 + side
    return best_ms, best_m, best_door


@compiled
def fill_rows(  # noqa: PLR0917
    graph: SearchGraph, doors: Doors, rows: tuple[int, int], is_wanted: Any, travel_s: Any, length_m: Any
) -> None:
    """Fill the rows `rows[0]..rows[1] - 1`: whole seconds rounded up, metres rounded, -1 where unreachable."""
    tree = empty_tree(graph)
    wanted_count = is_wanted.sum()
    for origin in range(rows[0], rows[1]):
        search(graph, doors, origin, is_wanted, wanted_count, tree)
        for destination in range(len(doors.street)):
            ms, metres, door = arrive(doors, origin, destination, tree)
            travel_s[origin, destination] = (ms + 999) // 1000 if door >= 0 else -1
            length_m[origin, destination] = np.rint(metres) if door >= 0 else -1
