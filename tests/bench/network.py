"""Travel-time matrices: ours beside SciPy and networkx, on the same places of the same street graph."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from optimiser.network.graph import StreetGraph
from optimiser.network.matrix import travel_matrices
from optimiser.network.snap import Snapping
from optimiser.network.streets import Streets, open_streets, warm_up
from optimiser.network.travel import Place

FILE = Path(__file__).parents[3] / "shared" / "data" / "porto_alegre" / "poa_osm.pbf"
PLACES, SEED = 1000, 1
REPEATS = 5
NETWORKX_SOURCES = 25
"""networkx is timed from so many places and scaled to all of them."""

Seconds = NDArray[np.float64]


class Edges(NamedTuple):
    """The street graph with places inserted: node numbers, places behind the street nodes, whole milliseconds."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    ms: NDArray[np.int64]
    node_count: int
    first_place: int


class Measured(NamedTuple):
    """One way of making the matrix."""

    name: str
    seconds: float
    """Median; for all places."""
    memory_mb: float
    """Highest resident memory while it ran above what was resident before; NaN where unknown."""
    matrix: NDArray[np.int64]
    """Whole seconds from the first rows that were computed."""


def random_places(graph: StreetGraph, count: int, *, seed: int) -> list[Place]:
    """Places up to 50 m or so from random points of random streets."""
    random = np.random.default_rng(seed)
    points = random.integers(0, len(graph.point_lon), count)
    shift = random.uniform(-0.0005, 0.0005, (count, 2))
    return [
        Place(id=f"p{index}", lon=float(graph.point_lon[point] + east), lat=float(graph.point_lat[point] + north))
        for index, (point, (east, north)) in enumerate(zip(points.tolist(), shift.tolist(), strict=True))
    ]


def insert_places(graph: StreetGraph, snapping: Snapping) -> Edges:
    """The graph with every place as a node of its own, for libraries that know nothing of points along streets."""
    count = len(graph.node_lon)
    ms = np.rint(graph.travel_s * 1000).astype(np.int64)
    links: list[tuple[int, int, int]] = list(zip(graph.tail.tolist(), graph.head.tolist(), ms.tolist(), strict=True))
    for street in np.unique(snapping.street).tolist():
        here = np.flatnonzero(snapping.street == street)
        begin, end = graph.ends[street].tolist()
        for edge, share, chain in (
            (graph.forward_edge[street], snapping.fraction[here], (begin, end)),
            (graph.backward_edge[street], 1 - snapping.fraction[here], (end, begin)),
        ):
            if edge >= 0:
                at = np.rint(share * ms[edge]).astype(np.int64)
                order = np.argsort(at, kind="stable")
                nodes = [chain[0], *(count + here[order]).tolist(), chain[1]]
                marks = [0, *at[order].tolist(), int(ms[edge])]
                links += [(nodes[i], nodes[i + 1], marks[i + 1] - marks[i]) for i in range(len(nodes) - 1)]
        for place in here.tolist():
            if snapping.fraction[place] in {0.0, 1.0}:
                node = begin if snapping.fraction[place] == 0.0 else end
                links += [(node, count + place, 0), (count + place, node, 0)]
        at_one_point = here[np.argsort(snapping.fraction[here], kind="stable")].tolist()
        for one, other in itertools.pairwise(at_one_point):
            if snapping.fraction[one] == snapping.fraction[other]:
                links += [(count + one, count + other, 0), (count + other, count + one, 0)]
    tail, head, weight = np.array(links, dtype=np.int64).T
    return Edges(tail, head, weight, count + len(snapping.places), count)


