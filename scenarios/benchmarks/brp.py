"""
Instances of the bike rebalancing problem (Dell'Amico, Hadjicostantinou, Iori, Novellani, Omega 45, 2014).

A file is a stream of tokens: n (vertices, the depot first), n demands, Q, and n x n costs by row. A demand above 0 is
bikes to pick up, below 0 bikes to drop off. Each station is visited exactly once, also where its demand is 0, by any
number of identical vans that start and end at the depot with any load; costs need not be symmetric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenarios.benchmarks.files import finite_number, read_text, refuse

LAYOUT = "a BRP file holds n, n demands, Q and n x n costs"
LARGEST = 2**53
"""Whole numbers up to here are read exactly."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BrpInstance:
    """Stations to visit once each, with what to pick up or drop off there; vertex 0 is the depot."""

    name: str
    capacity: int
    demand: NDArray[np.int64]
    """Shape (n,); above 0 to pick up, below 0 to drop off; 0 for the depot, which gives and takes what is needed."""
    cost: NDArray[np.int64]
    """Shape (n, n), from row to column; 0 on the diagonal."""

    @property
    def n(self) -> int:
        """Vertices, the depot included."""
        return len(self.demand)


def read_brp(path: Path) -> BrpInstance:
    """
    Read an instance; its name is that of the file.

    Raises
    ------
    InvalidInput
        One located error: the first token that is wrong, with its value and what would be right.
    """
    text = read_text(path, hint=LAYOUT)
    tokens = text.split()
    n = _whole(path, text, 1, tokens[0], "the number of vertices n", low=2)
    expected = 2 + n + n * n
    if len(tokens) != expected:
        surplus = len(tokens) > expected
        refuse(
            path,
            "token_count",
            f"holds {len(tokens):,} tokens, needs {expected:,}",
            where=_where(text, expected + 1 if surplus else len(tokens)),
            value=len(tokens),
            hint=f"for n = {n}: n, {n} demands, Q and {n} x {n} costs",
        )
    capacity = _whole(path, text, n + 2, tokens[n + 1], "the capacity Q", low=1)
    demand = np.zeros(n, dtype=np.int64)
    for vertex in range(n):
        what = f"the demand of vertex {vertex}"
        demand[vertex] = _whole(path, text, vertex + 2, tokens[vertex + 1], what, low=-capacity, high=capacity)
    demand[0] = 0
    return BrpInstance(name=path.stem, capacity=capacity, demand=demand, cost=_costs(path, text, tokens, n))


def _costs(path: Path, text: str, tokens: list[str], n: int) -> NDArray[np.int64]:
    """Costs by row; what stands on the diagonal is ignored."""
    first = n + 2
    cost = np.zeros((n, n), dtype=np.int64)
    for row in range(n):
        for column in range(n):
            if row != column:
                index = first + row * n + column
                what = f"the cost from vertex {row} to {column}"
                cost[row, column] = _whole(path, text, index + 1, tokens[index], what, low=0)
    return cost


def _whole(
    path: Path, text: str, number: int, token: str, what: str, *, low: int = -LARGEST, high: int = LARGEST
) -> int:
    value = finite_number(token)
    if value is None or not value.is_integer() or not low <= value <= high:
        told = token if len(token) <= 30 else f"{token[:27]}..."
        wanted = f"a whole number, {low:,} or more" if high == LARGEST else f"a whole number within {low:,}..{high:,}"
        refuse(path, "token_wrong", f"{what} is {told!r}", where=_where(text, number), value=told, hint=wanted)
    return int(value)


def _where(text: str, number: int) -> str:
    """Place of a token, counted from 1, for people."""
    found = next(islice(re.finditer(r"\S+", text), number - 1, None))
    return f"token {number}, line {text.count(chr(10), 0, found.start()) + 1}"
