"""Lines of the map: true to the ground, each street once, and never too heavy."""

from __future__ import annotations

import math
import re
from itertools import combinations

import pytest

from optimiser.reporting.map import SIDE, arrows, frame_around, line_path
from optimiser.reporting.street_drawing import street_paths


def square():
    """A frame of some 2.2 km around Göteborg; no margin to speak of."""
    return frame_around([(11.97, 57.70), (12.00745, 57.72)], margin=0.0)


def test_a_metre_is_as_long_east_as_north():
    frame = square()
    # 0.01 degrees north are 0.01 / cos(57.71) = 0.018717 degrees east.
    x, _ = frame.xy(11.97 + 0.01 / math.cos(math.radians(57.71)), 57.70)
    x0, y0 = frame.xy(11.97, 57.70)
    _, y = frame.xy(11.97, 57.71)
    assert x - x0 == pytest.approx(y0 - y, abs=1)
    assert max(frame.width, frame.height) == SIDE


def test_one_place_alone_still_has_a_frame():
    frame = frame_around([(11.97, 57.70)])
    assert frame.xy(11.97, 57.70) == (frame.width // 2, frame.height // 2)


def test_paths_step_relatively_and_drop_what_no_eye_sees():
    frame = square()
    degrees = 1 / frame.x_scale
    line = [(frame.west + 100 * degrees, frame.north), (frame.west + 200 * degrees, frame.north)]
    middle = (frame.west + 150 * degrees, frame.north - 1 / frame.y_scale)
    assert line_path(frame, [line[0], middle, line[1]]) == "M100 0l100 0"


def test_arrows_point_along_the_way():
    frame = square()
    points = [(frame.west, frame.north), (frame.west + 1400 / frame.x_scale, frame.north)]
    (arrow,) = arrows(frame, points)
    assert (arrow.x, arrow.y, arrow.angle) == (700, 0, 0)
    south = [(frame.west, frame.north), (frame.west, frame.north - 1400 / frame.y_scale)]
    assert arrows(frame, south)[0].angle == 90
    assert arrows(frame, [points[0], points[0]]) == []


def test_a_street_drawn_there_and_back_is_drawn_once():
    line = ((11.98, 57.70), (11.99, 57.71))
    (found,) = street_paths(square(), [("residential", line), ("residential", line[::-1])], budget=10_000)
    assert found[0] == "minor"
    assert found[1].count("M") == 1


def test_quiet_streets_come_first_and_streets_far_away_not_at_all():
    lines = [
        ("motorway", ((11.98, 57.70), (11.99, 57.71))),
        ("service", ((11.98, 57.71), (11.99, 57.70))),
        ("secondary", ((13.0, 58.0), (13.1, 58.1))),
    ]
    assert [rank for rank, _ in street_paths(square(), lines, budget=10_000)] == ["minor", "major"]


def test_the_budget_counts_every_character():
    """Straight streets, so that no corner can be rounded off: all fit exactly, or the shortest is left out."""
    ends = [(11.98, 57.70), (11.9934, 57.7021), (11.96, 57.7199), (11.99, 57.69)]
    lines = [("residential", pair) for pair in combinations(ends, 2)]
    drawn = "".join(path for _, path in street_paths(square(), lines, budget=10_000))
    assert drawn.count("M") == 6
    exactly = street_paths(square(), lines, budget=len(drawn))
    assert "".join(path for _, path in exactly) == drawn
    less = "".join(path for _, path in street_paths(square(), lines, budget=len(drawn) - 1))
    assert less.count("M") == 5


def test_without_streets_there_is_nothing_to_draw():
    far = ("primary", ((13.0, 58.0), (13.1, 58.1)))
    point = ("primary", ((11.98, 57.70), (11.98, 57.70)))
    for lines in ([], [far], [("primary", ((11.98, 57.70),))], [point]):
        assert street_paths(square(), lines, budget=10_000) == []


def test_a_city_too_heavy_loses_its_shortest_quiet_streets_first():
    short = [("residential", ((11.98 + k * 1e-4, 57.70), (11.98 + k * 1e-4, 57.7005))) for k in range(100)]
    loud = ("primary", ((11.97, 57.71), (12.0, 57.71)))
    paths = street_paths(square(), [*short, loud], budget=400)
    assert sum(len(d) for _, d in paths) <= 400
    assert "main" in [rank for rank, _ in paths]
    kept = sum(len(re.findall("M", d)) for _, d in paths)
    assert 1 < kept < 101
