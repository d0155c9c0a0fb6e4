"""The worker as it is, with traps at named points, a clock that may be wrong, and a quick stand-in for its child."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from dbos._sys_db import SystemDatabase

from service.jobs import attempt, solver, store, worker
from tests.chaos import traps

CHILD = (sys.executable, "-m", "tests.chaos.child")


def main() -> None:
    SystemDatabase.start_queued_workflows = holding(SystemDatabase.start_queued_workflows)  # type: ignore[method-assign]
    attempt._claim = traps.after(attempt._claim, "claimed")
    solver.SolverChild.__init__ = traps.after(solver.SolverChild.__init__, "child_started")  # type: ignore[method-assign]
    attempt._judge = traps.before(attempt._judge, "result_written")
    attempt._take_result = traps.after(attempt._take_result, "documents_kept")
    store.finish = traps.after(store.finish, "before_commit")
    attempt._finish = traps.after(attempt._finish, "after_commit")
    wrong_by_s = float(os.environ.get("CHAOS_CLOCK_S", "0")) * (1 if os.getpid() % 2 else -1)
    right = time.time
    time.time = lambda: right() + wrong_by_s
    worker.main(solver.COMMAND if "CHAOS_REAL" in os.environ else CHILD)


def holding(claim: Callable[..., Any]) -> Callable[..., Any]:
    """
    The engine's claim of jobs, with a point behind every one that has got some.

    What has become of the trap there is taken away at the next claim: by then what was claimed is read, or dropped.
    """
    mine = threading.local()

    def claiming(*arguments: Any, **options: Any) -> Any:
        if (held := getattr(mine, "held", None)) is not None:
            held.unlink()
            mine.held = None
        claimed, why_no_more = claim(*arguments, **options)
        if claimed:
            mine.held = traps.hold(traps.CLAIM_UNREAD)
        return claimed, why_no_more

    return claiming


if __name__ == "__main__":
    main()
