"""Run the search within limits and answer with a checked plan, its bound and why the search stopped."""

from __future__ import annotations

import threading
import time

import ortools

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, Result, ShouldStop, StopReason, Violation, relative_gap
from optimiser.rebalancing.bound import lower_bound
from optimiser.rebalancing.check import check
from optimiser.rebalancing.construct import construct
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.improve import improve
from optimiser.rebalancing.model import RoutingModel
from optimiser.rebalancing.moves import Moves, plan_of, split_into_moves
from optimiser.rebalancing.plan import NOTHING, Plan
from optimiser.rebalancing.problem import Problem

ENGINE = f"ortools-routing {ortools.__version__}"
_WATCH_S = 0.1
"""How often limits and the caller's wish to stop are looked at while OR-Tools runs."""


def solve(
    problem: Problem,
    limits: SolveLimits,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Result[Plan]:
    """
    Best plan found within `limits`; at worst nobody moves.

    Parameters
    ----------
    limits
        With `seconds=None` the answer depends on problem, `rounds` (search steps, OR-Tools' branches) and
        `seed` alone.
    on_progress
        Called for every better plan, from the thread that searches.
    should_stop
        Asked ten times a second from another thread; once true, the best plan so far is returned.

    Returns
    -------
    Result
        Its plan has passed `check`; its objective is recomputed from the plan and never above doing nothing.
    """
    search = _Search(problem, limits, on_progress)
    bound = lower_bound(problem)
    search.bound = bound.value
    search.offer(NOTHING)
    start = construct(problem, bound)
    search.offer(start)
    moves = split_into_moves(problem, bound, start, seed=limits.seed)
    reason = StopReason.STALLED
    if moves.all and problem.vans and not search.is_good_enough():
        reason = _improve(search, moves, should_stop)
    if search.objective <= search.bound * (1 + 1e-6) + 1e-9:
        reason = StopReason.OPTIMAL
    elif reason is StopReason.STALLED and search.is_good_enough():
        reason = StopReason.GAP
    return Result(
        plan=search.plan,
        objective=search.objective,
        best_bound=min(search.bound, search.objective),
        stop_reason=reason,
        seed=limits.seed,
        engine=ENGINE,
        input_hash=problem.input_hash,
        elapsed_s=search.elapsed_s(),
        progress=tuple(search.progress),
        refused=tuple(search.refused),
    )


class _Search:
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


def _improve(search: _Search, moves: Moves, should_stop: ShouldStop | None) -> StopReason:
    """Search in this thread while another watches the limits and stops whichever model runs."""
    problem, limits = search.problem, search.limits
    reasons: list[StopReason] = []
    running: list[RoutingModel] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_WATCH_S):
            if not reasons and (reason := search.reason_to_stop(should_stop)):
                reasons.append(reason)
            if reasons and running:
                # Asked again and again: a model that has only just begun would not hear it once.
                running[0].stop()

    def on_model(model: RoutingModel) -> None:
        running[:] = [model]

    def left_s() -> float | None:
        return None if limits.seconds is None else max(0.01, limits.seconds - search.elapsed_s())

    watcher = threading.Thread(target=watch, name="solve-watch", daemon=True)
    watcher.start()
    try:
        improve(
            problem,
            moves,
            seed=limits.seed,
            rounds=limits.rounds,
            left_s=left_s,
            is_over=lambda: bool(reasons),
            on_model=on_model,
            on_tours=lambda tours: search.offer(plan_of(problem, moves, tours)),
        )
    finally:
        over.set()
        watcher.join()
    return reasons[0] if reasons else StopReason.TIME_LIMIT
