"""Maximal covering over real streets, on the scale of a city: pairs within reach, then the sites that cover most."""

from __future__ import annotations

import multiprocessing
import time
from typing import NamedTuple

import numpy as np

from optimiser.network.profiles import PROFILES
from optimiser.network.streets import open_streets, warm_up
from optimiser.siting import warm_up as siting
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.coverage.solve import solve
from tests.bench.network import FILE, memory_mb, random_places

DEMAND, SITES, SEED = 100_000, 2_000, 1
PEOPLE = 50
"""At a demand point, at most."""
SECONDS = 20.0
"""For each choice, from the pairs on."""


class Case(NamedTuple):
    """How far people walk, and how many sites are to be open."""

    cutoff_m: float
    p: int


CASES = tuple(Case(cutoff_m, p) for cutoff_m in (800, 1500) for p in (20, 50, 100, 200))


class Measured(NamedTuple):
    """One case."""

    pairs: int
    pairs_s: float
    solve_s: float
    covered: float
    """Of all people, the share."""
    gap: float
    """Of the bound, what may be missing."""
    status: str
    memory_mb: float
    """Highest resident memory of the process, streets and pairs included."""


def problem_of(case: Case) -> tuple[CoverageProblem, float]:
    """What is asked in a case, and the seconds that finding the pairs took."""
    streets = open_streets(FILE, profile=PROFILES["walk"], night=False)
    demand = random_places(streets.graph, DEMAND, seed=SEED)
    sites = random_places(streets.graph, SITES, seed=SEED + 1)
    people = np.random.default_rng(SEED + 2).integers(1, PEOPLE + 1, DEMAND)
    warm_up()
    start = time.perf_counter()
    access = streets.access(demand, sites, cutoff_s=None, cutoff_m=case.cutoff_m, max_snap_m=250)
    seconds = time.perf_counter() - start
    weight = people.astype(np.float64)
    return CoverageProblem(weight=weight, first=access.first, site=access.site, sites=SITES, p=case.p), seconds


def measure_one(case: Case) -> Measured:
    """Measure one case; called in a process of its own, so that memory is its own as well."""
    problem, pairs_s = problem_of(case)
    siting.warm_up()
    start = time.perf_counter()
    answer = solve(problem, seconds=SECONDS, seed=SEED)
    return Measured(
        pairs=len(problem.site),
        pairs_s=pairs_s,
        solve_s=time.perf_counter() - start,
        covered=answer.covered / float(problem.weight.sum()),
        gap=1.0 - answer.covered / answer.upper_bound,
        status=str(answer.status),
        memory_mb=memory_mb("VmHWM"),
    )


def measure() -> str:
    """Measure all cases one after the other; a table in Markdown."""
    if not FILE.is_file():
        return f"Not measured: `{FILE.parent.name}/{FILE.name}` is not on this machine."
    drawn = f"{DEMAND:,} demand points of 1 to {PEOPLE} people and {SITES:,} candidate sites"
    lines = [
        f"{drawn}, at random places along the streets of Porto Alegre (seed {SEED}); {SECONDS:g} s from the pairs on.",
        "",
        "| walk | p | pairs | pairs, s | solve, s | people covered | gap | status | memory, MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---|---:|",
    ]
    for case in CASES:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(measure_one, (case,))
        lines.append(
            f"| {case.cutoff_m:g} m | {case.p} | {row.pairs:,} | {row.pairs_s:.1f} | {row.solve_s:.1f} |"
            f" {row.covered:.1%} | {row.gap:.3%} | {row.status} | {row.memory_mb:.0f} |"
        )
    return "\n".join([*lines, "", "Memory is that of the whole process, with streets and pairs."])
