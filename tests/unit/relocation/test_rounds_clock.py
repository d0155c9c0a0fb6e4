"""Jobs by the clock: what they cost at least in any order is never more than a plan of them costs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.rounds.clock import Choice
from optimiser.relocation.rounds.jobs import START
from optimiser.relocation.rounds.model import RoundsModel
from optimiser.relocation.rounds.walks import plan_of
from tests.unit.relocation.builders import random_night
from tests.unit.relocation.routes import least_cost, random_plan, short_plans
from tests.unit.relocation.whole_nights import whole_night


def choice_of(problem: Problem, plan: Plan) -> Choice | None:
    """Columns of the jobs and tasks of a plan; None where a car comes back to a state or a job changes nothing."""
    model = RoundsModel(problem)
    values = np.zeros(1 + max(model.programme.whole))
    crews = {crew.driver.id: crew for crew in model.crews}
    left = {route.driver_id: list(route.jobs) for route in plan.routes}
    state = dict.fromkeys(range(len(model.cars)), START)
    seen = {index: {START} for index in state}
    while any(left.values()):
        # In the order of each car's states, whoever's turn it is.
        for driver_id, jobs in left.items():
            if not jobs:
                continue
            job = jobs[0]
            index = next(i for i, one in enumerate(model.cars) if one.car.id == job.car_id)
            one = model.cars[index]
            stood = one.states[state[index]]
            if stood.place_id != job.origin_id or stood.is_plugged != job.unplug:
                continue
            stays = job.plug_id is None and job.station_id == stood.station_id
            place_id = job.origin_id if stays else job.station_id
            wanted = (place_id, job.plug_id is not None)
            after = [n for n, s in enumerate(one.states) if n != START and (s.place_id, s.is_plugged) == wanted]
            if not after or after[0] in seen[index]:
                return None
            found = [
                column
                for column, i, order in crews[driver_id].jobs
                if i == index and (one.jobs[order].before, one.jobs[order].after) == (state[index], after[0])
            ]
            if not found:
                return None
            values[found[0]] = 1.0
            for column, crew, task in model.done:
                if crew.driver.id == driver_id and task.id in job.task_ids:
                    values[column] = 1.0
            state[index] = after[0]
            seen[index].add(after[0])
            jobs.pop(0)
            break
        else:
            return None
    return Choice(model, values)


def examine(problem: Problem, plans: Iterable[Plan]) -> int:
    """Of how many plans the jobs were priced; none below its price."""
    priced = 0
    for plan in plans:
        price = least_cost(problem, plan)
        choice = None if price is None else choice_of(problem, plan)
        if price is not None and choice is not None:
            least, _ = choice.cheapest(price + 5.0)
            assert least <= price + 1e-5
            priced += not math.isinf(least)
    return priced


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_costs_less_than_its_jobs_do(seed):
    nights = random_night(seed), whole_night(seed, stations=4, cars=4)
    plans = [[random_plan(problem, 50 * seed + draw) for draw in range(20)] for problem in nights]
    assert sum(map(examine, nights, plans)) > 0


def test_short_plans_cost_no_less_than_their_jobs():
    problem = random_night(3, most_stations=3, most_cars=2, most_drivers=1)
    assert examine(problem, islice(short_plans(problem), 60)) > 0


def test_plans_in_the_cheapest_orders_cost_no_less_and_some_just_that():
    just, several = 0, 0
    for seed in range(6):
        # Plans of an order do all tasks at a car, and jobs of some of them are others.
        problem = replace(random_night(seed), tasks=())
        model = RoundsModel(problem)
        for draw in range(20):
            choice = choice_of(problem, random_plan(problem, 50 * seed + draw))
            least, turns = (0.0, ()) if choice is None else choice.cheapest(1e6)
            plan = plan_of(problem, model, [(turn.crew, turn.ends_s) for turn in turns])
            price = least_cost(problem, plan) if turns else None
            if price is not None:
                assert price >= least - 1e-5
                just += price <= least + 1e-5
                several += max(len(route.jobs) for route in plan.routes) > 1
    assert just > 0
    assert several > 0
