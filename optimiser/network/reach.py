"""
Compiled searches with a cut-off: from each of many sources to the few of many targets that lie within reach.

Labels and buckets are those of `search`. A node that is too far in time is never labelled. One that is too far in
metres is: a longer path may be faster than one within reach, and what counts is the fastest. Such labels are passed
on until none within reach waits any more that they could overtake.

What is found is never held twice: a first run counts, a second writes each pair to its final place. Several searches
are made before anything is written, so that neighbours in memory are written one after the other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from optimiser.basics.compiled import compiled
from optimiser.network.limits import Limits
from optimiser.network.search import MM_BITS, MM_MASK, NEVER, IntArray, SearchGraph

SEARCHES = 8
"""Made before what they found is written: their labels of a target share a line of the processor's cache."""


class Starts(NamedTuple):
    """Where searches from n sources begin, shape (n, 2) but for the street; as in `Doors`."""

    street: IntArray
    node: IntArray
    cost: IntArray
    along: IntArray


class Targets(NamedTuple):
    """Where searches end: m points of streets, found by the nodes they hang on and by their streets."""

    node_first: IntArray
    """Targets that hang on node v are `at_node[node_first[v]:node_first[v + 1]]`."""
    at_node: IntArray
    node_cost: IntArray
    """Between node and target, per entry of `at_node`."""
    slowest_ms: IntArray
    """Per node the longest of these."""
    street_first: IntArray
    """Targets on street j are `street_first[j]..street_first[j + 1] - 1`: targets are numbered along the streets."""
    along: IntArray
    """Shape (m, 2), as in `Doors`."""
    ahead: int
    """1 where the way leads to the targets, -1 where it comes from them."""
    member_first: IntArray
    """Places at target t are `member[member_first[t]:member_first[t + 1]]`."""
    member: IntArray


class Pairs(NamedTuple):
    """What a search fills, one entry per pair, in rows per place."""

    first: IntArray
    source: Any
    travel_s: Any
    length_m: Any


class Desk(NamedTuple):
    """Labels, queue and findings of a search; as it was before when a search is over, so that none has to clear it."""

    cost: IntArray
    passed_on: IntArray
    newest: IntArray
    labelled: IntArray
    """Nodes in the order in which they got their first label."""
    best: IntArray
    """Labels of the targets, shape (targets, SEARCHES)."""
    is_touched: Any
    touched: IntArray
    """Targets that any of the searches gave a label."""
    older: IntArray
    waiting: IntArray


