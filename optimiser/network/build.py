"""From ways to the street graph: merge doubled segments, contract, keep what reaches itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optimiser.network.geodesy import great_circle_m
from optimiser.network.graph import GraphReport, StreetGraph
from optimiser.network.profiles import Profile
from optimiser.network.ways import Ways

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Segments:
    """Straight bits between two positions, each pair once, `low < high`; speeds 0 where closed."""

    low: IntArray
    high: IntArray
    up_kmh: FloatArray
    """From low to high."""
    down_kmh: FloatArray
    kind: IntArray
    """Index of (highway, can_stop)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Streets:
    """Contracted chains of segments; k of them over numbered positions."""

    point_start: IntArray
    points: IntArray
    forward_kmh: FloatArray
    backward_kmh: FloatArray
    kind: IntArray
    length_m: FloatArray


class _Edges(NamedTuple):
    """Directed edges as `StreetGraph` holds them."""

    indptr: IntArray
    head: IntArray
    travel_s: FloatArray
    length_m: FloatArray
    street: IntArray
    forward_edge: IntArray
    backward_edge: IntArray


def build_graph(ways: Ways, profile: Profile, *, night: bool, keep_largest: bool = True) -> StreetGraph:
    """
    Turn ways into a contracted street graph.

    With `keep_largest` only the strongly connected component with the greatest street length is kept, so that
    every node reaches every other; the report says what was dropped.
    """
    kinds = sorted({(rule.highway, rule.can_stop) for rule in ways.rule})
    segments = _segments(ways, {kind: index for index, kind in enumerate(kinds)})
    streets = _contract(segments, ways)
    nodes, ends = _number_ends(streets)
    component, component_count = _strong_components(streets, ends, len(nodes))
    kept = _largest(streets, ends, component) if keep_largest else np.ones(len(ends), dtype=np.bool_)

    report = _report(ways, streets, ends, kept, components=component_count, node_count=len(nodes))
    pick = np.flatnonzero(kept)
    used = np.unique(ends[pick])
    highways = tuple(sorted({highway for highway, _ in kinds}))
    highway_of_kind = np.array([highways.index(highway) for highway, _ in kinds], dtype=np.int64)
    can_stop_of_kind = np.array([can_stop for _, can_stop in kinds], dtype=np.bool_)
    part = _take_points(streets, pick)
    edges = _edges(streets, pick, np.searchsorted(used, ends[pick]), time_scale=profile.time_scale(night=night))
    return StreetGraph(
        profile=profile.name,
        night=night,
        node_lon=ways.lon[nodes[used]],
        node_lat=ways.lat[nodes[used]],
        point_start=part[0],
        point_lon=ways.lon[part[1]],
        point_lat=ways.lat[part[1]],
        highway=highway_of_kind[streets.kind[pick]],
        highways=highways,
        can_stop=can_stop_of_kind[streets.kind[pick]],
        ends=np.searchsorted(used, ends[pick]).reshape(len(pick), 2),
        report=report,
        **edges._asdict(),
    )


def _segments(ways: Ways, kind_index: dict[tuple[str, bool], int]) -> _Segments:
    """Every pair of neighbouring positions once; where ways lie on top of each other the fastest counts."""
    joints = np.delete(np.arange(max(len(ways.node) - 1, 0)), ways.start[1:-1] - 1) if len(ways.node) else ways.node
    piece = np.searchsorted(ways.start, joints, side="right") - 1
    first, second = ways.node[joints], ways.node[joints + 1]
    forward = np.array([rule.forward_kmh for rule in ways.rule], dtype=np.float64)[piece]
    backward = np.array([rule.backward_kmh for rule in ways.rule], dtype=np.float64)[piece]
    kind = np.array([kind_index[rule.highway, rule.can_stop] for rule in ways.rule], dtype=np.int64)[piece]

    low, high = np.minimum(first, second), np.maximum(first, second)
    is_up = first < second
    up, down = np.where(is_up, forward, backward), np.where(is_up, backward, forward)
    # The fastest of a doubled segment comes first in its group and names the kind.
    order = np.lexsort((kind, -np.maximum(up, down), high, low))
    low, high, up, down, kind = low[order], high[order], up[order], down[order], kind[order]
    is_first = np.ones(len(low), dtype=np.bool_)
    is_first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    group = np.flatnonzero(is_first)
    if len(group) < len(low):
        up, down = np.maximum.reduceat(up, group), np.maximum.reduceat(down, group)
    return _Segments(low[group], high[group], up, down, kind[group])


