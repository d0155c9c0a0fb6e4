"""Where the numbers of plans stand on the chart of a front: beside their marks, which stay where they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

WIDE, HIGH = 18, 14
"""Drawing units that a number of two figures takes."""
SPOT = 5
"""Radius of a mark."""
NEAR = 17
"""From the middle of a mark to that of its number, where there is room; no line has to lead from one to the other."""
STEP, STEPS = 7, 30
"""Further and further out."""
ANGLES = (-30, -150, 30, 150, 0, 180, -55, -125, 55, 125)
"""In degrees, from the right on, downwards: none is straight up or down, as whiskers are."""

Place = tuple[float, float]
Window = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The middle of a number, and whether a line leads there."""

    x: float
    y: float
    is_led: bool


def place_labels(spots: Sequence[Place], bounds: Sequence[float], window: Window) -> list[Label]:
    """
    A place for each number as near to its mark as can be, on no mark, no whisker and no other number.

    `bounds` are the upper ends of the whiskers. Where there is no room at all, a number stands beside its mark anyway.
    """
    inside = shapely.box(*window)
    taken: list[shapely.Geometry] = [
        *(shapely.Point(spot).buffer(SPOT) for spot in spots),
        *(shapely.LineString([spot, (spot[0], bound)]) for spot, bound in zip(spots, bounds, strict=True)),
    ]
    labels = []
    for spot in spots:
        label = next((its for its in _tried(spot) if _is_free(its, taken, inside)), next(iter(_tried(spot))))
        labels.append(label)
        taken.append(_box(label))
    return labels


def _tried(spot: Place) -> list[Label]:
    return [
        Label(
            x=round(spot[0] + far * math.cos(math.radians(angle)), 1),
            y=round(spot[1] + far * math.sin(math.radians(angle)), 1),
            is_led=far > NEAR,
        )
        for far in range(NEAR, NEAR + STEP * STEPS, STEP)
        for angle in ANGLES
    ]


def _is_free(label: Label, taken: Sequence[shapely.Geometry], inside: shapely.Geometry) -> bool:
    box = _box(label)
    return bool(shapely.covers(inside, box)) and not shapely.intersects(list(taken), box).any()


def _box(label: Label) -> shapely.Geometry:
    return shapely.box(label.x - WIDE / 2, label.y - HIGH / 2, label.x + WIDE / 2, label.y + HIGH / 2)
