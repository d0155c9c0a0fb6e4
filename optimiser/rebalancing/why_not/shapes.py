"""
Ways to do more work, priced by arrays over vans and gaps, and the few of them that deserve an exact trial.

The last two axes of every array are vans and gaps; axes before them are numbers of bikes and partner stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.why_not.insertion import Insertion
from optimiser.rebalancing.why_not.tours import Floats, Ints, Tours

PLANNED, MUCH = "planned", "much"
"""What a candidate lacks where it is more work at a stop of the plan, always tried; where it is more than one thing."""
_WORTHLESS = 1e9
"""Put on amounts of what would not pay, so that what pays is looked at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way to do it, in every gap at once; amounts above 0 are what is missing for it."""

    added_s: Floats
    """Delay from the gap on, before waiting makes up for it."""
    metres: Floats
    worth: Floats
    """Money saved at stations; -inf where it cannot be."""
    lacks: dict[str, Floats]
    """By name, what is missing beyond time and range: `slots`, `packs`, `stock`, `skills`, `closing`."""
    banned: tuple[str, ...] = ()
    """What forbids it everywhere."""
    start_s: Floats | float = 0.0
    """Delay from the start of the route."""
    build: Callable[[tuple[int, ...]], Insertion]
    """The insertion at one place of the arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An insertion that deserves a trial, with what is expected of it."""

    money: float
    """Expected change of the night's cost."""
    lacks: str
    """What alone is missing for it; empty if nothing, or `PLANNED`, or `MUCH`."""
    amount: float
    build: Callable[[], Insertion]

    @property
    def rank(self) -> tuple[bool, float]:
        """Smallest first: what pays before what does not, then by what is missing."""
        return self.money >= 0, self.amount


def candidates(problem: Problem, tours: Tours, shape: Shape, *, most: int) -> Iterator[Candidate]:
    """The cheapest that seem to fit, and for each thing that may be missing the one that misses least."""
    delay_s = np.maximum(0, shape.added_s - tours.waits_s) + shape.start_s
    delay_s = delay_s + np.where(delay_s > tours.due_s, tours.rest_s, 0)
    prices = problem.prices
    money = prices.van_hour / 3600 * delay_s + prices.van_km / 1000 * shape.metres + tours.use - shape.worth
    money = np.where(tours.real, money, np.inf)
    is_possible = np.isfinite(money)
    if not is_possible.any():
        return
    lacks = {
        "time": delay_s - tours.shift_s,
        "range": shape.metres - tours.range_m,
        "window": np.maximum(shape.added_s + shape.start_s - tours.windows_s, shape.start_s - tours.windows_s[:, :1]),
        "break": shape.added_s + shape.start_s - tours.break_s,
        **shape.lacks,
    }
    amounts = {name: np.broadcast_to(amount, money.shape) for name, amount in lacks.items()}
    count: Ints = np.full(money.shape, len(shape.banned), dtype=np.int64)
    for amount in amounts.values():
        count += amount > 0

    def at(place: int, lacking: str, amount: float) -> Candidate:
        where = tuple(int(index) for index in np.unravel_index(place, money.shape))
        return Candidate(money=float(money[where]), lacks=lacking, amount=amount, build=lambda: shape.build(where))

    for place in _lowest(np.where(count == 0, money, np.inf), most):
        yield at(place, "", 0.0)
    if shape.banned:
        for place in _lowest(np.where(count == 1, money, np.inf), 1):
            yield at(place, shape.banned[0], 1.0)
    else:
        for name, amount in amounts.items():
            misses = (amount > 0) & (count == 1) & is_possible
            for place in _lowest(np.where(misses, amount + np.where(money >= 0, _WORTHLESS, 0), np.inf), 1):
                yield at(place, name, float(amount.ravel()[place]))
    fewest = np.where(is_possible & (count > 1), count + np.clip(money / _WORTHLESS, -0.4, 0.4), np.inf)
    for place in _lowest(fewest, 1):
        yield at(place, MUCH, float(count.ravel()[place]))


def _lowest(values: Floats, most: int) -> list[int]:
    """Places of the lowest finite values in the flat array, lowest first."""
    flat = values.ravel()
    some = np.argpartition(flat, most)[:most] if most < len(flat) else np.arange(len(flat))
    return [int(place) for place in some[np.argsort(flat[some], kind="stable")] if np.isfinite(flat[place])]
