"""
A night as pickups and deliveries, with OR-Tools routing: a yardstick for the search.

Sets and data
    P             pairs (pickup p, delivery d): a car where it stands and what is to become of it, one for each car
                  for which `Outlook.wish_list` has an option; the job says all the rest
    v_p           money saved by pair p, by estimate, drivers left out
    K             drivers with places to start and end, shift, skills, a way between cars
    t_k(p,d)      seconds of a job, from its begin until the car is parked and plugged in
    t_k(i,j)      seconds of k's ride between cars, from and to home
    e_p           from when on the job may begin: the rider has brought the car, stations are open, the plug is free

Variables
    next(i)       successor of each pickup, delivery and home; a pair may be left out
    clock(i)      begin of a job at its pickup, its end at its delivery, seconds after the night's start

Objective
    min  driver_hour (clock at home - begin of the shift) + driver_use (each who sets out) + km of rides
         + sum of v_p of pairs left out

Constraints (names as in `check`)
    car_there            next(p) = d for each pair that is driven: directly, by the same driver
    shift_end            clock begins with the shift and ends within it, less the break where there is one
    booking, opening_hours, plug_capacity     clock(p) >= e_p; not before, and none after
    skills               p is on no route of a driver who lacks what it needs
    one_route_per_driver, task_once, plug_state, known_ids    hold by construction

What the model does not know (bays over time, reserves, closing hours, breaks) is judged afterwards: jobs that break a
rule are dropped one by one, and the rest is charged like any plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimiser.relocation.charging import DrivenTooFar, charge_smartly
from optimiser.relocation.check import check
from optimiser.relocation.construct import CHARGE_S, nothing, possible_route
from optimiser.relocation.cost import cost
from optimiser.relocation.options import Option, Outlook
from optimiser.relocation.plan import Job, Plan, Route
from optimiser.relocation.problem import Driver, Problem
from optimiser.relocation.replay import follow, replay

SCALE = 10_000
"""Integer cost units for one unit of currency."""


def pair_up(problem: Problem, *, seconds: float) -> Plan:
    """
    The plan of OR-Tools after so many seconds; it breaks no rule and never is dearer than nobody driving.

    Choosing pairs, dropping jobs and charging take their time on top.
    """
    idle = nothing(problem)
    wishes = Outlook(problem, replay(problem, idle)).wish_list()
    if not wishes or not problem.drivers:
        return idle
    tours = _Model(problem, wishes).search(seconds)
    plan = _kept(problem, tours)
    return plan if cost(problem, plan).total < cost(problem, idle).total else idle


class _Model:
    def __init__(self, problem: Problem, wishes: list[Option]) -> None:
        self._problem, self._wishes = problem, wishes
        homes = sorted({id_ for driver in problem.drivers for id_ in (driver.start_place_id, driver.end_place_id)})
        self._first = len(homes)
        node = {id_: index for index, id_ in enumerate(homes)}
        self._places = homes + [id_ for wish in wishes for id_ in (wish.job.origin_id, wish.job.station_id)]
        self._manager = pywrapcp.RoutingIndexManager(
            len(self._places),
            len(problem.drivers),
            [node[driver.start_place_id] for driver in problem.drivers],
            [node[driver.end_place_id] for driver in problem.drivers],
        )
        self._routing = pywrapcp.RoutingModel(self._manager)
        self._shift_end()
        self._price_rides()
        for number in range(len(wishes)):
            self._pair(number)

    def search(self, seconds: float) -> list[list[Job]]:
        """Jobs of each driver in order."""
        parameters: Any = pywrapcp.DefaultRoutingSearchParameters()
        parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        parameters.time_limit.FromMilliseconds(max(1, int(1000 * seconds)))
        solution = self._routing.SolveWithParameters(parameters)
        tours: list[list[Job]] = [[] for _ in self._problem.drivers]
        for index, tour in enumerate(tours):
            at = self._routing.Start(index)
            while solution is not None and not self._routing.IsEnd(at):
                number = self._manager.IndexToNode(at) - self._first
                if number >= 0 and number % 2 == 0:
                    tour.append(self._wishes[number // 2].job)
                at = solution.Value(self._routing.NextVar(at))
        return tours

    def _shift_end(self) -> None:
        routing, drivers = self._routing, self._problem.drivers
        legs = [self._seconds(driver) for driver in drivers]
        horizon = max(driver.shift_end_s for driver in drivers)
        evaluators = [routing.RegisterTransitMatrix(matrix) for matrix in legs]
        routing.AddDimensionWithVehicleTransits(evaluators, horizon, horizon, False, "clock")
        self._clock = routing.GetDimensionOrDie("clock")
        second = max(1, round(SCALE * self._problem.prices.driver_hour / 3600))
        for index, driver in enumerate(drivers):
            start, end = routing.Start(index), routing.End(index)
            self._clock.CumulVar(start).SetValue(driver.shift_start_s)
            last_s = driver.shift_end_s - (0 if driver.break_ is None else driver.break_.duration_s)
            self._clock.CumulVar(end).SetMax(max(driver.shift_start_s, last_s))
            self._clock.SetCumulVarSoftUpperBound(end, driver.shift_start_s, second)
            routing.AddVariableMinimizedByFinalizer(self._clock.CumulVar(end))

    def _price_rides(self) -> None:
        prices, problem = self._problem.prices, self._problem
        for index, driver in enumerate(problem.drivers):
            km = problem.mode_by_name[driver.mode].km
            matrix = [
                [
                    0 if self._is_drive(row, column) else round(SCALE * km * problem.ride_m(driver, here, there) / 1000)
                    for column, there in enumerate(self._places)
                ]
                for row, here in enumerate(self._places)
            ]
            self._routing.SetArcCostEvaluatorOfVehicle(self._routing.RegisterTransitMatrix(matrix), index)
        self._routing.SetFixedCostOfAllVehicles(round(SCALE * prices.driver_use))

    def _pair(self, number: int) -> None:
        routing, wish = self._routing, self._wishes[number]
        pickup, delivery = (self._manager.NodeToIndex(self._first + 2 * number + end) for end in (0, 1))
        solver = routing.solver()
        routing.AddPickupAndDelivery(pickup, delivery)
        solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(delivery))
        # car_there: nothing comes between the two; one that is left out is its own successor.
        routing.NextVar(pickup).SetValues([pickup, delivery])
        routing.AddDisjunction([pickup], round(SCALE * wish.value))
        routing.AddDisjunction([delivery], 0)
        solver.Add(routing.ActiveVar(pickup) == routing.ActiveVar(delivery))
        self._clock.CumulVar(pickup).SetMin(min(wish.job.not_before_s, self._clock.CumulVar(pickup).Max()))
        # A job begins when it begins: whoever waits does so before it.
        self._clock.SlackVar(pickup).SetValue(0)
        able = [index for index, driver in enumerate(self._problem.drivers) if self._is_able(driver, wish.job)]
        routing.VehicleVar(pickup).SetValues([-1, *able])

    def _seconds(self, driver: Driver) -> list[list[int]]:
        """Of each leg: a job between its two nodes, a ride between any others."""
        problem = self._problem
        return [
            [
                self._job_s((row - self._first) // 2)
                if self._is_drive(row, column)
                else problem.ride_s(driver, here, there)
                for column, there in enumerate(self._places)
            ]
            for row, here in enumerate(self._places)
        ]

    def _is_drive(self, row: int, column: int) -> bool:
        return row >= self._first and column == row + 1 and (row - self._first) % 2 == 0

    def _job_s(self, number: int) -> int:
        job, driver = replace(self._wishes[number].job, not_before_s=0), self._problem.drivers[0]
        (timed,) = follow(self._problem, Route(driver_id=driver.id, jobs=(job,))).jobs
        return timed.end_s - timed.start_s

    def _is_able(self, driver: Driver, job: Job) -> bool:
        tasks = [self._problem.task_by_id[id_] for id_ in job.task_ids]
        return self._problem.car_by_id[job.car_id].needs.union(*(task.needs for task in tasks)) <= driver.skills


def _kept(problem: Problem, tours: list[list[Job]]) -> Plan:
    """The jobs as a plan, without those that break a rule."""
    routes = []
    for driver, tour in zip(problem.drivers, tours, strict=True):
        route = None
        while tour and (route := possible_route(problem, driver, tuple(tour))) is None:
            tour.pop()
        if route is not None and tour:
            routes.append(route)
    plan = Plan(routes=tuple(routes))
    while True:
        try:
            trial = charge_smartly(problem, plan, seconds=CHARGE_S)
        except DrivenTooFar as error:
            wrong = set(error.car_ids)
        else:
            wrong = {id_ for violation in check(problem, trial) for id_ in violation.ids}
            if not wrong:
                return trial
        plan = _without_one(problem, plan, wrong)


def _without_one(problem: Problem, plan: Plan, wrong: set[str]) -> Plan:
    """The last job of a car that breaks a rule left out; the last of all where none is named."""
    jobs = [(route, job) for route in plan.routes for job in route.jobs]
    named = [(route, job) for route, job in jobs if job.car_id in wrong] or jobs
    of, dropped = named[-1]
    routes = []
    for route in plan.routes:
        if route is not of:
            routes.append(route)
            continue
        rest = tuple(job for job in route.jobs if job is not dropped)
        driver = problem.driver_by_id[route.driver_id]
        while rest:
            if (possible := possible_route(problem, driver, rest)) is not None:
                routes.append(possible)
                break
            rest = rest[:-1]
    return replace(plan, routes=tuple(routes), charges=())
