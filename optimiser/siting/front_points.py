"""Plans on a front: what each keeps of what was asked for, which of them no other beats, and where the curve bends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimiser.basics.result import relative_gap
from optimiser.siting.check import TOLERANCE
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import Wishes
from optimiser.siting.status import Status

TINY = 1e-6
"""What sums of floating-point numbers may be off, of shares and, relatively, of money and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPoint:
    """One plan on the front, with its proof."""

    fraction: float
    """Of the budget that was allowed."""
    budget: float
    floors: Mapping[str, float]
    """Share of each district that was asked for, where anybody lives: the higher one of the city's and the front's."""
    own_floors: Mapping[str, float] = field(default_factory=dict)
    """Of these districts, what the study itself asks for."""
    asked: Wishes
    wishes: Wishes
    """What the plan keeps to: what was asked for, but for forced sites and floors that gave way."""
    cost: float
    value: float
    shares: Mapping[str, float]
    """Of each of these districts, what is served in the scenario that is worst for it."""
    upper_bound: float
    """
    No plan within this budget brings more that keeps these floors, as far as they can be kept, and builds at all forced
    sites but those left out; proven.
    """
    status: Status
    plan: SitingPlan

    @property
    def gap(self) -> float:
        """How much more than the plan the best possible may bring, relative to it."""
        return relative_gap(self.upper_bound, self.value)

    @property
    def floor(self) -> float | None:
        """That was asked for every district; None where there are none."""
        return min(self.floors.values(), default=None)

    @property
    def highest_floor(self) -> float | None:
        """That was asked for any district."""
        return max(self.floors.values(), default=None)

    @property
    def worst_share(self) -> float | None:
        """Of the district that is served least in its worst scenario; None where there are none."""
        return min(self.shares.values(), default=None)

    @property
    def missed(self) -> tuple[str, ...]:
        """Districts of which less is served than was asked for."""
        return self._below(self.floors)

    @property
    def own_missed(self) -> tuple[str, ...]:
        """Districts of which less is served than the study itself asks for."""
        return self._below(self.own_floors)

    @property
    def left_out(self) -> frozenset[str]:
        """Forced sites of the study at which nothing is built."""
        return self.asked.force - {item.site_id for item in self.plan.installations}

    def keeps_as_much_as(self, other: FrontPoint) -> bool:
        """Of what the study itself asks for: its floors if the other does, and all forced sites that the other has."""
        return (not self.own_missed or bool(other.own_missed)) and self.left_out <= other.left_out

    def _below(self, floors: Mapping[str, float]) -> tuple[str, ...]:
        return tuple(id_ for id_, floor in floors.items() if self.shares[id_] < floor - TOLERANCE)


def pareto(points: Sequence[FrontPoint]) -> tuple[FrontPoint, ...]:
    """
    Those that no other beats or equals in cost, value and the share of the worst district, by cost and value.

    What keeps less of what the study asks for takes no place from what keeps more. Of equal ones what keeps its floors
    is told.
    """

    def covers(one: FrontPoint, other: FrontPoint) -> bool:
        slack = TINY * max(1.0, abs(other.value))
        return (
            one.cost <= other.cost + TINY * max(1.0, other.cost)
            and one.value >= other.value - slack
            and (one.worst_share or 0.0) >= (other.worst_share or 0.0) - TINY
            and one.keeps_as_much_as(other)
        )

    kept: list[FrontPoint] = []
    for point in sorted(points, key=_by_goodness):
        if not any(covers(other, point) for other in kept):
            kept = [other for other in kept if not covers(point, other)]
            kept.append(point)
    return tuple(sorted(kept, key=lambda item: (item.cost, item.value)))


def _by_goodness(point: FrontPoint) -> tuple[float, ...]:
    return (point.cost, -point.value, -(point.worst_share or 0.0), len(point.missed), point.floor or 0.0)


def keeping_most(points: Sequence[FrontPoint]) -> list[int]:
    """Rows of the points that build at all forced sites of the study, then that keep its own floors, where any does."""
    rows = list(range(len(points)))
    rows = [row for row in rows if not points[row].left_out] or rows
    return [row for row in rows if not points[row].own_missed] or rows


def knee(points: Sequence[FrontPoint]) -> int | None:
    """
    Where the curve of greatest value by cost bends most: the point furthest above the chord between its ends.

    (Das 1999, *Structural Optimization* 18; cost and value each scaled to 0..1.) Of plans that build at all forced
    sites of the study, of these that keep its own floors, and of these that keep the front's, where there are any. None
    where nothing is above the chord.
    """
    most = keeping_most(points)
    fairest = [row for row in most if not points[row].missed] or most
    rows: list[int] = []
    for row in sorted(fairest, key=lambda row: (points[row].cost, -points[row].value)):
        if not rows or points[row].value > points[rows[-1]].value:
            rows.append(row)
    if len(rows) < 3:
        return None
    x = np.array([points[row].cost for row in rows])
    y = np.array([points[row].value for row in rows])
    above = (y - y[0]) / (y[-1] - y[0]) - (x - x[0]) / (x[-1] - x[0])
    best = int(above.argmax())
    return rows[best] if above[best] > TINY else None
