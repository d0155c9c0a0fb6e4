"""
The p-median as users of spopt and of PuLP would solve it, in a process of its own: WHO WAYS.npy P SECONDS.

Prints one line of JSON: the sites, what the peer says of them, and the highest resident memory. It imports nothing of
evenfleet, so that spopt may live in an environment of its own.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

import numpy as np
import pulp

PEERS = ("pulp-HiGHS", "pulp-CBC", "spopt-HiGHS", "spopt-CBC")


def answer(who: str, way: Any, p: int, seconds: float) -> tuple[list[int], str]:
    """Open sites, from 0, and the status that is told."""
    library, name = who.split("-")
    if name == "HiGHS":
        solver = pulp.HiGHS(msg=False, timeLimit=seconds, threads=1)
    else:
        solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, threads=1)
    return _by_spopt(way, p, solver) if library == "spopt" else _by_pulp(way, p, solver)


def _by_spopt(way: Any, p: int, solver: Any) -> tuple[list[int], str]:
    from spopt.locate import PMedian

    model = PMedian.from_cost_matrix(way, np.ones(len(way)), p_facilities=p)
    solved = model.solve(solver)
    sites = [site for site, variable in enumerate(solved.fac_vars) if (variable.value() or 0) > 0.5]
    return sites, str(pulp.LpStatus[solved.problem.status])


def _by_pulp(way: Any, p: int, solver: Any) -> tuple[list[int], str]:
    """The model of ReVelle & Swain (1970), as textbooks of PuLP write it."""
    points = range(len(way))
    model = pulp.LpProblem("p_median", pulp.LpMinimize)
    y = pulp.LpVariable.dicts("y", points, cat="Binary")
    x = pulp.LpVariable.dicts("x", (points, points), lowBound=0)
    model += pulp.lpSum(float(way[i, j]) * x[i][j] for i in points for j in points)
    for i in points:
        model += pulp.lpSum(x[i][j] for j in points) == 1
        for j in points:
            model += x[i][j] <= y[j]
    model += pulp.lpSum(y[j] for j in points) == p
    model.solve(solver)
    return [j for j in points if (y[j].value() or 0) > 0.5], str(pulp.LpStatus[model.status])


def main(arguments: list[str]) -> None:
    """Solve and tell."""
    who, file, p, seconds = arguments
    sites, status = answer(who, np.load(file), int(p), float(seconds))
    memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory_kb += resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"sites": sites, "status": status, "memory_mb": memory_kb / 1024}))


if __name__ == "__main__":
    main(sys.argv[1:])
