"""The benchmark compares like with like: on a small city all methods agree, and its page is written between markers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.network import METHODS, disagreement, random_places
from tests.bench.page import write_section
from tests.unit.network.osm_files import streets_of, way


@pytest.fixture
def streets(tmp_path):
    grid = {row * 10 + column: (column, row) for row in range(7) for column in range(7)}
    rows = [way(*(row * 10 + column for column in range(7)), oneway="yes" if row % 2 else "-1") for row in range(7)]
    columns = [way(*(row * 10 + column for row in range(7)), maxspeed=str(20 + 7 * column)) for column in range(7)]
    return streets_of(tmp_path, grid, *rows, *columns)


@pytest.mark.parametrize("other", list(METHODS)[1:])
def test_every_method_finds_the_same_seconds(streets, other):
    places = random_places(streets.graph, 40, seed=2)
    places += places[:3]  # places that share a point
    times, ours = METHODS["evenfleet, all cores"](streets, places, 2)
    _, theirs = METHODS[other](streets, places, 1)
    assert ours.shape == (43, 43)
    assert ours.max() > 60
    assert disagreement(ours, theirs) == 0
    assert len(times) == 2


def test_a_matrix_that_is_wrong_stops_the_benchmark():
    with pytest.raises(AssertionError, match="by up to 2 s"):
        disagreement(np.zeros((2, 2), dtype=np.int64), np.array([[0, 2]]))


def test_a_section_replaces_only_what_is_between_its_markers(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x: begin, written by make bench -->\nold\n<!-- x: end -->\nafter\n")
    write_section("x", "new", page=page)
    assert page.read_text() == "before\n<!-- x: begin, written by make bench -->\nnew\n<!-- x: end -->\nafter\n"
    with pytest.raises(ValueError, match="once each"):
        write_section("y", "new", page=page)
