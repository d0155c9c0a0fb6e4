"""
The location models as they are written, one function each, in PuLP: to read, to change and to solve what is small.

Letters are those of docs/models/siting.md: demand points i, sites j, y_j whether site j is open. What is larger is for
the solvers beside this file, which agree with these models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pulp

from optimiser.siting.capacitated_coverage.problem import CapacitatedCoverageProblem
from optimiser.siting.center.problem import CenterProblem
from optimiser.siting.coverage.problem import CoverageProblem
from optimiser.siting.flow.problem import FlowProblem
from optimiser.siting.median.problem import MedianProblem
from optimiser.siting.set_covering.problem import SetCoveringProblem
from optimiser.siting.status import Status

FEASIBLE = 1e-6
"""By which a solver may break a constraint."""
SLACK = 1e-9
"""Of the range: sums of lengths may be off by so much."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Formulation:
    """A model, and which of its variables say what is open."""

    model: pulp.LpProblem
    y: list[pulp.LpVariable]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulationAnswer:
    """What a solver makes of it."""

    sites: tuple[int, ...] | None
    """In order; none where none were found."""
    status: Status
    """`proven`, or `heuristic` where time was up before: nothing is known of other choices then."""


def p_median(problem: MedianProblem) -> Formulation:
    """
    Shortest ways in sum (ReVelle & Swain 1970, Geographical Analysis 2).

        min  sum_i ( b_i o_i + sum_{j in N_i} c_ij x_ij )
        s.t. o_i + sum_j x_ij = 1,   x_ij <= y_j,   sum_j y_j = p

    with o_i = 1 where a point pays for having no open site within reach.
    """
    model, y = _opened("p_median", pulp.LpMinimize, problem.sites)
    total = []
    for i, (start, end) in enumerate(pairwise(problem.first.tolist())):
        most = None if np.isfinite(problem.beyond[i]) else 0
        o = model.add_variable(f"o_{i}", lowBound=0, upBound=most)
        served = [o]
        if most is None:
            total.append(float(problem.beyond[i]) * o)
        for j, cost in zip(problem.site[start:end].tolist(), problem.cost[start:end].tolist(), strict=True):
            x = model.add_variable(f"x_{i}_{j}", lowBound=0)
            served.append(x)
            total.append(cost * x)
            model += x <= y[j], f"open_{i}_{j}"
        model += pulp.lpSum(served) == 1, f"served_{i}"
    model += pulp.lpSum(total)
    model += pulp.lpSum(y) == problem.p, "sites"
    return Formulation(model=model, y=y)


def p_center(problem: CenterProblem) -> Formulation:
    """
    The longest way as short as can be (Daskin 1995).

        min  z   s.t.  z >= sum_j c_ij x_ij,   sum_j x_ij = 1,   x_ij <= y_j,   sum_j y_j = p
    """
    model, y = _opened("p_center", pulp.LpMinimize, problem.sites)
    points, sites = range(problem.demand), range(problem.sites)
    x = model.add_variable_dicts("x", (points, sites), lowBound=0)
    z = model.add_variable("z", lowBound=0)
    model += z
    for i in points:
        model += z >= pulp.lpSum(float(problem.way[i, j]) * x[i][j] for j in sites), f"longest_{i}"
        model += pulp.lpSum(x[i][j] for j in sites) == 1, f"served_{i}"
        for j in sites:
            model += x[i][j] <= y[j], f"open_{i}_{j}"
    model += pulp.lpSum(y) == problem.p, "sites"
    return Formulation(model=model, y=y)


def maximal_covering(problem: CoverageProblem) -> Formulation:
    """
    As much demand within reach as can be (Church & ReVelle 1974).

        max  sum_i w_i z_i   s.t.  z_i <= sum_{j in N_i} y_j,   sum_j y_j = p
    """
    model, y = _opened("maximal_covering", pulp.LpMaximize, problem.sites)
    z = model.add_variable_dicts("z", range(problem.demand), lowBound=0, upBound=1)
    model += pulp.lpSum(float(problem.weight[i]) * z[i] for i in range(problem.demand))
    for i, near in enumerate(_lists(problem)):
        model += z[i] <= pulp.lpSum(y[j] for j in near), f"covered_{i}"
    model += pulp.lpSum(y) == problem.p, "sites"
    return Formulation(model=model, y=y)


def capacitated_maximal_covering(problem: CapacitatedCoverageProblem) -> Formulation:
    """
    As much demand served within reach and within capacities as can be (Current & Storbeck 1988).

        max  sum_i w_i sum_{j in N_i} x_ij
        s.t. sum_j x_ij <= 1,   sum_i w_i x_ij <= Q_j y_j,   x_ij <= y_j,   sum_j y_j = p

    with x_ij the share of a point that a site serves: binary, where points may not be split.
    """
    covering, kind = problem.covering, pulp.LpContinuous if problem.may_split else pulp.LpBinary
    model, y = _opened("capacitated_maximal_covering", pulp.LpMaximize, covering.sites)
    load: list[list[pulp.LpAffineExpression]] = [[] for _ in y]
    for i, near in enumerate(_lists(covering)):
        x = {j: model.add_variable(f"x_{i}_{j}", lowBound=0, upBound=1, cat=kind) for j in near}
        model += pulp.lpSum(x.values()) <= 1, f"served_{i}"
        for j in near:
            load[j].append(float(covering.weight[i]) * x[j])
            model += x[j] <= y[j], f"open_{i}_{j}"
    model += pulp.lpSum(served for site in load for served in site)
    for j, served in enumerate(load):
        model += pulp.lpSum(served) <= float(problem.capacity[j]) * y[j], f"capacity_{j}"
    model += pulp.lpSum(y) == covering.p, "sites"
    return Formulation(model=model, y=y)


