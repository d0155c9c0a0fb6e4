"""The largest convex function below a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def lower_hull(table: Sequence[float]) -> list[tuple[int, float]]:
    """Pieces of the lower convex hull of entries 0, 1, ..: how many steps each has, and its slope; slopes rise."""
    corners: list[int] = []
    for count, value in enumerate(table):
        while len(corners) > 1:
            before, last = corners[-2], corners[-1]
            if (table[last] - table[before]) * (count - last) < (value - table[last]) * (last - before):
                break
            corners.pop()
        corners.append(count)
    return [(end - begin, (table[end] - table[begin]) / (end - begin)) for begin, end in pairwise(corners)]
