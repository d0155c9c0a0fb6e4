"""
What a single job would save, by estimate: the car at another station at opening, with more in its battery.

An option leaves drivers out: their seconds and ways depend on the route that takes it. The charge is estimated with
full power, without taper and caps, up to what anybody wishes for the car, at the mean tariff of the night.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass
from statistics import fmean

from optimiser.relocation.cost import can_be_rented
from optimiser.relocation.plan import Job
from optimiser.relocation.problem import Car, Plug, Problem, Task, energy_for, reserve_kwh
from optimiser.relocation.replay import Timeline

ALL_STATIONS = 40
"""In a town with more, a car looks only at the stations that gain most and at the nearest free plugs."""
BEST_STATIONS, NEAR_PLUGS = 25, 8
TINY_KWH = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A job that may be worth its way."""

    job: Job
    value: float
    """Saved by it, in the city's currency; drivers left out."""


class Outlook:
    """Where cars stand at opening and what they hold, and what one more job would change."""

    def __init__(self, problem: Problem, timeline: Timeline) -> None:
        self._problem = problem
        last = {car.id: timeline.stays[car.id][-1] for car in problem.cars}
        self._at = {id_: stay.station_id for id_, stay in last.items()}
        self._kwh = dict(timeline.energy_kwh)
        self._taken = {(stay.station_id, stay.plug_id) for stay in last.values() if stay.plug_id is not None}
        self._cars = Counter(self._at.values())
        self._ready = Counter(self._at[car.id] for car in problem.cars if self._is_ready(car, self._kwh[car.id]))
        self._zones = defaultdict(list)
        for zone in problem.zones:
            for id_ in zone.station_ids:
                self._zones[id_].append(zone)
        self._must = {must.car_id: must for must in problem.musts}
        self._tasks: dict[str, list[Task]] = defaultdict(list)
        done = {id_ for route in timeline.routes for timed in route.jobs for id_ in timed.job.task_ids}
        for task in problem.tasks:
            if task.id not in done and task.price > task.duration_s * problem.prices.driver_hour / 3600:
                self._tasks[task.car_id].append(task)
        grid, prices = problem.grid, problem.prices
        per_kwh = [
            tariff + prices.co2_kg * co2_kg
            for tariff, co2_kg in zip(grid.tariff[: problem.slots], grid.co2_kg[: problem.slots], strict=True)
        ]
        self._kwh_price = fmean(per_kwh) / problem.charging.efficiency if per_kwh else 0.0
        self._best = self._best_stations()

    def options(self, car: Car) -> list[Option]:
        """Jobs of a car that none has handled so far which save something."""
        found = []
        for station_id in self._stations(car):
            moves = station_id != car.at if car.place_id is None else station_id != car.station_id
            if moves and not self._may_come(car, station_id):
                continue
            plug = self._plug(car, station_id)
            if car.place_id is not None and not moves and plug is not None:
                moves = True
                if not car.can_move:
                    continue
            choices: list[Plug | None] = [None] if plug is None else [None, plug]
            tasks = self._tasks[car.id]
            for chosen in choices:
                for own in ((), tasks) if tasks else ((),):
                    if not moves and chosen is None and (not own or car.plug_id is not None):
                        continue
                    option = self._option(car, station_id, chosen, own)
                    if option is not None and option.value > 0:
                        found.append(option)
        return found

    def apply(self, option: Option) -> None:
        """Take an option for granted."""
        job, car = option.job, self._problem.car_by_id[option.job.car_id]
        before, after = self._at[car.id], job.station_id
        kwh = self._later_kwh(car, job.station_id, job.plug_id)
        self._ready[before] -= self._is_ready(car, self._kwh[car.id])
        self._ready[after] += self._is_ready(car, kwh)
        self._cars[before] -= 1
        self._cars[after] += 1
        if car.plug_id is not None:
            self._taken.discard((before, car.plug_id))
        if job.plug_id is not None:
            self._taken.add((after, job.plug_id))
        self._at[car.id], self._kwh[car.id] = after, kwh
        self._best = self._best_stations()

    def wish_list(self, *, without: Container[str] = ()) -> list[Option]:
        """One option for each car that has any: always the one of most value, as if drivers were many and at once."""
        heap: list[tuple[float, int, Option]] = []
        cars = [car for car in self._problem.cars if car.id not in without]

        def push(index: int) -> None:
            if found := self.options(cars[index]):
                best = max(found, key=lambda option: option.value)
                heapq.heappush(heap, (-best.value, index, best))

        for index in range(len(cars)):
            push(index)
        wishes = []
        while heap:
            value, index, _ = heapq.heappop(heap)
            now = self.options(cars[index])
            best = max(now, key=lambda one: one.value, default=None)
            if best is None:
                continue
            if best.value < -value - 1e-9:
                heapq.heappush(heap, (-best.value, index, best))
                continue
            self.apply(best)
            wishes.append(best)
        return wishes

    def _option(self, car: Car, station_id: str, plug: Plug | None, tasks: list[Task] | tuple[()]) -> Option | None:
        problem, prices = self._problem, self._problem.prices
        plug_id = None if plug is None else plug.id
        is_same_place = station_id == car.at or (station_id == car.station_id and plug is None)
        length_m = 0 if is_same_place else problem.drive_m(car.at, station_id)
        if length_m and self._before_drive(car) - energy_for(car, length_m) < reserve_kwh(problem, car):
            return None
        before_kwh, after_kwh = self._kwh[car.id], self._later_kwh(car, station_id, plug_id)
        value = self._rental_value(car, station_id, before_kwh, after_kwh)
        value += prices.missing_kwh * (max(0.0, car.goal_kwh - before_kwh) - max(0.0, car.goal_kwh - after_kwh))
        if (must := self._must.get(car.id)) is not None:
            value += prices.must * (max(0.0, must.energy_kwh - before_kwh) - max(0.0, must.energy_kwh - after_kwh))
            if must.station_ids:
                value += prices.must * ((station_id in must.station_ids) - (self._at[car.id] in must.station_ids))
        drawn_kwh = after_kwh + energy_for(car, length_m) - before_kwh
        value += sum(task.price for task in tasks)
        value -= prices.car_km * length_m / 1000 + self._kwh_price * max(0.0, drawn_kwh)
        job = Job(
            car_id=car.id,
            origin_id=car.at,
            station_id=station_id,
            plug_id=plug_id,
            unplug=car.plug_id is not None,
            not_before_s=self._earliest_s(car, station_id, plug, tasks, drives=not is_same_place),
            task_ids=tuple(task.id for task in tasks),
        )
        return Option(job=job, value=value)

    def _earliest_s(
        self, car: Car, station_id: str, plug: Plug | None, tasks: list[Task] | tuple[()], *, drives: bool
    ) -> int:
        """From when on a driver may begin: the rider is there, both stations are open, the plug is free."""
        problem, handling = self._problem, self._problem.handling
        before_s = handling.handover_s + handling.unplug_s * (car.plug_id is not None)
        before_s += sum(task.duration_s for task in tasks)
        before_s += problem.drive_s(car.at, station_id) if drives else 0
        origin, station = problem.station_by_id[car.station_id], problem.station_by_id[station_id]
        there_s = max(station.opens_s, 0 if plug is None else plug.free_from_s)
        return max(0, car.available_from_s, origin.opens_s, there_s - before_s)

    def _rental_value(self, car: Car, station_id: str, before_kwh: float, after_kwh: float) -> float:
        """What riders gain: trips of the stations, and zones."""
        change: Counter[str] = Counter()
        change[self._at[car.id]] -= self._is_ready(car, before_kwh)
        change[station_id] += self._is_ready(car, after_kwh)
        stations, prices, value = self._problem.station_by_id, self._problem.prices, 0.0
        zones = {}
        for id_, cars in change.items():
            if cars:
                lost, ready = stations[id_].lost, self._ready[id_]
                value += prices.lost_trip * (lost(ready) - lost(ready + cars))
                zones.update({zone.id: zone for zone in self._zones[id_]})
        for zone in zones.values():
            ready = sum(self._ready[id_] for id_ in zone.station_ids)
            later = ready + sum(change[id_] for id_ in zone.station_ids)
            value += prices.zone_car * (_miss(zone.floor, zone.cap, ready) - _miss(zone.floor, zone.cap, later))
        return value

    def _later_kwh(self, car: Car, station_id: str, plug_id: str | None) -> float:
        """At opening, once the car is driven there."""
        problem = self._problem
        is_same_place = station_id == car.at or (station_id == car.station_id and plug_id is None)
        kwh = self._before_drive(car)
        drive_s = 0
        if not is_same_place:
            kwh -= energy_for(car, problem.drive_m(car.at, station_id))
            drive_s = problem.drive_s(car.at, station_id)
        if plug_id is None:
            return kwh
        plug = problem.plug(station_id, plug_id)
        assert plug is not None
        seconds = problem.there_until_s(car) - max(plug.free_from_s, car.available_from_s + drive_s)
        must = self._must.get(car.id)
        wanted = max(car.ready_kwh, car.goal_kwh, 0.0 if must is None else must.energy_kwh)
        power = min(plug.kw, car.charge_kw) * problem.charging.efficiency
        return max(kwh, min(wanted, car.battery_kwh, kwh + power * max(0, seconds) / 3600))

    def _before_drive(self, car: Car) -> float:
        """When a driver comes; a car on a plug has what it would have at opening."""
        return car.energy_kwh if car.plug_id is None else max(car.energy_kwh, self._kwh[car.id])

    def _stations(self, car: Car) -> list[str]:
        problem = self._problem
        if (car.available_until_s is not None and car.available_until_s < problem.opening_s) or not car.can_move:
            return [car.station_id]
        if len(problem.stations) <= ALL_STATIONS:
            return [station.id for station in problem.stations]
        near = sorted(
            (station.id for station in problem.stations if station.plugs),
            key=lambda id_: (problem.drive_s(car.at, id_), id_),
        )
        free = [id_ for id_ in near[: 3 * NEAR_PLUGS] if self._plug(car, id_) is not None][:NEAR_PLUGS]
        must = self._must.get(car.id)
        wanted = () if must is None else sorted(must.station_ids)
        return list(dict.fromkeys([car.station_id, *self._best, *free, *wanted]))

    def _best_stations(self) -> list[str]:
        """Those that gain most by one more ready car."""
        gain = {
            station.id: station.lost(self._ready[station.id]) - station.lost(self._ready[station.id] + 1)
            for station in self._problem.stations
        }
        return sorted(gain, key=lambda id_: (-gain[id_], id_))[:BEST_STATIONS]

    def _may_come(self, car: Car, station_id: str) -> bool:
        bays = self._problem.station_by_id[station_id].bays
        return car.can_move and (bays is None or self._cars[station_id] < bays)

    def _plug(self, car: Car, station_id: str) -> Plug | None:
        """The strongest that fits and is free; None also where the car needs no charge."""
        must = self._must.get(car.id)
        wanted = max(car.ready_kwh, car.goal_kwh, 0.0 if must is None else must.energy_kwh)
        if self._kwh[car.id] >= wanted and station_id == self._at[car.id]:
            return None
        fitting = [
            plug
            for plug in self._problem.station_by_id[station_id].plugs
            if plug.connector in car.connectors and (station_id, plug.id) not in self._taken
        ]
        return max(fitting, key=lambda plug: (min(plug.kw, car.charge_kw), -plug.free_from_s), default=None)

    def _is_ready(self, car: Car, kwh: float) -> bool:
        return can_be_rented(self._problem, car) and kwh >= car.ready_kwh - TINY_KWH


def _miss(floor: int | None, cap: int | None, cars: int) -> int:
    """Ready cars short of a zone's floor or over its cap."""
    return max(0, (floor or 0) - cars) + (0 if cap is None else max(0, cars - cap))
