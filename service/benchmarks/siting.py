"""Benchmarks of location problems: which instances are meant, how they are solved and judged, what is written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.solve import solve
from scenarios.benchmarks.cases import find_cases
from scenarios.benchmarks.judge_pmedian import judge_pmedian
from scenarios.benchmarks.pmedian import PMedianInstance, read_pmedian
from service.benchmarks.run import Judged, Task

ENDINGS = {".txt", ".tsp"}
SPARE_S = 0.1
"""Kept for judging."""


def pmedian_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """
    A task for each instance and each p that is asked of it.

    Raises
    ------
    InvalidInput
        Everything that cannot be read, located, before any of it is solved.
    """
    findings = Findings()
    tasks = []
    for case in find_cases([Path(path) for path in paths], is_instance=lambda path: path.suffix in ENDINGS):
        start = time.perf_counter()
        try:
            instance = read_pmedian(case.path, case.asked)
        except InvalidInput as error:
            findings.extend(error.findings)
            continue
        read_s = time.perf_counter() - start
        solve_it = partial(_pmedian, instance, seconds=seconds, seed=seed, read_s=read_s)
        tasks.append(Task(name=f"{instance.name} p={instance.p}", solve=solve_it, best_known=case.best_known))
    findings.raise_errors("benchmark")
    return tuple(tasks)


def _pmedian(instance: PMedianInstance, *, seconds: float, seed: int, read_s: float) -> Judged:
    start = time.perf_counter()
    problem = MedianProblem(cost=instance.way, p=instance.p)
    left_s = max(0.1, seconds - SPARE_S - (time.perf_counter() - start))
    answer = solve(problem, seconds=left_s, seed=seed)
    sites = [site + 1 for site in answer.sites]
    cost, bound = int(answer.cost), int(answer.lower_bound)
    faults = judge_pmedian(instance, sites, cost=cost, lower_bound=bound, status=str(answer.status))
    return Judged(
        faults=tuple(map(str, faults)),
        entry={
            "instance": instance.name,
            "n": instance.n,
            "p": instance.p,
            "cost": cost,
            "lower_bound": bound,
            "status": str(answer.status),
            "seconds": read_s + time.perf_counter() - start,
            "sites": sites,
        },
    )
