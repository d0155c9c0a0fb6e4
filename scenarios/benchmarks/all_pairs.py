"""Shortest ways between all nodes of a small graph whose edges go both ways."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_blocks, in_place, inlined

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

BUCKETS = 4096
"""At most, for nodes by how far they are."""
BLOCK = 64
"""Nodes whose ways are found in one go."""
LOOK = 32
"""Nodes settled between two looks at how far any is at most: edges that lead further are not looked at."""
NOWHERE = -1


class _Edges(NamedTuple):
    first: Longs
    """Where the edges of each node begin, the shortest first, shape (n + 1,)."""
    head: Longs
    length: Floats


class _Buckets(NamedTuple):
    """Nodes that wait, by how far they are: lists linked both ways, all empty between two rows."""

    top: Longs
    """Of each bucket."""
    below: Longs
    above: Longs
    """Of each node."""
    place: Longs
    """Bucket of each node."""


def all_pairs(direct: Floats, *, apart: float) -> Floats:
    """
    Shortest ways over any nodes, shape (n, n), on all cores.

    Parameters
    ----------
    direct
        Lengths of edges, 0 or more, the same both ways; `apart` where there is none.
    apart
        Longer than any way; also told between nodes that are not connected.
    """
    n = len(direct)
    one, other = np.nonzero(direct < apart)
    order = np.lexsort((direct[one, other], one))
    other = other[order]
    edges = _Edges(first=np.searchsorted(one, np.arange(n + 1)), head=other, length=direct[one, other])
    longest = float(edges.length.max(initial=0.0))
    width = max(1.0, longest / (BUCKETS - 2))
    way = np.full((n, n), apart)

    def work(low: int, high: int) -> None:
        empty = np.full(n, NOWHERE)
        top = np.full(int(longest / width) + 2, NOWHERE)
        buckets = _Buckets(top=top, below=empty.copy(), above=empty.copy(), place=empty.copy())
        _fill(way[low:high], low, edges, width, buckets)

    in_blocks(work, n, block=BLOCK)
    return way


@in_place
def _fill(way: Floats, low: int, edges: _Edges, width: float, buckets: _Buckets) -> None:
    """
    Fill rows from `low` on; nodes are settled by buckets of one width (Dial 1969; Meyer & Sanders 2003).

    Buckets go round: what waits is never further ahead than the longest edge.
    """
    top, below, above, place = buckets.top, buckets.below, buckets.above, buckets.place
    for row in range(len(way)):
        reached, source = way[row], low + row
        reached[source] = 0.0
        _put_in(source, 0, buckets)
        waiting, bucket, settled, furthest = 1, 0, 0, np.inf
        while waiting > 0:
            while top[bucket] < 0:
                bucket = bucket + 1 if bucket + 1 < len(top) else 0
            here = top[bucket]
            top[bucket], place[here] = below[here], NOWHERE
            if below[here] >= 0:
                above[below[here]] = NOWHERE
            waiting -= 1
            settled += 1
            if settled % LOOK == 0:
                furthest = 0.0
                for length in reached:
                    furthest = max(furthest, length)
            for edge in range(edges.first[here], edges.first[here + 1]):
                there, onward = edges.head[edge], reached[here] + edges.length[edge]
                if onward >= furthest:
                    break
                if onward >= reached[there]:
                    continue
                reached[there] = onward
                if place[there] < 0:
                    waiting += 1
                else:
                    _take_out(there, buckets)
                _put_in(there, int(onward / width) % len(top), buckets)


@inlined
def _take_out(node: int, buckets: _Buckets) -> None:
    below, above = buckets.below[node], buckets.above[node]
    if above < 0:
        buckets.top[buckets.place[node]] = below
    else:
        buckets.below[above] = below
    if below >= 0:
        buckets.above[below] = above


@inlined
def _put_in(node: int, place: int, buckets: _Buckets) -> None:
    top = buckets.top[place]
    if top >= 0:
        buckets.above[top] = node
    buckets.top[place], buckets.below[node], buckets.above[node], buckets.place[node] = node, top, NOWHERE, place


def warm_up() -> None:
    """Compile it, for two nodes."""
    all_pairs(np.array([[0.0, 1.0], [1.0, 0.0]]), apart=2.0)
