"""What a plan costs, term by term, in the city's currency."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Terms of the objective; `total` is what the planner makes small."""

    lost_trips: float
    """Expected trips lost over the next day, times their price."""
    van_hours: float
    van_km: float
    van_use: float

    @property
    def total(self) -> float:
        """Sum of all terms."""
        return self.lost_trips + self.van_hours + self.van_km + self.van_use


def cost(problem: Problem, plan: Plan) -> Cost:
    """Price a plan from its decisions alone. Raises KeyError for ids that are not in the problem."""
    return cost_of(problem, replay(problem, plan))


def cost_of(problem: Problem, timeline: Timeline) -> Cost:
    """Price a plan that has been replayed; inventories must be within 0..capacity."""
    prices = problem.prices
    lost = sum(station.lost_trips(timeline.inventories[station.id]) for station in problem.stations)
    return Cost(
        lost_trips=prices.lost_trip * lost,
        van_hours=prices.van_hour * sum(route.duration_s for route in timeline.routes) / 3600,
        van_km=prices.van_km * sum(route.distance_m for route in timeline.routes) / 1000,
        van_use=prices.van_use * len(timeline.routes),
    )
