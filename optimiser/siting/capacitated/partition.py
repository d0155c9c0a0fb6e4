"""
Clusters that together serve all customers, as an integer programme (set partitioning):

    min  sum_k c_k z_k     s.t.  sum_{k: i in S_k} z_k >= 1,   sum_{k at j} z_k <= 1,   sum_k z_k <= p,   z binary

Who is served twice stays where the way is shorter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimiser.siting.capacitated.clusters import NOBODY
from optimiser.siting.capacitated.columns import Columns
from optimiser.siting.capacitated.pairs import Pairs, Places, way_between
from optimiser.siting.capacitated.problem import Ints
from optimiser.siting.programme import Programme, solve_programme


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Closed:
    """What the programme came to."""

    bound: float
    """Nothing that is made of these clusters costs less."""
    site_of: Ints | None
    """Of each customer, or none where nothing was found."""


def close(
    pairs: Pairs, p: int, columns: Columns, known: Ints, customers: Places, *, unit: float, seconds: float
) -> Closed:
    """
    Solve the programme over these clusters, and those of what is known, in so many seconds.

    Parameters
    ----------
    known
        An assignment to begin with.
    customers
        Who is to be served, in order; of the others nothing is asked or changed.
    unit
        Nothing is looked for that is not cheaper than what is found by so much.
    """
    order = customers[np.argsort(known[customers], kind="stable")].astype(np.int32)
    own, begins = np.unique(known[order], return_index=True)
    own_way = [way_between(pairs, int(one), int(known[one])) for one in order]
    site = np.concatenate([columns.site, own])
    way = np.concatenate([columns.way, np.add.reduceat(own_way, begins)])
    first = np.concatenate([columns.first, columns.first[-1] + np.append(begins[1:], len(order))])
    customer = np.concatenate([columns.customer, order])
    count, rows = len(site), len(customers)
    number = np.arange(count)
    places, at = np.unique(site, return_inverse=True)
    members = np.repeat(number, np.diff(first))
    told = solve_programme(
        Programme(
            cost=way,
            lower=np.zeros(count),
            upper=np.ones(count),
            is_whole=np.ones(count, dtype=np.bool_),
            row=np.concatenate([np.searchsorted(customers, customer), rows + at, np.full(count, rows + len(places))]),
            column=np.concatenate([members, number, number]),
            value=np.ones(len(members) + 2 * count),
            row_lower=np.concatenate([np.ones(rows), np.zeros(len(places) + 1)]),
            row_upper=np.concatenate([np.full(rows, np.inf), np.ones(len(places)), [float(p)]]),
        ),
        unit=unit,
        seconds=seconds,
        start=(number >= count - len(own)).astype(np.float64),
    )
    if told.values is None:
        return Closed(bound=told.bound, site_of=None)
    site_of = known.copy()
    site_of[customers] = NOBODY
    for column in np.flatnonzero(told.values > 0.5):
        for one in customer[first[column] : first[column + 1]].tolist():
            other = int(site_of[one])
            if other == NOBODY or way_between(pairs, one, int(site[column])) < way_between(pairs, one, other):
                site_of[one] = site[column]
    return Closed(bound=told.bound, site_of=site_of)
