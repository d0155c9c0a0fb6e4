"""The fastest path between two places as a line on the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimiser.network.geodesy import great_circle_m
from optimiser.network.graph import StreetGraph
from optimiser.network.search import Doors, SearchGraph, Tree, arrive, empty_tree, search
from optimiser.network.snap import Snapping

Points = NDArray[np.float64]
"""(lon, lat) rows."""

SAME_POINT_DEG = 1e-7
"""The precision of OpenStreetMap, about a centimetre."""


def fastest_path(
    graph: StreetGraph, snapping: Snapping, *, over: SearchGraph, at: Doors, origin: int = 0, destination: int = 1
) -> Points | None:
    """
    The path whose time the matrix tells, from point to point on the streets.

    Parameters
    ----------
    over, at
        The search arrays of `graph` and the doors of `snapping`.
    origin, destination
        Positions in `snapping`.

    Returns
    -------
    array of shape (at least 2, 2) or None
        (lon, lat) rows from one snapped point to the other; None where there is no way.
    """
    begin, finish = (np.array([[snapping.lon[place], snapping.lat[place]]]) for place in (origin, destination))
    entries = at.in_node[destination]
    is_wanted = np.zeros(len(graph.node_lon), dtype=np.bool_)
    is_wanted[entries[entries >= 0]] = True
    tree = search(over, at, origin, is_wanted, int(is_wanted.sum()), empty_tree(over))
    _, door = arrive(at, origin, destination, tree)
    if door < 0:
        return None
    street, fraction = snapping.street, snapping.fraction
    if door >= 2:
        middle = cut(graph.points(int(street[origin])), float(fraction[origin]), float(fraction[destination]))
        return join([begin, middle[1:-1], finish])
    edges, node = _trace(graph, tree, int(entries[door]))
    parts = [
        begin,
        _way_out(graph, snapping, at, tree, origin=origin, node=node),
        *(_along(graph, edge) for edge in edges),
    ]
    if at.in_cost[destination, door] > 0:
        parts.append(cut(graph.points(int(street[destination])), float(door), float(fraction[destination])))
        parts[-1] = parts[-1][:-1]
    return join([*parts, finish])


def _trace(graph: StreetGraph, tree: Tree, node: int) -> tuple[list[int], int]:
    """Edges of the path into the node, in order of travel, and the node where it starts."""
    tail = graph.tail
    edges: list[int] = []
    while tree.via_edge[node] >= 0:
        edges.append(int(tree.via_edge[node]))
        node = int(tail[edges[-1]])
    return edges[::-1], node


def _way_out(graph: StreetGraph, snapping: Snapping, at: Doors, tree: Tree, *, origin: int, node: int) -> Points:
    """From the origin along its own street to the first node."""
    for door, end_fraction in ((0, 1.0), (1, 0.0)):
        if at.out_node[origin, door] == node and at.out_cost[origin, door] == tree.cost[node] > 0:
            return cut(graph.points(int(snapping.street[origin])), float(snapping.fraction[origin]), end_fraction)[1:]
    return np.array([[graph.node_lon[node], graph.node_lat[node]]])


def _along(graph: StreetGraph, edge: int) -> Points:
    street = int(graph.street[edge])
    points = graph.points(street)
    return points if graph.forward_edge[street] == edge else points[::-1]


def cut(points: Points, begin: float, finish: float) -> Points:
    """The part of a line between two shares of its length, backwards where `finish` comes first."""
    if begin > finish:
        return cut(points, finish, begin)[::-1]
    steps = great_circle_m(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    along = np.concatenate([[0.0], np.cumsum(steps)])
    share = along / along[-1] if along[-1] > 0 else np.linspace(0, 1, len(along))
    ends = [np.interp([begin, finish], share, points[:, column]) for column in (0, 1)]
    inner = points[(share > begin) & (share < finish)]
    return np.vstack([[ends[0][0], ends[1][0]], inner, [ends[0][1], ends[1][1]]])


def join(parts: list[Points]) -> Points:
    """One line of at least two points, without points that repeat their predecessor to a centimetre."""
    points = np.vstack(parts)
    is_new = np.ones(len(points), dtype=np.bool_)
    is_new[1:] = (np.abs(points[1:] - points[:-1]) > SAME_POINT_DEG).any(axis=1)
    kept = points[is_new]
    return kept if len(kept) > 1 else points[[0, -1]]
