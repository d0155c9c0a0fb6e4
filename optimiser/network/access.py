"""Which sites are within reach of which demand points, over streets: cut-off searches straight into compressed rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import available_cores, in_blocks
from optimiser.network.graph import StreetGraph
from optimiser.network.limits import Limits
from optimiser.network.matrix import doors
from optimiser.network.reach import Pairs, Starts, Targets, count_within, write_within
from optimiser.network.search import MM_BITS, IntArray, SearchGraph
from optimiser.network.snap import Snapping
from optimiser.network.travel import AccessPairs


class Rows(NamedTuple):
    """Pairs in compressed rows."""

    first: IntArray
    other: NDArray[np.int32]
    travel_s: NDArray[np.int32]
    length_m: NDArray[np.int32]


def access_pairs(
    graph: StreetGraph,
    over: SearchGraph,
    demand: Snapping,
    sites: Snapping,
    *,
    limits: Limits,
    max_snap_m: float,
    label: str,
    threads: int | None = None,
) -> AccessPairs:
    """
    The pairs within the limits, as exact as `travel_matrices`, whose figures they are.

    One search from each site against the direction of travel; or from each place of demand along it, where these are
    fewer. Demand points at one place are looked up once. Snap distances are no part of either figure. The answer does
    not depend on `threads` (default: one per core that this process may use).
    """
    near_demand, near_sites = (np.flatnonzero(part.distance_m <= max_snap_m) for part in (demand, sites))
    places, of_demand = _distinct(demand, near_demand)
    leave, enter = doors(graph, demand), doors(graph, sites)
    if len(places) < len(near_sites):
        goals, of_site = _distinct(sites, near_sites)
        starts = _starts(leave.street, leave.out_node, leave.out_cost, leave.along, places)
        ends = _starts(enter.street, enter.in_node, enter.in_cost, enter.along, goals)
        by_site = _search(over, starts, _targets(graph, ends, of_site, ahead=1), limits, threads=threads)
        rows = _rows_taken(_transposed(by_site, len(places)), of_demand)
    else:
        starts = _starts(enter.street, enter.in_node, enter.in_cost, enter.along, near_sites)
        ends = _starts(leave.street, leave.out_node, leave.out_cost, leave.along, places)
        against = reversed_graph(over)
        rows = _search(against, starts, _targets(graph, ends, of_demand, ahead=-1), limits, threads=threads)
    counts = np.zeros(len(demand.places), dtype=np.int64)
    counts[near_demand] = np.diff(rows.first)
    return AccessPairs(
        demand_ids=tuple(place.id for place in demand.places),
        site_ids=tuple(place.id for place in sites.places),
        first=_row_starts(counts),
        site=rows.other if len(near_sites) == len(sites.places) else near_sites.astype(np.int32)[rows.other],
        travel_s=rows.travel_s,
        length_m=rows.length_m,
        far_demand=demand.far(max_snap_m=max_snap_m),
        far_sites=sites.far(max_snap_m=max_snap_m),
        label=label,
    )


def reversed_graph(over: SearchGraph) -> SearchGraph:
    """The same streets, travelled against every edge."""
    nodes = len(over.indptr) - 1
    tail = np.repeat(np.arange(nodes), np.diff(over.indptr))
    order = np.argsort(over.head, kind="stable")
    return over._replace(
        indptr=np.searchsorted(over.head[order], np.arange(nodes + 1)).astype(np.int64),
        head=tail[order],
        cost=over.cost[order],
    )


def _starts(street: IntArray, node: IntArray, cost: IntArray, along: IntArray, at: IntArray) -> Starts:
    return Starts(street[at], node[at], cost[at], along[at])


def _distinct(snapping: Snapping, near: IntArray) -> tuple[IntArray, IntArray]:
    """Positions of the first of all places at each point, along the streets; and the point of each near place."""
    street, fraction = snapping.street[near], snapping.fraction[near]
    order = np.lexsort((fraction, street))
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (np.diff(street[order]) != 0) | (np.diff(fraction[order]) != 0)
    of_place = np.empty(len(order), dtype=np.int64)
    of_place[order] = np.cumsum(is_new) - 1
    return near[order[is_new]], of_place


def _targets(graph: StreetGraph, ends: Starts, of_place: IntArray, *, ahead: int) -> Targets:
    """Where searches end, numbered along the streets, with the places at each of them."""
    target, door = np.nonzero(ends.node >= 0)
    node, cost = ends.node[target, door], ends.cost[target, door]
    order = np.argsort(node, kind="stable")
    nodes = len(graph.node_lon)
    slowest_ms = np.zeros(nodes, dtype=np.int64)
    np.maximum.at(slowest_ms, node, cost >> MM_BITS)
    return Targets(
        node_first=np.searchsorted(node[order], np.arange(nodes + 1)).astype(np.int64),
        at_node=target[order],
        node_cost=cost[order],
        slowest_ms=slowest_ms,
        street_first=np.searchsorted(ends.street, np.arange(len(graph.ends) + 1)).astype(np.int64),
        along=ends.along,
        ahead=ahead,
        member_first=_row_starts(np.bincount(of_place, minlength=len(ends.street))),
        member=np.argsort(of_place, kind="stable"),
    )


def _search(over: SearchGraph, starts: Starts, targets: Targets, limits: Limits, *, threads: int | None) -> Rows:
    """Rows of the targets' members; sources rise within each because every thread takes a run of them, in order."""
    sources, points = len(starts.street), len(targets.along)
    share = max(1, -(-sources // (threads or available_cores())))
    runs = -(-sources // share)
    count = np.zeros((runs, points), dtype=np.int64)

    def tally(first: int, last: int) -> None:
        count_within(over, starts, targets, limits, (first, last), count[first // share])

    in_blocks(tally, sources, block=share, threads=threads)
    total = count.sum(axis=0)
    rank = np.cumsum(count, axis=0) - count
    per_member = np.empty(len(targets.member), dtype=np.int64)
    per_member[targets.member] = np.repeat(total, np.diff(targets.member_first))
    first_pair = _row_starts(per_member)
    source, travel_s, length_m = (np.empty(first_pair[-1], dtype=np.int32) for _ in range(3))
    pairs = Pairs(first_pair, source, travel_s, length_m)

    def write(first: int, last: int) -> None:
        write_within(over, starts, targets, limits, (first, last), rank[first // share], pairs)

    in_blocks(write, sources, block=share, threads=threads)
    return Rows(first_pair, source, travel_s, length_m)


def _transposed(rows: Rows, columns: int) -> Rows:
    """Rows and columns change places; what was in order stays so."""
    order = np.argsort(rows.other, kind="stable")
    row = np.repeat(np.arange(len(rows.first) - 1, dtype=np.int32), np.diff(rows.first))
    first = _row_starts(np.bincount(rows.other, minlength=columns))
    return Rows(first, row[order], rows.travel_s[order], rows.length_m[order])


def _rows_taken(rows: Rows, which: IntArray) -> Rows:
    """These rows, some perhaps several times."""
    count = np.diff(rows.first)[which]
    first = _row_starts(count)
    at = np.arange(first[-1]) + np.repeat(rows.first[which] - first[:-1], count)
    return Rows(first, rows.other[at], rows.travel_s[at], rows.length_m[at])


def _row_starts(count: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
