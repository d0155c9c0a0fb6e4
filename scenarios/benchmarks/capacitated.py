"""
Instances of the capacitated p-median: every customer may be a site, and is served by exactly one.

    pmedcap (Osman & Christofides 1994)   id and best known value, n p Q, then n lines i x y q; ways are floor(Euclid)
    sjc (Lorena & Senne 2004)             n p, then n lines x y capacity demand; ways are straight

Minimise the sum of the ways of all customers to their sites; no site serves more demand than its capacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenarios.benchmarks.files import finite_number, read_text, refuse

LAYOUT = "id and best value, n p Q and n lines i x y q; or n p and n lines x y capacity demand"
WIDTH = 4
MOST_CUSTOMERS = 20_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class CapacitatedInstance:
    """Customers that may be sites."""

    name: str
    p: int
    """Sites to choose."""
    place: Floats
    """Shape (n, 2)."""
    demand: Floats
    capacity: Floats
    is_floored: bool
    """Whether ways are whole numbers, rounded down."""

    @property
    def n(self) -> int:
        """Customers."""
        return len(self.place)

    def ways(self, customer: int) -> Floats:
        """From one customer to all sites."""
        apart: Floats = np.sqrt(((self.place - self.place[customer]) ** 2).sum(axis=1))
        return np.floor(apart) if self.is_floored else apart


def read_capacitated(path: Path, asked: Mapping[str, str] | None = None) -> CapacitatedInstance:
    """
    Read an instance of either form, told apart by how many numbers it holds; its name is that of the file.

    Parameters
    ----------
    asked
        A list's row for it; its `p` goes before that of the file.

    Raises
    ------
    InvalidInput
        One located error: the first thing that is wrong, with its value and what would be right.
    """
    tokens = [
        (token, line)
        for line, text in enumerate(read_text(path, hint=LAYOUT).splitlines(), start=1)
        for token in text.split()
    ]
    numbers = [_number(path, token, line) for token, line in tokens]
    is_sjc = len(numbers) % WIDTH == 2
    head = 2 if is_sjc else 5
    if len(numbers) < head + WIDTH:
        refuse(path, "file_short", f"holds {len(numbers)} numbers", value=len(numbers), hint=LAYOUT)
    count, p = numbers[head - 2 : head] if is_sjc else numbers[2:4]
    if not (count.is_integer() and 1 <= count <= MOST_CUSTOMERS):
        hint = f"a whole number within 1..{MOST_CUSTOMERS:,}"
        refuse(path, "n_wrong", f"n is {count:g}", where=f"line {tokens[head - 2][1]}", value=count, hint=hint)
    n = int(count)
    if len(numbers) != head + WIDTH * n:
        told = f"holds {len(numbers):,} numbers, {n:,} customers need {head + WIDTH * n:,}"
        refuse(path, "customer_count", told, value=len(numbers), hint=LAYOUT)
    rows = np.array(numbers[head:]).reshape(n, WIDTH)
    place, capacity, demand = (
        (rows[:, :2], rows[:, 2], rows[:, 3]) if is_sjc else (rows[:, 1:3], np.full(n, numbers[4]), rows[:, 3])
    )
    for what, values in (("demand", demand), ("capacity", capacity)):
        if values.min() < 0:
            customer = int(values.argmin())
            line = tokens[head + WIDTH * customer][1]
            told = f"a {what} is {values[customer]:g}"
            refuse(path, f"{what}_wrong", told, where=f"line {line}", value=float(values[customer]), hint="0 or more")
    if demand.max() > capacity.max():
        customer = int(demand.argmax())
        line = tokens[head + WIDTH * customer][1]
        told = f"a demand is {demand[customer]:g}, the largest site has room for {capacity.max():g}"
        hint = "a larger site, or less demand"
        refuse(path, "customer_too_large", told, where=f"line {line}", value=float(demand[customer]), hint=hint)
    wanted = (asked or {}).get("p", "")
    number = finite_number(wanted) if wanted else p
    if number is None or not (number.is_integer() and 1 <= number <= n):
        told = wanted or f"{p:g}"
        refuse(path, "p_wrong", f"p is {told}", value=told, hint=f"a whole number within 1..{n:,}")
    return CapacitatedInstance(
        name=path.stem, p=int(number), place=place, demand=demand, capacity=capacity, is_floored=not is_sjc
    )


def _number(path: Path, token: str, line: int) -> float:
    number = finite_number(token)
    if number is None:
        refuse(path, "token_wrong", f"{token[:30]!r} is no number", where=f"line {line}", value=token[:30], hint=LAYOUT)
    return number
