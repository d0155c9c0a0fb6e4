"""What a plan on a front builds."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.reporting.siting_study import Study
from optimiser.siting.front import FrontPoint
from optimiser.siting.plugs import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFigures:
    """One plan on a front in the last phase."""

    sites: int
    """New ones, extended ones included."""
    plugs: int
    """New ones."""


def point_figures(study: Study, point: FrontPoint) -> PointFigures:
    """The same figures that the study tells of its own plan."""
    stand = standing(study.problem, point.plan)[-1]
    return PointFigures(sites=len(stand.new_sites), plugs=sum(stand.new.values()))
