"""Nights of e-cars, small to large, beside a greedy plan, OR-Tools pairs, and what no plan can undercut."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import NamedTuple

import scenarios
from optimiser.basics.limits import SolveLimits
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.solve import solve
from optimiser.relocation.warm_up import warm_up
from scenarios.benchmarks.cases import find_cases
from scenarios.benchmarks.judge_relocation import judge_relocation
from scenarios.benchmarks.records import plain
from scenarios.benchmarks.relocation_files import is_relocation, read_relocation
from scenarios.benchmarks.relocation_generate import SIZES, generate_night, streets_of_city
from service.benchmarks.relocation import baselines
from tests.bench.network import memory_mb

SECONDS, SEED = 60.0, 1
"""Of one night: enough to prove one of a crew."""
TIMES = 10
"""How much longer the large night is searched for comparison."""
NIGHTS = Path(scenarios.__file__).parent / "benchmarks" / "nights"


def measure() -> str:
    """A table in Markdown."""
    warm_up()
    rows, faults = [], 0
    for case in find_cases([NIGHTS], is_instance=is_relocation):
        instance = read_relocation(case.path)
        problem = instance.problem
        result = solve(problem, SolveLimits(seconds=SECONDS, seed=SEED))
        others = baselines(problem, seconds=SECONDS)
        faults += sum(len(check(problem, plan)) for plan in (result.plan, *others.values()))
        faults += len(judge_relocation(instance.document, plain(result.plan), cost=result.objective))
        nothing, greedy, ortools = (cost(problem, others[name]).total for name in ("nothing", "greedy", "ortools"))
        rows.append(
            f"| {instance.name} | {len(problem.cars)} | {len(problem.drivers)} | {nothing:,.1f} "
            f"| {result.objective:,.1f} | {greedy:,.1f} | {greedy / result.objective - 1:+.1%} "
            f"| {ortools:,.1f} | {ortools / result.objective - 1:+.1%} | {result.best_bound:,.1f} | {result.gap:.1%} |"
        )
    told = (
        f"{SECONDS:g} s each, seed {SEED}; OR-Tools routing has as many for its pairs, the greedy plan no more. "
        f"*dearer* is what they cost more than ours. Faults that checker and judge found: {faults}."
    )
    head = "| night | cars | drivers | nothing | ours | greedy | dearer | OR-Tools | dearer | bound | gap |"
    return "\n".join([told, "", head, "|---|" + "---:|" * 10, *rows, "", _longer()])


class Run(NamedTuple):
    """A search of the large night in a process of its own."""

    cost: float
    bound: float
    jobs: int
    memory_mb: float
    faults: int


def _longer() -> str:
    """A large night beside a search many times as long, each in a fresh process."""
    short, long = (_in_own_process(seconds) for seconds in (SECONDS, SECONDS * TIMES))
    size = SIZES["large"]
    return (
        f"A large night over Göteborg ({size.cars} cars at {size.stations} stations, {size.drivers} drivers, seed "
        f"{SEED}) in a fresh process: {SECONDS:g} s end at {short.cost:,.1f} with {short.jobs} jobs, "
        f"{SECONDS * TIMES:g} s at {long.cost:,.1f} with {long.jobs}: the short search is "
        f"{short.cost / long.cost - 1:.1%} above the long one, its gap to its bound {1 - short.bound / short.cost:.1%}."
        f" Highest memory, libraries included: {short.memory_mb:,.0f} MB and {long.memory_mb:,.0f} MB. Faults that the "
        f"checker found: {short.faults + long.faults}."
    )


def _in_own_process(seconds: float) -> Run:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (seconds,))


def _run(seconds: float) -> Run:
    problem = generate_night(streets_of_city("goteborg"), SIZES["large"], seed=SEED)
    warm_up()
    result = solve(problem, SolveLimits(seconds=seconds, seed=SEED))
    jobs = sum(len(route.jobs) for route in result.plan.routes)
    return Run(result.objective, result.best_bound, jobs, memory_mb("VmHWM"), len(check(problem, result.plan)))