@compiled
def desk_of(graph: SearchGraph, targets: int) -> Desk:
    """Room for the searches of one thread."""
    nodes, room = len(graph.indptr) - 1, len(graph.head) + 2
    return Desk(
        np.full(nodes, NEVER),
        np.full(nodes, NEVER),
        np.empty(graph.buckets, np.int64),
        np.empty(nodes, np.int64),
        np.full((targets, SEARCHES), NEVER),
        np.zeros(targets, np.bool_),
        np.empty(targets, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )


@compiled
def count_within(  # noqa: PLR0917  Numba knows no keyword-only arguments
    graph: SearchGraph, starts: Starts, targets: Targets, limits: Limits, rows: tuple[int, int], count: IntArray
) -> None:
    """Add to `count` how many of the sources `rows[0]..rows[1] - 1` have each target within reach."""
    desk = desk_of(graph, len(targets.along))
    for begin in range(rows[0], rows[1], SEARCHES):
        desk, touched = _visit_some(graph, starts, (begin, rows[1]), targets, limits, desk)
        for index in range(touched):
            target = desk.touched[index]
            for search in range(SEARCHES):
                count[target] += _is_within(desk.best[target, search], limits)
                desk.best[target, search] = NEVER


@compiled
def write_within(  # noqa: PLR0917
    graph: SearchGraph,
    starts: Starts,
    targets: Targets,
    limits: Limits,
    rows: tuple[int, int],
    rank: IntArray,
    pairs: Pairs,
) -> None:
    """Write the pairs of these sources; `rank` says how many pairs of a target are before them, and is counted on."""
    desk = desk_of(graph, len(targets.along))
    for begin in range(rows[0], rows[1], SEARCHES):
        desk, touched = _visit_some(graph, starts, (begin, rows[1]), targets, limits, desk)
        for index in range(touched):
            target = desk.touched[index]
            for at in range(targets.member_first[target], targets.member_first[target + 1]):
                pair = pairs.first[targets.member[at]] + rank[target]
                for search in range(SEARCHES):
                    label = desk.best[target, search]
                    if _is_within(label, limits):
                        pairs.source[pair] = begin + search
                        pairs.travel_s[pair] = ((label >> MM_BITS) + 999) // 1000
                        pairs.length_m[pair] = ((label & MM_MASK) + 500) // 1000
                        pair += 1
            for search in range(SEARCHES):
                rank[target] += _is_within(desk.best[target, search], limits)
                desk.best[target, search] = NEVER


@compiled
def labels_within(graph: SearchGraph, starts: Starts, limits: Limits) -> IntArray:
    """The labels of all nodes around the first source, final within the limits and an edge beyond; else NEVER."""
    desk = desk_of(graph, 0)
    slowest_ms = np.full(len(desk.cost), graph.cost.max() >> MM_BITS)
    labelled, is_done = _spread(graph, starts, 0, slowest_ms, limits, 0, desk)
    while not is_done:
        _clear(desk, labelled)
        desk = _with_longer_queue(desk, len(desk.waiting))
        labelled, is_done = _spread(graph, starts, 0, slowest_ms, limits, 0, desk)
    return desk.cost


@compiled
def _visit_some(  # noqa: PLR0917
    graph: SearchGraph, starts: Starts, rows: tuple[int, int], targets: Targets, limits: Limits, desk: Desk
) -> tuple[Desk, int]:
    """Search from up to SEARCHES sources; `desk.best` of the first so many `desk.touched` then holds their labels."""
    touched = 0
    for search in range(min(SEARCHES, rows[1] - rows[0])):
        desk, touched = _visit(graph, starts, rows[0] + search, targets, limits, desk, (search, touched))
    for index in range(touched):
        desk.is_touched[desk.touched[index]] = False
    return desk, touched


@compiled
def _visit(  # noqa: PLR0917
    graph: SearchGraph,
    starts: Starts,
    source: int,
    targets: Targets,
    limits: Limits,
    desk: Desk,
    turn: tuple[int, int],
) -> tuple[Desk, int]:
    """Search from one source, as the how-manieth of several after which so many targets were touched."""
    (search, touched), latest = turn, 0
    street = starts.street[source]
    for target in range(targets.street_first[street], targets.street_first[street + 1]):
        for side in range(2):
            label = targets.ahead * (targets.along[target, side] - starts.along[source, side])
            if targets.along[target, side] >= 0 and label >= 0:
                latest = max(latest, label >> MM_BITS)
                touched = _offer(target, label, desk, search, touched)
    labelled, is_done = _spread(graph, starts, source, targets.slowest_ms, limits, latest, desk)
    while not is_done:
        _clear(desk, labelled)
        desk = _with_longer_queue(desk, len(desk.waiting))
        labelled, is_done = _spread(graph, starts, source, targets.slowest_ms, limits, latest, desk)
    for index in range(labelled):
        node = desk.labelled[index]
        for at in range(targets.node_first[node], targets.node_first[node + 1]):
            touched = _offer(targets.at_node[at], desk.cost[node] + targets.node_cost[at], desk, search, touched)
    _clear(desk, labelled)
    return desk, touched


@compiled
def _offer(target: int, label: int, desk: Desk, search: int, touched: int) -> int:
    """A way to the target; it stays where it is the best so far. How many targets are touched now."""
    desk.best[target, search] = min(desk.best[target, search], label)
    if desk.is_touched[target]:
        return touched
    desk.is_touched[target] = True
    desk.touched[touched] = target
    return touched + 1


@compiled
def _is_within(label: int, limits: Limits) -> bool:
    return label != NEVER and (label >> MM_BITS) <= limits.ms and (label & MM_MASK) <= limits.mm


@compiled
def _clear(desk: Desk, labelled: int) -> None:
    for index in range(labelled):
        desk.cost[desk.labelled[index]] = NEVER
        desk.passed_on[desk.labelled[index]] = NEVER


@compiled
def _with_longer_queue(desk: Desk, room: int) -> Desk:
    return Desk(
        desk.cost,
        desk.passed_on,
        desk.newest,
        desk.labelled,
        desk.best,
        desk.is_touched,
        desk.touched,
        np.empty(2 * room, np.int64),
        np.empty(2 * room, np.int64),
    )


@compiled
def _spread(  # noqa: PLR0912, PLR0917, C901
    graph: SearchGraph, starts: Starts, source: int, slowest_ms: IntArray, limits: Limits, latest: int, desk: Desk
) -> tuple[int, bool]:
    """
    Label the nodes around a source; how many, and whether that is all or the queue was too short.

    Labels are final up to `latest` milliseconds, and as far as any target could be within reach.
    """
    cost, passed_on, newest, older, waiting = desk.cost, desk.passed_on, desk.newest, desk.older, desk.waiting
    newest[:] = -1
    slot_mask, labelled, used, alive, within = graph.buckets - 1, 0, 0, 0, 0
    lowest = NEVER
    for door in range(2):
        node, label = starts.node[source, door], starts.cost[source, door]
        if node >= 0 and label < cost[node] and (label >> MM_BITS) <= limits.ms:
            if cost[node] == NEVER:
                desk.labelled[labelled] = node
                labelled += 1
            elif _is_within(cost[node], limits):
                within -= 1
            within += _is_within(label, limits)
            cost[node] = label
            slot = (label >> graph.shift) & slot_mask
            waiting[used], older[used], newest[slot] = node, newest[slot], used
            used += 1
            alive += 1
            lowest = min(lowest, label)
    bucket = lowest >> graph.shift
    while alive > 0 and (within > 0 or (bucket << graph.shift) >> MM_BITS <= latest):
        slot = bucket & slot_mask
        while newest[slot] >= 0:
            node, newest[slot] = waiting[newest[slot]], older[newest[slot]]
            alive -= 1
            label = cost[node]
            if label == passed_on[node]:
                continue
            passed_on[node] = label
            if _is_within(label, limits):
                within -= 1
                latest = max(latest, (label >> MM_BITS) + slowest_ms[node])
            for edge in range(graph.indptr[node], graph.indptr[node + 1]):
                head, head_label = graph.head[edge], label + graph.cost[edge]
                if head_label >= cost[head] or (head_label >> MM_BITS) > limits.ms:
                    continue
                if used == len(waiting):
                    return labelled, False
                if cost[head] == NEVER:
                    desk.labelled[labelled] = head
                    labelled += 1
                elif cost[head] != passed_on[head] and _is_within(cost[head], limits):
                    within -= 1
                within += _is_within(head_label, limits)
                cost[head] = head_label
                head_slot = (head_label >> graph.shift) & slot_mask
                waiting[used], older[used], newest[head_slot] = head, newest[head_slot], used
                used += 1
                alive += 1
        bucket += 1
    return labelled, True
