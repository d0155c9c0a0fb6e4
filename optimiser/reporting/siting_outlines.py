"""Where districts, areas in which nothing may be built, and grid nodes are, as far as the city's files say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import shapely


@dataclass(frozen=True, kw_only=True)
class Outlines:
    """
    What is drawn of the city beside its streets; all of it may be missing.

    Positions are longitude and latitude, areas valid polygons. No plan depends on them: what they mean for sites and
    demand is told by these themselves.
    """

    districts: Mapping[str, shapely.Geometry] = field(default_factory=dict)
    """By id; empty where districts are only named."""
    excluded: Sequence[tuple[str, shapely.Geometry]] = ()
    """Name and area, in order; several may have one name."""
    grid_nodes: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By id; of a node that is given by the area that it supplies, a point in there."""
