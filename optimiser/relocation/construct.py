"""
A night at once: always the job that saves most, until none saves.

A yardstick for the search, and what a dispatcher would do by hand: each car is handled once at most, and nothing that
was decided is taken back. Jobs are ranked by estimate (`options`), less what they add to the route that takes them;
the first that keeps every rule, charged as cheaply as can be, and makes the night cheaper is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from optimiser.basics.result import ShouldStop
from optimiser.relocation.charging import DrivenTooFar, charge_smartly, plug_and_charge
from optimiser.relocation.check import check
from optimiser.relocation.check.drivers import break_time, shift_end
from optimiser.relocation.cost import cost
from optimiser.relocation.options import Option, Outlook
from optimiser.relocation.plan import NOTHING, Job, Plan, Route
from optimiser.relocation.problem import Driver, Problem
from optimiser.relocation.replay import Timeline, follow, replay

MOST_OPTIONS = 400
"""Of a step, those of most value."""
CHARGE_S = 1.0
"""For the choice of cars that are ready, in each step."""
TINY = 1e-6


def construct(problem: Problem, *, should_stop: ShouldStop | None = None) -> Plan:
    """
    A plan that breaks no rule and never is dearer than nobody driving.

    Parameters
    ----------
    should_stop
        Asked before each trial; once true, what is planned so far is returned.
    """
    best = nothing(problem)
    objective = cost(problem, best).total
    refused: set[Job] = set()
    while True:
        taken = None
        for option, route in _insertions(problem, best, refused):
            if should_stop is not None and should_stop():
                return best
            trial = charged(problem, with_route(best, route))
            if trial is not None and (price := cost(problem, trial).total) < objective - TINY:
                best, objective, taken = trial, price, option.job
                break
            refused.add(option.job)
        if taken is None:
            return best
        # What was refused may be worth something now where anything has changed.
        touched = {taken.origin_id, taken.station_id}
        refused = {job for job in refused if not touched & {job.origin_id, job.station_id}}


def nothing(problem: Problem) -> Plan:
    """Nobody drives; cars that are on plugs are charged as cheaply as can be."""
    plain = plug_and_charge(problem, NOTHING)
    smart = charged(problem, NOTHING)
    return plain if smart is None or cost(problem, plain).total < cost(problem, smart).total else smart


def charged(problem: Problem, plan: Plan) -> Plan | None:
    """The same routes with the charges of least cost; None where they break a rule."""
    try:
        trial = charge_smartly(problem, plan, seconds=CHARGE_S)
    except DrivenTooFar:
        return None
    return None if check(problem, trial) else trial


def with_route(plan: Plan, route: Route) -> Plan:
    """The plan with one driver's route put in place of the one at hand."""
    others = tuple(one for one in plan.routes if one.driver_id != route.driver_id)
    return replace(plan, routes=(*others, route))


def possible_route(problem: Problem, driver: Driver, jobs: tuple[Job, ...]) -> Route | None:
    """The jobs with the break where it ends the night soonest; None where no place of it keeps the shift."""
    places: tuple[int | None, ...] = (None,) if driver.break_ is None else (None, *range(len(jobs) + 1))
    routes = []
    for place in places:
        timed = follow(problem, Route(driver_id=driver.id, jobs=jobs, break_before=place))
        alone = Timeline(routes=(timed,), stays={}, charged=(), energy_kwh={}, least_kwh={})
        if not any(shift_end(problem, alone)) and not any(break_time(problem, alone)):
            routes.append(timed)
    return min(routes, key=lambda timed: timed.end_s).route if routes else None


def _insertions(problem: Problem, plan: Plan, refused: set[Job]) -> Iterator[tuple[Option, Route]]:
    """Options at their best places of all routes, the one that saves most by estimate first."""
    outlook = Outlook(problem, replay(problem, plan))
    busy = {job.car_id for route in plan.routes for job in route.jobs}
    options = [option for car in problem.cars if car.id not in busy for option in outlook.options(car)]
    options = [option for option in options if option.job not in refused]
    options.sort(key=lambda option: -option.value)
    jobs_of = {route.driver_id: route.jobs for route in plan.routes}
    ranked = []
    for number, option in enumerate(options[:MOST_OPTIONS]):
        for driver in problem.drivers:
            if not _has_skills(problem, driver, option.job):
                continue
            jobs = jobs_of.get(driver.id, ())
            for place, added in enumerate(_added(problem, driver, jobs, option.job)):
                if option.value > added:
                    ranked.append((added - option.value, number, driver, place))
    ranked.sort(key=lambda item: item[0])
    for _, number, driver, place in ranked:
        option = options[number]
        if option.job in refused:
            continue
        jobs = jobs_of.get(driver.id, ())
        route = possible_route(problem, driver, (*jobs[:place], option.job, *jobs[place:]))
        if route is not None:
            yield option, route


def _added(problem: Problem, driver: Driver, jobs: tuple[Job, ...], job: Job) -> list[float]:
    """What a job adds to a route at each place of it, waiting left out."""
    prices, handling, km = problem.prices, problem.handling, problem.mode_by_name[driver.mode].km
    drives = job.origin_id != job.station_id
    own_s = handling.handover_s + handling.unplug_s * job.unplug + handling.plug_in_s * (job.plug_id is not None)
    own_s += sum(problem.task_by_id[id_].duration_s for id_ in job.task_ids)
    own_s += handling.park_s + problem.drive_s(job.origin_id, job.station_id) if drives else 0
    stops = [(driver.start_place_id, driver.start_place_id), *((one.origin_id, one.station_id) for one in jobs)]
    stops.append((driver.end_place_id, driver.end_place_id))
    fixed = prices.driver_hour / 3600 * own_s + (0.0 if jobs else prices.driver_use)
    added = []
    for (_, here), (there, _) in pairwise(stops):
        ways = ((here, job.origin_id, 1), (job.station_id, there, 1), (here, there, -1 if jobs else 0))
        ride_s = sum(sign * problem.ride_s(driver, one, other) for one, other, sign in ways)
        ride_m = sum(sign * problem.ride_m(driver, one, other) for one, other, sign in ways)
        added.append(fixed + prices.driver_hour / 3600 * ride_s + km * ride_m / 1000)
    return added


def _has_skills(problem: Problem, driver: Driver, job: Job) -> bool:
    needs = problem.car_by_id[job.car_id].needs.union(*(problem.task_by_id[id_].needs for id_ in job.task_ids))
    return needs <= driver.skills
