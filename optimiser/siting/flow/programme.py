"""
The choice of stations as an integer programme (AC-PC of Capar et al. 2013), with equal needs of all trips in one row.

    max  sum_q f_q z_q
    s.t. z_q <= w_k               for each need k of trip q
         w_k <= sum_{j in N_k} y_j   for each need k, met by the nodes N_k
         sum_j y_j = p,   y binary,   0 <= w, z <= 1
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimiser.siting.coverage.reach import Bools
from optimiser.siting.flow.needs import Needs, narrowed
from optimiser.siting.flow.problem import Floats
from optimiser.siting.programme import Programme, bound_of, prices_of, solve_programme


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Closed:
    """What the programme came to."""

    bound: float
    """No choice covers more."""
    is_open: Bools | None
    """The best choice found, or none."""


def close(needs: Needs, p: int, start: Bools, *, known: float, unit: float, seconds: float) -> Closed:
    """
    Solve the programme in so many seconds, from a choice of `p` nodes on that covers `known`.

    Prices of rows from linear programming give a bound, and rule out nodes with which nothing better is left. `unit`:
    nothing is looked for that does not cover more than what is found by so much.
    """
    until_s = time.monotonic() + seconds
    left = np.ones(len(start), dtype=np.bool_)
    programme = _programme(needs, p)
    prices = prices_of(programme, seconds=seconds)
    bound = -np.inf
    if prices is not None:
        bound, reduced = bound_of(programme, prices)
        if -bound <= known + unit:
            return Closed(bound=-bound, is_open=start)
        left = start | (bound + reduced[: len(start)] <= -known)
    fewer = narrowed(needs, left)
    told = solve_programme(
        _programme(fewer, p),
        unit=unit,
        seconds=until_s - time.monotonic(),
        start=_values(fewer, start[left]),
        is_reduced=True,
    )
    is_open = None
    if told.values is not None:
        is_open = np.zeros(len(start), dtype=np.bool_)
        is_open[np.flatnonzero(left)[told.values[: int(left.sum())] > 0.5]] = True
    # With the nodes that are left out no choice covers more than what is known.
    return Closed(bound=min(-bound, max(known, -told.bound)), is_open=is_open)


def _programme(needs: Needs, p: int) -> Programme:
    nodes, kinds, trips = len(needs.nodes), len(needs.first_node) - 1, len(needs.flow)
    meets = np.repeat(np.arange(kinds), np.diff(needs.first_node))
    trip = np.repeat(np.arange(trips), np.diff(needs.first_need))
    w, z, wanted = nodes + np.arange(kinds), nodes + kinds + trip, kinds + np.arange(len(trip))
    rows = kinds + len(trip)
    return Programme(
        cost=np.concatenate([np.zeros(nodes + kinds), -needs.flow]),
        lower=np.zeros(nodes + kinds + trips),
        upper=np.ones(nodes + kinds + trips),
        is_whole=np.arange(nodes + kinds + trips) < nodes,
        row=np.concatenate([meets, np.arange(kinds), wanted, wanted, np.full(nodes, rows)]),
        column=np.concatenate([needs.node, w, w[needs.need], z, np.arange(nodes)]),
        value=np.concatenate(
            [np.ones(len(meets)), -np.ones(kinds), np.ones(len(trip)), -np.ones(len(trip)), np.ones(nodes)]
        ),
        row_lower=np.concatenate([np.zeros(rows), [float(p)]]),
        row_upper=np.concatenate([np.full(rows, np.inf), [float(p)]]),
    )


def _values(needs: Needs, is_open: Bools) -> Floats:
    """A choice as values of the programme."""
    w, z = np.zeros(len(needs.first_node) - 1), np.ones(len(needs.flow))
    meets = np.repeat(np.arange(len(w)), np.diff(needs.first_node))
    trip = np.repeat(np.arange(len(z)), np.diff(needs.first_need))
    w[meets[is_open[needs.node]]] = 1.0
    np.minimum.at(z, trip, w[needs.need])
    return np.concatenate([is_open.astype(float), w, z])
