"""Cases of a night: who sets out, and whether any car comes back to where it was."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

from optimiser.relocation.problem import Driver
from optimiser.relocation.rounds.model import RoundsModel
from optimiser.relocation.rounds.ways import Row


class Case:
    """Drivers who set out, by position, and whether some car comes back to a state that it had before."""

    def __init__(self, model: RoundsModel, used: tuple[bool, ...], returns: bool) -> None:
        self.fixed = {crew.used: (float(is_used),) * 2 for crew, is_used in zip(model.crews, used, strict=True)}
        if not returns:
            self.fixed |= dict.fromkeys((*model.returns, *(lift for lift, _, _ in model.lifts)), (0.0, 0.0))
        self.rows: list[Row] = [(dict.fromkeys(model.returns, 1.0), float(returns))]
        self.returns, self.model, self.bound = returns, model, -math.inf
        """What is known of it: no plan of the case costs less."""
        self.floor = math.inf
        """What plans cost at least of which the jobs were ruled out by rows."""
        self.told = -math.inf
        """What was told of it, which is left behind by little."""
        self.linear: Any = None
        """Its linear programme as it was solved last; None where it is not, and once whole numbers are looked for."""


def cases(model: RoundsModel, drivers: tuple[Driver, ...]) -> Iterator[Case]:
    """All cases that differ: nobody stays at home who could stand in for somebody who sets out."""
    numbers = range(len(drivers))
    better = [(one, two) for one in numbers for two in numbers if _comes_first(drivers, one, two)]
    for returns in (False, True):
        for used in product((False, True), repeat=len(drivers)):
            if any(used) >= returns and all(used[one] or not used[two] for one, two in better):
                yield Case(model, used, returns)


def _comes_first(drivers: tuple[Driver, ...], one: int, two: int) -> bool:
    """Whether one driver stands in for another; of those who stand in for each other the first comes first."""
    stands_in = _stands_in(drivers[one], drivers[two])
    return one != two and stands_in and (one < two or not _stands_in(drivers[two], drivers[one]))


def _stands_in(one: Driver, two: Driver) -> bool:
    """
    Whether whatever a driver does could be done by another one, who stays at home, for no more.

    Who has no break to take waits instead where there was one, or is home sooner.
    """
    same = ("start_place_id", "end_place_id", "shift_start_s", "mode")
    return (
        all(getattr(one, name) == getattr(two, name) for name in same)
        and one.shift_end_s >= two.shift_end_s
        and one.skills >= two.skills
        and one.break_ in (None, two.break_)
    )
