"""
What an edited plan costs, which rules it breaks and what it leaves open: any plan, however wrong, without a solver.

Answers within a fraction of a second, so a dispatcher can drag a stop and see.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from optimiser.basics.result import Violation
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import Cost, UnservedMust, ZoneMiss, cost_of, missed_zones, unserved_musts
from optimiser.rebalancing.evaluate.changes import Changes, Moved, OtherQuantities, RouteChanges, compare
from optimiser.rebalancing.evaluate.possible import Unpriced, possible
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem, Station
from optimiser.rebalancing.replay import TimedRoute, Timeline, replay

__all__ = [
    "Changes",
    "Difference",
    "EvaluatedRoute",
    "Evaluation",
    "Moved",
    "OtherQuantities",
    "RouteChanges",
    "Unpriced",
    "compare",
    "evaluate",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedRoute:
    """One van's route with its clock and loads, and what is left of its shift and range."""

    timed: TimedRoute
    positions: tuple[int, ...]
    """Where each stop of `timed` is in the edited route: stops at unknown places are not in `timed`."""
    time_left_s: int
    """From being back until the shift ends; negative where it is late."""
    range_left_m: int | None
    """None where the van drives any distance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changes from another plan to this one."""

    cost: Cost
    """This plan's terms less the other's; below 0 is cheaper."""
    stops: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything to be said about one plan."""

    cost: Cost
    """Of all that can be priced, see `unpriced`."""
    violations: tuple[Violation, ...]
    """All of them; empty means valid."""
    routes: tuple[EvaluatedRoute, ...]
    """Routes of known vans that stop somewhere, in the plan's order."""
    unserved_musts: tuple[UnservedMust, ...]
    missed_zones: tuple[ZoneMiss, ...]
    unpriced: tuple[Unpriced, ...] = ()
    """What the cost leaves out or can only count in part; empty means that it is exact."""
    difference: Difference | None = None
    """From the plan to compare with; None where there is none."""

    @property
    def is_valid(self) -> bool:
        """Whether the plan breaks no rule."""
        return not self.violations


def evaluate(problem: Problem, plan: Plan, *, against: Plan | None = None) -> Evaluation:
    """
    Price and check any plan, feasible or not.

    Parameters
    ----------
    plan
        May name vans and places that do not exist and hold impossible numbers: these are violations, and the rest
        of the plan is judged without them.
    against
        Another plan, just as freely edited, to tell the differences from.
    """
    found = possible(problem, plan)
    timeline = replay(problem, found.plan)
    priced, clipped = _with_possible_inventories(problem, timeline)
    positions = [places for places, route in zip(found.positions, found.plan.routes, strict=True) if route.stops]
    evaluation = Evaluation(
        cost=cost_of(problem, priced),
        violations=(*found.violations, *check(problem, found.plan)),
        routes=tuple(
            _evaluated(problem, timed, places) for timed, places in zip(timeline.routes, positions, strict=True)
        ),
        unserved_musts=unserved_musts(problem, priced),
        missed_zones=missed_zones(problem, priced),
        unpriced=(*found.unpriced, *clipped),
    )
    if against is None:
        return evaluation
    other = evaluate(problem, against)
    return replace(
        evaluation,
        difference=Difference(cost=less(evaluation.cost, other.cost), stops=compare(against, plan)),
    )


def less(this: Cost, other: Cost) -> Cost:
    """The difference of two costs, term by term."""
    return Cost(**{field.name: getattr(this, field.name) - getattr(other, field.name) for field in fields(Cost)})


def _evaluated(problem: Problem, timed: TimedRoute, positions: tuple[int, ...]) -> EvaluatedRoute:
    van = problem.van_by_id[timed.van_id]
    return EvaluatedRoute(
        timed=timed,
        positions=positions,
        time_left_s=van.shift_end_s - timed.end_s,
        range_left_m=None if van.range_m is None else van.range_m - timed.distance_m,
    )


def _with_possible_inventories(problem: Problem, timeline: Timeline) -> tuple[Timeline, tuple[Unpriced, ...]]:
    """The night with every station holding what it can hold, and a word on each that would not."""
    inventories, freed, broken = dict(timeline.inventories), dict(timeline.freed), dict(timeline.broken)
    unpriced = []
    for station in problem.stations:
        id_ = station.id
        low_charge = timeline.low_charge[id_]
        docks = min(max(0, freed[id_]), station.blocked)
        bikes = min(max(0, inventories[id_]), station.capacity + docks)
        left = min(max(0, broken[id_]), station.broken)
        if (docks, bikes, left) != (freed[id_], inventories[id_], broken[id_]) or low_charge < 0:
            unpriced.append(_impossible(station, inventories[id_], low_charge, broken[id_], bikes))
        freed[id_], inventories[id_], broken[id_] = docks, bikes, left
    return replace(timeline, inventories=inventories, freed=freed, broken=broken), tuple(unpriced)


def _impossible(station: Station, ready: int, low_charge: int, broken: int, priced: int) -> Unpriced:
    return Unpriced(
        ids=(station.id,),
        text=(
            f"station {station.id} would open with {ready} ready, {low_charge} low-charge and {broken} broken bikes, "
            f"which cannot be; priced as if it opened with {priced} ready ones"
        ),
    )
