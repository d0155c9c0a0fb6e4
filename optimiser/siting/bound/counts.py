"""
Counts of what is built, that branches keep within limits: sites, plugs by kind, and sites by their n-th plug of a kind.

Money for two sites and a half opens five by half at the prices of the relaxation. No single site settles that; a count
does, as two sites or fewer and three or more are both far from what the prices would have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimiser.siting.arrays import Builds, Floats, Ints
from optimiser.siting.bound.entries import Entries


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box:
    """What the plans of a branch have in common."""

    fewest: Ints
    """New plugs of each site in the end."""
    most: Ints
    low: Floats
    """Of each count after each phase, shape (phases, counts); 0 is no limit."""
    high: Floats
    """Infinite where there is no limit."""

    def at_site(self, site: int, plugs: int) -> tuple[Box, Box]:
        """So many plugs at most there, or more."""
        fewest, most = self.fewest.copy(), self.most.copy()
        fewest[site], most[site] = plugs + 1, plugs
        return replace(self, most=most), replace(self, fewest=fewest)

    def at_count(self, phase: int, count: int, number: int) -> tuple[Box, Box]:
        """So many at most, or more."""
        low, high = self.low.copy(), self.high.copy()
        low[phase, count], high[phase, count] = number + 1.0, float(number)
        return replace(self, high=high), replace(self, low=low)


def counted(builds: Builds, entries: Entries) -> Floats:
    """How each entry counts, shape (counts, entries)."""
    plugs = builds.plugs[entries.build]
    rows = [(entries.plugs > 0).astype(np.float64), *plugs.T.astype(np.float64)]
    for kind in range(plugs.shape[1]):
        most = int(plugs[:, kind].max(initial=0))
        rows += [(plugs[:, kind] >= number).astype(np.float64) for number in range(1, most + 1)]
    return np.array(rows)
