"""What a plan for packs draws, costs and leaves: recomputed from the plan alone."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.batteries.plan import Group, Plan
from optimiser.batteries.problem import Problem, Step

TINY_KWH = 1e-6
"""Rounding, of a pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Sums of one depot, or of several."""

    packs: int = 0
    """All that came."""
    full: int = 0
    """Of these, full in time."""
    kwh: float = 0.0
    """From the grid."""
    tariff: float = 0.0
    """Price of the energy, in the city's currency."""
    co2_kg: float = 0.0
    co2: float = 0.0
    """Price of the CO2."""
    peak_kw: float = 0.0

    @property
    def cost(self) -> float:
        """Energy and CO2."""
        return self.tariff + self.co2

    def __add__(self, other: Amounts) -> Amounts:
        """Of two depots; the peaks of different places are told as the larger one."""
        return Amounts(
            packs=self.packs + other.packs,
            full=self.full + other.full,
            kwh=self.kwh + other.kwh,
            tariff=self.tariff + other.tariff,
            co2_kg=self.co2_kg + other.co2_kg,
            co2=self.co2 + other.co2,
            peak_kw=max(self.peak_kw, other.peak_kw),
        )


def amounts(problem: Problem, plan: Plan) -> Amounts:
    """What the plan of one depot comes to."""
    drawn = step_kw(problem, plan)
    co2_kg = sum(kw * step.hours * step.co2_kg for kw, step in zip(drawn, problem.steps, strict=True))
    return Amounts(
        packs=problem.packs,
        full=sum(group.packs for group in plan.groups if is_full(problem, group)),
        kwh=sum(kw * step.hours for kw, step in zip(drawn, problem.steps, strict=True)),
        tariff=sum(kw * step.hours * step.tariff for kw, step in zip(drawn, problem.steps, strict=True)),
        co2_kg=co2_kg,
        co2=problem.co2_price * co2_kg,
        peak_kw=max(drawn, default=0.0),
    )


def step_kw(problem: Problem, plan: Plan) -> list[float]:
    """What all packs draw together in each step."""
    drawn = [0.0] * len(problem.steps)
    for group in plan.groups:
        for step, kw in enumerate(group.kw, start=group.first_step):
            drawn[step] += kw
    return drawn


def slot_kw(problem: Problem, plan: Plan) -> list[float]:
    """The same as means over the slots of the grid, the last one as far as it is before the end."""
    slot_s = problem.grid.slot_s
    kwh = [0.0] * -(-problem.end_s // slot_s)
    for kw, step in zip(step_kw(problem, plan), problem.steps, strict=True):
        kwh[step.begin_s // slot_s] += kw * step.hours
    return [
        energy * 3600 / (min((slot + 1) * slot_s, problem.end_s) - slot * slot_s) for slot, energy in enumerate(kwh)
    ]


def group_kwh(problem: Problem, group: Group) -> float:
    """Energy that a group gets."""
    return sum(kw * step.hours for kw, step in zip(group.kw, steps_of(problem, group), strict=True))


def is_full(problem: Problem, group: Group) -> bool:
    """Whether its packs are full when they come out."""
    return group_kwh(problem, group) >= group.packs * (problem.need_kwh - TINY_KWH)


def steps_of(problem: Problem, group: Group) -> tuple[Step, ...]:
    """The steps in which a group has power."""
    return problem.steps[group.first_step : group.first_step + len(group.kw)]
