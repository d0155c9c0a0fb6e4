"""
OR-Tools routing on the bike rebalancing problem, as its users would write it.

Load is a unary dimension that grows by each station's demand and may start anywhere in 0..Q; parallel cheapest
insertion makes a first answer, guided local search improves it for as long as there is time, on one thread.
"""

from __future__ import annotations

import time

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from scenarios.benchmarks.brp import BrpInstance
from scenarios.benchmarks.judge_brp import price_brp
from service.benchmarks.brp import BrpAnswer


def solve_brp(instance: BrpInstance, *, seconds: float, seed: int = 0, bound_seconds: float = 0.0) -> BrpAnswer:
    """As the seam in `service.benchmarks.brp`, but without a bound; OR-Tools routing takes no seed."""
    del seed, bound_seconds
    start = time.perf_counter()
    manager = pywrapcp.RoutingIndexManager(instance.n, instance.n - 1, 0)
    model = pywrapcp.RoutingModel(manager)

    cost, demand = instance.cost.tolist(), instance.demand.tolist()
    arcs = model.RegisterTransitMatrix(cost)
    model.SetArcCostEvaluatorOfAllVehicles(arcs)
    loads = model.RegisterUnaryTransitVector(demand)
    # Slack 0 and a start that is free: the depot fills the van as needed.
    model.AddDimension(loads, 0, instance.capacity, False, "load")

    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, round(1000 * (seconds - (time.perf_counter() - start)))))
    solution = model.SolveWithParameters(parameters)
    if solution is None:
        raise RuntimeError(f"OR-Tools found no answer to {instance.name} in {seconds:g} s")

    routes = []
    for van in range(instance.n - 1):
        index, route = solution.Value(model.NextVar(model.Start(van))), []
        while not model.IsEnd(index):
            route.append(manager.IndexToNode(index))
            index = solution.Value(model.NextVar(index))
        if route:
            routes.append(tuple(route))
    return BrpAnswer(
        routes=tuple(routes),
        cost=price_brp(instance, routes),
        lower_bound=0,
        seconds=time.perf_counter() - start,
    )
