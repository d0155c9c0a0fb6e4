"""The p-median on the scale of a city: a hundred thousand demand points and two thousand candidates over streets."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.network.profiles import DRIVE
from optimiser.network.streets import open_streets, warm_up
from optimiser.network.travel import AccessPairs
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.solve import solve
from optimiser.siting.warm_up import warm_up as warm_up_siting
from tests.bench.network import FILE, memory_mb, random_places

GOTEBORG = Path(__file__).parents[2] / "scenarios" / "goteborg" / "streets.osm.pbf"
DEMAND, SITES, SEED = 100_000, 2_000, 1
HEAVIEST = 50
"""Weights of demand points are whole, from 1 to this."""
SECONDS = 60.0


class Case(NamedTuple):
    """Where, for how many sites, and how far people drive; whoever has no site within that pays as if it were there."""

    file: Path
    p: int
    cutoff_s: float


CASES = tuple(
    Case(file, p, cutoff_s) for file in (GOTEBORG, FILE) for p, cutoff_s in ((20, 360), (50, 300), (100, 240))
)


class Measured(NamedTuple):
    """One case."""

    pairs: int
    pairs_s: float
    solve_s: float
    mean_s: float
    """Way of a unit of demand."""
    bound_s: float
    """No choice of sites makes it shorter."""
    beyond: float
    """Share of the demand that no site is within the cut-off of."""
    memory_mb: float


def measure_one(case: Case) -> Measured:
    """Measure one case; called in a process of its own, so that memory is its own as well."""
    streets = open_streets(case.file, profile=DRIVE, night=False)
    demand = random_places(streets.graph, DEMAND, seed=SEED)
    sites = random_places(streets.graph, SITES, seed=SEED + 1)
    weight = np.random.default_rng(SEED).integers(1, HEAVIEST + 1, DEMAND).astype(np.float64)
    warm_up()
    warm_up_siting()
    start = time.perf_counter()
    problem = _problem(
        streets.access(demand, sites, cutoff_s=case.cutoff_s, cutoff_m=None, max_snap_m=250), weight, case
    )
    pairs_s = time.perf_counter() - start
    start = time.perf_counter()
    answer = solve(problem, seconds=SECONDS, seed=SEED)
    solve_s = time.perf_counter() - start
    peak_mb = memory_mb("VmHWM")
    nearest = _nearest_s(
        streets.access(demand, [sites[site] for site in answer.sites], cutoff_s=None, cutoff_m=None, max_snap_m=250)
    )
    cost, total = float((weight * np.minimum(nearest, case.cutoff_s)).sum()), float(weight.sum())
    if answer.cost != cost or len(set(answer.sites)) != case.p:
        raise AssertionError(f"{case}: the answer is said to cost {answer.cost:,}, over streets it is {cost:,}")
    beyond = float(weight[nearest > case.cutoff_s].sum()) / total
    return Measured(
        len(problem.site), pairs_s, solve_s, cost / total, answer.lower_bound / total, beyond, memory_mb=peak_mb
    )


def _problem(pairs: AccessPairs, weight: NDArray[np.float64], case: Case) -> MedianProblem:
    """Ways in seconds times weights."""
    return MedianProblem(
        first=pairs.first,
        site=pairs.site,
        cost=pairs.travel_s * np.repeat(weight, np.diff(pairs.first)),
        beyond=weight * case.cutoff_s,
        sites=SITES,
        p=case.p,
    )


def _nearest_s(pairs: AccessPairs) -> NDArray[np.float64]:
    """Of each demand point the time to the nearest site, infinite where there is no way."""
    nearest = np.full(len(pairs.demand_ids), np.inf)
    is_near = np.diff(pairs.first) > 0
    nearest[is_near] = np.minimum.reduceat(pairs.travel_s, pairs.first[:-1][is_near])
    return nearest


def measure() -> str:
    """Measure all cases one after the other; a table in Markdown."""
    told = (
        f"{DEMAND:,} demand points, weights 1 to {HEAVIEST}, and {SITES:,} candidates at random places of the streets"
        f" (seed {SEED}), by car; {SECONDS:g} s to solve. Whoever has no open site within the cut-off counts as if one"
        " were just there; *beyond* is their share. What the answer costs is told by searches from its sites alone."
    )
    lines = [
        told,
        "",
        "| streets | sites | cut-off | pairs | pairs, s | solve, s | mean way, s | bound | gap | beyond | memory, MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for case in CASES:
        if not case.file.is_file():
            lines.append(f"| {case.file.parent.name} | {case.p} | not on this machine |" + " |" * 8)
            continue
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(measure_one, (case,))
        lines.append(
            f"| {case.file.parent.name} | {case.p} | {case.cutoff_s / 60:g} min | {row.pairs:,} | {row.pairs_s:.1f} |"
            f" {row.solve_s:.1f} | {row.mean_s:.2f} | {row.bound_s:.2f} | {1 - row.bound_s / row.mean_s:.2%} |"
            f" {row.beyond:.1%} | {row.memory_mb:,.0f} |"
        )
    memory = "Memory is the highest resident size of a process of its own, with libraries, streets and places."
    return "\n".join([*lines, "", memory])
