"""What is asked: demand, sites that may be open, what each way between them costs, and how many are to be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput


@dataclass(frozen=True, eq=False, kw_only=True)
class MedianProblem:
    """
    Choose `p` of the sites; every demand point goes to the nearest that is open.

        min  sum_i min_{j open} c_ij

    Raises
    ------
    InvalidInput
        Costs that are negative or not finite, no demand, or a `p` that cannot be.
    """

    cost: NDArray[np.float64]
    """Weighted way from each demand point to each site, shape (demand, sites)."""
    p: int
    """Sites to be open."""

    def __post_init__(self) -> None:
        if self.cost.ndim != 2 or not self.cost.size:
            raise InvalidInput(f"costs need the shape (demand, sites), both above 0, not {self.cost.shape}")
        if not np.isfinite(self.cost).all() or (self.cost < 0).any():
            raise InvalidInput("costs of a p-median have to be finite and 0 or more")
        if not 1 <= self.p <= self.sites:
            raise InvalidInput(f"{self.p} sites are to be open, there are {self.sites}: 1..{self.sites} can be")

    @property
    def demand(self) -> int:
        """Demand points."""
        return int(self.cost.shape[0])

    @property
    def sites(self) -> int:
        """Sites that may be open."""
        return int(self.cost.shape[1])

    @cached_property
    def is_whole(self) -> bool:
        """Whether all costs are whole numbers, so that a bound may be rounded up."""
        return bool((self.cost == np.round(self.cost)).all() and self.cost.max() * self.demand < 2**53)
