"""
The p-median of public instances, beside spopt and plain PuLP with HiGHS and CBC, each in a process of its own.

spopt is no dependency of the product: where another interpreter has it, `EVENFLEET_SPOPT_PYTHON` names that one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.median.solve import solve
from optimiser.siting.status import Status
from optimiser.siting.warm_up import warm_up
from scenarios.benchmarks.pmedian import PMedianInstance, read_pmedian
from tests.bench.network import memory_mb
from tests.bench.peers import location as peers
from tests.feed_folders import SHARED

FOLDER = SHARED.parent / "benchmarks" / "siting" / "pmedian"
NAMES = ("pmed1", "pmed6", "pmed16", "pmed40")
SECONDS, SEED = 60.0, 1
PYTHON = "EVENFLEET_SPOPT_PYTHON"


class Run(NamedTuple):
    """What one of them makes of an instance."""

    who: str
    cost: float | None
    """None where no answer came."""
    status: str
    wall_s: float
    cpu_s: float
    memory_mb: float


def measure_ours(file: Path) -> Run:
    """Ours; called in a process of its own, so that memory is its own as well."""
    warm_up()
    instance = read_pmedian(file)
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    answer = solve(MedianProblem.between_all(instance.way, p=instance.p), seconds=SECONDS, seed=SEED)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    status = "proven" if answer.status is Status.PROVEN else f"{answer.status!s}, {answer.lower_bound:,.0f} at least"
    return Run("evenfleet", _cost(instance, list(answer.sites)), status, wall_s, cpu_s, memory_mb("VmHWM"))


def measure_peer(who: str, instance: PMedianInstance, *, python: str, seconds: float = SECONDS) -> Run:
    """A peer, which is given the ways as a file; its seconds hold building the model, and starting."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ways.npy"
        np.save(file, instance.way)
        before, wall_s = _children_s(), time.perf_counter()
        command = [python, peers.__file__, who, str(file), str(instance.p), str(seconds)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        wall_s, cpu_s = time.perf_counter() - wall_s, _children_s() - before
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return Run(who, None, said.split(":")[0], wall_s, cpu_s, 0.0)
    told = json.loads(done.stdout.splitlines()[-1])
    cost = _cost(instance, told["sites"]) if len(told["sites"]) == instance.p else None
    return Run(who, cost, told["status"], wall_s, cpu_s, told["memory_mb"])


def _cost(instance: PMedianInstance, sites: list[int]) -> float:
    """Recomputed from the ways."""
    return float(instance.way[:, sites].min(axis=1).sum())


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(names: tuple[str, ...] = NAMES, seconds: float = SECONDS) -> str:
    """A table in Markdown."""
    if not FOLDER.is_dir():
        return "Not measured: the public instances are not on this machine."
    spopt = os.environ.get(PYTHON, sys.executable)
    told = (
        f"The p-median of public instances (OR-Library), {seconds:g} s for a solver, one thread each for the peers."
        " Costs are recomputed from the sites, *over best* is against the best of the row's instance; *says* is what"
        " each tells of its answer: PuLP, and with it spopt, calls whatever is there when time is up Optimal. Seconds"
        " of peers hold starting and building the model; ours begin once the file is read, CPU seconds are of both"
        " threads."
    )
    lines = [
        told,
        "",
        "| instance | nodes | p | by | cost | over best | says | seconds | CPU, s | memory, MB |",
        "|---|---:|---:|---|---:|---:|---|---:|---:|---:|",
    ]
    for name in names:
        instance = read_pmedian(FOLDER / f"{name}.txt")
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            runs = [pool.apply(measure_ours, (FOLDER / f"{name}.txt",))]
        for who in peers.PEERS:
            python = spopt if who.startswith("spopt") else sys.executable
            runs.append(measure_peer(who, instance, python=python, seconds=seconds))
        lines += _rows(instance, runs)
    return "\n".join(lines)


def _rows(instance: PMedianInstance, runs: list[Run]) -> list[str]:
    best = min(run.cost for run in runs if run.cost is not None)
    rows = []
    for run in runs:
        cost, over = ("none", "") if run.cost is None else (f"{run.cost:,.0f}", f"{run.cost / best - 1:+.1%}")
        rows.append(
            f"| {instance.name} | {instance.n} | {instance.p} | {run.who} | {cost} | {over} | {run.status} |"
            f" {run.wall_s:.1f} | {run.cpu_s:.1f} | {run.memory_mb:,.0f} |"
        )
    return rows
