"""Run the search within limits and answer with a checked plan, its bound and why the search stopped."""

from __future__ import annotations

import importlib.metadata
import math
import time
from dataclasses import replace

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, Result, ShouldStop, StopReason, Violation, relative_gap
from optimiser.relocation.bound import lower_bound
from optimiser.relocation.charging import DrivenTooFar, charge_smartly
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.rounds import bound_by_rounds, is_small
from optimiser.relocation.search.run import get_ready, search


def solve(
    problem: Problem,
    limits: SolveLimits,
    *,
    start: Plan = NOTHING,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Result[Plan]:
    """
    Best plan found within `limits`; at worst nobody drives and what is on plugs is charged.

    Parameters
    ----------
    limits
        With `seconds=None` the answer depends on problem, `rounds` (of 1000 changes) and `seed` alone.
    start
        A plan at hand to begin with, of which the answer is never dearer; one that breaks a rule is passed over.
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
    if problem.cars and problem.drivers:
        get_ready(problem)
    best.bound = lower_bound(problem)
    best.take(NOTHING)
    best.offer(NOTHING)
    if check(problem, start):
        start = NOTHING
    best.take(start)
    best.offer(start)
    reason = StopReason.STALLED
    if problem.cars and problem.drivers and not best.is_good_enough():
        share = SEARCHED if is_small(problem) else 1.0
        reason = _search(best, start, should_stop, until_s=share * (limits.seconds or math.inf))
        if is_small(problem) and reason is not StopReason.CANCELLED and not best.is_good_enough():
            _prove(best, should_stop)
            stopped = best.reason_to_stop(should_stop)
            if stopped is None and limits.seconds is not None:
                stopped = _search(best, best.plan, should_stop, until_s=limits.seconds, seed=limits.seed + 1)
            reason = stopped or reason
    if best.is_proven():
        reason = StopReason.OPTIMAL
    elif reason is StopReason.STALLED and best.is_good_enough():
        reason = StopReason.GAP
    return Result(
        plan=best.plan,
        objective=best.objective,
        best_bound=min(best.bound, best.objective),
        stop_reason=reason,
        seed=limits.seed,
        engine=f"annealing {importlib.metadata.version('evenfleet')}",
        input_hash=problem.input_hash,
        elapsed_s=best.elapsed_s(),
        progress=tuple(best.progress),
        refused=tuple(best.refused),
    )


SEARCHED = 0.15
"""Of the time for a small night; the rest is for the proof, and for another search if that ends with a gap."""
PROVEN_FROM, AGAIN = 500, 50
"""Rounds without a clock from which on a proof is worth its time; rounds of a search that begins with what it found."""


def _prove(best: _Best, should_stop: ShouldStop | None) -> None:
    """
    Raise the bound of a small night, and search on from routes that it has found to be cheaper, if they work.

    It stalls as the search does, where neither a better plan nor more of a bound is found.
    """
    limits = best.limits
    if limits.seconds is None and (limits.rounds or 0) < PROVEN_FROM:
        return
    best.note_news()

    def left_s() -> float:
        if best.reason_to_stop(should_stop) is not None:
            return 0.0
        return math.inf if limits.seconds is None else limits.seconds - best.elapsed_s()

    again = SolveLimits(seconds=None, rounds=AGAIN, seed=limits.seed)

    def offer(plans: tuple[Plan, ...]) -> float:
        broken = [len(check(best.problem, plan)) for plan in plans]
        for plan in (plan for plan, count in zip(plans, broken, strict=True) if not count):
            best.offer(plan)
        search(
            best.problem,
            again,
            start=plans[broken.index(min(broken))],
            elapsed_s=best.elapsed_s,
            offer=best.offer,
            is_over=lambda: left_s() <= 0,
        )
        return best.objective

    bound = bound_by_rounds(best.problem, objective=best.objective, left_s=left_s, offer=offer, on_rise=best.note_news)
    best.bound = max(best.bound, bound)


class _Best:
    """Keeps the best checked plan and says how the search is doing."""

    def __init__(self, problem: Problem, limits: SolveLimits, on_progress: OnProgress | None) -> None:
        self.problem, self.limits, self.on_progress = problem, limits, on_progress
        self.started_s = self.news_s = time.monotonic()
        self.bound = 0.0
        self.plan, self.objective = NOTHING, cost(problem, NOTHING).total
        self.progress: list[Progress] = []
        self.refused: list[Violation] = []

    def offer(self, plan: Plan) -> None:
        """
        Charge the cars of some routes as well as can be, and take the plan if it is the best.

        Routes that need more energy than slots can give are passed over: where batteries taper, the search counts
        seconds.
        """
        try:
            charged = charge_smartly(self.problem, plan)
        except DrivenTooFar:
            return
        self.take(charged)

    def take(self, plan: Plan) -> None:
        """Take a plan if it keeps every rule and is cheaper than the best so far."""
        if violations := check(self.problem, plan):
            self.refused.extend(violations)
            return
        objective = cost(self.problem, plan).total
        if self.progress and objective >= self.objective:
            return
        self.plan, self.objective = plan, objective
        self.note_news()
        bound = min(self.bound, objective)
        gap = relative_gap(objective, bound)
        self.progress.append(Progress(elapsed_s=self.elapsed_s(), objective=objective, best_bound=bound, gap=gap))
        if self.on_progress is not None:
            self.on_progress(self.progress[-1])

    def note_news(self) -> None:
        """Count anew how long nothing has become better."""
        self.news_s = time.monotonic()

    def elapsed_s(self) -> float:
        """Seconds since the solve began."""
        return time.monotonic() - self.started_s

    def is_good_enough(self) -> bool:
        """Whether the gap asked for is reached, or none is left."""
        return self.is_proven() or relative_gap(self.objective, self.bound) <= self.limits.gap

    def is_proven(self) -> bool:
        """Whether no plan can be cheaper, but for rounding."""
        return self.objective <= self.bound * (1 + 1e-6) + 1e-9

    def reason_to_stop(self, should_stop: ShouldStop | None) -> StopReason | None:
        """The first limit that is reached now."""
        if should_stop is not None and should_stop():
            return StopReason.CANCELLED
        if self.limits.seconds is not None and self.elapsed_s() >= self.limits.seconds:
            return StopReason.TIME_LIMIT
        if self.is_good_enough():
            return StopReason.GAP
        if self.limits.stalled_s is not None and time.monotonic() - self.news_s >= self.limits.stalled_s:
            return StopReason.STALLED
        return None


def _search(
    best: _Best, start: Plan, should_stop: ShouldStop | None, *, until_s: float, seed: int | None = None
) -> StopReason:
    """Let the search offer plans until a limit is reached, or by the clock a moment of the solve; which limit."""
    reasons: list[StopReason] = []
    limits = best.limits
    if limits.seconds is not None:
        limits = replace(limits, seconds=until_s, seed=limits.seed if seed is None else seed)

    def is_over() -> bool:
        if not reasons and (reason := best.reason_to_stop(should_stop)):
            reasons.append(reason)
        return bool(reasons)

    search(best.problem, limits, start=start, elapsed_s=best.elapsed_s, offer=best.offer, is_over=is_over)
    return reasons[0] if reasons else StopReason.TIME_LIMIT
