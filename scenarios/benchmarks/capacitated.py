"""
Instances of the capacitated p-median: every customer may be a site, and is served by exactly one.

    pmedcap (Osman & Christofides 1994)   id and best known value, n p Q, then n lines i x y q; ways are floor(Euclid)
    sjc (Lorena & Senne 2004)             n p, then n lines x y capacity demand; ways are straight

Minimise the sum of the ways of all customers to their sites; no site serves more demand than its capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.files import finite_number, read_text, refuse

LAYOUT = "id and best value, n p Q and n lines i x y q; or n p and n lines x y capacity demand"
PMEDCAP, SJC = "pmedcap", "sjc"
"""Names of the forms in a list's column `format`."""
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


def read_capacitated(path: Path, asked: Asked | None = None) -> CapacitatedInstance:
    """
    Read an instance of either form, told apart by how many numbers it holds; its name is that of the file.

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
        read = _read(path, asked, findings)
    p = asked.sites(findings, path, own=read.p if read else 1.0, most=len(read.place) if read else None)
    findings.raise_errors(f"benchmark file {path}")
    assert read is not None, "or there were errors"
    return CapacitatedInstance(
        name=path.stem,
        p=p,
        place=read.place,
        demand=read.demand,
        capacity=read.capacity,
        is_floored=read.is_floored,
    )


class _Read(NamedTuple):
    """What a file says."""

    p: float
    place: Floats
    demand: Floats
    capacity: Floats
    is_floored: bool


def _read(path: Path, asked: Asked, findings: Findings) -> _Read:
    tokens = [
        (token, line)
        for line, text in enumerate(read_text(path, hint=LAYOUT).splitlines(), start=1)
        for token in text.split()
    ]
    numbers = _numbers(path, tokens)
    is_sjc = len(numbers) % WIDTH == 2
    asked.check_form(findings, path, SJC if is_sjc else PMEDCAP, (PMEDCAP, SJC))
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
    lines = [line for _, line in tokens[head::WIDTH]]
    _check(path, lines, demand, capacity, findings)
    return _Read(p=p, place=place, demand=demand, capacity=capacity, is_floored=not is_sjc)


def _check(path: Path, lines: list[int], demand: Floats, capacity: Floats, findings: Findings) -> None:
    """Note demands and capacities below 0, and customers that no site has room for; `lines` are where they stand."""
    is_one_for_all, most = bool((capacity == capacity[0]).all()), float(capacity.max())
    told = [("capacity", 0, capacity[0])] if is_one_for_all else [("capacity", *one) for one in enumerate(capacity)]
    before = len(findings.items)
    for what, customer, value in (*told, *(("demand", *one) for one in enumerate(demand))):
        at = {"source": str(path), "where": f"line {lines[customer]}"}
        if findings.is_flooded(before, **at):
            break
        if value < 0:
            findings.error(f"{what}_wrong", f"a {what} is {value:g}", **at, value=float(value), hint="0 or more")
        elif what == "demand" and value > most >= 0:
            message = f"a demand is {value:g}, the largest site has room for {most:g}"
            hint = "a larger site, or less demand"
            findings.error("customer_too_large", message, **at, value=float(value), hint=hint)


def _numbers(path: Path, tokens: list[tuple[str, int]]) -> list[float]:
    """
    All of them.

    Raises
    ------
    InvalidInput
        Every token that is no number: what stands where cannot be told then.
    """
    numbers, wrong = [finite_number(token) for token, _ in tokens], Findings()
    for (token, line), number in zip(tokens, numbers, strict=True):
        at = {"source": str(path), "where": f"line {line}"}
        if wrong.is_flooded(0, **at):
            break
        if number is None:
            wrong.error("token_wrong", f"{token[:30]!r} is no number", **at, value=token[:30], hint=LAYOUT)
    wrong.raise_errors(f"benchmark file {path}")
    return [number for number in numbers if number is not None]