def _contract(segments: _Segments, ways: Ways) -> _Streets:
    """Join segments through positions where nothing branches and nothing changes, into streets."""
    position_count, segment_count = len(ways.lon), len(segments.low)
    at = np.concatenate([segments.low, segments.high])
    order = np.argsort(at, kind="stable")
    incident = (order % max(segment_count, 1)).tolist()
    first = np.searchsorted(at[order], np.arange(position_count + 1)).tolist()
    through = _through(segments, np.array(first), np.array(incident, dtype=np.int64)).tolist()
    low, high = segments.low.tolist(), segments.high.tolist()

    points: list[int] = []
    start = [0]
    first_segment: list[int] = []
    starts_low: list[bool] = []
    walked = [False] * segment_count

    def walk(node: int, segment: int) -> None:
        first_segment.append(segment)
        starts_low.append(low[segment] == node)
        points.append(node)
        begin = node
        while True:
            walked[segment] = True
            node = high[segment] if low[segment] == node else low[segment]
            points.append(node)
            if not through[node] or node == begin:
                break
            one, other = incident[first[node]], incident[first[node] + 1]
            segment = other if one == segment else one
        start.append(len(points))

    for node in range(position_count):
        if not through[node]:
            for segment in incident[first[node] : first[node + 1]]:
                if not walked[segment]:
                    walk(node, segment)
    # What is left are rings without a junction: each becomes a loop at its first position.
    for segment in range(segment_count):
        if not walked[segment]:
            walk(low[segment], segment)

    point_start, point = np.array(start, dtype=np.int64), np.array(points, dtype=np.int64)
    head_segment, is_up = np.array(first_segment, dtype=np.int64), np.array(starts_low, dtype=np.bool_)
    up, down = segments.up_kmh[head_segment], segments.down_kmh[head_segment]
    lon, lat = ways.lon[point], ways.lat[point]
    metres = great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]) if len(point) else np.zeros(0)
    # Sums of the steps within each street; the step from one street's end to the next one's start is left out.
    along = np.concatenate([[0.0], np.cumsum(metres)])
    length_m = along[point_start[1:] - 1] - along[point_start[:-1]] if len(point) else np.zeros(0)
    return _Streets(
        point_start,
        point,
        np.where(is_up, up, down),
        np.where(is_up, down, up),
        segments.kind[head_segment],
        length_m,
    )


def _through(segments: _Segments, first: IntArray, incident: IntArray) -> NDArray[np.bool_]:
    """Whether a traveller passes the position without noticing: two segments, same kind, same speeds onward."""
    through: NDArray[np.bool_] = np.diff(first) == 2
    node = np.flatnonzero(through)
    one, other = incident[first[node]], incident[first[node] + 1]
    in_one, out_one = _toward(segments, one, node)
    in_other, out_other = _toward(segments, other, node)
    same = (in_one == out_other) & (in_other == out_one) & (segments.kind[one] == segments.kind[other])
    through[node] = same
    return through


def _toward(segments: _Segments, segment: IntArray, node: IntArray) -> tuple[FloatArray, FloatArray]:
    """Speeds into and out of the node."""
    at_high = segments.high[segment] == node
    up, down = segments.up_kmh[segment], segments.down_kmh[segment]
    return np.where(at_high, up, down), np.where(at_high, down, up)


def _number_ends(streets: _Streets) -> tuple[IntArray, IntArray]:
    """Positions that are nodes, ascending, and the node numbers at both ends of each street, shape (k, 2)."""
    ends = np.column_stack([streets.points[streets.point_start[:-1]], streets.points[streets.point_start[1:] - 1]])
    nodes = np.unique(ends)
    return nodes, np.searchsorted(nodes, ends).reshape(len(ends), 2)


