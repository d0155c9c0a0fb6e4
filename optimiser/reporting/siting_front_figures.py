"""What a plan on a front builds, whom it serves, and how full the grid is with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimiser.reporting.siting_flows import flows
from optimiser.reporting.siting_phases import node_outcomes
from optimiser.reporting.siting_study import Study
from optimiser.siting.front_points import FrontPoint
from optimiser.siting.plugs import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFigures:
    """One plan on a front in the last phase, as expected over scenarios."""

    sites: int
    """New ones, extended ones included."""
    plugs: int
    """New ones."""
    people_served: float
    served_share: float | None
    """Of all people; None where there are none."""
    grid_share: float | None
    """Of what a grid node can hold ready, upgrades included, at the node that is fullest; None without a grid."""


def point_figures(study: Study, point: FrontPoint) -> PointFigures:
    """The same figures that the study tells of its own plan."""
    own = replace(study, result=replace(study.result, plan=point.plan))
    stand, end = standing(own.problem, point.plan)[-1], flows(own.problem, point.plan.servings, own.last)
    people, served = float(end.demand.sum()), float(end.served.sum())
    return PointFigures(
        sites=len(stand.new_sites),
        plugs=sum(stand.new.values()),
        people_served=served,
        served_share=served / people if people > 0 else None,
        grid_share=max(
            (node.held_kw / node.carried_kw for node in node_outcomes(own) if node.carried_kw > 0), default=None
        ),
    )
