"""How long a dispatcher waits: one lost van of 30 on the large generated city, and the price of an edited plan."""

from __future__ import annotations

import statistics
import time

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.evaluate import evaluate
from optimiser.rebalancing.revise import Revision, Stability, VanLost, revise
from optimiser.rebalancing.solve import solve
from optimiser.rebalancing.warm_up import warm_up
from tests.bench.rebalancing import LARGE_STATIONS, LARGE_VANS, generated

PLAN_SECONDS, SEARCH_SECONDS = 30.0, 5.0
AT_S = 2 * 3600
STABILITIES = {
    "none may change": Stability(max_changed=0),
    "10 stops may change": Stability(max_changed=10),
    "a changed stop costs 2": Stability(per_stop=2.0, per_detail=0.5),
    "any may change": Stability(),
}


def measure() -> str:
    """A table of revisions, in Markdown."""
    warm_up()
    problem = generated()
    plan = solve(problem, SolveLimits(seconds=PLAN_SECONDS)).plan
    times = []
    for _ in range(5):
        begun_s = time.perf_counter()
        evaluate(problem, plan, against=plan)
        times.append(time.perf_counter() - begun_s)
    rows = []
    for name, stability in STABILITIES.items():
        begun_s = time.perf_counter()
        found = revise(
            problem,
            plan,
            at_s=AT_S,
            events=[VanLost(van_id=plan.routes[0].van_id)],
            stability=stability,
            limits=SolveLimits(seconds=SEARCH_SECONDS),
        )
        rows.append(_row(name, found, time.perf_counter() - begun_s))
    told = (
        f"Generated over Göteborg, {LARGE_STATIONS:,} stations, {LARGE_VANS} vans; a plan of {PLAN_SECONDS:g} seconds; "
        f"one van is lost after {AT_S // 3600} hours, and the search for a revision has {SEARCH_SECONDS:g} seconds. "
        f"Costs are the whole night's. To evaluate the plan against itself takes {statistics.median(times):.2f} s."
    )
    head = "| changes | seconds in all | going on | revised | bound | stops changed | other details | violations |"
    return "\n".join([told, "", head, "|---|" + "---:|" * 7, *rows])


def _row(name: str, found: Revision, seconds: float) -> str:
    violations = len(check(found.problem, found.rest)) + len(found.refused)
    return (
        f"| {name} | {seconds:.1f} | {found.going_on_cost.total:,.0f} | {found.objective:,.0f} "
        f"| {found.best_bound:,.0f} | {found.changed.churn} | {found.changed.details} | {violations} |"
    )
