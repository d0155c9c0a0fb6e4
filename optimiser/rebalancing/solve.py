"""Run the search within limits and answer with a checked plan, its bound and why the search stopped."""

from __future__ import annotations

import importlib.metadata
import time
from enum import StrEnum

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, Result, ShouldStop, StopReason, Violation, relative_gap
from optimiser.rebalancing.bound import Bound, lower_bound
from optimiser.rebalancing.check import check
from optimiser.rebalancing.construct import construct
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.improve import improve_watched
from optimiser.rebalancing.moves import plan_of, split_into_moves
from optimiser.rebalancing.plan import NOTHING, Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.search.run import search


class Engine(StrEnum):
    """What looks for plans."""

    RUIN_RECREATE = "ruin-recreate"
    """Our own search, compiled."""
    ROUTING = "ortools-routing"
    """OR-Tools' routing solver: a yardstick, and a way out where nothing can be compiled."""

    @property
    def version(self) -> str:
        """Of what looks for plans."""
        return importlib.metadata.version("ortools" if self is Engine.ROUTING else "evenfleet")


def solve(
    problem: Problem,
    limits: SolveLimits,
    *,
    start: Plan = NOTHING,
    engine: Engine = Engine.RUIN_RECREATE,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Result[Plan]:
    """
    Best plan found within `limits`; at worst nobody moves.

    Parameters
    ----------
    limits
        With `seconds=None` the answer depends on problem, `rounds` (of ruin and recreate, or OR-Tools' branches) and
        `seed` alone.
    start
        A plan at hand to begin with, of which the answer is never dearer if it breaks no rule. OR-Tools looks at its
        price alone.
    on_progress
        Called for better plans as they are checked, from the thread that called; now and then one is passed over.
    should_stop
        Asked several times a second; once true, the best plan so far is returned.

    Returns
    -------
    Result
        Its plan has passed `check`; its objective is recomputed from the plan and never above doing nothing.
    """
    best = _Best(problem, limits, on_progress)
    bound = lower_bound(problem)
    best.bound = bound.value
    best.offer(NOTHING)
    if start.routes and not check(problem, start):
        best.offer(start)
    reason = StopReason.STALLED
    if problem.stations and problem.vans and not best.is_good_enough():
        reason = _search(best, bound, start, engine, should_stop)
    if best.objective <= best.bound * (1 + 1e-6) + 1e-9:
        reason = StopReason.OPTIMAL
    elif reason is StopReason.STALLED and best.is_good_enough():
        reason = StopReason.GAP
    return Result(
        plan=best.plan,
        objective=best.objective,
        best_bound=min(best.bound, best.objective),
        stop_reason=reason,
        seed=limits.seed,
        engine=f"{engine} {engine.version}",
        input_hash=problem.input_hash,
        elapsed_s=best.elapsed_s(),
        progress=tuple(best.progress),
        refused=tuple(best.refused),
    )


class _Best:
    """Keeps the best checked plan and says how the search is doing."""

    def __init__(self, problem: Problem, limits: SolveLimits, on_progress: OnProgress | None) -> None:
        self.problem, self.limits, self.on_progress = problem, limits, on_progress
        self.started_s = self.improved_s = time.monotonic()
        self.bound = 0.0
        self.plan, self.objective = NOTHING, cost(problem, NOTHING).total
        self.progress: list[Progress] = []
        self.refused: list[Violation] = []

    def offer(self, plan: Plan) -> None:
        """Take a plan if it keeps every rule and is cheaper than the best so far."""
        if violations := check(self.problem, plan):
            self.refused.extend(violations)
            return
        objective = cost(self.problem, plan).total
        if self.progress and objective >= self.objective:
            return
        self.plan, self.objective, self.improved_s = plan, objective, time.monotonic()
        bound = min(self.bound, objective)
        moment = Progress(
            elapsed_s=self.elapsed_s(),
            objective=objective,
            best_bound=bound,
            gap=relative_gap(objective, bound),
        )
        self.progress.append(moment)
        if self.on_progress is not None:
            self.on_progress(moment)

    def elapsed_s(self) -> float:
        """Seconds since the solve began."""
        return time.monotonic() - self.started_s

    def is_good_enough(self) -> bool:
        """Whether the gap asked for is reached."""
        return relative_gap(self.objective, self.bound) <= self.limits.gap

    def reason_to_stop(self, should_stop: ShouldStop | None) -> StopReason | None:
        """The first limit that is reached now."""
        if should_stop is not None and should_stop():
            return StopReason.CANCELLED
        if self.limits.seconds is not None and self.elapsed_s() >= self.limits.seconds:
            return StopReason.TIME_LIMIT
        if self.is_good_enough():
            return StopReason.GAP
        if self.limits.stalled_s is not None and time.monotonic() - self.improved_s >= self.limits.stalled_s:
            return StopReason.STALLED
        return None


def _search(best: _Best, bound: Bound, start: Plan, engine: Engine, should_stop: ShouldStop | None) -> StopReason:
    """Let an engine offer plans until a limit is reached; which."""
    reasons: list[StopReason] = []

    def is_over() -> bool:
        if not reasons and (reason := best.reason_to_stop(should_stop)):
            reasons.append(reason)
        return bool(reasons)

    problem, limits = best.problem, best.limits
    if engine is Engine.RUIN_RECREATE:
        search(problem, limits, start=start, elapsed_s=best.elapsed_s, offer=best.offer, is_over=is_over)
        return reasons[0] if reasons else StopReason.TIME_LIMIT
    constructed = construct(problem, bound)
    best.offer(constructed)
    moves = split_into_moves(problem, bound, constructed, seed=limits.seed)
    if not moves.all:
        return StopReason.STALLED
    improve_watched(
        problem,
        moves,
        limits,
        elapsed_s=best.elapsed_s,
        is_over=is_over,
        on_tours=lambda tours: best.offer(plan_of(problem, moves, tours)),
    )
    return reasons[0] if reasons else StopReason.TIME_LIMIT
