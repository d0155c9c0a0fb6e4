"""What is asked: demand, the sites within reach of each point, and how many are to be open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class CoverageProblem:
    """
    Open `p` of the sites; a demand point is covered if one of its own is open.

        max  sum_i w_i [some j open with j in N_i]

    Raises
    ------
    InvalidInput
        Weights that are negative or not finite, sites that do not exist or come twice, or a `p` that cannot be.
    """

    weight: Floats
    """Of each demand point, shape (demand,)."""
    first: NDArray[np.int64]
    """Where the sites of each point begin, shape (demand + 1,)."""
    site: Ints
    """Sites within reach, point after point, each point's in rising order."""
    sites: int
    """Sites that may be open."""
    p: int
    """Sites to be open."""

    def __post_init__(self) -> None:
        if not np.isfinite(self.weight).all() or (self.weight < 0).any():
            raise InvalidInput("weights of demand have to be finite and 0 or more")
        is_whole = len(self.first) == self.demand + 1 and self.first[0] == 0 and self.first[-1] == len(self.site)
        if not is_whole or (np.diff(self.first) < 0).any():
            raise InvalidInput("the sites of all demand points need one beginning each, and their end")
        if len(self.site) and (self.site.min() < 0 or self.site.max() >= self.sites):
            raise InvalidInput(f"sites within reach are to be of 0..{self.sites - 1}")
        is_new = np.ones(len(self.site), dtype=np.bool_)
        is_new[1:] = np.diff(self.site) > 0
        is_new[self.first[:-1][np.diff(self.first) > 0]] = True
        if not is_new.all():
            raise InvalidInput("the sites of a demand point have to rise, none twice")
        if not 1 <= self.p <= self.sites:
            raise InvalidInput(f"{self.p} sites are to be open, there are {self.sites}: 1..{self.sites} can be")

    @property
    def demand(self) -> int:
        """Demand points."""
        return len(self.weight)

    @cached_property
    def is_whole(self) -> bool:
        """Whether all weights are whole numbers, so that a bound may be rounded down."""
        return bool((self.weight == np.round(self.weight)).all() and self.weight.sum() < 2**53)
