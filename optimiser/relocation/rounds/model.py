"""The integer programme of rounds; `rounds` says what it is and why every plan fits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from optimiser.basics.programme import Programme
from optimiser.relocation.problem import Driver, Problem, Task
from optimiser.relocation.rounds.energy import add_energy
from optimiser.relocation.rounds.jobs import HOUR_S, START, CarChoices, choices_of
from optimiser.relocation.rounds.opening import add_opening, add_wishes
from optimiser.relocation.rounds.order import add_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Jobs of one driver at a car in one state, of which at most one in all, or so many, are done."""

    columns: list[int]
    place: int
    weight: float
    """One through how many."""


class Crew:
    """Columns of one driver: jobs, rides between places, the first way and the last one."""

    def __init__(self, driver: Driver, used: int, hours: int, time: int, balance: list[int]) -> None:
        self.driver, self.used, self.hours, self.time, self.balance = driver, used, hours, time, balance
        self.moves: list[tuple[int, int, int]] = []
        """Column, place where it begins (-1 = home) and where it ends, of all that changes the driver's place."""
        self.jobs: list[tuple[int, int, int]] = []
        """Column, car and job."""
        self._visits: list[Visit] | None = None

    def visits(self, model: RoundsModel) -> list[Visit]:
        """Jobs that lead a car out of a state; apart from those, jobs that do nothing but tasks there."""
        if self._visits is None:
            work: dict[tuple[int, int, bool], list[int]] = defaultdict(list)
            for column, car, order in self.jobs:
                job = model.cars[car].jobs[order]
                work[car, job.before, job.is_idle].append(column)
            self._visits = [
                Visit(
                    columns=columns,
                    place=model.place[model.cars[car].states[before].place_id],
                    weight=1.0 / model.tasks(car) if is_idle else 1.0,
                )
                for (car, before, is_idle), columns in work.items()
            ]
        return self._visits


