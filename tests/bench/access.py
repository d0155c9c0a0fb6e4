"""Which sites are within reach of which demand points: cut-off searches over real streets, on the scale of a city."""

from __future__ import annotations

import multiprocessing
import time
from typing import NamedTuple

from optimiser.network.profiles import PROFILES
from optimiser.network.streets import open_streets, warm_up
from tests.bench.network import FILE, memory_mb, random_places

DEMAND, SITES, SEED = 100_000, 2_000, 1


class Case(NamedTuple):
    """How people go, and how far."""

    profile: str
    cutoff_s: float | None
    cutoff_m: float | None


CASES = (Case("walk", None, 800), Case("walk", None, 1500), Case("bike", 600, None), Case("drive", 600, None))


class Measured(NamedTuple):
    """One case."""

    nodes: int
    pairs: int
    seconds: float
    memory_mb: float
    """Highest resident memory above what was resident before, the pairs themselves included."""


def measure_one(case: Case) -> Measured:
    """Measure one case; called in a process of its own, so that memory is its own as well."""
    streets = open_streets(FILE, profile=PROFILES[case.profile], night=False)
    demand = random_places(streets.graph, DEMAND, seed=SEED)
    sites = random_places(streets.graph, SITES, seed=SEED + 1)
    warm_up()
    before = memory_mb("VmRSS")
    start = time.perf_counter()
    access = streets.access(demand, sites, cutoff_s=case.cutoff_s, cutoff_m=case.cutoff_m, max_snap_m=250)
    seconds = time.perf_counter() - start
    return Measured(len(streets.graph.node_lon), len(access.site), seconds, memory_mb("VmHWM") - before)


def measure() -> str:
    """Measure all cases one after the other; a table in Markdown."""
    if not FILE.is_file():
        return f"Not measured: `{FILE.parent.name}/{FILE.name}` is not on this machine."
    lines = [
        f"{DEMAND:,} demand points and {SITES:,} sites at random places of Porto Alegre (seed {SEED}).",
        "",
        "| profile | cut-off | nodes | pairs | of all | seconds | memory, MB | of which pairs |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for case in CASES:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(measure_one, (case,))
        limit = f"{case.cutoff_m:g} m" if case.cutoff_s is None else f"{case.cutoff_s / 60:g} min"
        lines.append(
            f"| {case.profile} | {limit} | {row.nodes:,} | {row.pairs:,} | {row.pairs / DEMAND / SITES:.1%} |"
            f" {row.seconds:.1f} | {row.memory_mb:.0f} | {12 * row.pairs / 2**20:.0f} |"
        )
    return "\n".join([*lines, "", "Seconds include finding the streets that places are on."])