def whole_seconds(ms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rounded up, as our matrices are."""
    return -(-np.rint(ms).astype(np.int64) // 1000)


def with_ours(streets: Streets, places: list[Place], repeats: int) -> tuple[list[float], NDArray[np.int64]]:
    """Snapping, seconds and metres of all pairs, on all cores."""
    return _timed(lambda: travel_matrices(streets.graph, streets.snap(places))[0].astype(np.int64), repeats)


def with_ours_on_one_core(streets: Streets, places: list[Place], repeats: int) -> tuple[list[float], NDArray[np.int64]]:
    """The same without a second core."""
    return _timed(lambda: travel_matrices(streets.graph, streets.snap(places), threads=1)[0].astype(np.int64), repeats)


def with_scipy(streets: Streets, places: list[Place], repeats: int) -> tuple[list[float], NDArray[np.int64]]:
    """Seconds only, on one core as SciPy does; in blocks of a hundred rows, so that its wide rows fit memory."""
    edges = insert_places(streets.graph, streets.snap(places))
    order = np.lexsort((edges.ms, edges.head, edges.tail))
    tail, head, ms = edges.tail[order], edges.head[order], edges.ms[order]
    fastest = np.ones(len(tail), dtype=np.bool_)
    fastest[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    # SciPy would take an explicit zero for no edge: half a millisecond in all is less than the rounding notices.
    weights = np.maximum(ms[fastest].astype(np.float64), 1e-6)
    matrix = coo_array((weights, (tail[fastest], head[fastest])), shape=(edges.node_count,) * 2).tocsr()
    sources = np.arange(edges.first_place, edges.node_count)

    def run() -> NDArray[np.int64]:
        blocks = [
            dijkstra(matrix, indices=sources[first : first + 100])[:, edges.first_place :]
            for first in range(0, len(sources), 100)
        ]
        return whole_seconds(np.vstack(blocks))

    return _timed(run, repeats)


def with_networkx(streets: Streets, places: list[Place], repeats: int) -> tuple[list[float], NDArray[np.int64]]:
    """Seconds only, from a sample of places over an OSMnx-shaped multigraph, scaled to all of them."""
    snapping = streets.snap(places)
    edges = insert_places(streets.graph, snapping)
    graph = streets.graph.to_networkx()
    already = len(streets.graph.head)
    for tail, head, ms in zip(edges.tail.tolist(), edges.head.tolist(), edges.ms.tolist(), strict=True):
        if already > 0:
            already -= 1
        else:
            graph.add_edge(tail, head, travel_time=ms / 1000)
    sample = min(NETWORKX_SOURCES, len(places))

    def run() -> NDArray[np.int64]:
        rows = []
        for source in range(edges.first_place, edges.first_place + sample):
            reached = nx.single_source_dijkstra_path_length(graph, source, weight="travel_time")
            rows.append([reached[node] * 1000 for node in range(edges.first_place, edges.node_count)])
        return whole_seconds(np.array(rows))

    times, rows = _timed(run, min(repeats, 3))
    return [seconds * len(places) / sample for seconds in times], rows


METHODS: dict[str, Callable[[Streets, list[Place], int], tuple[list[float], NDArray[np.int64]]]] = {
    "evenfleet, all cores": with_ours,
    "evenfleet, one core": with_ours_on_one_core,
    "scipy.sparse.csgraph.dijkstra": with_scipy,
    "networkx": with_networkx,
}


def _timed(run: Callable[[], NDArray[np.int64]], repeats: int) -> tuple[list[float], NDArray[np.int64]]:
    times = []
    answer = np.zeros((0, 0), dtype=np.int64)
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - start)
    return times, answer


def measure_one(name: str) -> Measured:
    """Measure one method; called in a process of its own, so that memory is its own as well."""
    streets = open_streets(FILE)
    places = random_places(streets.graph, PLACES, seed=SEED)
    warm_up()
    before = memory_mb("VmRSS")
    times, matrix = METHODS[name](streets, places, REPEATS)
    return Measured(name, statistics.median(times), memory_mb("VmHWM") - before, matrix)


def memory_mb(key: str) -> float:
    """A line of this process's status in megabytes; NaN where the system has none."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:")), float("nan"))


def measure() -> str:
    """Measure all methods one after the other; a table in Markdown. Raises AssertionError when they disagree."""
    if not FILE.is_file():
        return f"Not measured: `{FILE.parent.name}/{FILE.name}` is not on this machine."
    rows = []
    for name in METHODS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows.append(pool.apply(measure_one, (name,)))
    ours = rows[0]
    differing = [disagreement(ours.matrix, row.matrix) for row in rows[1:]]
    report = open_streets(FILE).report
    lines = [
        (
            f"{PLACES} random places (seed {SEED}) on {report.kept_nodes:,} nodes and {report.kept_edges:,} edges of"
            f" Porto Alegre: all {PLACES * PLACES:,} pairs. Median of {REPEATS}."
        ),
        "",
        "| method | seconds | times ours | memory, MB | pairs that differ |",
        "|---|---:|---:|---:|---:|",
    ]
    for row, differs in zip(rows, [0, *differing], strict=True):
        lines.append(
            f"| {row.name} | {row.seconds:.3f} | {row.seconds / ours.seconds:.1f} | {row.memory_mb:.0f} | {differs} |"
        )
    lines += [
        "",
        (
            "evenfleet's time includes snapping and the metres along each path; the others get the places inserted as"
            f" nodes beforehand and answer seconds only. SciPy {scipy.__version__} runs on one core. networkx"
            f" {nx.__version__} is timed from {NETWORKX_SOURCES} places (median of {min(REPEATS, 3)}) and scaled to"
            f" {PLACES}, its memory is not. Memory is the highest resident size above that with the street graph"
            " loaded and evenfleet's searches compiled; for the others it includes their own form of the graph."
        ),
    ]
    return "\n".join(lines)


def disagreement(ours: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """
    Pairs whose whole seconds differ, of the rows that both have.

    Raises AssertionError when any differs by more than a second, which floating point cannot explain.
    """
    difference = np.abs(ours[: len(other)] - other)
    if difference.max(initial=0) > 1:
        raise AssertionError(f"matrices differ by up to {difference.max()} s")
    return int(np.count_nonzero(difference))
