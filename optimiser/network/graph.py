"""The street graph: junctions, streets between them, and the directions in which each may be travelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import networkx as nx

ATTRIBUTION = "© OpenStreetMap contributors"
"""To be shown wherever streets or anything computed on them are shown (ODbL 1.0)."""


class StreetLine(NamedTuple):
    """A street as drawn on a map."""

    highway: str
    points: tuple[tuple[float, float], ...]
    """Longitude and latitude, at least two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphReport:
    """What became of the file: what was cut, contracted and dropped. Lengths count each street once."""

    ways_read: int
    """Ways that the profile may use."""
    ways_cut: int
    """Of these, with nodes missing from the file; the pieces that remain are used."""
    ways_lost: int
    """Of the cut ones, nothing remains."""
    nodes_missing: int
    barriers: int
    """Nodes that the profile cannot pass, e.g. bollards; streets end there."""
    pieces: int
    """Runs of present nodes that the ways gave."""
    nodes: int
    """After contraction; kept and dropped."""
    edges: int
    length_m: float
    dropped_nodes: int
    """Not in the largest strongly connected component."""
    dropped_edges: int
    dropped_length_m: float
    components: int
    """Strongly connected components found."""

    @property
    def kept_nodes(self) -> int:
        """Nodes of the graph."""
        return self.nodes - self.dropped_nodes

    @property
    def kept_edges(self) -> int:
        """Edges of the graph; a two-way street is two."""
        return self.edges - self.dropped_edges

    @property
    def kept_length_m(self) -> float:
        """Street length of the graph."""
        return self.length_m - self.dropped_length_m

    def __str__(self) -> str:
        kept_share = self.kept_length_m / self.length_m if self.length_m else 0.0
        parts = [
            f"{self.ways_read} ways gave {self.nodes} nodes and {self.edges} edges",
            f"kept {self.kept_nodes} nodes, {self.kept_edges} edges",
            f"{self.kept_length_m / 1000:.1f} km ({kept_share:.1%}) of streets reach each other",
            f"dropped {self.dropped_nodes} nodes, {self.dropped_length_m / 1000:.1f} km",
        ]
        if self.ways_cut:
            parts.append(
                f"{self.ways_cut} ways cut at {self.nodes_missing} nodes missing from the file, {self.ways_lost} lost"
            )
        if self.barriers:
            parts.append(f"closed at {self.barriers} barriers")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetGraph:
    """
    Nodes, streets and edges as flat read-only arrays.

    A *street* is what lies between two nodes (junctions, dead ends, changes of speed), with its geometry, and is
    travelled by one *edge* in each direction that is open. All nodes of degree two in between are contracted.
    Both ends may be the same node (a loop), and several streets may join the same two nodes.

    Shapes: n nodes, m edges, k streets, p points of geometry. Edges are sorted by tail: those leaving node v are
    `indptr[v]:indptr[v + 1]` (compressed sparse rows).
    """

    profile: str
    night: bool
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    indptr: NDArray[np.int64]
    head: NDArray[np.int64]
    travel_s: NDArray[np.float64]
    """Seconds per edge, whole milliseconds of at least one, so that sums are exact."""
    length_m: NDArray[np.float64]
    street: NDArray[np.int64]
    """The street of each edge, shape (m,)."""
    forward_edge: NDArray[np.int64]
    """The edge along the geometry of each street, shape (k,), -1 where that direction is closed."""
    backward_edge: NDArray[np.int64]
    """The edge against it, shape (k,), or -1."""
    ends: NDArray[np.int64]
    """Nodes at the first and last point of each street, shape (k, 2)."""
    point_start: NDArray[np.int64]
    """Street j has the points `point_start[j]:point_start[j + 1]`; shape (k + 1,)."""
    point_lon: NDArray[np.float64]
    point_lat: NDArray[np.float64]
    highway: NDArray[np.int64]
    """Index into `highways` per street."""
    highways: tuple[str, ...]
    can_stop: NDArray[np.bool_]
    """Whether places may snap to the street."""
    report: GraphReport

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def tail(self) -> NDArray[np.int64]:
        """The node that each edge leaves, shape (m,)."""
        return np.repeat(np.arange(len(self.node_lon)), np.diff(self.indptr))

    @property
    def twin(self) -> NDArray[np.int64]:
        """The edge over the same street in the other direction, shape (m,), -1 on one-way streets."""
        edges = np.arange(len(self.head))
        is_forward = self.forward_edge[self.street] == edges
        return np.where(is_forward, self.backward_edge[self.street], self.forward_edge[self.street])

    def points(self, street: int) -> NDArray[np.float64]:
        """Geometry of one street, (lon, lat) rows, shape (at least 2, 2)."""
        part = slice(self.point_start[street], self.point_start[street + 1])
        return np.column_stack([self.point_lon[part], self.point_lat[part]])

    def lines(self) -> Iterator[StreetLine]:
        """Every street once, for drawing maps."""
        points = list(zip(self.point_lon.tolist(), self.point_lat.tolist(), strict=True))
        parts = pairwise(self.point_start.tolist())
        for code, (begin, end) in zip(self.highway.tolist(), parts, strict=True):
            yield StreetLine(self.highways[code], tuple(points[begin:end]))

    def to_networkx(self) -> nx.MultiDiGraph[int]:
        """
        The graph as OSMnx shapes it, for users and tests.

        Nodes carry `x`, `y`; edges `length` (m), `travel_time` (s), `highway`, `oneway`, `street`, and `geometry`
        in the direction of travel. Slow for large graphs.
        """
        import networkx as nx
        from shapely import LineString

        made: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326", attribution=ATTRIBUTION)
        for node, (lon, lat) in enumerate(zip(self.node_lon.tolist(), self.node_lat.tolist(), strict=True)):
            made.add_node(node, x=lon, y=lat)
        twin = self.twin
        for edge, (tail, head) in enumerate(zip(self.tail.tolist(), self.head.tolist(), strict=True)):
            street = int(self.street[edge])
            points = self.points(street)
            made.add_edge(
                tail,
                head,
                length=float(self.length_m[edge]),
                travel_time=float(self.travel_s[edge]),
                highway=self.highways[int(self.highway[street])],
                oneway=bool(twin[edge] < 0),
                street=street,
                geometry=LineString(points if self.forward_edge[street] == edge else points[::-1]),
            )
        return made
