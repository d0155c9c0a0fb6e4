"""What is decided: plugs that are built, when; transformers that are upgraded; who charges where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Installation:
    """Plugs of one kind that a phase adds to a site; they stay."""

    phase: int
    site_id: str
    kind_id: str
    plugs: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Upgrade:
    """A grid node that a phase makes stronger."""

    phase: int
    node_id: str


Built = tuple[tuple[Installation, ...], tuple[Upgrade, ...]]
"""What a plan builds, before it is known who charges where."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Serving:
    """Who charges where, in one phase as one scenario has it; all of the same length."""

    phase: int
    scenario: int
    pair: NDArray[np.int64]
    """Row of the access pair: a demand point and a site."""
    kind: NDArray[np.int32]
    """Row of the kind of charger."""
    share: NDArray[np.float64]
    """Of the demand point's weight."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SitingPlan:
    """All decisions of a siting study."""

    installations: tuple[Installation, ...] = ()
    upgrades: tuple[Upgrade, ...] = ()
    servings: tuple[Serving, ...] = ()
