"""
What trips need: for every arc of a round trip, an open station among the nodes from which it can still be driven
(arc cover, path cover: Capar, Kuby, Leon & Tsai 2013, European Journal of Operational Research 227).

On the way out, the arc from the k-th node of a path to the next can be driven by whoever filled up at a node s <= k no
further than the range before its end, or at a node s > k on the way back from the trip before. The way back is the
same, mirrored. Either way these nodes follow each other on the path. A need that contains another one of the same trip
is met with it; equal needs are one, and trips with equal needs as well. A node that meets no need but such as another
one meets as well stays without a station.

Sets of nodes are whole numbers here, with a bit for each node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, chain, pairwise
from operator import or_
from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place, inlined
from optimiser.siting.coverage.reach import Bools, both_ways, undominated
from optimiser.siting.flow.cost import SLACK
from optimiser.siting.flow.problem import Floats, FlowProblem, Ints, Longs


class Needs(NamedTuple):
    """Which nodes meet which needs, and which trips have them."""

    nodes: Longs
    """Of the problem, those that are left; all below counts them from 0."""
    flow: Floats
    """Of trips with the same needs, shape (trips,)."""
    first_need: Longs
    """Where the needs of each trip begin, shape (trips + 1,)."""
    need: Ints
    first_trip: Longs
    """Where the trips of each need begin, shape (needs + 1,)."""
    trip: Ints
    first_node: Longs
    """Where the nodes that meet each need begin, shape (needs + 1,)."""
    node: Ints
    first_met: Longs
    """Where the needs that each node meets begin, shape (nodes + 1,)."""
    met: Ints


def needs_of(problem: FlowProblem) -> Needs:
    """Of all trips that have a flow and can be driven at all."""
    flow_of: dict[frozenset[int], float] = {}
    for trip, needs in _trip_needs(problem):
        flow_of[needs] = flow_of.get(needs, 0.0) + float(problem.flow[trip])
    left = -1
    while True:
        kept = _undominated(_all_needs(flow_of), problem.nodes)
        if kept == left:
            return _as_arrays(flow_of, left)
        left, before, flow_of = kept, flow_of, {}
        for needs, flow in before.items():
            fewer = _least({need & left for need in needs})
            flow_of[fewer] = flow_of.get(fewer, 0.0) + flow


def narrowed(needs: Needs, left: Bools) -> Needs:
    """The same with the nodes that are left alone, all of them; trips that these cannot serve are left out."""
    masks = [0] * (len(needs.first_node) - 1)
    for need, node in zip(
        np.repeat(np.arange(len(masks)), np.diff(needs.first_node)).tolist(), needs.node.tolist(), strict=True
    ):
        if left[node]:
            masks[need] |= 1 << int(needs.nodes[node])
    flow_of: dict[frozenset[int], float] = {}
    own = [masks[need] for need in needs.need.tolist()]
    for flow, (start, end) in zip(needs.flow.tolist(), pairwise(needs.first_need.tolist()), strict=True):
        if all(own[start:end]):
            fewer = _least(set(own[start:end]))
            flow_of[fewer] = flow_of.get(fewer, 0.0) + flow
    return _as_arrays(flow_of, reduce(or_, (1 << node for node in needs.nodes[left].tolist()), 0))


def _trip_needs(problem: FlowProblem) -> Iterator[tuple[int, frozenset[int]]]:
    """The needs of every trip that has a flow and can be driven with stations everywhere."""
    begin, last, scratch = (np.zeros(len(problem.node), dtype=np.int64) for _ in range(3))
    first_span = np.zeros(problem.trips + 1, dtype=np.int64)
    _find_spans(problem.first, problem.at, problem.reach * (1.0 + SLACK), scratch, begin, last, first_span)
    bits, begins, lasts = [1 << node for node in problem.node.tolist()], begin.tolist(), last.tolist()
    starts, spans = problem.first.tolist(), first_span.tolist()
    for trip in np.flatnonzero((problem.flow > 0) & (np.diff(first_span) > 0)).tolist():
        start = starts[trip]
        upto = [0, *accumulate(bits[start : starts[trip + 1]], or_)]
        own = range(spans[trip], spans[trip + 1])
        yield trip, frozenset(upto[lasts[span] - start + 1] ^ upto[begins[span] - start] for span in own)


@in_place
def _find_spans(
    first: Longs, at: Floats, most: float, ends: Longs, begin: Longs, last: Longs, first_span: Longs
) -> None:
    """
    Set where on its path each need begins and ends that contains no other one of the trip.

    A trip that cannot be driven at all has none. `ends` is scratch: where the shortest need ends that begins somewhere.
    """
    count = 0
    for trip in range(len(first) - 1):
        start, end = first[trip], first[trip + 1]
        for place in range(start, end):
            ends[place] = end
        can_be_driven = True
        for here in range(start, end - 1):
            can_be_driven &= at[here + 1] - at[here] <= most
            _mark_way_out(at, most, ends, start, end, here)
            _mark_way_back(at, most, ends, start, end, here)
        least = end
        for place in range(end - 1, start - 1, -1):
            if can_be_driven and ends[place] < least:
                least = ends[place]
                begin[count], last[count] = place, least
                count += 1
        first_span[trip + 1] = count


@inlined
def _mark_way_out(at: Floats, most: float, ends: Longs, start: int, end: int, here: int) -> None:
    """What the arc from a place to the next one needs."""
    low, high = here, here
    while low > start and at[here + 1] - at[low - 1] <= most:
        low -= 1
    while high + 1 < end and at[high + 1] + at[here + 1] <= most:
        high += 1
    ends[low] = min(ends[low], high)


@inlined
def _mark_way_back(at: Floats, most: float, ends: Longs, start: int, end: int, here: int) -> None:
    """What the arc from the next place to this one needs."""
    low, high = here + 1, here + 1
    while high + 1 < end and at[high + 1] - at[here] <= most:
        high += 1
    while low > start and 2.0 * at[end - 1] - at[low - 1] - at[here] <= most:
        low -= 1
    ends[low] = min(ends[low], high)


def _least(needs: set[int]) -> frozenset[int]:
    """Those that contain no other one."""
    return frozenset(need for need in needs if not any(other & need == other != need for other in needs))


def _all_needs(trips: Iterable[frozenset[int]]) -> list[int]:
    return sorted(set().union(*trips))


def _members(need: int) -> Iterator[int]:
    """Bits that are set."""
    while need:
        lowest = need & -need
        yield lowest.bit_length() - 1
        need ^= lowest


def _undominated(needs: Sequence[int], nodes: int) -> int:
    """Nodes that are needed."""
    members = [list(_members(need)) for need in needs]
    counts = np.array([len(one) for one in members], dtype=np.int64)
    node = np.array(list(chain.from_iterable(members)), dtype=np.int32)
    left = undominated(both_ways(np.ones(len(needs)), counts, node, nodes))
    return reduce(or_, (1 << int(one) for one in np.flatnonzero(left)), 0)


def _as_arrays(flow_of: dict[frozenset[int], float], left: int) -> Needs:
    nodes = list(_members(left))
    place = {node: number for number, node in enumerate(nodes)}
    needs = _all_needs(flow_of)
    number_of = {need: number for number, need in enumerate(needs)}
    first_node, node = _lists([[place[one] for one in _members(need)] for need in needs])
    first_need, need = _lists([sorted(number_of[one] for one in trip) for trip in flow_of])
    first_met, met = _turned(first_node, node, len(nodes))
    first_trip, trip = _turned(first_need, need, len(needs))
    return Needs(
        nodes=np.array(nodes, dtype=np.int64),
        flow=np.array(list(flow_of.values()), dtype=np.float64),
        first_need=first_need,
        need=need,
        first_trip=first_trip,
        trip=trip,
        first_node=first_node,
        node=node,
        first_met=first_met,
        met=met,
    )


def _lists(lists: Sequence[Sequence[int]]) -> tuple[Longs, Ints]:
    """One after another, and where each begins."""
    first = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    return first, np.array(list(chain.from_iterable(lists)), dtype=np.int32)


def _turned(first: Longs, item: Ints, items: int) -> tuple[Longs, Ints]:
    """Which lists hold each item."""
    owner = np.repeat(np.arange(len(first) - 1, dtype=np.int32), np.diff(first))
    counts = np.bincount(item, minlength=items)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), owner[np.argsort(item, kind="stable")]
