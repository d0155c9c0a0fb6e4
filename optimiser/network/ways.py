"""Ways as read, before they become a graph: pieces of street between positions, whatever file they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.network.tags import WayRule

Position = tuple[float, float]
"""Longitude and latitude, degrees."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way that a profile may use, with the ids of its nodes in order."""

    nodes: Sequence[int]
    rule: WayRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """
    Pieces of street as flat arrays.

    Piece i runs over `node[start[i]:start[i + 1]]`, indices into `lon` and `lat`, and has `rule[i]`. Pieces touch
    where they share an index, not where positions happen to be equal.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    start: NDArray[np.int64]
    node: NDArray[np.int64]
    rule: tuple[WayRule, ...]
    ways_read: int
    """Ways that the profile may use."""
    ways_cut: int
    """Of these, with at least one node missing from the file."""
    ways_lost: int
    """Of the cut ones, without two neighbouring nodes left, so that nothing of them remains."""
    nodes_missing: int
    """Different nodes that ways name and the file lacks."""
    barriers: int
    """Nodes that the profile cannot pass."""


def cut_ways(ways: Iterable[Way], positions: Mapping[int, Position], *, blocked: Set[int] = frozenset()) -> Ways:
    """
    Cut ways into the pieces that can be travelled.

    A clipped extract names nodes that it does not hold: a way is cut there and its remaining runs of two nodes
    or more are kept. A way is also cut at each `blocked` node, with an end of its own on either side, so that
    nothing passes the barrier.
    """
    index_of: dict[int, int] = {}
    placed: list[Position] = []
    nodes: list[int] = []
    start = [0]
    rules: list[WayRule] = []
    missing: set[int] = set()
    met: set[int] = set()
    ways_read = ways_cut = ways_lost = 0

    def place(node: int) -> int:
        if node in blocked:
            met.add(node)
            placed.append(positions[node])
            return len(placed) - 1
        index = index_of.get(node)
        if index is None:
            index = index_of[node] = len(placed)
            placed.append(positions[node])
        return index

    for way in ways:
        ways_read += 1
        absent = [node for node in way.nodes if node not in positions]
        missing.update(absent)
        runs = list(_runs(way.nodes, positions, blocked))
        ways_cut += bool(absent)
        ways_lost += bool(absent) and not runs
        for run in runs:
            nodes.extend(place(node) for node in run)
            start.append(len(nodes))
            rules.append(way.rule)

    lon_lat = np.array(placed, dtype=np.float64).reshape(len(placed), 2)
    return Ways(
        lon=np.ascontiguousarray(lon_lat[:, 0]),
        lat=np.ascontiguousarray(lon_lat[:, 1]),
        start=np.array(start, dtype=np.int64),
        node=np.array(nodes, dtype=np.int64),
        rule=tuple(rules),
        ways_read=ways_read,
        ways_cut=ways_cut,
        ways_lost=ways_lost,
        nodes_missing=len(missing),
        barriers=len(met),
    )


def _runs(nodes: Sequence[int], positions: Mapping[int, Position], blocked: Set[int]) -> Iterable[list[int]]:
    """Stretches of at least two present nodes; a blocked node ends one stretch and begins the next."""
    run: list[int] = []
    for node in nodes:
        if node not in positions:
            if len(run) > 1:
                yield run
            run = []
            continue
        if run and run[-1] == node:
            continue
        run.append(node)
        if node in blocked:
            if len(run) > 1:
                yield run
            run = [node]
    if len(run) > 1:
        yield run
