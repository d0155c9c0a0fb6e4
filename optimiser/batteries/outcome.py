"""What became of the packs of all depots in one night, beside charging at once; knows no solver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from optimiser.basics.battery_terms import Batteries
from optimiser.basics.night_grid import NightGrid
from optimiser.batteries.cost import Amounts, amounts
from optimiser.batteries.left import Left, packs_left
from optimiser.batteries.plain import plug_and_charge
from optimiser.batteries.plan import Plan
from optimiser.batteries.problem import Problem


@dataclass(frozen=True, kw_only=True)
class DepotCharging:
    """The packs of one depot, planned."""

    problem: Problem
    plan: Plan
    plain: Plan
    """Charging at once."""
    is_proven_best: bool

    @cached_property
    def planned(self) -> Amounts:
        """What the plan comes to."""
        return amounts(self.problem, self.plan)

    @cached_property
    def at_once(self) -> Amounts:
        """What charging at once comes to."""
        return amounts(self.problem, self.plain)

    @cached_property
    def idle(self) -> Amounts:
        """What packs that lay there already come to, charged at once: a night in which no van drives."""
        return amounts(self.problem, plug_and_charge(self.problem, arrived_by_s=0))

    @cached_property
    def left(self) -> tuple[Left, ...]:
        """Packs that are not full in time."""
        return packs_left(self.problem, self.plan)


@dataclass(frozen=True, kw_only=True)
class BatteryNight:
    """The packs of all depots that charge any, or to which any come."""

    batteries: Batteries
    grid: NightGrid
    end_s: int
    """When all are to be full, after the night's start."""
    depots: tuple[DepotCharging, ...]

    @property
    def planned(self) -> Amounts:
        """Over all depots."""
        return sum((depot.planned for depot in self.depots), Amounts())

    @property
    def at_once(self) -> Amounts:
        """Over all depots."""
        return sum((depot.at_once for depot in self.depots), Amounts())

    @property
    def idle(self) -> Amounts:
        """Over all depots."""
        return sum((depot.idle for depot in self.depots), Amounts())

    @property
    def saved(self) -> float:
        """Money, against charging at once; to be read beside the packs that either of them fills."""
        return self.at_once.cost - self.planned.cost
