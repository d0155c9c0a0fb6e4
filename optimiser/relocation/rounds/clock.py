"""
What a whole solution costs at least by the clock: its jobs in every order that may be cheap enough.

A plan that does the jobs and tasks of a whole solution, and in which no car comes back to a state, does them in some
order. Ways between them take at least the shortest rides, so that each job is done at the earliest when all before it
can be, and begins at the latest when all that follows still can be done within the hours that are paid: `turns`. With
x_d more paid hours of a driver than the order needs, for each car on a plug and slot:

    kWh = a + b;  a <= h (full (start - slope energy after the slot));  b <= full x;  sum of b / full <= x_d

where h are hours of the slot between the earliest moment at which the car is on the plug and the latest at which it is
taken off if no more is paid. As the power of a slot is the same throughout, what flows in hours h of it is a, and what
flows later is b. Batteries, reserves on arrival, sites in each slot, goals, musts, readiness, tasks and lost trips are
as in the cost. Left out: stations' hours, bays, bookings, plugs in turn of several drivers, who waits for whom.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice, product
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.rounds.jobs import HOUR_S
from optimiser.relocation.rounds.timed import TimedNight, course_of
from optimiser.relocation.rounds.turns import Share, Turn
from optimiser.relocation.rounds.ways import Row

if TYPE_CHECKING:
    from optimiser.relocation.rounds.model import RoundsModel

Floats = NDArray[np.float64]
MOST_ORDERS, MOST_DEEDS = 60, 9
"""Orders of all drivers together that are looked at, and jobs of one driver; of what has more nothing is known."""


class Choice:
    """Who does which jobs and tasks in a whole solution."""

    def __init__(self, model: RoundsModel, values: Floats) -> None:
        self._model = model
        self._jobs = [column for crew in model.crews for column, _, _ in crew.jobs]
        self._done = [column for column, _, _ in model.done]
        self._chosen = {column for column in (*self._jobs, *self._done) if values[column] > 0.5}
        self._shares: list[Share] = []
        for crew in model.crews:
            deeds = [(car, model.cars[car].jobs[order]) for column, car, order in crew.jobs if column in self._chosen]
            tasks = [task for column, who, task in model.done if who is crew and column in self._chosen]
            if deeds:
                self._shares.append(Share(model, crew, deeds, tasks))

    def other_row(self) -> Row:
        """A row that all other choices keep, and this one does not."""
        row = {column: -1.0 if column in self._chosen else 1.0 for column in (*self._jobs, *self._done)}
        return row, 1.0 - len(self._chosen)

    def cheapest(self, below: float) -> tuple[float, tuple[Turn, ...]]:
        """
        What all plans of the choice cost at least, or `below` if that is less, and an order of each driver that does.

        No orders where all cost as much as that; nor where it is open, and the cost minus infinity.
        """
        deeds = [deed for share in self._shares for deed in share.deeds]
        if any(job.is_idle for _, job in deeds) or any(len(share.deeds) > MOST_DEEDS for share in self._shares):
            return -math.inf, ()
        if len(deeds) != sum(len(course_of(index, deeds)) for index in range(len(self._model.cars))):
            return -math.inf, ()
        loose = self._cost([share.any_turn() for share in self._shares])
        hour = self._model.problem.prices.driver_hour
        if loose >= below:
            return below, ()
        most_s = math.inf if hour == 0 else HOUR_S * (below - loose) / hour
        is_alone = len(self._shares) == 1
        orders = [list(islice(share.turns(most_s, is_alone=is_alone), MOST_ORDERS + 1)) for share in self._shares]
        if math.prod(map(len, orders)) > MOST_ORDERS:
            return -math.inf, ()
        priced = ((self._cost(turns), turns) for turns in product(*orders) if _seconds(turns) <= most_s)
        return min(((below, ()), *priced), key=itemgetter(0))

    def _cost(self, turns: Sequence[Turn]) -> float:
        """At least, in one order of each driver."""
        done = {task.id for column, _, task in self._model.done if column in self._chosen}
        undone = sum(task.price for task in self._model.problem.tasks if task.id not in done)
        return undone + TimedNight(self._model, turns).least_cost()


def _seconds(turns: Sequence[Turn]) -> float:
    return sum(turn.seconds for turn in turns)
