"""How good a night is after ten seconds, beside doing nothing, the greedy plan, and what no plan can undercut."""

from __future__ import annotations

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.bound import lower_bound
from optimiser.rebalancing.check import check
from optimiser.rebalancing.construct import construct
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.solve import ENGINE, solve
from scenarios.loader import list_cities, load_city
from service.planner import plan_city

SECONDS = 10.0
SEEDS = (1, 2, 3)


def measure() -> str:
    """A table over the bundled cities, in Markdown."""
    rows = [_row(city) for city in list_cities()]
    told = (
        f"Nights of the bundled cities, {SECONDS:g} s of search each, {ENGINE}, median of seeds "
        f"{', '.join(map(str, SEEDS))}. Costs are in the city's currency and include the trips still lost; "
        "*of nothing* is the share of the cost of doing nothing."
    )
    head = "| city | stations | vans | doing nothing | greedy | searched | of nothing | bound | gap | violations |"
    return "\n".join([told, "", head, "|---|" + "---:|" * 9, *rows])


def _row(name: str) -> str:
    with TemporaryDirectory() as cache:
        first = plan_city(load_city(name), SolveLimits(seconds=None, rounds=1), cache_dir=Path(cache)).night
    problem, nothing = first.problem, first.cost_before.total
    greedy = cost(problem, construct(problem, lower_bound(problem))).total
    results = [solve(problem, SolveLimits(seconds=SECONDS, seed=seed)) for seed in SEEDS]
    violations = sum(len(check(problem, result.plan)) + len(result.refused) for result in results)
    objective = statistics.median(result.objective for result in results)
    gap = statistics.median(result.gap for result in results)
    return (
        f"| {name} | {len(problem.stations)} | {len(problem.vans)} | {nothing:,.0f} | {greedy:,.0f} | {objective:,.0f} "
        f"| {objective / nothing:.0%} | {results[0].best_bound:,.0f} | {gap:.1%} | {violations} |"
    )
