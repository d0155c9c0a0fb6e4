"""
Instances of the p-median: every node is a demand point of weight 1 and may be a site.

    OR-Library (Beasley 1985)   n, m, p, then m edges i j c, nodes counted from 1; a repeated edge overwrites the one
                                before it; ways are shortest paths, edges go both ways
    TSPLIB (Reinelt 1991)       NODE_COORD_SECTION; ways are floor(sqrt(dx^2 + dy^2)), p is asked by a list

Minimise the sum of the ways of all nodes to the nearest of p sites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from optimiser.basics.findings import Findings
from scenarios.benchmarks.all_pairs import all_pairs
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.files import finite_number, read_text, refuse

LAYOUT = "n, m, p and m edges i j c, or a TSPLIB file with NODE_COORD_SECTION"
MOST_NODES = 10_000
"""Ways between all of them are held at once."""
APART = 1e12
"""Longer than any way; nodes that are not connected are that far apart."""
LONGEST = 10**9
"""An edge."""
COORDINATES = "NODE_COORD_SECTION"
ORLIB, TSPLIB = "orlib", "tsplib_floor"
"""Names of the forms in a list's column `format`."""


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


def read_pmedian(path: Path, asked: Asked | None = None) -> PMedianInstance:
    """
    Read an instance of either form, told apart by content; its name is that of the file.

    Parameters
    ----------
    asked
        By a list's row for it; its `p` goes before that of the file.

    Raises
    ------
    InvalidInput
        Everything that is wrong with the file and the row, located, with what would be right.
    """
    findings, asked, read = Findings(), asked or Asked(), None
    with findings.noting():
        text = read_text(path, hint=LAYOUT)
        form = TSPLIB if COORDINATES in text else ORLIB
        asked.check_form(findings, path, form, (ORLIB, TSPLIB))
        read = _points(path, text, findings) if form == TSPLIB else _graph(path, text, findings)
    n, measure, own, parts = read or _UNREAD
    p = asked.sites(findings, path, own=own, most=n or None)
    if 0 < p < parts:
        told = f"p is {p}, and no edge joins the {parts:,} parts that the nodes fall into"
        hint = f"{parts:,} or more, so that every part has a site"
        asked.wrong(findings, path, "p_too_few", told, value=p, hint=hint)
    findings.raise_errors(f"benchmark file {path}")
    return PMedianInstance(name=path.stem, p=p, n=n, measure=measure)


_Read = tuple[int, Callable[[], NDArray[np.float64]], float | None, int]
"""Nodes, what measures the ways between them, p where the file says it, and into how many parts the nodes fall."""
_UNREAD: _Read = (0, lambda: np.empty((0, 0)), 1.0, 0)
"""Of a file that is wrong, and said to be."""


def _graph(path: Path, text: str, findings: Findings) -> _Read | None:
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    number, head = lines[0]
    if len(head) != 3:
        refuse(path, "header_wrong", "does not begin with n m p", where=f"line {number}", value=head, hint=LAYOUT)
    told = [
        _whole(findings, path, token, number, what, low=low)
        for token, what, low in zip(head, ("n", "m", "p"), (1, 0, 1), strict=True)
    ]
    n, m, p = (value or 0 for value in told)
    if n > MOST_NODES:
        refuse(path, "too_large", f"has {n:,} nodes", where=f"line {number}", value=n, hint=f"{MOST_NODES:,} at most")
    if told[1] is not None and len(lines) - 1 != m:
        message = f"holds {len(lines) - 1:,} edges, m is {m:,}"
        findings.error("edge_count", message, source=str(path), value=len(lines) - 1, hint=LAYOUT)
    edges = _edges(path, lines[1:], n or MOST_NODES, findings)
    if edges is None or None in told or len(lines) - 1 != m:
        return None
    one, other, length = edges
    direct = np.full((n, n), APART)
    # Of edges between the same nodes the last is written last, and stays.
    direct[np.minimum(one, other), np.maximum(one, other)] = length
    np.fill_diagonal(direct, 0.0)
    parts = connected_components(coo_array((np.ones(len(one)), (one, other)), shape=(n, n)), directed=False)[0]
    return n, partial(all_pairs, np.minimum(direct, direct.T), apart=APART), float(p), int(parts)


def _edges(path: Path, lines: list[tuple[int, list[str]]], n: int, findings: Findings) -> NDArray[np.int64] | None:
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
    before = len(findings.items)
    for number, tokens in lines:
        if findings.is_flooded(before, source=str(path), where=f"line {number}"):
            break
        if len(tokens) != 3:
            told_at = {"source": str(path), "where": f"line {number}"}
            findings.error("edge_wrong", "is no edge i j c", **told_at, value=" ".join(tokens)[:60], hint=LAYOUT)
            continue
        for token in tokens[:2]:
            _whole(findings, path, token, number, "a node", low=1, high=n)
        _whole(findings, path, tokens[2], number, "the length of an edge", high=LONGEST)
    return None


def _points(path: Path, text: str, findings: Findings) -> _Read | None:
    lines, before = text.splitlines(), len(findings.items)
    first = next(number for number, line in enumerate(lines) if COORDINATES in line) + 1
    points = []
    for number, line in enumerate(lines[first:], start=first + 1):
        tokens, where = line.split(), f"line {number}"
        if not tokens or tokens[0] == "EOF" or findings.is_flooded(before, source=str(path), where=where):
            break
        values = [finite_number(token) for token in tokens]
        if len(tokens) != 3 or None in values:
            told = line.strip()[:60]
            findings.error("point_wrong", "is no point i x y", source=str(path), where=where, value=told, hint=LAYOUT)
        points.append(values[1:])
    if not 1 <= len(points) <= MOST_NODES:
        refuse(path, "point_count", f"has {len(points):,} points", value=len(points), hint=f"1..{MOST_NODES:,} points")
    if len(findings.items) > before:
        return None
    return len(points), partial(_straight, np.array(points, dtype=np.float64)), None, 1


def _straight(place: NDArray[np.float64]) -> NDArray[np.float64]:
    way: NDArray[np.float64] = np.floor(np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=2)))
    return way


def _whole(
    findings: Findings, path: Path, token: str, line: int, what: str, *, low: int = 0, high: int | None = None
) -> int | None:
    """A whole number; None, and noted, where it is something else."""
    value = finite_number(token)
    if value is None or not value.is_integer() or value < low or (high is not None and value > high):
        wanted = f"a whole number, {low} or more" if high is None else f"a whole number within {low}..{high:,}"
        told, where = f"{what} is {token[:30]!r}", f"line {line}"
        findings.error("token_wrong", told, source=str(path), where=where, value=token[:30], hint=wanted)
        return None
    return int(value)
