"""
Instances of the p-median: every node is a demand point of weight 1 and may be a site.

    OR-Library (Beasley 1985)   n, m, p, then m edges i j c, nodes counted from 1; a repeated edge overwrites the one
                                before it; ways are shortest paths, edges go both ways
    TSPLIB (Reinelt 1991)       NODE_COORD_SECTION; ways are floor(sqrt(dx^2 + dy^2)), p is asked by a list

Minimise the sum of the ways of all nodes to the nearest of p sites.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scenarios.benchmarks.all_pairs import all_pairs
from scenarios.benchmarks.files import finite_number, read_text, refuse

LAYOUT = "n, m, p and m edges i j c, or a TSPLIB file with NODE_COORD_SECTION"
MOST_NODES = 10_000
"""Ways between all of them are held at once."""
APART = 1e12
"""Longer than any way; nodes that are not connected are that far apart."""
LONGEST = 10**9
"""An edge."""
COORDINATES = "NODE_COORD_SECTION"


@dataclass(frozen=True, eq=False, kw_only=True)
class PMedianInstance:
    """Nodes and the ways between them."""

    name: str
    p: int
    """Sites to choose."""
    n: int
    """Nodes."""
    measure: Callable[[], NDArray[np.float64]]
    """Measures all ways."""

    @cached_property
    def way(self) -> NDArray[np.float64]:
        """Shape (n, n), whole numbers."""
        return self.measure()


def read_pmedian(path: Path, asked: Mapping[str, str] | None = None) -> PMedianInstance:
    """
    Read an instance of either form, told apart by content; its name is that of the file.

    Parameters
    ----------
    asked
        A list's row for it; its `p` goes before that of the file.

    Raises
    ------
    InvalidInput
        One located error: the first thing that is wrong, with its value and what would be right.
    """
    text = read_text(path, hint=LAYOUT)
    n, measure, p, parts = _points(path, text) if COORDINATES in text else _graph(path, text)
    wanted = (asked or {}).get("p", "")
    if wanted:
        number = finite_number(wanted)
        p = int(number) if number is not None and number.is_integer() else 0
    if p is None:
        refuse(path, "p_missing", "does not say how many sites", hint="name it in a cases.csv with a column p")
    if not 1 <= p <= n:
        told = wanted or p
        refuse(path, "p_wrong", f"p is {told}", value=told, hint=f"a whole number within 1..{n:,}")
    if p < parts:
        told = f"p is {p}, and no edge joins the {parts:,} parts that the nodes fall into"
        refuse(path, "p_too_few", told, value=p, hint=f"{parts:,} or more, so that every part has a site")
    return PMedianInstance(name=path.stem, p=p, n=n, measure=measure)


_Read = tuple[int, Callable[[], NDArray[np.float64]], int | None, int]
"""Nodes, what measures the ways between them, p where the file says it, and into how many parts the nodes fall."""


def _graph(path: Path, text: str) -> _Read:
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    number, head = lines[0]
    if len(head) != 3:
        refuse(path, "header_wrong", "does not begin with n m p", where=f"line {number}", value=head, hint=LAYOUT)
    n, m, p = (_whole(path, token, number, what, low=1) for token, what in zip(head, ("n", "m", "p"), strict=True))
    if n > MOST_NODES:
        refuse(path, "too_large", f"has {n:,} nodes", where=f"line {number}", value=n, hint=f"{MOST_NODES:,} at most")
    if len(lines) - 1 != m:
        refuse(path, "edge_count", f"holds {len(lines) - 1:,} edges, m is {m:,}", value=len(lines) - 1, hint=LAYOUT)
    direct = np.full((n, n), APART)
    one, other, length = _edges(path, lines[1:], n)
    # Of edges between the same nodes the last is written last, and stays.
    direct[np.minimum(one, other), np.maximum(one, other)] = length
    np.fill_diagonal(direct, 0.0)
    parts = connected_components(coo_array((np.ones(m), (one, other)), shape=(n, n)), directed=False)[0]
    return n, partial(all_pairs, np.minimum(direct, direct.T), apart=APART), p, int(parts)


def _edges(path: Path, lines: list[tuple[int, list[str]]], n: int) -> NDArray[np.int64]:
    """Nodes from 0 and length of each edge, shape (3, edges); only where something is wrong each is looked at alone."""
    if all(len(tokens) == 3 for _, tokens in lines):
        try:
            told = np.array([float(token) for _, tokens in lines for token in tokens]).reshape(-1, 3)
        except ValueError:
            told = np.full((1, 3), np.nan)
        is_right = np.isfinite(told).all() and (told == np.round(told)).all() and (told >= [1, 1, 0]).all()
        if is_right and (told[:, :2] <= n).all() and (told[:, 2] <= LONGEST).all():
            edges: NDArray[np.int64] = told.T.astype(np.int64) - np.array([[1], [1], [0]])
            return edges
    for number, tokens in lines:
        if len(tokens) != 3:
            refuse(path, "edge_wrong", "is no edge i j c", where=f"line {number}", value=tokens, hint=LAYOUT)
        for token in tokens[:2]:
            _whole(path, token, number, "a node", low=1, high=n)
        _whole(path, tokens[2], number, "the length of an edge", high=LONGEST)
    raise AssertionError("one of the edges is wrong")


def _points(path: Path, text: str) -> _Read:
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if COORDINATES in line) + 1
    points = []
    for number, line in enumerate(lines[first:], start=first + 1):
        tokens = line.split()
        if not tokens or tokens[0] == "EOF":
            break
        values = [finite_number(token) for token in tokens]
        if len(tokens) != 3 or None in values:
            refuse(path, "point_wrong", "is no point i x y", where=f"line {number}", value=line.strip(), hint=LAYOUT)
        points.append(values[1:])
    if not 1 <= len(points) <= MOST_NODES:
        refuse(path, "point_count", f"has {len(points):,} points", value=len(points), hint=f"1..{MOST_NODES:,} points")
    return len(points), partial(_straight, np.array(points, dtype=np.float64)), None, 1


def _straight(place: NDArray[np.float64]) -> NDArray[np.float64]:
    way: NDArray[np.float64] = np.floor(np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=2)))
    return way


def _whole(path: Path, token: str, line: int, what: str, *, low: int = 0, high: int | None = None) -> int:
    value = finite_number(token)
    if value is None or not value.is_integer() or value < low or (high is not None and value > high):
        wanted = f"a whole number, {low} or more" if high is None else f"a whole number within {low}..{high:,}"
        refuse(path, "token_wrong", f"{what} is {token[:30]!r}", where=f"line {line}", value=token[:30], hint=wanted)
    return int(value)
