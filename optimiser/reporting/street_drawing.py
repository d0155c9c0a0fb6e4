"""The streets under the report's map: each once, by rank and tile, as many as a page can carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from optimiser.reporting.map import SIDE, Frame

Ints = NDArray[np.int64]

StreetLine = tuple[str, Sequence[tuple[float, float]]]
"""OSM highway class, and the street's (lon, lat) points."""

_RANKS = {
    **dict.fromkeys(("motorway", "trunk", "motorway_link", "trunk_link"), "major"),
    **dict.fromkeys(("primary", "secondary", "primary_link", "secondary_link"), "main"),
    **dict.fromkeys(("tertiary", "tertiary_link"), "middle"),
}
RANKS = ("minor", "middle", "main", "major")
"""From quiet to loud, the order of drawing; a highway class that is not listed is minor."""
_TILES = 8
"""Streets are cut into this many tiles each way, so that a browser zoomed in draws few of them."""
_DIGITS = np.array([10**count for count in range(1, 10)], dtype=np.int64)
"""A whole number has one digit more than how many of these are not above it."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Some streets in drawing units."""

    ranks: Ints
    points: Ints
    """Of all streets, one after the other, shape (n, 2)."""
    first: Ints
    """Where each street's points begin, and where the last one's end, shape (streets + 1,)."""

    def __len__(self) -> int:
        return len(self.ranks)

    def only(self, kept: NDArray[np.bool_]) -> _Lines:
        """Those that are marked."""
        counts = np.diff(self.first)
        return _Lines(self.ranks[kept], self.points[np.repeat(kept, counts)], _firsts(counts[kept]))


def street_paths(frame: Frame, street_lines: Sequence[StreetLine], *, budget: int) -> list[tuple[str, str]]:
    """
    (rank, SVG path) in the order of drawing, one for each rank and tile; ranks as in `RANKS`.

    Streets drawn twice (there and back) are drawn once. Corners are rounded off step by step until all fits
    into `budget` characters; when even that is too much, the shortest minor streets go first.
    """
    lines = _inside(frame, street_lines)
    if not len(lines):
        return []
    for tolerance in (3, 6, 12, 24):
        drawn = _Drawing(_simplified(lines, tolerance))
        if drawn.lengths.sum() <= budget:
            break
    middles = lines.points[(lines.first[:-1] + lines.first[1:]) // 2]
    tiles: dict[tuple[int, int, int], list[str]] = {}
    for index in _within_budget(lines, drawn.lengths, budget).tolist():
        if drawn.lengths[index]:
            x, y = (middles[index] * _TILES // SIDE).tolist()
            tiles.setdefault((int(lines.ranks[index]), x, y), []).append(drawn.path(index))
    return [(RANKS[tile[0]], "".join(parts)) for tile, parts in sorted(tiles.items())]


def _inside(frame: Frame, street_lines: Sequence[StreetLine]) -> _Lines:
    """The streets near the frame, each once; half a frame around it is kept as well."""
    street_lines = [line for line in street_lines if len(line[1]) > 1]
    ranks = np.array([RANKS.index(_RANKS.get(highway, "minor")) for highway, _ in street_lines], dtype=np.int64)
    first = _firsts(np.array([len(line) for _, line in street_lines], dtype=np.int64))
    if not len(ranks):
        return _Lines(ranks, np.empty((0, 2), dtype=np.int64), first)
    flat = chain.from_iterable(chain.from_iterable(line for _, line in street_lines))
    degrees = np.fromiter(flat, dtype=np.float64).reshape(-1, 2)
    origin, scale = np.array([frame.west, frame.north]), np.array([frame.x_scale, -frame.y_scale])
    points = np.rint((degrees - origin) * scale).astype(np.int64)
    low, high = np.array([-SIDE // 2, -SIDE // 2]), np.array([frame.width, frame.height]) + SIDE // 2
    least, most = (extreme.reduceat(points, first[:-1], axis=0) for extreme in (np.minimum, np.maximum))
    near = _Lines(ranks, points, first).only(np.all((most >= low) & (least <= high), axis=1))
    seen: set[bytes] = set()
    is_new = np.ones(len(near), dtype=np.bool_)
    for index, (begin, end) in enumerate(pairwise(near.first.tolist())):
        line = near.points[begin:end]
        key = min(line.tobytes(), line[::-1].tobytes())
        is_new[index] = key not in seen
        seen.add(key)
    return near.only(is_new)


def _simplified(lines: _Lines, tolerance: float) -> _Lines:
    """Fewer points; none is moved, and none left out is further than the tolerance from what is drawn."""
    owner = np.repeat(np.arange(len(lines)), np.diff(lines.first))
    made = shapely.linestrings(lines.points.astype(float), indices=owner)
    simplified = np.atleast_1d(np.asarray(shapely.simplify(made, tolerance, preserve_topology=False), dtype=object))
    points, owner = shapely.get_coordinates(simplified, return_index=True)
    counts = np.bincount(owner, minlength=len(lines))
    return _Lines(lines.ranks, points.astype(np.int64), _firsts(counts))


def _within_budget(lines: _Lines, lengths: Ints, budget: int) -> Ints:
    """Indices of the streets to keep: loud before quiet, long before short, as far as the budget goes."""
    if lengths.sum() <= budget:
        return np.arange(len(lines))
    steps = np.abs(np.diff(lines.points, axis=0, append=lines.points[-1:])).sum(axis=1)
    steps[lines.first[1:] - 1] = 0
    order = np.lexsort((-np.add.reduceat(steps, lines.first[:-1]), -lines.ranks))
    return order[: int(np.searchsorted(np.cumsum(lengths[order]), budget, side="right"))]


class _Drawing:
    """Streets as SVG paths: `M` to the first point, then relative steps; nothing for one shorter than a unit."""

    def __init__(self, lines: _Lines) -> None:
        steps = np.diff(lines.points, axis=0, append=lines.points[-1:])
        is_drawn = (steps != 0).any(axis=1)
        is_drawn[lines.first[1:] - 1] = False
        self._begins = lines.points[lines.first[:-1]]
        self._steps, self._first = (
            steps[is_drawn],
            _firsts(np.add.reduceat(is_drawn.astype(np.int64), lines.first[:-1])),
        )
        self.lengths = self._count()
        """Characters of each street."""

    def path(self, index: int) -> str:
        """One street that is drawn."""
        x, y = self._begins[index].tolist()
        numbers = self._steps[self._first[index] : self._first[index + 1]].ravel().tolist()
        text = "".join([f" {number}" if number >= 0 else str(number) for number in numbers])
        return f"M{x} {y}l{text.lstrip()}"

    def _count(self) -> Ints:
        is_drawn = np.diff(self._first) > 0
        of_steps = np.concatenate([[0], np.cumsum((_digits(self._steps) + 1).sum(axis=1))])
        lengths = of_steps[self._first[1:]] - of_steps[self._first[:-1]]
        starts = (_digits(self._begins) + (self._begins < 0)).sum(axis=1) + len("M l")
        starts[is_drawn] -= self._steps[self._first[:-1][is_drawn], 0] >= 0
        return np.where(is_drawn, lengths + starts, 0)


def _digits(numbers: Ints) -> Ints:
    return np.searchsorted(_DIGITS, np.abs(numbers), side="right") + 1


def _firsts(counts: Ints) -> Ints:
    """Where each of some rows of so many things begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
