"""Orders in which drivers can do the jobs of a whole solution, and the moments that these leave to cars on plugs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.rounds.jobs import CarJob

if TYPE_CHECKING:
    from optimiser.relocation.problem import Task
    from optimiser.relocation.rounds.model import Crew, RoundsModel

Floats = NDArray[np.float64]
Deed = tuple[int, CarJob]
"""A car by position, and what is done with it; no car is in a state twice, so that no deed is done twice."""
HOME = -1
"""The last of the places, where a driver begins or ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One order of what a driver does, in seconds after the night's start."""

    crew: Crew
    seconds: float
    """Paid at least."""
    ride_m: float
    """Without a car at least."""
    ends_s: dict[Deed, float]
    """When each deed is done at the earliest."""
    begins_s: dict[Deed, float]
    """When each begins at the latest, if no more is paid; as much later as more is paid."""


class Share:
    """What one driver does in a whole solution: jobs and tasks, in no order."""

    def __init__(self, model: RoundsModel, crew: Crew, deeds: list[Deed], tasks: list[Task]) -> None:
        self.crew, self.deeds, self._model = crew, deeds, model
        self._task_s: dict[Deed, float] = defaultdict(float)
        self._somewhere_s = 0.0
        """Of tasks at cars with which the driver has several jobs: in which of them is open."""
        for task in tasks:
            at = [deed for deed in deeds if model.cars[deed[0]].car.id == task.car_id]
            if len(at) == 1:
                self._task_s[at[0]] += task.duration_s
            else:
                self._somewhere_s += task.duration_s

    @cached_property
    def _ride_s(self) -> Floats:
        return _shortest(self._model, self.crew, self._model.problem.ride_s)

    @cached_property
    def _ride_m(self) -> Floats:
        return _shortest(self._model, self.crew, self._model.problem.ride_m)

    def _places(self, deed: Deed) -> tuple[int, int]:
        states, place = self._model.cars[deed[0]].states, self._model.place
        return place[states[deed[1].before].place_id], place[states[deed[1].after].place_id]

    def _spent_s(self, deed: Deed) -> float:
        return deed[1].seconds + self._task_s[deed]

    def any_turn(self) -> Turn:
        """No order: each deed as if it were the only one, and nothing is paid."""
        driver = self.crew.driver
        return Turn(
            crew=self.crew,
            seconds=0.0,
            ride_m=0.0,
            ends_s={deed: driver.shift_start_s + self._spent_s(deed) for deed in self.deeds},
            begins_s={deed: float(driver.shift_end_s) for deed in self.deeds},
        )

    def turns(self, most_s: float, *, is_alone: bool) -> Iterator[Turn]:
        """All orders in which it takes no more seconds; whoever is alone puts no car on a plug that is taken."""
        most_s = min(most_s, self.crew.driver.shift_end_s - self.crew.driver.shift_start_s)
        plugged = self._plugs() if is_alone else {}

        def grow(done: list[Deed], left: list[Deed], at: int, spent_s: float) -> Iterator[list[Deed]]:
            if spent_s + sum(map(self._spent_s, left)) > most_s:
                return
            if not left:
                yield done
            for deed in left:
                if any(other[0] == deed[0] and other[1].after == deed[1].before for other in left):
                    continue
                if not self._has_plug(deed, done, plugged):
                    continue
                rest = [other for other in left if other is not deed]
                until_s = self._begin_s(deed, at, spent_s) + self._spent_s(deed)
                yield from grow([*done, deed], rest, self._places(deed)[1], until_s)

        for order in grow([], self.deeds, HOME, 0.0):
            if (turn := self._turn(order)).seconds <= most_s:
                yield turn

    def _plugs(self) -> dict[str, int]:
        """Plugs of each station that no car is on at first."""
        problem = self._model.problem
        if problem.handling.handover_s + problem.handling.plug_in_s == 0:
            # Jobs that take no time have no order.
            return {}
        return {
            station.id: len(station.plugs)
            - sum(
                car.plug_id is not None and car.station_id == station.id and car.available_from_s == 0
                for car in problem.cars
            )
            for station in problem.stations
        }

    def _has_plug(self, deed: Deed, done: list[Deed], free: dict[str, int]) -> bool:
        states = self._model.cars[deed[0]].states
        will = states[deed[1].after]
        if not will.is_plugged or will.station_id not in free:
            return True
        left = free[will.station_id]
        for car, job in [*done, deed]:
            was, after = self._model.cars[car].states[job.before], self._model.cars[car].states[job.after]
            left += was.is_plugged and was.station_id == will.station_id
            left -= after.is_plugged and after.station_id == will.station_id
        return left >= 0

    def _begin_s(self, deed: Deed, at: int, spent_s: float) -> float:
        """Seconds after the shift's start when a driver begins who is somewhere by then."""
        car = self._model.cars[deed[0]].car
        arrival_s = spent_s + self._ride_s[at, self._places(deed)[0]]
        return float(max(arrival_s, car.available_from_s - self.crew.driver.shift_start_s))

    def _turn(self, order: list[Deed]) -> Turn:
        driver = self.crew.driver
        spent_s, at = 0.0, HOME
        ends_s: dict[Deed, float] = {}
        for deed in order:
            spent_s = self._begin_s(deed, at, spent_s) + self._spent_s(deed)
            ends_s[deed] = driver.shift_start_s + spent_s
            at = self._places(deed)[1]
        paid_s = spent_s + self._ride_s[at, HOME] + self._somewhere_s
        if driver.break_ is not None and driver.shift_start_s + paid_s > driver.break_.latest_s:
            paid_s += driver.break_.duration_s
        begins_s: dict[Deed, float] = {}
        after_s, ride_m, to = 0.0, 0.0, HOME
        for deed in reversed(order):
            begin, end = self._places(deed)
            after_s += self._ride_s[end, to] + self._spent_s(deed)
            ride_m += self._ride_m[end, to]
            begins_s[deed] = driver.shift_start_s + paid_s - after_s
            to = begin
        return Turn(
            crew=self.crew,
            seconds=float(paid_s),
            ride_m=float(ride_m + self._ride_m[HOME, to]),
            ends_s=ends_s,
            begins_s=begins_s,
        )


def _shortest(model: RoundsModel, crew: Crew, way: Callable[..., float]) -> Floats:
    """Least of a ride between all places and home, by others on the way or not; the last row begins at home."""
    driver, places = crew.driver, model.places
    size = len(places) + 1
    least = np.zeros((size, size))
    for one, begin in enumerate((*places, driver.start_place_id)):
        for two, end in enumerate((*places, driver.end_place_id)):
            if one != two or one == size - 1:
                least[one, two] = way(driver, begin, end)
    for by in range(size - 1):
        least = np.minimum(least, least[:, by, None] + least[None, by, :])
    return least
