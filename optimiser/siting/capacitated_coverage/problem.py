"""What is asked: demand, the sites within reach of each point, what each can serve, and how many are to be open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput
from optimiser.siting.coverage.problem import CoverageProblem, Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class CapacitatedCoverageProblem:
    """
    Open `p` of the sites; each serves demand within its reach, up to its capacity.

        max  sum_ij w_i x_ij    s.t.  sum_j x_ij <= 1,   sum_i w_i x_ij <= Q_j y_j,   sum_j y_j = p

    with x_ij the share of a point that a site serves.

    Raises
    ------
    InvalidInput
        Capacities that are negative or not finite, or not one for each site.
    """

    covering: CoverageProblem
    """Weights, who is within whose reach, and p."""
    capacity: Floats
    """Of each site, in units of weight, shape (sites,)."""
    may_split: bool = True
    """Whether several sites may share a point, which stands for many people; else one serves all of it, or none."""

    def __post_init__(self) -> None:
        if self.capacity.shape != (self.covering.sites,):
            raise InvalidInput(f"{self.covering.sites} sites need as many capacities, not {self.capacity.shape}")
        if not np.isfinite(self.capacity).all() or (self.capacity < 0).any():
            raise InvalidInput("capacities have to be finite and 0 or more")

    @cached_property
    def point(self) -> NDArray[np.int64]:
        """Of each pair."""
        return np.repeat(np.arange(self.covering.demand), np.diff(self.covering.first))

    @property
    def is_whole(self) -> bool:
        """Whether an answer serves a whole number at best, so that a bound may be rounded down."""
        return self.covering.is_whole and bool((self.capacity == np.round(self.capacity)).all())
