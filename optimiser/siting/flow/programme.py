"""
The choice of stations as an integer programme (AC-PC of Capar et al. 2013), with equal needs of all trips in one row.

    max  sum_q f_q z_q
    s.t. z_q <= w_k               for each need k of trip q
         w_k <= sum_{j in N_k} y_j   for each need k, met by the nodes N_k
         sum_j y_j = p,   y binary,   0 <= w, z <= 1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.coverage.reach import Bools
from optimiser.siting.flow.needs import Needs
from optimiser.siting.flow.problem import Floats
from optimiser.siting.programme import Programme, solve_programme


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Closed:
    """What the programme came to."""

    bound: float
    """No choice covers more."""
    is_open: Bools | None
    """The best choice found, or none."""


def close(needs: Needs, p: int, start: Bools, *, unit: float, seconds: float) -> Closed:
    """
    Solve the programme in so many seconds, from a choice of `p` nodes on.

    `unit`: nothing is looked for that does not cover more than what is found by so much.
    """
    nodes, kinds, trips = len(needs.nodes), len(needs.first_node) - 1, len(needs.flow)
    meets = np.repeat(np.arange(kinds), np.diff(needs.first_node))
    trip = np.repeat(np.arange(trips), np.diff(needs.first_need))
    w, z, wanted = nodes + np.arange(kinds), nodes + kinds + trip, kinds + np.arange(len(trip))
    rows = kinds + len(trip)
    told = solve_programme(
        Programme(
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
        ),
        unit=unit,
        seconds=seconds,
        is_reduced=True,
        start=_values(needs, start, meets, trip),
    )
    is_open = None if told.values is None else told.values[:nodes] > 0.5
    return Closed(bound=-told.bound, is_open=is_open)


def _values(needs: Needs, is_open: Bools, meets: NDArray[np.int64], trip: NDArray[np.int64]) -> Floats:
    """A choice as values of the programme."""
    w, z = np.zeros(len(needs.first_node) - 1), np.ones(len(needs.flow))
    w[meets[is_open[needs.node]]] = 1.0
    np.minimum.at(z, trip, w[needs.need])
    return np.concatenate([is_open.astype(float), w, z])
