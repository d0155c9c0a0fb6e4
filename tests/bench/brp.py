"""Public instances of the bike rebalancing problem, beside OR-Tools routing in the same run."""

from __future__ import annotations

import csv
import statistics

from scenarios.benchmarks.brp import read_brp
from scenarios.benchmarks.judge_brp import judge_brp
from service.benchmarks.brp import BrpAnswer, solve_brp
from service.benchmarks.routing import bound_seconds
from tests.bench.peers import ortools_brp
from tests.feed_folders import SHARED

SECONDS, SEED = 10.0, 1
FOLDER = SHARED.parent / "benchmarks" / "brp"
LARGE = 40
"""Smaller instances are proven optimal and share one row."""


def measure() -> str:
    """A table in Markdown."""
    if not FOLDER.is_dir():
        return "Not measured: the public instances are not on this machine."
    with (FOLDER / "best_known.csv").open(newline="") as file:
        listed = {row["instance"]: float(row["best_known"]) for row in csv.DictReader(file)}
    small, rows, faults, ours_over, theirs_over = [], [], 0, [], []
    gaps: dict[int, list[float]] = {}
    for name, known in listed.items():
        instance = read_brp(FOLDER / f"{name}.txt")
        ours = solve_brp(instance, seconds=SECONDS, seed=SEED, bound_seconds=bound_seconds(SECONDS))
        theirs = ortools_brp.solve_brp(instance, seconds=SECONDS)
        faults += sum(len(judge_brp(instance, one.routes, cost=one.cost)) for one in (ours, theirs))
        ours_over.append(ours.cost / known - 1)
        theirs_over.append(theirs.cost / known - 1)
        gaps.setdefault(instance.n, []).append((ours.cost - ours.lower_bound) / ours.cost)
        if instance.n < LARGE:
            small.append((ours, theirs, known))
        else:
            rows.append(_row(name, instance.n, known, ours, theirs))
    told = (
        f"All {len(listed)} public instances at hand (Dell'Amico et al. 2014), {SECONDS:g} s each for everything, the "
        f"bound included, seed {SEED}, two threads of ours beside one of OR-Tools. *known* is proven best in "
        f"{_proven()} cases and else the best that short runs of ours had found before: to be below it is no record, "
        "the literature's values were not at hand. "
        f"Faults that the judge found: {faults}. Over *known* on average {statistics.mean(ours_over):+.2%} "
        f"(worst {max(ours_over):+.2%}), OR-Tools {statistics.mean(theirs_over):+.2%} (worst {max(theirs_over):+.2%}); "
        f"gap to the bound of the same run {_mean(gaps, most=10**9):.2%}, over those of up to 60 vertices "
        f"{_mean(gaps, most=60):.2%}. "
        "PyVRP and VROOM cannot state the problem: their pick-ups and deliveries come in pairs."
    )
    head = "| instance | vertices | known | ours | over it | OR-Tools | over it | bound | gap | seconds |"
    together = (
        f"| {len(small)} with fewer than {LARGE} | | "
        f"| {sum(one.cost <= known for one, _, known in small)} as known | {_most(small, 0)} "
        f"| {sum(one.cost <= known for _, one, known in small)} as known | {_most(small, 1)} "
        f"| {sum(one.cost == one.lower_bound for one, _, _ in small)} proven | "
        f"| {statistics.median(one.seconds for one, _, _ in small):.1f} |"
    )
    return "\n".join([told, "", head, "|---|" + "---:|" * 9, together, *rows])


def _row(name: str, vertices: int, known: float, ours: BrpAnswer, theirs: BrpAnswer) -> str:
    return (
        f"| {name} | {vertices} | {known:,.0f} | {ours.cost:,} | {ours.cost / known - 1:+.2%} | {theirs.cost:,} "
        f"| {theirs.cost / known - 1:+.2%} | {ours.lower_bound:,} | {(ours.cost - ours.lower_bound) / ours.cost:.1%} "
        f"| {ours.seconds:.1f} |"
    )


def _mean(gaps: dict[int, list[float]], *, most: int) -> float:
    return statistics.mean(gap for vertices, values in gaps.items() if vertices <= most for gap in values)


def _most(small: list[tuple[BrpAnswer, BrpAnswer, float]], which: int) -> str:
    return f"{max(pair[which].cost / pair[2] - 1 for pair in small):+.2%}"


def _proven() -> int:
    with (FOLDER / "best_known.csv").open(newline="") as file:
        return sum(row["proven_optimal"] == "yes" for row in csv.DictReader(file))
