"""
Which rules a plan breaks. Imports no solver, ever.

Rules, one name each in model, checker, report, API and docs, are listed in `RULES`. They forbid only what is
impossible; what is merely not wanted (must-do work that is missing, zones short of bikes) has a price.
"""

from __future__ import annotations

from optimiser.basics.result import Violation
from optimiser.rebalancing.check.bikes import batteries, depot_stock, station_inventory, van_capacity
from optimiser.rebalancing.check.decisions import known_ids, one_route_per_van, whole_bikes
from optimiser.rebalancing.check.permissions import (
    dropoff_forbidden,
    forbidden,
    one_visit,
    pickup_forbidden,
    skills,
)
from optimiser.rebalancing.check.times import break_time, shift_end, time_window
from optimiser.rebalancing.check.times import range_ as range  # noqa: A004  the rule's name
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import replay

RULES = (
    "known_ids",
    "one_route_per_van",
    "whole_bikes",
    "van_capacity",
    "station_inventory",
    "depot_stock",
    "batteries",
    "shift_end",
    "break_time",
    "range",
    "time_window",
    "skills",
    "forbidden",
    "pickup_forbidden",
    "dropoff_forbidden",
    "one_visit",
)

__all__ = [
    "RULES",
    "batteries",
    "break_time",
    "check",
    "depot_stock",
    "dropoff_forbidden",
    "forbidden",
    "known_ids",
    "one_route_per_van",
    "one_visit",
    "pickup_forbidden",
    "range",
    "shift_end",
    "skills",
    "station_inventory",
    "time_window",
    "van_capacity",
    "whole_bikes",
]


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every rule that the plan breaks; empty means valid. Unknown ids end the check, nothing else can be replayed."""
    if unknown := tuple(known_ids(problem, plan)):
        return unknown
    timeline = replay(problem, plan)
    return (
        *one_route_per_van(plan),
        *whole_bikes(problem, timeline),
        *van_capacity(problem, timeline),
        *station_inventory(problem, timeline),
        *depot_stock(problem, timeline),
        *batteries(problem, timeline),
        *shift_end(problem, timeline),
        *break_time(problem, timeline),
        *range(problem, timeline),
        *time_window(problem, timeline),
        *skills(problem, plan),
        *forbidden(problem, plan),
        *pickup_forbidden(problem, plan),
        *dropoff_forbidden(problem, plan),
        *one_visit(problem, plan),
    )
