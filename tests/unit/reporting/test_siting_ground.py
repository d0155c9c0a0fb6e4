"""What is drawn of a city beside its streets: each border once, few characters, names where there is room."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
import shapely

from optimiser.reporting.map import frame_around
from optimiser.reporting.siting_ground import (
    BUDGET,
    MOST_AREAS,
    MOST_NODES,
    MOST_UNITS,
    border_path,
    excluded_areas,
    node_marks,
)
from optimiser.reporting.siting_names import PIXEL, district_names
from optimiser.reporting.siting_outcome import outcome
from optimiser.reporting.siting_outlines import Outlines
from optimiser.reporting.siting_page import framed
from optimiser.siting.problem import District, GridNode
from tests.unit.reporting.siting_reports import LAT, LON, OUTLINES, small_problem, small_study

# A tenth of a degree wide: a drawing unit is a third of a metre.
WIDE = frame_around([(LON, LAT), (LON + 0.1, LAT + 0.05)])


def lines_of(path):
    """The lines that a path of `M` and relative steps draws, each closed where it says so."""
    lines = []
    for x, y, steps in re.findall(r"M(-?\d+) (-?\d+)l([-\d ]+)", path):
        numbers = [int(step) for step in re.findall(r"-?\d+", steps)]
        points = [(int(x), int(y))]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        lines.append(shapely.LineString(points))
    return lines


def drawn_with(**outlines):
    return small_study(outlines=Outlines(**outlines))


def test_a_border_that_two_districts_share_is_drawn_once():
    west = shapely.box(LON + 0.01, LAT + 0.01, LON + 0.03, LAT + 0.03)
    east = shapely.box(LON + 0.03, LAT + 0.01, LON + 0.05, LAT + 0.03)
    path = border_path(drawn_with(districts={"west": west, "east": east}), WIDE)
    flat = [WIDE.flat(area) for area in (west, east)]
    # Around both, and once between them.
    whole = shapely.union_all(flat).length + (flat[0].bounds[3] - flat[0].bounds[1])
    assert sum(line.length for line in lines_of(path)) == pytest.approx(whole, rel=1e-3)


def test_a_border_of_many_corners_is_drawn_with_few_and_a_few_metres_off_at_most():
    ring = [
        (LON + 0.05 + 0.03 * math.cos(turn / 5000 * math.tau), LAT + 0.025 + 0.015 * math.sin(turn / 5000 * math.tau))
        for turn in range(5000)
    ]
    area = shapely.Polygon(ring)
    path = border_path(drawn_with(districts={"west": area}), WIDE)
    (line,) = lines_of(path)
    assert len(line.coords) < 200
    off = shapely.hausdorff_distance(line, WIDE.flat(area).exterior, densify=0.01)
    # Four metres would be twelve units; and one for rounding to whole units.
    assert off < MOST_UNITS + 1
    assert off * WIDE.unit_m < 4.0


def test_borders_that_take_too_many_characters_are_drawn_less_exactly():
    # Sawteeth of 40 m, far more of them than the budget holds.
    teeth = [
        [(LON + 0.1 * step / 4000, LAT + 0.001 * row + 0.0004 * (step % 2)) for step in range(4001)] for row in range(9)
    ]
    areas = {
        str(row): shapely.Polygon([*line, (LON + 0.1, LAT - 0.1), (LON, LAT - 0.1)]) for row, line in enumerate(teeth)
    }
    path = border_path(drawn_with(districts=areas), WIDE)
    assert 0 < len(path) <= BUDGET


def test_borders_end_where_the_map_does():
    far = shapely.box(LON - 30, LAT - 20, LON + 0.05, LAT + 20)
    (line,) = lines_of(border_path(drawn_with(districts={"west": far}), WIDE))
    # Nothing but the eastern border comes near; the edge of the map is no border.
    assert {round(x) for x, _ in line.coords} == {round(WIDE.xy(LON + 0.05, LAT)[0])}


def test_a_name_lies_in_its_district_and_beside_the_marks():
    area = shapely.box(LON + 0.01, LAT + 0.01, LON + 0.09, LAT + 0.04)
    study = drawn_with(districts={"west": area})
    (free,) = district_names(study, [], WIDE)
    assert WIDE.flat(area).contains(shapely.Point(free.x, free.y))
    assert free.lines == ["west"]
    # Four letters are some 28 pixels; the whole width is there, of which a name may reach over by three tenths.
    assert free.fits == pytest.approx((0.08 * WIDE.x_scale) / (0.7 * 28), rel=0.02)
    (beside,) = district_names(study, [{"x": free.x, "y": free.y}], WIDE)
    assert max(abs(beside.x - free.x) / 28, abs(beside.y - free.y) / 13) > PIXEL / 2


def test_a_name_is_cut_into_lines_where_the_district_is_narrow_and_has_none_where_it_is_not_seen():
    narrow, away = (shapely.box(LON + west, LAT, LON + west + 0.01, LAT + 0.05) for west in (0.05, 1))
    study = drawn_with(districts={"west": narrow, "east": away})
    named = tuple(District(id=id_, name="Saint Germain en Laye") for id_ in ("west", "east", "named only"))
    study = replace(study, problem=replace(study.problem, districts=named))
    (told,) = district_names(study, [], WIDE)
    assert told.lines == ["Saint", "Germain en", "Laye"]


def test_excluded_areas_keep_their_holes_and_parts_of_one_name_are_one():
    park = shapely.box(LON + 0.01, LAT + 0.01, LON + 0.05, LAT + 0.04)
    pond = shapely.box(LON + 0.02, LAT + 0.02, LON + 0.03, LAT + 0.03)
    lawn = shapely.box(LON + 0.04, LAT + 0.01, LON + 0.06, LAT + 0.04)
    far = shapely.box(LON + 5, LAT, LON + 6, LAT + 1)
    study = drawn_with(excluded=(("Park", park.difference(pond)), ("Park", lawn), ("Sea", far)))
    ((name, path),) = excluded_areas(study, WIDE)
    assert name == "Park"
    assert path.count("M") == path.count("Z") == 2
    outer, hole = sorted((shapely.Polygon(line.coords).area for line in lines_of(path)), reverse=True)
    assert outer == pytest.approx(WIDE.flat(park.union(lawn)).area, rel=1e-3)
    assert hole == pytest.approx(WIDE.flat(pond).area, rel=1e-2)


def test_of_very_many_excluded_areas_the_smallest_are_one():
    many = MOST_AREAS + 3
    areas = [
        (f"lawn {row}", shapely.box(west := LON + 0.0004 * row, LAT, west + 0.0003, LAT + 0.001 + 0.0001 * row))
        for row in range(many)
    ]
    told = excluded_areas(drawn_with(excluded=areas), WIDE)
    assert len(told) == MOST_AREAS + 1
    assert told[-1][0] == "3 smaller areas"
    assert {"lawn 0", "lawn 1", "lawn 2"}.isdisjoint(name for name, _ in told)
    assert sum(len(path) for _, path in told) <= BUDGET


def small_marks(**given):
    study = small_study(**{"outlines": OUTLINES, **given})
    told = outcome(study)
    return node_marks(study, told, frame_around(framed(study, told)))


def test_a_grid_node_tells_what_it_holds_before_anything_is_built_and_after_each_phase():
    (mark,) = small_marks()
    # A slow plug takes 10 kW: A's is there before, B's comes with an upgrade of 20 kW, C hangs on no node.
    assert mark["lines"] == ["before: 10 of 15 kW", "phase 1: 20 of 35 kW, upgraded", "phase 2: 20 of 35 kW, upgraded"]
    assert mark["levels"] == [pytest.approx(10 / 15, abs=1e-3), *[pytest.approx(20 / 35, abs=1e-3)] * 2]
    assert mark["level"] == mark["levels"][-1]
    assert mark["state"] == "grid node, 20 of 35 kW held ready"


def test_grid_nodes_whose_place_is_not_known_or_far_away_are_not_drawn():
    assert small_marks(outlines=Outlines()) == []
    assert small_marks(outlines=Outlines(grid_nodes={"G": (LON + 1, LAT)})) == []


def test_of_very_many_grid_nodes_those_that_hold_most_are_drawn():
    problem = small_problem()
    others = tuple(GridNode(id=f"N{row}", hosting_kw=5.0) for row in range(MOST_NODES + 5))
    places = {node.id: (LON, LAT) for node in (*others, *problem.grid)}
    study = small_study()
    study = replace(study, problem=replace(study.problem, grid=(*others, *problem.grid)))
    study = replace(study, outlines=Outlines(grid_nodes=places))
    told = outcome(study)
    marks = node_marks(study, told, frame_around(framed(study, told)))
    assert len(marks) == MOST_NODES
    assert marks[0]["id"] == "G"


def test_a_node_that_can_hold_nothing_is_full():
    study = small_study()
    empty = GridNode(id="E", hosting_kw=0.0)
    study = replace(study, problem=replace(study.problem, grid=(*study.problem.grid, empty)))
    study = replace(study, outlines=Outlines(grid_nodes={"E": (LON, LAT)}))
    told = outcome(study)
    (mark,) = node_marks(study, told, frame_around(framed(study, told)))
    assert mark["levels"] == [1.0, 1.0, 1.0]
