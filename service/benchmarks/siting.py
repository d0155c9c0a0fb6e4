"""Benchmarks of location problems: which instances are meant, how they are solved and judged, what is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.siting import warm_up
from optimiser.siting.center import solve as center
from optimiser.siting.center.problem import CenterProblem
from optimiser.siting.coverage import solve as coverage
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.flow import solve as flow
from optimiser.siting.flow.problem import FlowProblem
from optimiser.siting.median import solve as median
from optimiser.siting.median.problem import MedianProblem
from scenarios.benchmarks import all_pairs
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.capacitated import CapacitatedInstance, read_capacitated
from scenarios.benchmarks.cases import Case, find_cases
from scenarios.benchmarks.flow import FlowInstance, folder_name, read_flow
from scenarios.benchmarks.flow_files import is_network
from scenarios.benchmarks.judge_flow import judge_flow
from scenarios.benchmarks.judge_mclp import judge_mclp
from scenarios.benchmarks.judge_pcenter import judge_pcenter
from scenarios.benchmarks.judge_pmedian import judge_pmedian
from scenarios.benchmarks.mclp import MclpInstance, read_mclp
from scenarios.benchmarks.pmedian import PMedianInstance, read_pmedian
from service.benchmarks.capacitated import solve_capacitated
from service.benchmarks.run import Judged, LeftS, Task

ENDINGS = {".txt", ".tsp", ".dat"}
SPARE_S = 0.3
"""Kept for judging, and for what is not broken off."""


def pmedian_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """
    A task for each instance and each p that is asked of it; what solves them is compiled, or loaded, before any begins.

    Raises
    ------
    InvalidInput
        Everything that cannot be read, located, before any of it is solved.
    """
    tasks = _tasks(paths, read_pmedian, partial(_pmedian, seed=seed), seconds=seconds)
    all_pairs.warm_up()
    warm_up.warm_up_median()
    return tasks


def pcenter_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """The same for the p-center of the same files; values that lists know are those of the p-median, and not told."""
    tasks = _tasks(paths, read_pmedian, partial(_pcenter, seed=seed), seconds=seconds)
    all_pairs.warm_up()
    warm_up.warm_up_center()
    return tuple(replace(task, best_known=None) for task in tasks)


def mclp_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """The same for maximal covering."""
    tasks = _tasks(paths, read_mclp, partial(_mclp, seed=seed), seconds=seconds)
    warm_up.warm_up_coverage()
    return tasks


def capacitated_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """The same for the capacitated p-median."""
    tasks = _tasks(paths, read_capacitated, partial(solve_capacitated, seed=seed), seconds=seconds)
    warm_up.warm_up_capacitated()
    return tasks


def flow_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """The same for flow refuelling, whose instances are folders."""
    find = partial(find_cases, is_instance=is_network, file_of=folder_name, depth=2)
    tasks = _tasks(paths, read_flow, partial(_flow, seed=seed), seconds=seconds, find=find)
    warm_up.warm_up_flow()
    return tasks


Instance = TypeVar("Instance", PMedianInstance, MclpInstance, FlowInstance, CapacitatedInstance)
_find_files = partial(find_cases, is_instance=lambda path: path.suffix in ENDINGS)


def _tasks(
    paths: Sequence[str],
    read: Callable[[Path, Asked], Instance],
    solve_one: Callable[[Instance, LeftS], Judged],
    *,
    seconds: float,
    find: Callable[..., tuple[Case, ...]] = _find_files,
) -> tuple[Task, ...]:
    findings = Findings()
    tasks = []
    for case in find([Path(path) for path in paths], findings=findings):
        start = time.perf_counter()
        try:
            instance = read(case.path, case.asked)
        except InvalidInput as error:
            # A file that is asked for several p is wrong once.
            findings.extend(found for found in error.findings if found not in findings.items)
            continue
        solve_it = partial(_timed, partial(solve_one, instance), seconds, time.perf_counter() - start)
        tasks.append(Task(name=f"{instance.name} p={instance.p}", solve=solve_it, best_known=case.best_known))
    findings.raise_errors("benchmark")
    return tuple(tasks)


def _timed(solve_it: Callable[[LeftS], Judged], seconds: float, read_s: float) -> Judged:
    """Solve in what reading leaves of the seconds, and note what all of it took."""
    start = time.perf_counter()

    def took_s() -> float:
        return read_s + time.perf_counter() - start

    judged = solve_it(lambda spare_s: max(0.1, seconds - spare_s - took_s()))
    lists = {name: value for name, value in judged.entry.items() if isinstance(value, list)}
    figures = {name: value for name, value in judged.entry.items() if name not in lists}
    return replace(judged, entry={**figures, "seconds": took_s(), **lists})


def _pmedian(instance: PMedianInstance, left_s: LeftS, *, seed: int) -> Judged:
    problem = MedianProblem.between_all(instance.way, p=instance.p)
    answer = median.solve(problem, seconds=left_s(SPARE_S), seed=seed)
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
            "sites": sites,
        },
    )


def _pcenter(instance: PMedianInstance, left_s: LeftS, *, seed: int) -> Judged:
    problem = CenterProblem(way=instance.way, p=instance.p)
    answer = center.solve(problem, seconds=left_s(SPARE_S), seed=seed)
    sites = [site + 1 for site in answer.sites]
    cost, bound, status = int(answer.cost), int(answer.lower_bound), str(answer.status)
    faults = judge_pcenter(instance, sites, cost=cost, lower_bound=bound, status=status)
    return Judged(
        faults=tuple(map(str, faults)),
        entry={
            "instance": instance.name,
            "n": instance.n,
            "p": instance.p,
            "cost": cost,
            "lower_bound": bound,
            "status": status,
            "sites": sites,
        },
    )


def _mclp(instance: MclpInstance, left_s: LeftS, *, seed: int) -> Judged:
    first, site = instance.pairs
    problem = CoverageProblem(weight=instance.weight, first=first, site=site, sites=instance.sites, p=instance.p)
    answer = coverage.solve(problem, seconds=left_s(SPARE_S), seed=seed)
    covered, bound, status = answer.covered, answer.upper_bound, str(answer.status)
    faults = judge_mclp(instance, answer.sites, covered=covered, upper_bound=bound, status=status)
    return Judged(
        faults=tuple(map(str, faults)),
        entry={
            "instance": instance.name,
            "p": instance.p,
            "radius": instance.radius,
            "covered": covered,
            "upper_bound": bound,
            "status": status,
            "sites": list(answer.sites),
        },
    )


def _flow(instance: FlowInstance, left_s: LeftS, *, seed: int) -> Judged:
    trips, nodes = instance.trips, instance.nodes
    problem = FlowProblem(
        flow=trips.flow,
        first=trips.first,
        node=trips.node,
        at=trips.at,
        nodes=len(nodes),
        reach=instance.reach,
        p=instance.p,
    )
    answer = flow.solve(problem, seconds=left_s(SPARE_S), seed=seed)
    sites = [nodes[site] for site in answer.sites]
    covered, bound, status = answer.covered, answer.upper_bound, str(answer.status)
    faults = judge_flow(instance, sites, covered=covered, upper_bound=bound, status=status)
    return Judged(
        faults=tuple(map(str, faults)),
        entry={
            "instance": instance.name,
            "p": instance.p,
            "covered": covered,
            "upper_bound": bound,
            "status": status,
            "sites": sites,
        },
    )
