"""Shortest paths from one node of a graph to all others, and which of several that are equally long (Dijkstra 1959)."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

Links = Sequence[tuple[int, int, float]]
"""Two nodes and the length of what joins them, both ways."""
Neighbours = list[dict[int, float]]
"""By node, how long the way to each of its neighbours is."""


def neighbours_of(links: Links, nodes: int) -> Neighbours:
    """Of every node; of several links between two nodes the shortest counts, a link from a node to itself does not."""
    neighbours: Neighbours = [{} for _ in range(nodes)]
    for one, other, length in links:
        if one != other:
            least = min(length, neighbours[one].get(other, length))
            neighbours[one][other] = neighbours[other][one] = least
    return neighbours


def shortest_paths(neighbours: Neighbours, origin: int) -> tuple[list[float], list[int]]:
    """
    Ways from the origin to all nodes, infinite where none leads, and the node before each, -1 where there is none.

    Of equally long paths the one counts that is found first: nodes are left in the order of their ways, then in that in
    which they were reached, along links in the order in which they are listed.
    """
    way, before = [float("inf")] * len(neighbours), [-1] * len(neighbours)
    is_left = [False] * len(neighbours)
    way[origin] = 0.0
    reached = [(0.0, 0, origin)]
    count = 0
    while reached:
        so_far, _, here = heappop(reached)
        if is_left[here]:
            continue
        is_left[here] = True
        for there, length in neighbours[here].items():
            longer = so_far + length
            if longer < way[there]:
                way[there], before[there] = longer, here
                count += 1
                heappush(reached, (longer, count, there))
    return way, before


def path_to(before: Sequence[int], node: int) -> list[int]:
    """The path from the origin to a node."""
    path = [node]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return path[::-1]
