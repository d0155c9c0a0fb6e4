"""
Which rules a plan breaks. Imports no solver, ever.

Rules, one name each in model, checker, report, API and docs, are listed in `RULES`. They forbid only what is
impossible; what is merely not wanted (stations short of cars, tasks undone, musts) has a price.
"""

from __future__ import annotations

from optimiser.basics.result import Violation
from optimiser.relocation.check.decisions import can_move, known_ids, one_route_per_driver, skills, task_once
from optimiser.relocation.check.drivers import break_time, car_there, plug_state, shift_end
from optimiser.relocation.check.energy import battery, charging_power, charging_window, reserve, site_power
from optimiser.relocation.check.places import bay_capacity, booking, opening_hours, plug_capacity
from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import replay

RULES = (
    "known_ids",
    "one_route_per_driver",
    "skills",
    "can_move",
    "task_once",
    "shift_end",
    "break_time",
    "car_there",
    "plug_state",
    "bay_capacity",
    "plug_capacity",
    "opening_hours",
    "booking",
    "reserve",
    "charging_window",
    "charging_power",
    "site_power",
    "battery",
)

__all__ = [
    "RULES",
    "battery",
    "bay_capacity",
    "booking",
    "break_time",
    "can_move",
    "car_there",
    "charging_power",
    "charging_window",
    "check",
    "known_ids",
    "one_route_per_driver",
    "opening_hours",
    "plug_capacity",
    "plug_state",
    "reserve",
    "shift_end",
    "site_power",
    "skills",
    "task_once",
]


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every rule that the plan breaks; empty means valid. Unknown ids end the check, nothing else can be replayed."""
    if unknown := tuple(known_ids(problem, plan)):
        return unknown
    timeline = replay(problem, plan)
    return (
        *one_route_per_driver(plan),
        *skills(problem, plan),
        *can_move(problem, timeline),
        *task_once(problem, plan),
        *shift_end(problem, timeline),
        *break_time(problem, timeline),
        *car_there(problem, timeline),
        *plug_state(problem, timeline),
        *bay_capacity(problem, timeline),
        *plug_capacity(problem, timeline),
        *opening_hours(problem, timeline),
        *booking(problem, timeline),
        *reserve(problem, timeline),
        *charging_window(problem, timeline),
        *charging_power(problem, timeline),
        *site_power(problem, timeline),
        *battery(problem, timeline),
    )
