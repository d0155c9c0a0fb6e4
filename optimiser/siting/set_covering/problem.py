"""What is asked: demand, the sites within reach of each point, what sites cost, and how much has to be covered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
SLACK = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class SetCoveringProblem:
    """
    Open the cheapest sites that cover all demand points, or enough of their weight.

        min  sum_j f_j y_j   s.t.  sum_{j in N_i} y_j >= b z_i,   sum_i w_i z_i >= D  (or all z_i = 1)

    Costs of 1 ask for the fewest sites (Toregas, Swain, ReVelle & Bergman 1971, Operations Research 19), `times` 2 for
    backup (Hogan & ReVelle 1986, Management Science 32), `wanted` for a part of the demand (Daskin & Owen 1999,
    Geographical Analysis 31).

    Raises
    ------
    InvalidInput
        Costs or weights that are negative or not finite, sites that do not exist or come twice, or more wanted than
        all sites together cover.
    """

    cost: Floats
    """Of each site, shape (sites,)."""
    first: Longs
    """Where the sites of each point begin, shape (demand + 1,)."""
    site: Ints
    """Sites within reach, point after point, each point's in rising order."""
    times: int = 1
    """Open sites that a point needs within reach to be covered."""
    weight: Floats | None = None
    """Of each demand point, shape (demand,); 1 where nothing is said."""
    wanted: float | None = None
    """Weight to be covered; all points where nothing is said."""

    def __post_init__(self) -> None:
        if not np.isfinite(self.cost).all() or (self.cost < 0).any():
            raise InvalidInput("costs of sites have to be finite and 0 or more")
        if len(self.first) < 1 or self.first[0] != 0 or self.first[-1] != len(self.site) or (self.counts < 0).any():
            raise InvalidInput("the sites of all demand points need one beginning each, and their end")
        if len(self.site) and (self.site.min() < 0 or self.site.max() >= self.sites):
            raise InvalidInput(f"sites within reach are to be of 0..{self.sites - 1}")
        is_new = np.ones(len(self.site), dtype=np.bool_)
        is_new[1:] = np.diff(self.site) > 0
        is_new[self.first[:-1][self.counts > 0]] = True
        if not is_new.all():
            raise InvalidInput("the sites of a demand point have to rise, none twice")
        if self.times < 1:
            raise InvalidInput(f"points are to be covered {self.times} times: 1 or more")
        if len(self.weights) != self.demand or not np.isfinite(self.weights).all() or (self.weights < 0).any():
            raise InvalidInput("weights of demand have to be finite and 0 or more, one for each point")
        self._check_reach()

    def _check_reach(self) -> None:
        can_be = self.counts >= self.times
        if self.wanted is None and not can_be.all():
            point = int(np.flatnonzero(~can_be)[0])
            told = f"demand point {point} has {self.counts[point]} sites within reach, {self.times} have to be open"
            raise InvalidInput(told)
        most = float(self.weights[can_be].sum())
        if self.wanted is not None and not 0 <= self.wanted <= most * (1.0 + SLACK):
            raise InvalidInput(f"{self.wanted:g} is to be covered: 0..{most:g} can be")

    @property
    def demand(self) -> int:
        """Demand points."""
        return len(self.first) - 1

    @property
    def sites(self) -> int:
        """Sites that may be open."""
        return len(self.cost)

    @cached_property
    def counts(self) -> Longs:
        """Sites within reach of each point."""
        return np.diff(self.first)

    @cached_property
    def weights(self) -> Floats:
        """Of each demand point, said or not."""
        return np.ones(self.demand) if self.weight is None else self.weight

    @cached_property
    def is_whole(self) -> bool:
        """Whether all costs are whole numbers, so that a bound may be rounded up."""
        return bool((self.cost == np.round(self.cost)).all() and self.cost.sum() < 2**53)