def _strong_components(streets: _Streets, ends: IntArray, node_count: int) -> tuple[IntArray, int]:
    forward, backward = streets.forward_kmh > 0, streets.backward_kmh > 0
    tails = np.concatenate([ends[forward, 0], ends[backward, 1]])
    heads = np.concatenate([ends[forward, 1], ends[backward, 0]])
    links = coo_array((np.ones(len(tails)), (tails, heads)), shape=(node_count, node_count)).tocsr()
    count, labels = connected_components(links, directed=True, connection="strong")
    return labels.astype(np.int64), int(count)


def _largest(streets: _Streets, ends: IntArray, component: IntArray) -> NDArray[np.bool_]:
    """Which streets lie in the component with the greatest street length; the first of equals."""
    inside = component[ends[:, 0]] == component[ends[:, 1]]
    length = np.bincount(component[ends[inside, 0]], weights=streets.length_m[inside])
    largest = int(np.argmax(length)) if len(length) else -1
    is_kept: NDArray[np.bool_] = inside & (component[ends[:, 0]] == largest)
    return is_kept


def _take_points(streets: _Streets, pick: IntArray) -> tuple[IntArray, IntArray]:
    counts = np.diff(streets.point_start)[pick]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    offset = np.repeat(streets.point_start[pick] - start[:-1], counts)
    return start, streets.points[np.arange(start[-1]) + offset]


def _edges(streets: _Streets, pick: IntArray, ends: IntArray, *, time_scale: float) -> _Edges:
    """Directed edges of the picked streets in compressed sparse rows, sorted by tail, head and street."""
    forward_kmh, backward_kmh = streets.forward_kmh[pick], streets.backward_kmh[pick]
    length = streets.length_m[pick]
    open_forward, open_backward = np.flatnonzero(forward_kmh > 0), np.flatnonzero(backward_kmh > 0)
    street = np.concatenate([open_forward, open_backward])
    kmh = np.concatenate([forward_kmh[open_forward], backward_kmh[open_backward]])
    ends = ends.reshape(len(pick), 2)
    tail = np.concatenate([ends[open_forward, 0], ends[open_backward, 1]])
    head = np.concatenate([ends[open_forward, 1], ends[open_backward, 0]])
    order = np.lexsort((np.arange(len(street)), street, head, tail))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    forward_edge, backward_edge = (np.full(len(pick), -1, dtype=np.int64) for _ in range(2))
    forward_edge[open_forward] = place[: len(open_forward)]
    backward_edge[open_backward] = place[len(open_forward) :]
    street, tail, head, kmh = street[order], tail[order], head[order], kmh[order]
    node_count = int(ends.max()) + 1 if len(ends) else 0
    milliseconds = np.maximum(np.rint(length[street] * 3600 / kmh * time_scale), 1.0)
    return _Edges(
        indptr=np.searchsorted(tail, np.arange(node_count + 1)).astype(np.int64),
        head=head.astype(np.int64),
        travel_s=milliseconds / 1000,
        length_m=length[street],
        street=street.astype(np.int64),
        forward_edge=forward_edge,
        backward_edge=backward_edge,
    )


def _report(
    ways: Ways, streets: _Streets, ends: IntArray, kept: NDArray[np.bool_], *, components: int, node_count: int
) -> GraphReport:
    edges_per_street = (streets.forward_kmh > 0).astype(np.int64) + (streets.backward_kmh > 0)
    return GraphReport(
        ways_read=ways.ways_read,
        ways_cut=ways.ways_cut,
        ways_lost=ways.ways_lost,
        nodes_missing=ways.nodes_missing,
        barriers=ways.barriers,
        pieces=len(ways.rule),
        nodes=node_count,
        edges=int(edges_per_street.sum()),
        length_m=float(streets.length_m.sum()),
        dropped_nodes=node_count - len(np.unique(ends[kept])),
        dropped_edges=int(edges_per_street[~kept].sum()),
        dropped_length_m=float(streets.length_m[~kept].sum()),
        components=components,
    )
