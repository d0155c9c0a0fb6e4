"""The quiet layers of a study's map: borders of districts, areas where nothing may be built, and the grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import shapely

from optimiser.reporting.map import SIDE, Frame, drawn
from optimiser.reporting.siting_names import polygons
from optimiser.reporting.siting_outcome import Outcome
from optimiser.reporting.siting_phases import NodeOutcome
from optimiser.reporting.siting_study import Study
from optimiser.reporting.words import counted, number

NEAR_M = 4.0
"""What a border may be off, so that the page stays small; of a small city less, as one looks at it from nearby."""
LEAST_UNITS, MOST_UNITS = 2.0, 8.0
"""The same in drawing units, where the budget allows it."""
BUDGET = 150_000
"""Characters of borders, and of excluded areas; where they take more, they are drawn less exactly."""
MOST_AREAS = 200
"""Excluded areas that are told by name, the largest; the others are drawn as one."""
MOST_NODES = 1_000
"""Grid nodes on the map, those that hold most."""


def border_path(study: Study, frame: Frame) -> str:
    """Borders of all districts, each stretch once however many share it."""
    around = _around(frame)
    rings = [shapely.boundary(frame.flat(area)) for area in study.outlines.districts.values()]
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all([_cut(ring, around) for ring in rings])))
    return "".join(_within_budget(lambda tolerance: [drawn(line, tolerance=tolerance) for line in lines], frame))


def excluded_areas(study: Study, frame: Frame) -> list[tuple[str, str]]:
    """Name and path of each area of the frame where nothing may be built; parts of one name are one area."""
    around, by_name = _around(frame), defaultdict[str, list[shapely.Geometry]](list)
    for name, area in study.outlines.excluded:
        if shapely.intersects(flat := frame.flat(area), around):
            by_name[name].append(flat)
    merged = {name: shapely.intersection(shapely.union_all(areas), around) for name, areas in by_name.items()}
    shown = _largest(merged)
    names = list(shown)
    paths = _within_budget(lambda tolerance: [_filled(area, tolerance) for area in shown.values()], frame)
    return [(name, path) for name, path in zip(names, paths, strict=True) if path]


def node_marks(study: Study, told: Outcome, frame: Frame) -> list[dict[str, Any]]:
    """Grid nodes of the frame whose place is known, those that hold most first."""
    around, marks = _around(frame), []
    for node in sorted(told.grid, key=lambda its: -its.held_kw):
        place = study.outlines.grid_nodes.get(node.id)
        if place is None or not shapely.covers(around, frame.flat(shapely.Point(place))):
            continue
        x, y = frame.xy(*place)
        steps = list(_steps(node))
        marks.append(
            {
                "id": node.id,
                "x": x,
                "y": y,
                "state": f"grid node, {_of(node.held_kw, node.carried_kw)} held ready",
                "lines": [f"{name}: {_of(held, carried)}{note}" for name, held, carried, note in steps],
                "levels": [_share(held, carried) for _, held, carried, _ in steps],
                "level": _share(node.held_kw, node.carried_kw),
            }
        )
    return marks[:MOST_NODES]


def _steps(node: NodeOutcome) -> Iterator[tuple[str, float, float, str]]:
    """Before and after each phase: what is held ready, what can be, and whether that is with an upgrade."""
    yield "before", node.held_before_kw, node.carried_before_kw, ""
    for its in node.phases:
        note = ", upgraded" if its.carried_kw > node.carried_before_kw else ""
        yield its.phase, its.held_kw, its.carried_kw, note


def _of(held_kw: float, carried_kw: float) -> str:
    digits = 0 if carried_kw >= 10 else 1
    return f"{number(held_kw, digits)} of {number(carried_kw, digits)} kW"


def _share(held_kw: float, carried_kw: float) -> float:
    return round(min(1.0, held_kw / carried_kw), 3) if carried_kw > 0 else 1.0


def _around(frame: Frame) -> shapely.Polygon:
    """The frame and half of it on each side, as far as a reader can move it."""
    return shapely.box(-SIDE // 2, -SIDE // 2, frame.width + SIDE // 2, frame.height + SIDE // 2)


def _cut(line: shapely.Geometry, around: shapely.Polygon) -> shapely.Geometry:
    return shapely.clip_by_rect(line, *around.bounds)


def _largest(areas: Mapping[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """The largest areas by name, and the others as one."""
    if len(areas) <= MOST_AREAS:
        return dict(areas)
    order = sorted(areas, key=lambda name: -float(shapely.area(areas[name])))
    named, others = order[:MOST_AREAS], order[MOST_AREAS:]
    rest = shapely.union_all([areas[name] for name in others])
    return {name: areas[name] for name in named} | {counted(len(others), "smaller area"): rest}


def _within_budget(draw: Callable[[float], list[str]], frame: Frame) -> list[str]:
    """Paths that lose no more than a few metres, or as much as it takes for all to fit into the budget."""
    tolerance = min(MOST_UNITS, max(LEAST_UNITS, NEAR_M / frame.unit_m))
    while sum(map(len, paths := draw(tolerance))) > BUDGET and tolerance < SIDE:
        tolerance *= 2
    return paths


def _filled(area: shapely.Geometry, tolerance: float) -> str:
    """All rings of an area that are larger than what may be lost."""
    rings = [ring for polygon in polygons(area) for ring in (polygon.exterior, *polygon.interiors)]
    paths = [drawn(ring, tolerance=tolerance) for ring in rings if shapely.Polygon(ring).area > tolerance**2]
    return "".join(f"{path}Z" for path in paths if path)