def set_covering(problem: SetCoveringProblem) -> Formulation:
    """
    The cheapest sites that cover all demand (Toregas, Swain, ReVelle & Bergman 1971).

        min  sum_j f_j y_j   s.t.  sum_{j in N_i} y_j >= 1
    """
    return _covering("set_covering", problem, times=1)


def backup_covering(problem: SetCoveringProblem) -> Formulation:
    """
    The same with every point covered b times, in case a site is taken (Hogan & ReVelle 1986).

        min  sum_j f_j y_j   s.t.  sum_{j in N_i} y_j >= b
    """
    return _covering("backup_covering", problem, times=problem.times)


def partial_set_covering(problem: SetCoveringProblem) -> Formulation:
    """
    The cheapest sites that cover enough of the demand (Daskin & Owen 1999).

        min  sum_j f_j y_j   s.t.  b z_i <= sum_{j in N_i} y_j,   sum_i w_i z_i >= D
    """
    model, y = _opened("partial_set_covering", pulp.LpMinimize, problem.sites)
    z = model.add_variable_dicts("z", range(problem.demand), cat=pulp.LpBinary)
    model += pulp.lpSum(float(problem.cost[j]) * y[j] for j in range(problem.sites))
    for i, near in enumerate(_lists(problem)):
        model += problem.times * z[i] <= pulp.lpSum(y[j] for j in near), f"covered_{i}"
    wanted = float(problem.weights.sum()) if problem.wanted is None else problem.wanted
    model += pulp.lpSum(float(problem.weights[i]) * z[i] for i in range(problem.demand)) >= wanted, "enough"
    return Formulation(model=model, y=y)


def flow_refuelling(problem: FlowProblem) -> Formulation:
    """
    As many trips as can be driven there and back (AC-PC: Capar, Kuby, Leon & Tsai 2013).

        max  sum_q f_q z_q   s.t.  z_q <= sum_{j in N_a} y_j  for each arc a of round trip q,   sum_j y_j = p
    """
    model, y = _opened("flow_refuelling", pulp.LpMaximize, problem.nodes)
    z = model.add_variable_dicts("z", range(problem.trips), lowBound=0, upBound=1)
    model += pulp.lpSum(float(problem.flow[q]) * z[q] for q in range(problem.trips))
    for q, (start, end) in enumerate(pairwise(problem.first.tolist())):
        path, at = problem.node[start:end].tolist(), problem.at[start:end].tolist()
        back = [at[-1] - way for way in reversed(at)]
        for name, nodes, ways in (("out", path, at), ("back", path[::-1], back)):
            for arc, near in enumerate(_arc_covers(nodes, ways, problem.reach)):
                model += z[q] <= pulp.lpSum(y[j] for j in near), f"{name}_{q}_{arc}"
    model += pulp.lpSum(y) == problem.p, "stations"
    return Formulation(model=model, y=y)


def solve_formulation(formulation: Formulation, *, seconds: float) -> FormulationAnswer:
    """
    Solve a model with HiGHS, in so many seconds.

    PuLP calls a model `Optimal` when time was up as well; only its `sol_status` tells the two apart.
    """
    model = formulation.model
    model.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0, timeLimit=seconds))
    return answer_of(formulation, model.sol_status)


def answer_of(formulation: Formulation, sol_status: int) -> FormulationAnswer:
    """What the values of a model's variables say, given what PuLP calls `sol_status`."""
    is_found = sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    if not is_found or not formulation.model.valid(FEASIBLE):
        return FormulationAnswer(sites=None, status=Status.HEURISTIC)
    # A site that costs and reaches nothing is in no row, and has no value.
    sites = tuple(j for j, variable in enumerate(formulation.y) if (variable.value() or 0.0) > 0.5)
    is_proven = sol_status == pulp.LpSolutionOptimal
    return FormulationAnswer(sites=sites, status=Status.PROVEN if is_proven else Status.HEURISTIC)


def _opened(name: str, sense: int, sites: int) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """A model in which every site is open or not."""
    model = pulp.LpProblem(name, sense)
    return model, [model.add_variable(f"y_{j}", cat=pulp.LpBinary) for j in range(sites)]


def _covering(name: str, problem: SetCoveringProblem, *, times: int) -> Formulation:
    model, y = _opened(name, pulp.LpMinimize, problem.sites)
    model += pulp.lpSum(float(problem.cost[j]) * y[j] for j in range(problem.sites))
    for i, near in enumerate(_lists(problem)):
        model += pulp.lpSum(y[j] for j in near) >= times, f"covered_{i}"
    return Formulation(model=model, y=y)


def _lists(problem: CoverageProblem | SetCoveringProblem) -> Iterator[list[int]]:
    """Sites within reach of each point."""
    for start, end in pairwise(problem.first.tolist()):
        yield problem.site[start:end].tolist()


def _arc_covers(nodes: list[int], ways: list[float], reach: float) -> Iterator[list[int]]:
    """For each arc of a way out the nodes that it can be driven from: on that way, or over its beginning."""
    most = reach * (1.0 + SLACK)
    for k in range(len(nodes) - 1):
        end = ways[k + 1]
        yield [node for s, node in enumerate(nodes) if (end - ways[s] if s <= k else end + ways[s]) <= most]
