"""
The packs of one depot as a programme.

Packs are alike and are to be full at the same time, so only numbers matter: a group g is the packs that go in at the
moment a (packs are brought, or it is time for a change) and come out at u (a later change, or the end). For each group
and each step s between a and u, of h hours and at one price: n = packs of the group, whole, and p = kW of them all.

- packs_arrived: the n of groups that have gone in by a moment are at most the packs that have come by then
- slots_held: the n of groups that are in at a moment are at most the slots
- slot_power: 0 <= p <= n kW of a slot
- site_power: the p of a step are at most what the site may draw
- pack_energy: sum h p = n times what makes a pack full; at most that for packs that stay until the end unfilled

What is wanted comes in this order, each without giving up any of what comes before it: as many full packs as possible,
as many kWh as possible in those that cannot be full, and the least cost (sum h p times tariff and CO2).

Exact: the price is constant in a step, so that constant power loses nothing; and whatever n packs get together each of
them can get an n-th of, because no limit of one pack is broken by the mean of n packs that keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from optimiser.basics.programme import Programme
from optimiser.batteries.cost import TINY_KWH
from optimiser.batteries.plan import Group, Plan
from optimiser.batteries.problem import Problem

Aim = Literal["full", "kwh", "cost"]

NOTHING_KW = 1e-9
"""Rounding."""
SLACK = 1e-8
"""Of kWh, that the cost may give up."""


@dataclass(frozen=True, slots=True)
class Stay:
    """From when until when packs may be in slots, and whether they are full then."""

    from_s: int
    until_s: int
    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What earlier aims came to, and the whole numbers once they are settled."""

    full: int | None = None
    kwh: float | None = None
    packs: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one aim came to."""

    value: float
    packs: tuple[int, ...]
    """Of each stay."""
    kw: tuple[tuple[float, ...], ...]
    """Of each stay, in each of its steps."""
    is_best: bool = True
    """Whether nothing is better; not where the time was over."""

    def plan(self, problem: Problem, stays: Sequence[Stay]) -> Plan:
        """The same as decisions."""
        return Plan(
            groups=tuple(
                Group(
                    packs=packs,
                    from_s=stay.from_s,
                    until_s=stay.until_s,
                    first_step=problem.step_at(stay.from_s),
                    kw=kw,
                )
                for stay, packs, kw in zip(stays, self.packs, self.kw, strict=True)
                if packs
            )
        )


def possible_stays(problem: Problem, *, is_full: bool) -> tuple[Stay, ...]:
    """All that packs may be in slots for: until they are full, or, at the end, as full as may be."""
    ends = (*problem.changes, problem.end_s) if is_full else (problem.end_s,)
    least_s = 3600 * (problem.full_hours if is_full else 0.0)
    tiny_s = 3600 * TINY_KWH / problem.slot_kw if problem.slot_kw > 0 else 0.0
    return tuple(
        Stay(moment, end, is_full)
        for moment in problem.moments
        for end in ends
        if end > moment and end - moment >= least_s - tiny_s
    )


def solve(problem: Problem, stays: Sequence[Stay], aim: Aim, kept: Kept, *, seconds: float) -> Found | None:
    """The best of one aim with what is kept of those before; None where nothing is found in time."""
    programme = Programme()
    packs = [
        programme.column(cost=-1.0 if aim == "full" and stay.is_full else 0.0, upper=problem.slots, is_whole=True)
        for stay in stays
    ]
    if kept.packs is not None:
        programme.fix(dict(zip(packs, map(float, kept.packs), strict=True)))
    power: list[list[int]] = []
    at_step: list[list[int]] = [[] for _ in problem.steps]
    partial: list[tuple[int, float]] = []
    for stay, number in zip(stays, packs, strict=True):
        columns, energy = [], []
        for step in range(problem.step_at(stay.from_s), problem.step_at(stay.until_s)):
            hours, price = problem.steps[step].hours, problem.steps[step].price
            gain = hours if aim == "kwh" and not stay.is_full else 0.0
            kw = programme.column(cost=hours * price if aim == "cost" else -gain)
            programme.row([(kw, 1.0), (number, -problem.slot_kw)], upper=0.0)
            at_step[step].append(kw)
            energy.append((kw, hours))
            columns.append(kw)
        need = (number, -problem.need_kwh)
        programme.row([*energy, need], lower=0.0 if stay.is_full else -float("inf"), upper=0.0)
        partial += [] if stay.is_full else energy
        power.append(columns)
    _limit(problem, programme, stays, packs, at_step)
    if kept.full is not None:
        whole = [(number, 1.0) for stay, number in zip(stays, packs, strict=True) if stay.is_full]
        programme.row(whole, lower=kept.full)
    if kept.kwh is not None:
        programme.row(partial, lower=kept.kwh - SLACK)
    solved = programme.solve(seconds=seconds, goes_on=False)
    if solved is None:
        return None
    values = solved.values.tolist()
    return Found(
        value=solved.cost,
        packs=tuple(round(values[number]) for number in packs),
        is_best=solved.is_best,
        kw=tuple(tuple(values[kw] if values[kw] > NOTHING_KW else 0.0 for kw in columns) for columns in power),
    )


def _limit(
    problem: Problem, programme: Programme, stays: Sequence[Stay], packs: list[int], at_step: list[list[int]]
) -> None:
    """Packs that have arrived, slots that are held, and what the site may draw."""
    numbered = list(zip(stays, packs, strict=True))
    for moment in problem.moments:
        gone_in = [(number, 1.0) for stay, number in numbered if stay.from_s <= moment]
        held = [(number, 1.0) for stay, number in numbered if stay.from_s <= moment < stay.until_s]
        programme.row(gone_in, upper=problem.arrived(moment))
        programme.row(held, upper=problem.slots)
    if problem.site_kw is not None:
        for columns in at_step:
            programme.row([(kw, 1.0) for kw in columns], upper=problem.site_kw)
