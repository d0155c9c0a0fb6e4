"""Solver children as a worker makes them, without a worker."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from service.jobs import solver

LIMITS = solver.ChildLimits(memory_mb=8192, cpu_s=600, file_mb=100, nice=0)


def solver_child(folder: Path, request: dict[str, Any], **options: Any) -> solver.SolverChild:
    """One that plans what is asked for, in a folder of its own below `folder`."""
    return solver.SolverChild(
        folder / f"attempt-{time.monotonic_ns()}",
        json.dumps(request).encode(),
        kind="rebalancing",
        cache_dir=folder / "cache",
        **{"limits": LIMITS, **options},
    )
