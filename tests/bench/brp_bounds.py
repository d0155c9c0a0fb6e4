"""What the public instances of bike rebalancing are proven to cost at least, when the bound has a minute."""

from __future__ import annotations

import csv
import statistics

from scenarios.benchmarks.brp import read_brp
from scenarios.benchmarks.judge_brp import judge_brp
from service.benchmarks.brp import solve_brp
from service.benchmarks.routing import bound_seconds
from tests.bench.brp import FOLDER, SEED

SECONDS = 60.0
MEDIUM = 60
"""Vertices up to which instances are told apart."""


def measure() -> str:
    """A table in Markdown."""
    if not FOLDER.is_dir():
        return "Not measured: the public instances are not on this machine."
    with (FOLDER / "best_known.csv").open(newline="") as file:
        listed = {row["instance"]: row for row in csv.DictReader(file)}
    rows, faults, above, gaps, medium = [], 0, 0, [], []
    for name, row in listed.items():
        instance = read_brp(FOLDER / f"{name}.txt")
        answer = solve_brp(instance, seconds=SECONDS, seed=SEED, bound_seconds=bound_seconds(SECONDS))
        faults += len(judge_brp(instance, answer.routes, cost=answer.cost, lower_bound=answer.lower_bound))
        above += row["proven_optimal"] == "yes" and answer.lower_bound > float(row["best_known"])
        gap = (answer.cost - answer.lower_bound) / answer.cost
        gaps.append(gap)
        if instance.n <= MEDIUM:
            medium.append(gap)
        if gap > 0:
            rows.append(
                f"| {name} | {instance.n} | {answer.cost:,} | {answer.lower_bound:,} | {gap:.2%} "
                f"| {answer.seconds:.1f} |"
            )
    told = (
        f"The same instances with {SECONDS:g} s each for everything, seed {SEED}: {gaps.count(0.0)} of {len(gaps)} are "
        f"proven optimal, the others are below. Mean gap {statistics.mean(gaps):.2%}, over those of up to {MEDIUM} "
        f"vertices {statistics.mean(medium):.2%}. Faults that the judge found: {faults}; bounds above a known optimum: "
        f"{above}."
    )
    return "\n".join([told, "", "| instance | vertices | cost | bound | gap | seconds |", "|---|" + "---:|" * 5, *rows])
