"""Nights of e-cars that come along, beside a greedy plan, OR-Tools pairs, and what no plan can undercut."""

from __future__ import annotations

from pathlib import Path

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
from service.benchmarks.relocation import baselines

SECONDS, SEED = 30.0, 1
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
    return "\n".join([told, "", head, "|---|" + "---:|" * 10, *rows])
