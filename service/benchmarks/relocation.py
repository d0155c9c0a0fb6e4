"""Benchmarks of e-car nights: which files are meant, how they are solved, judged and set beside simpler plans."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.relocation.charging import plug_and_charge
from optimiser.relocation.construct import construct
from optimiser.relocation.cost import cost
from optimiser.relocation.pairs import pair_up
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.solve import solve
from optimiser.relocation.warm_up import warm_up
from scenarios.benchmarks.cases import find_cases
from scenarios.benchmarks.judge_relocation import judge_relocation
from scenarios.benchmarks.records import plain
from scenarios.benchmarks.relocation_files import RelocationInstance, is_relocation, read_relocation
from service.benchmarks.run import Judged, Task


def relocation_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """
    A task for each night; what plans them is compiled, or loaded, before any begins.

    Raises
    ------
    InvalidInput
        Everything that cannot be read, located, before any of it is solved.
    """
    findings = Findings()
    tasks = []
    for case in find_cases([Path(path) for path in paths], is_instance=is_relocation):
        try:
            start = time.perf_counter()
            instance = read_relocation(case.path)
        except InvalidInput as error:
            findings.extend(error.findings)
            continue
        read_s = time.perf_counter() - start
        work = partial(_judged, instance, seconds=seconds, seed=seed, read_s=read_s)
        tasks.append(Task(name=instance.name, solve=work, best_known=case.best_known))
    findings.raise_errors("benchmark")
    warm_up()
    return tuple(tasks)


def baselines(problem: Problem, *, seconds: float) -> dict[str, Plan]:
    """
    Simpler plans of the same night.

    nothing: nobody drives, and what is on a plug charges at once; greedy: `construct`, broken off after so many
    seconds; ortools: `pair_up` with so many.
    """
    stop_s = time.perf_counter() + seconds
    return {
        "nothing": plug_and_charge(problem, NOTHING),
        "greedy": construct(problem, should_stop=lambda: time.perf_counter() > stop_s),
        "ortools": pair_up(problem, seconds=seconds),
    }


def _judged(instance: RelocationInstance, *, seconds: float, seed: int, read_s: float) -> Judged:
    start = time.perf_counter()
    problem = instance.problem
    result = solve(problem, SolveLimits(seconds=seconds, seed=seed))
    took_s = read_s + time.perf_counter() - start
    plan = plain(result.plan)
    faults = judge_relocation(instance.document, plan, cost=result.objective, lower_bound=result.best_bound)
    told = [str(fault) for fault in faults]
    costs: dict[str, Any] = {}
    for name, other in baselines(problem, seconds=seconds).items():
        costs[name] = cost(problem, other).total
        wrong = judge_relocation(instance.document, plain(other), cost=costs[name])
        told += [f"{name}: {fault}" for fault in wrong]
    return Judged(
        faults=tuple(told),
        entry={
            "instance": instance.name,
            "cost": result.objective,
            "lower_bound": result.best_bound,
            "gap": result.gap,
            "seconds": took_s,
            "stop_reason": str(result.stop_reason),
            "plan": plan,
            "baselines": costs,
        },
    )
