"""How good a night is after so many seconds, beside doing nothing, OR-Tools routing, and what no plan can undercut."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import Progress
from optimiser.nightly import reachable, state_problem
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.solve import Engine, solve
from optimiser.rebalancing.warm_up import warm_up
from scenarios.generation import generate_city
from scenarios.loader import list_cities, load_city
from service.planner import open_travel, plan_city
from tests.bench.network import memory_mb

SECONDS = 10.0
SEEDS = (1, 2, 3)
LARGE_STATIONS, LARGE_VANS, LARGE_SLOTS = 2000, 30, 25
LARGE_SECONDS, LARGE_SEEDS = 60.0, (1,)
TIMES = 10
"""How much longer the large city is searched for comparison."""


def measure() -> str:
    """A table over the bundled cities and a large generated one, in Markdown."""
    warm_up()
    rows = [_row(name, _bundled(name), SECONDS, SEEDS) for name in list_cities()]
    rows.append(_row("generated over Göteborg", generated(), LARGE_SECONDS, LARGE_SEEDS))
    told = (
        f"Median of seeds {', '.join(map(str, SEEDS))} ({', '.join(map(str, LARGE_SEEDS))} for the generated city, "
        f"whose vans have {LARGE_SLOTS} slots and seven hours). Costs are in the city's currency and include the "
        "trips still lost. *of nothing* is the share of the cost of doing nothing, *dearer* what OR-Tools routing "
        "costs more after the same seconds of the same process."
    )
    head = (
        "| city | stations | vans | seconds | doing nothing | ours | of nothing | OR-Tools | dearer | bound | gap "
        "| violations |"
    )
    return "\n".join([told, "", head, "|---|" + "---:|" * 11, *rows, "", _longer()])


class Run(NamedTuple):
    """A search of the large night in a process of its own."""

    cost: float
    bound: float
    first_s: float
    """Until the first plan, in seconds."""
    memory_mb: float
    violations: int


def _longer() -> str:
    """The large night beside a search many times as long, each in a fresh process."""
    short, long = (_in_own_process(seconds) for seconds in (LARGE_SECONDS, LARGE_SECONDS * TIMES))
    return (
        f"The generated city in a fresh process: {LARGE_SECONDS:g} s end at {short.cost:,.0f}, "
        f"{LARGE_SECONDS * TIMES:g} s at {long.cost:,.0f}: the short search is {short.cost / long.cost - 1:.1%} above "
        f"the long one, its gap to the proven bound {1 - short.bound / short.cost:.1%}. The first plan "
        f"that moves bikes is there after {short.first_s:.1f} s, nothing has to be compiled. Highest memory, libraries "
        f"included: {short.memory_mb:,.0f} MB and {long.memory_mb:,.0f} MB. "
        f"Violations: {short.violations + long.violations}."
    )


def _in_own_process(seconds: float) -> Run:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (seconds,))


def _run(seconds: float) -> Run:
    problem = generated()
    nothing = cost(problem, NOTHING).total
    begun_s = time.perf_counter()
    firsts: list[float] = []

    def note(moment: Progress) -> None:
        if moment.objective < nothing and not firsts:
            firsts.append(time.perf_counter() - begun_s)

    result = solve(problem, SolveLimits(seconds=seconds, seed=1), on_progress=note)
    violations = len(check(problem, result.plan)) + len(result.refused)
    return Run(result.objective, result.best_bound, firsts[0], memory_mb("VmHWM"), violations)


def _bundled(name: str) -> Problem:
    with TemporaryDirectory() as cache:
        return plan_city(load_city(name), SolveLimits(seconds=None, rounds=1), cache_dir=Path(cache)).night.problem


def generated(*, stations: int = LARGE_STATIONS, vans: int = LARGE_VANS) -> Problem:
    """A commuter city on real streets; everything but the streets is made up."""
    with TemporaryDirectory() as cache:
        streets = open_travel(load_city("goteborg"), cache_dir=Path(cache), on_message=None)
        made = generate_city(streets, stations=stations, vans=vans, slots=LARGE_SLOTS, seed=1)
        _, times = reachable(made.city, made.snapshot, streets, max_snap_m=250.0, on_far="drop", findings=Findings())
        return state_problem(made.city, made.snapshot, times, targets=made.targets)


def _row(name: str, problem: Problem, seconds: float, seeds: tuple[int, ...]) -> str:
    nothing = cost(problem, NOTHING).total
    ours, theirs = (
        [solve(problem, SolveLimits(seconds=seconds, seed=seed), engine=engine) for seed in seeds]
        for engine in (Engine.RUIN_RECREATE, Engine.ROUTING)
    )
    violations = sum(len(check(problem, result.plan)) + len(result.refused) for result in (*ours, *theirs))
    objective, peer = (statistics.median(result.objective for result in results) for results in (ours, theirs))
    gap = statistics.median(result.gap for result in ours)
    return (
        f"| {name} | {len(problem.stations):,} | {len(problem.vans)} | {seconds:g} | {nothing:,.0f} | {objective:,.0f} "
        f"| {objective / nothing:.0%} | {peer:,.0f} | {peer / objective - 1:+.1%} | {ours[0].best_bound:,.0f} "
        f"| {gap:.1%} | {violations} |"
    )
