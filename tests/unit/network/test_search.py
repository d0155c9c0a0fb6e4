"""The compiled search: labels do not depend on buckets or on the room in the queue; widths that fit no label."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.basics.compiled import compiled
from optimiser.basics.errors import NetworkError
from optimiser.network.matrix import doors, search_graph
from optimiser.network.search import MM_BITS, MM_MASK, NEVER, Tree, empty_tree, search
from tests.unit.network.osm_files import at, streets_of, way

GRID = {row * 10 + column: (column, row) for row in range(6) for column in range(6)}


@pytest.fixture
def lattice(tmp_path):
    """Six by six junctions; every street has another speed, so that labels are mended often."""
    rows = [way(*(row * 10 + column for column in range(6)), maxspeed=str(10 + 17 * row)) for row in range(6)]
    columns = [way(*(row * 10 + column for row in range(6)), maxspeed=str(95 - 16 * column)) for column in range(6)]
    streets = streets_of(tmp_path, GRID, *rows, *columns)
    return search_graph(streets.graph), doors(streets.graph, streets.snap([at("a", 0.3, 0), at("b", 5, 4.7)]))


def labels(graph, places, tree=None):
    everything = np.ones(len(graph.indptr) - 1, dtype=np.bool_)
    return search(graph, places, 0, everything, len(everything), tree or empty_tree(graph)).cost.tolist()


def test_labels_hold_milliseconds_above_millimetres(lattice):
    graph, places = lattice
    found = labels(graph, places)
    # the near end of the first street: 30 m at 10 km/h = 10.8 s
    nearest = min(found)
    assert nearest >> MM_BITS == pytest.approx(10_800, abs=2)
    assert nearest & MM_MASK == pytest.approx(30_000, abs=2)


@pytest.mark.parametrize(("shift", "buckets"), [(0, 2**17), (6, 2**11), (12, 2**5), (29, 2)])
def test_labels_do_not_depend_on_the_width_of_buckets(lattice, shift, buckets):
    graph, places = lattice
    assert labels(graph._replace(shift=MM_BITS + shift, buckets=buckets), places) == labels(graph, places)


def test_a_queue_that_is_too_short_is_lengthened(lattice):
    graph, places = lattice
    short = Tree(*empty_tree(graph)[:4], np.empty(2, np.int64), np.empty(2, np.int64))
    assert labels(graph, places, short) == labels(graph, places)


def test_the_search_stops_when_all_wanted_nodes_are_settled(lattice):
    graph, places = lattice
    full = np.array(labels(graph, places))
    nearest = int(full.argmin())
    wanted = np.zeros(len(full), dtype=np.bool_)
    wanted[nearest] = True
    tree = search(graph, places, 0, wanted, 1, empty_tree(graph))
    assert tree.cost[nearest] == full[nearest]
    assert (tree.cost == NEVER).any(), "it went on to the far end"


def test_a_graph_too_wide_for_labels_is_refused(tmp_path):
    streets = streets_of(tmp_path, {1: (0, 0), 2: (11_000, 0)}, way(1, 2))
    with pytest.raises(NetworkError, match="1100 km wide, room for 1000 km"):
        streets.times([at("a", 0, 0)])


def test_searches_compile_also_where_nothing_may_be_written(monkeypatch):
    import numba

    asked = []

    def njit(**options):
        asked.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(numba, "njit", njit)
    assert compiled(len) is len
    assert asked == [{"cache": True, "nogil": True}, {"nogil": True}]
