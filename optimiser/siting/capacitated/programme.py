"""
The capacitated p-median itself as an integer programme, over pairs of a customer and a site that has room for it.

    min  sum_ij c_ij x_ij     s.t.  sum_j x_ij = 1,   sum_i q_i x_ij <= Q_j y_j,   x_ij <= y_j,   sum_j y_j = p,
                                    x, y binary

The third rule follows from the second where y is whole, and keeps it so more often where it need not be.
"""

from __future__ import annotations

import numpy as np

from optimiser.siting.capacitated.partition import Closed
from optimiser.siting.capacitated.problem import CapacitatedProblem
from optimiser.siting.programme import Programme, solve_programme


def settle(problem: CapacitatedProblem, *, unit: float, seconds: float) -> Closed:
    """
    Solve the programme in so many seconds; its bound is infinite where no assignment keeps to all capacities.

    Parameters
    ----------
    unit
        Nothing is looked for that is not cheaper than what is found by so much.
    """
    has_room = problem.demand[problem.customer] <= problem.capacity[problem.site]
    customer, site = problem.customer[has_room], problem.site[has_room].astype(np.int64)
    pairs, rows, sites = len(site), problem.customers, problem.sites
    number, place, p = np.arange(pairs), np.arange(sites), float(problem.p)
    ones, demand = np.ones(pairs), problem.demand[customer]
    told = solve_programme(
        Programme(
            cost=np.concatenate([problem.way[has_room], np.zeros(sites)]),
            lower=np.zeros(pairs + sites),
            upper=np.ones(pairs + sites),
            is_whole=np.ones(pairs + sites, dtype=np.bool_),
            row=np.concatenate(
                [
                    customer,
                    np.concatenate([site, place]) + rows,
                    np.concatenate([number, number]) + rows + sites,
                    np.full(sites, rows + sites + pairs),
                ]
            ),
            column=np.concatenate([number, number, pairs + place, number, pairs + site, pairs + place]),
            value=np.concatenate([ones, demand, -problem.capacity, ones, -ones, np.ones(sites)]),
            row_lower=np.concatenate([np.ones(rows), np.full(sites + pairs, -np.inf), [p]]),
            row_upper=np.concatenate([np.ones(rows), np.zeros(sites + pairs), [p]]),
        ),
        unit=unit,
        seconds=seconds,
    )
    if told.values is None:
        return Closed(bound=told.bound, site_of=None)
    taken = told.values[:pairs] > 0.5
    site_of = np.zeros(rows, dtype=np.int32)
    site_of[customer[taken]] = site[taken]
    return Closed(bound=told.bound, site_of=site_of)
