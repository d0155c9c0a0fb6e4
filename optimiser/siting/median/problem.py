"""What is asked: demand, sites that may be open, what each way between them costs, and how many are to be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class MedianProblem:
    """
    Choose `p` of the sites; every demand point goes to the nearest that is open, or pays for having none.

        min  sum_i min( b_i, min_{j open, j in N_i} c_ij )

    N_i are the sites within reach of a point and b_i what it pays where none of them is open: as much as the furthest
    of them, or more.

    Raises
    ------
    InvalidInput
        Costs that are negative or not finite, more than the price of having none, sites that do not exist or come
        twice, no demand, or a `p` that cannot be.
    """

    first: NDArray[np.int64]
    """Where the sites of each point begin, shape (demand + 1,)."""
    site: Ints
    """Sites within reach, point after point, each point's in rising order."""
    cost: Floats
    """Weighted way of each pair of point and site."""
    beyond: Floats
    """Price of each point for having no open site within reach; infinite where all sites are within it."""
    sites: int
    """Sites that may be open."""
    p: int
    """Sites to be open."""

    @staticmethod
    def between_all(cost: Floats, *, p: int) -> MedianProblem:
        """From weighted ways between all points and all sites, shape (demand, sites)."""
        if cost.ndim != 2 or not cost.size:
            raise InvalidInput(f"costs need the shape (demand, sites), both above 0, not {cost.shape}")
        demand, sites = cost.shape
        return MedianProblem(
            first=np.arange(demand + 1, dtype=np.int64) * sites,
            site=np.tile(np.arange(sites, dtype=np.int32), demand),
            cost=np.ascontiguousarray(cost, dtype=np.float64).ravel(),
            beyond=np.full(demand, np.inf),
            sites=sites,
            p=p,
        )

    def __post_init__(self) -> None:
        if not 1 <= self.p <= self.sites:
            raise InvalidInput(f"{self.p} sites are to be open, there are {self.sites}: 1..{self.sites} can be")
        if not self.demand:
            raise InvalidInput("a p-median needs demand")
        self._check_lists()
        if not np.isfinite(self.cost).all() or (self.cost < 0).any():
            raise InvalidInput("costs of a p-median have to be finite and 0 or more")
        counts = np.diff(self.first)
        if not (np.isfinite(self.beyond) | (self.beyond == np.inf) & (counts == self.sites)).all():
            raise InvalidInput("a point that does not reach all sites needs a finite price for having none")
        if (self.cost > np.repeat(self.beyond, counts)).any() or (self.beyond < 0).any():
            raise InvalidInput("having no site within reach may not cost less than the furthest within it")

    def _check_lists(self) -> None:
        counts = np.diff(self.first)
        is_whole = len(self.first) == self.demand + 1 and self.first[0] == 0 and self.first[-1] == len(self.site)
        if not is_whole or (counts < 0).any() or len(self.cost) != len(self.site):
            raise InvalidInput("the sites of all demand points need one beginning each, and a cost each")
        if len(self.site) and (self.site.min() < 0 or self.site.max() >= self.sites):
            raise InvalidInput(f"sites within reach are to be of 0..{self.sites - 1}")
        is_new = np.ones(len(self.site), dtype=np.bool_)
        is_new[1:] = self.site[1:] > self.site[:-1]
        is_new[self.first[:-1][counts > 0]] = True
        if not is_new.all():
            raise InvalidInput("the sites of a demand point have to rise, none twice")

    @property
    def demand(self) -> int:
        """Demand points."""
        return len(self.beyond)

    @cached_property
    def is_whole(self) -> bool:
        """Whether all costs are whole numbers, so that a bound may be rounded up."""
        finite = self.beyond[np.isfinite(self.beyond)]
        most = max(float(self.cost.max(initial=0.0)), float(finite.max(initial=0.0)))
        is_whole = (self.cost == np.round(self.cost)).all() and (finite == np.round(finite)).all()
        return bool(is_whole and most * self.demand < 2**53)
