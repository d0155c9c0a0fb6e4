"""Rules about drivers: their clocks, and that each car is where they look for it."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import Timeline, stays_put


def shift_end(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A driver is home before the shift ends."""
    for route in timeline.routes:
        late_s = route.end_s - problem.driver_by_id[route.driver_id].shift_end_s
        if late_s > 0:
            text = f"driver {route.driver_id} is home {late_s} s after the shift ends"
            yield Violation(rule="shift_end", ids=(route.driver_id,), amount=late_s, text=text)


def break_time(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """
    A break begins between its earliest and its latest start, and is taken on a route that ends after the latest.

    Nobody waits for a break: it begins when the job before it is done.
    """
    for route in timeline.routes:
        driver, before = problem.driver_by_id[route.driver_id], route.route.break_before
        amount, text = 0, ""
        if before is not None and driver.break_ is None:
            amount, text = 1, f"driver {driver.id} takes a break and has none"
        elif before is not None and not 0 <= before <= len(route.jobs):
            amount = 1
            text = f"driver {driver.id} takes the break before job {before}, there are jobs 0..{len(route.jobs)}"
        elif driver.break_ is not None and route.break_start_s is not None:
            early_s, late_s = (
                driver.break_.earliest_s - route.break_start_s,
                route.break_start_s - driver.break_.latest_s,
            )
            amount = max(0, early_s, late_s)
            text = (
                f"driver {driver.id} begins the break at {route.break_start_s} s, "
                f"between {driver.break_.earliest_s} and {driver.break_.latest_s} s is possible"
            )
        elif driver.break_ is not None and route.end_s > driver.break_.latest_s:
            amount = driver.break_.duration_s
            text = f"driver {driver.id} works until {route.end_s} s without the break due by {driver.break_.latest_s} s"
        if amount > 0:
            yield Violation(rule="break_time", ids=(driver.id,), amount=amount, text=text)


def car_there(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A car is where its driver looks for it, and nobody else is at work with it."""
    for car_id, jobs in timeline.jobs_of.items():
        at, free_s = problem.car_by_id[car_id].at, 0
        for timed in jobs:
            early_s = free_s - timed.start_s
            if timed.job.origin_id != at:
                text = f"driver {timed.driver_id} looks for car {car_id} at {timed.job.origin_id}, it is at {at}"
                yield Violation(rule="car_there", ids=(timed.driver_id, car_id), amount=1, text=text)
            elif early_s > 0:
                text = f"driver {timed.driver_id} begins with car {car_id} {early_s} s before the last job is done"
                yield Violation(rule="car_there", ids=(timed.driver_id, car_id), amount=early_s, text=text)
            free_s = timed.end_s
            if not stays_put(problem, timed.job):
                at = timed.job.station_id


def plug_state(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A job unplugs its car exactly if it is on a plug, and only plugs in anew what it has unplugged."""
    for car_id, jobs in timeline.jobs_of.items():
        is_plugged = problem.car_by_id[car_id].plug_id is not None
        for timed in jobs:
            if timed.job.unplug != is_plugged:
                text = f"car {car_id} is {'' if is_plugged else 'not '}on a plug when driver {timed.driver_id} comes"
                yield Violation(rule="plug_state", ids=(timed.driver_id, car_id), amount=1, text=text)
            is_plugged = timed.job.plug_id is not None
