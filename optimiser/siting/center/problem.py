"""What is asked: demand, sites that may be open, how long each way between them is, and how many are to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput


@dataclass(frozen=True, eq=False, kw_only=True)
class CenterProblem:
    """
    Choose `p` of the sites; every demand point goes to the nearest that is open, and the longest way counts.

        min  max_i min_{j open} c_ij

    Raises
    ------
    InvalidInput
        Ways that are negative or not finite, no demand, or a `p` that cannot be.
    """

    way: NDArray[np.float64]
    """From each demand point to each site, shape (demand, sites)."""
    p: int
    """Sites to be open."""

    def __post_init__(self) -> None:
        if self.way.ndim != 2 or not self.way.size:
            raise InvalidInput(f"ways need the shape (demand, sites), both above 0, not {self.way.shape}")
        if not np.isfinite(self.way).all() or (self.way < 0).any():
            raise InvalidInput("ways of a p-center have to be finite and 0 or more")
        if not 1 <= self.p <= self.sites:
            raise InvalidInput(f"{self.p} sites are to be open, there are {self.sites}: 1..{self.sites} can be")

    @property
    def demand(self) -> int:
        """Demand points."""
        return int(self.way.shape[0])

    @property
    def sites(self) -> int:
        """Sites that may be open."""
        return int(self.way.shape[1])