class RoundsModel:
    """One night as jobs, rides and kWh, without the clock."""

    def __init__(self, problem: Problem, ends_s: Sequence[float] | None = None) -> None:
        self.problem, self.programme = problem, Programme()
        self.ends_s = [float(driver.shift_end_s) for driver in problem.drivers] if ends_s is None else list(ends_s)
        """When each driver is home at the latest."""
        self.fixed = 0.0
        self.cars: tuple[CarChoices, ...] = tuple(choices_of(problem, car) for car in problem.cars)
        self.places = sorted({state.place_id for one in self.cars for state in one.states})
        self.place = {place_id: index for index, place_id in enumerate(self.places)}
        self.lifts: list[tuple[int, int, int]] = []
        """Columns of jobs of cars that come back to where they were, and places before and after."""
        self._circle = [self.programme.row(lower=0.0, upper=0.0) for _ in self.places]
        self.crews = [self._crew(driver) for driver in problem.drivers]
        self.final = [self._states(one) for one in self.cars]
        """Of each car and state, the column of standing so at opening."""
        self.into: list[dict[int, list[tuple[int, int]]]] = [defaultdict(list) for _ in self.cars]
        """Of each car and state, the columns of jobs that lead there, and their drivers."""
        self.out_of: list[dict[int, list[tuple[int, int]]]] = [defaultdict(list) for _ in self.cars]
        """The same of jobs that lead from there."""
        self.seconds: dict[int, int] = {}
        """Of columns of jobs."""
        self.driven: list[list[tuple[int, float]]] = [[] for _ in self.cars]
        """Of each car, columns that drive it and the kWh."""
        self.flow = [self._flow(finals) for finals in self.final]
        self.returns = [self._return(index) for index in range(len(self.cars))]
        """Of each car, the column of whether it comes back to a state that it had before."""
        self.plugged_on_return = [self._plugged_on_return(index) for index in range(len(self.cars))]
        """Of each car and station, whether it is put on a plug there and off one again before it comes back."""
        self._bound_returns()
        for number in range(len(self.crews)):
            self._add_jobs(number)
        self._follow_cars()
        self._begin_returns()
        self._place_returns()
        self.done: list[tuple[int, Crew, Task]] = []
        """Columns of tasks that are done, and by whom."""
        self.ready = [self._ready(index) for index in range(len(self.cars))]
        """Of each car, the column of being ready by station."""
        add_energy(self)
        add_wishes(self)
        add_opening(self)
        add_order(self)

    def _crew(self, driver: Driver) -> Crew:
        """Whoever sets out leaves home once and comes home once; time is worked within the shift, less a due break."""
        programme, prices = self.programme, self.problem.prices
        used = programme.column(cost=prices.driver_use, upper=1.0, is_whole=True)
        hours = programme.column(cost=prices.driver_hour)
        time = programme.row([(hours, -1.0)], upper=0.0)
        shift_s = driver.shift_end_s - driver.shift_start_s
        rests: list[tuple[int, float]] = []
        if (pause := driver.break_) is not None:
            rest = programme.column(upper=1.0, is_whole=True)
            rests = [(rest, -(max(0, driver.shift_end_s - pause.latest_s)) / HOUR_S)]
            programme.put(time, rest, pause.duration_s / HOUR_S)
            programme.row([(hours, 1.0), (used, -(pause.latest_s - driver.shift_start_s) / HOUR_S), *rests], upper=0.0)
        programme.row([(hours, 1.0), (used, -shift_s / HOUR_S)], upper=0.0)
        crew = Crew(driver, used, hours, time, [programme.row(lower=0.0, upper=0.0) for _ in self.places])
        starts, ends = (
            programme.row([(used, -1.0)], lower=0.0, upper=0.0),
            programme.row([(used, -1.0)], lower=0.0, upper=0.0),
        )
        for index, place_id in enumerate(self.places):
            out = self._ride(crew, driver.start_place_id, place_id, -1, index)
            programme.put(starts, out, 1.0)
            home = self._ride(crew, place_id, driver.end_place_id, index, -1)
            programme.put(ends, home, 1.0)
            for other, other_id in enumerate(self.places):
                self._lift(crew, index, other)
                if other != index:
                    self._ride(crew, place_id, other_id, index, other)
        return crew

    def _ride(self, crew: Crew, origin_id: str, end_id: str, origin: int, end: int) -> int:
        """A way without a car; its km cost."""
        problem = self.problem
        km = problem.mode_by_name[crew.driver.mode].km
        cost = km * problem.ride_m(crew.driver, origin_id, end_id) / 1000
        column = self.programme.column(cost=cost, is_whole=True)
        self._move(crew, column, origin, end, problem.ride_s(crew.driver, origin_id, end_id))
        return column

    def _move(self, crew: Crew, column: int, origin: int, end: int, seconds: float) -> None:
        """Let a column take time, and bring the driver from one place to another."""
        self.programme.put(crew.time, column, seconds / HOUR_S)
        if origin == end:
            return
        crew.moves.append((column, origin, end))
        if origin >= 0:
            self.programme.put(crew.balance[origin], column, -1.0)
        if end >= 0:
            self.programme.put(crew.balance[end], column, 1.0)

    def _states(self, one: CarChoices) -> list[int]:
        """A car stands in one state at opening; a booked one where it stood."""
        booked = one.car.available_until_s is not None and one.car.available_until_s < self.problem.opening_s
        columns = [
            self.programme.column(
                upper=0.0 if booked and state.station_id != one.car.station_id else 1.0, is_whole=True
            )
            for state in one.states
        ]
        self.programme.row([(column, 1.0) for column in columns], lower=1.0, upper=1.0)
        return columns

    def _flow(self, finals: list[int]) -> list[int]:
        """A row for each state of a car: as often as it is come to, it is left, or it is the last."""
        begins = [-float(state == START) for state in range(len(finals))]
        return [
            self.programme.row([(final, -1.0)], lower=begin, upper=begin)
            for begin, final in zip(begins, finals, strict=True)
        ]

    def _return(self, index: int) -> int:
        """Whether a car comes back to a state, and the kWh that it uses until then."""
        problem, car = self.problem, self.cars[index].car
        column = self.programme.column(upper=1.0, is_whole=True)
        used = self.programme.column()
        most_kwh = car.energy_kwh + car.charge_kw * problem.charging.efficiency * problem.opening_s / HOUR_S
        self.programme.row([(used, 1.0), (column, -most_kwh)], upper=0.0)
        self.driven[index].append((used, 1.0))
        return column

    def _plugged_on_return(self, index: int) -> dict[str, int]:
        columns = {}
        for state in self.cars[index].states:
            if state.is_plugged and state.station_id not in columns:
                column = columns[state.station_id] = self.programme.column(upper=1.0, is_whole=True)
                self.programme.row([(column, 1.0), (self.returns[index], -1.0)], upper=0.0)
        return columns

    def _bound_returns(self) -> None:
        """Who comes back has two jobs at least: two drives, or on a plug and off one, which takes somebody's time."""
        programme, handling = self.programme, self.problem.handling
        plugged = [(column, id_) for columns in self.plugged_on_return for id_, column in columns.items()]
        twice = [(column, -2.0) for column in self.returns]
        programme.row([*((lift, 1.0) for lift, _, _ in self.lifts), *twice], lower=0.0)
        moves = [(lift, 1.0) for lift, origin, end in self.lifts if origin != end]
        programme.row([*moves, *twice, *((column, 2.0) for column, _ in plugged)], lower=0.0)
        for id_ in sorted({id_ for _, id_ in plugged}):
            there = [(column, -1.0) for column, station_id in plugged if station_id == id_]
            come = [(lift, 1.0) for lift, _, end in self.lifts if self.places[end] == id_]
            programme.row([*come, *there], lower=0.0)
        plug_hours = (handling.plug_in_s + handling.unplug_s) / HOUR_S
        spent = [programme.column() for _ in self.crews]
        for crew, column in zip(self.crews, spent, strict=True):
            programme.put(crew.time, column, 1.0)
        programme.row(
            [*((column, 1.0) for column in spent), *((column, -plug_hours) for column, _ in plugged)], lower=0.0
        )

    def _begin_returns(self) -> None:
        """Who comes back to a state has left the first one, to which nothing leads back."""
        for index, column in enumerate(self.returns):
            left = [(way, -1.0) for way, _ in self.out_of[index][START]]
            self.programme.row([(column, 1.0), *left], upper=0.0)

    def _place_returns(self) -> None:
        """A car that is put on a plug on its way back is there before or after, or somebody drives to that station."""
        programme = self.programme
        for index, one in enumerate(self.cars):
            for id_, plugged in self.plugged_on_return[index].items():
                ways = [
                    way
                    for state in range(1, len(one.states))
                    if one.states[state].place_id == id_
                    for way, _ in self.into[index][state]
                ]
                drives = [lift for lift, origin, end in self.lifts if origin != end and self.places[end] == id_]
                programme.row([(plugged, 1.0), *((column, -1.0) for column in (*ways, *drives))], upper=0.0)

    def _lift(self, crew: Crew, origin: int, end: int) -> None:
        """A drive of a car that comes back later, or a job that leaves it at its place and comes to nothing."""
        problem, (origin_id, end_id) = self.problem, (self.places[origin], self.places[end])
        seconds, wear = problem.handling.handover_s, 0.0
        if origin != end:
            seconds += problem.drive_s(origin_id, end_id) + problem.handling.park_s
            wear = problem.prices.car_km * problem.drive_m(origin_id, end_id) / 1000
        column = self.programme.column(cost=wear, is_whole=True)
        self._move(crew, column, origin, end, seconds)
        if origin != end:
            self.programme.put(self._circle[origin], column, -1.0)
            self.programme.put(self._circle[end], column, 1.0)
        self.lifts.append((column, origin, end))

    def _add_jobs(self, number: int) -> None:
        crew, programme = self.crews[number], self.programme
        for index, one in enumerate(self.cars):
            if not one.car.needs <= crew.driver.skills:
                continue
            for order, job in enumerate(one.jobs):
                column = programme.column(cost=job.wear, is_whole=True)
                was, will = one.states[job.before], one.states[job.after]
                self._move(crew, column, self.place[was.place_id], self.place[will.place_id], job.seconds)
                crew.jobs.append((column, index, order))
                self.seconds[column] = job.seconds
                if not job.is_idle:
                    programme.put(self.flow[index][job.before], column, -1.0)
                    programme.put(self.flow[index][job.after], column, 1.0)
                    self.into[index][job.after].append((column, number))
                    self.out_of[index][job.before].append((column, number))
                if job.kwh:
                    self.driven[index].append((column, job.kwh))

    def tasks(self, index: int) -> int:
        """How many tasks a car has."""
        return sum(task.car_id == self.cars[index].car.id for task in self.problem.tasks)

    def _follow_cars(self) -> None:
        """No state is come to twice; and who only does tasks finds the car there, once for each task at most."""
        programme = self.programme
        work: dict[tuple[int, int], list[int]] = defaultdict(list)
        for crew in self.crews:
            for column, index, order in crew.jobs:
                if (job := self.cars[index].jobs[order]).is_idle:
                    work[index, job.after].append(column)
        for index, one in enumerate(self.cars):
            for state in range(1, len(one.states)):
                ways = self.into[index][state]
                programme.row([(column, 1.0) for column, _ in ways], upper=1.0)
                if idle := work[index, state]:
                    programme.row(
                        [*((column, 1.0) for column in idle), *((way, -float(self.tasks(index))) for way, _ in ways)],
                        upper=0.0,
                    )

    def _ready(self, index: int) -> dict[str, int]:
        """Columns of a car being ready at each station, which is at most where it stands."""
        one, programme = self.cars[index], self.programme
        if not one.is_rentable:
            return {}
        columns = {}
        by_station = defaultdict(list)
        for state, final in zip(one.states, self.final[index], strict=True):
            by_station[state.station_id].append(final)
        for station_id, finals in by_station.items():
            columns[station_id] = programme.column(upper=1.0, is_whole=True)
            programme.row([(columns[station_id], 1.0), *((final, -1.0) for final in finals)], upper=0.0)
        return columns
