"""Benchmarks of bike rebalancing: which instances are meant, how they are solved and judged, what is written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.rebalancing.warm_up import warm_up
from scenarios.benchmarks.brp import BrpInstance, read_brp
from scenarios.benchmarks.cases import find_cases
from scenarios.benchmarks.judge_brp import judge_brp
from scenarios.benchmarks.judge_nyc import judge_nyc
from scenarios.benchmarks.nyc import NycInstance, read_nyc
from service.benchmarks.brp import solve_brp
from service.benchmarks.nyc import solve_nyc
from service.benchmarks.run import Judged, Task

SEARCH_S, SEARCH_SHARE, LATER_SHARE = 10.0, 0.85, 0.2
"""Of so many seconds the search has this share, and of those that follow that one: the bound can use them better."""


def routing_tasks(paths: Sequence[str], *, seconds: float, seed: int) -> tuple[Task, ...]:
    """
    A task for each instance of either form, told apart by content; what solves them is compiled before any begins.

    Raises
    ------
    InvalidInput
        Everything that cannot be read, located, before any of it is solved.
    """
    findings = Findings()
    tasks = []
    for case in find_cases([Path(path) for path in paths], is_instance=_looks_like_one):
        try:
            start = time.perf_counter()
            instance = read_nyc(case.path) if _is_table(case.path) else read_brp(case.path)
        except InvalidInput as error:
            findings.extend(error.findings)
            continue
        read_s = time.perf_counter() - start
        solve = partial(_judged, instance, seconds=seconds, seed=seed, read_s=read_s)
        tasks.append(Task(name=instance.name, solve=solve, best_known=case.best_known))
    findings.raise_errors("benchmark")
    warm_up()
    return tuple(tasks)


def _judged(instance: BrpInstance | NycInstance, *, seconds: float, seed: int, read_s: float) -> Judged:
    if isinstance(instance, BrpInstance):
        return _brp(instance, seconds, seed, read_s)
    return _nyc(instance, seconds, seed, read_s)


def bound_seconds(seconds: float) -> float:
    """Of an instance's seconds, those for the bound."""
    first_s = min(seconds, SEARCH_S)
    return seconds - SEARCH_SHARE * first_s - LATER_SHARE * (seconds - first_s)


def _brp(instance: BrpInstance, seconds: float, seed: int, read_s: float) -> Judged:
    start = time.perf_counter()
    answer = solve_brp(instance, seconds=seconds, seed=seed, bound_seconds=bound_seconds(seconds))
    # Plain numbers, whatever the engine computes with: what is judged is what is written.
    routes = [[int(vertex) for vertex in route] for route in answer.routes]
    cost, bound = int(answer.cost), float(answer.lower_bound)
    faults = judge_brp(instance, routes, cost=cost, lower_bound=bound)
    return Judged(
        faults=tuple(map(str, faults)),
        entry={
            "instance": instance.name,
            "cost": cost,
            "lower_bound": int(bound) if bound.is_integer() else bound,
            "seconds": read_s + time.perf_counter() - start,
            "routes": routes,
        },
    )


def _nyc(instance: NycInstance, seconds: float, seed: int, read_s: float) -> Judged:
    start = time.perf_counter()
    answer = solve_nyc(instance, seconds=seconds, seed=seed, bound_seconds=bound_seconds(seconds))
    cost, bound = float(answer.miles + answer.penalty), float(answer.lower_bound)
    faults = judge_nyc(instance, answer.routes, cost=cost, lower_bound=bound)
    routes = [
        {"depot": list(route.depot), "stops": [{"id": stop.id, "moved": int(stop.moved)} for stop in route.stops]}
        for route in answer.routes
    ]
    return Judged(
        faults=tuple(map(str, faults)),
        entry={
            "instance": instance.name,
            "cost": cost,
            "lower_bound": bound,
            "miles": float(answer.miles),
            "penalty": float(answer.penalty),
            "seconds": read_s + time.perf_counter() - start,
            "routes": routes,
        },
    )


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(200).decode("utf-8-sig", errors="replace").lstrip()


def _is_table(path: Path) -> bool:
    """Whether the first line is a header, as in the New York files; a BRP file begins with a number."""
    return path.is_file() and _head(path).casefold().split(",", 1)[0].strip() == "id"


def _looks_like_one(path: Path) -> bool:
    """Whether a file of a folder is an instance, rather than a licence or a list beside it."""
    if not path.is_file() or path.suffix.casefold() not in {".txt", ".csv", ".dat"}:
        return False
    return _is_table(path) or _head(path)[:1].isdigit()
