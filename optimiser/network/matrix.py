"""Travel-time matrices: one search from each place, on all cores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import in_blocks
from optimiser.basics.errors import NetworkError
from optimiser.network.geodesy import great_circle_m
from optimiser.network.graph import StreetGraph
from optimiser.network.search import MM_BITS, Doors, IntArray, SearchGraph, fill_rows
from optimiser.network.snap import Snapping
from optimiser.network.travel import Place, TravelTimes

_ROWS_PER_TASK = 16
_MOST_BUCKETS = 4096
_WIDEST_M = 1_000_000.0
"""So that even a walk across fits the labels of a search."""


def search_graph(graph: StreetGraph) -> SearchGraph:
    """
    Make the arrays that searches run over.

    Raises NetworkError for graphs so wide that labels could overflow.
    """
    width_m = float(
        great_circle_m(graph.node_lon.min(), graph.node_lat.min(), graph.node_lon.max(), graph.node_lat.max())
    )
    if width_m > _WIDEST_M:
        raise NetworkError(f"the street graph is {width_m / 1000:.0f} km wide, room for {_WIDEST_M / 1000:.0f} km")
    edge_ms = _milliseconds(graph)
    # Buckets of a quarter of a usual edge; anything from a twentieth to twice of it is as fast.
    shift = max(0, int(edge_ms.mean()).bit_length() - 3)
    while edge_ms.max() >> shift > _MOST_BUCKETS:
        shift += 1
    buckets = 1 << int((edge_ms.max() >> shift) + 2).bit_length()
    return SearchGraph(graph.indptr, graph.head, _costs(graph, edge_ms), shift + MM_BITS, buckets)


def _milliseconds(graph: StreetGraph) -> IntArray:
    return np.rint(graph.travel_s * 1000).astype(np.int64)


def _costs(graph: StreetGraph, edge_ms: IntArray) -> IntArray:
    return (edge_ms << MM_BITS) + np.rint(graph.length_m * 1000).astype(np.int64)


def doors(graph: StreetGraph, snapping: Snapping) -> Doors:
    """Where searches from and to the snapped places begin and end."""
    street, fraction = snapping.street, snapping.fraction
    edge = np.column_stack([graph.forward_edge[street], graph.backward_edge[street]])
    is_open = edge >= 0
    edge_ms, edge_mm = _milliseconds(graph)[edge], np.rint(graph.length_m[edge] * 1000).astype(np.int64)
    share = np.column_stack([fraction, 1 - fraction])
    along_ms, along_mm = (np.rint(share * whole).astype(np.int64) for whole in (edge_ms, edge_mm))
    along = np.where(is_open, (along_ms << MM_BITS) + along_mm, -1)

    ends = graph.ends[street]
    out_node, in_node = np.where(is_open, ends[:, ::-1], -1), np.where(is_open, ends, -1)
    out_cost, in_cost = (edge_ms << MM_BITS) + edge_mm - along, along.copy()
    # At a node every direction is open, whatever the street it was found by allows.
    for side, at_node in ((0, fraction == 0.0), (1, fraction == 1.0)):
        for node, cost in ((out_node, out_cost), (in_node, in_cost)):
            node[at_node] = np.column_stack([ends[at_node, side], np.full(at_node.sum(), -1)])
            cost[at_node] = 0
    return Doors(street, out_node, out_cost, in_node, in_cost, along)


def travel_matrices(
    graph: StreetGraph, snapping: Snapping, *, threads: int | None = None
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """
    Seconds and metres of the fastest paths between all snapped places, int32 of shape (n, n), -1 where no way leads.

    Seconds are rounded up, so that a detour through a third place never seems faster than the direct way. The
    answer does not depend on `threads` (default: one per core that this process may use).
    """
    count = len(snapping.places)
    travel_s, length_m = (np.zeros((count, count), dtype=np.int32) for _ in range(2))
    over, at = search_graph(graph), doors(graph, snapping)
    is_wanted = np.zeros(len(graph.node_lon), dtype=np.bool_)
    is_wanted[at.in_node[at.in_node >= 0]] = True

    def fill(first: int, last: int) -> None:
        fill_rows(over, at, (first, last), is_wanted, travel_s, length_m)

    in_blocks(fill, count, block=_ROWS_PER_TASK, threads=threads)
    return travel_s, length_m


def times_of(
    places: Sequence[Place], travel_s: NDArray[np.generic], length_m: NDArray[np.generic], *, label: str
) -> TravelTimes:
    """Name the rows of the matrices and list the pairs that cannot be reached."""
    ids = tuple(place.id for place in places)
    seconds, metres = (np.ascontiguousarray(matrix, dtype=np.int32) for matrix in (travel_s, length_m))
    for matrix in (seconds, metres):
        np.fill_diagonal(matrix, 0)
        matrix.flags.writeable = False
    unreachable = tuple((ids[origin], ids[destination]) for origin, destination in np.argwhere(seconds < 0).tolist())
    return TravelTimes(place_ids=ids, travel_s=seconds, length_m=metres, unreachable=unreachable, label=label)
