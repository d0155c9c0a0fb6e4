"""Which rules a plan for packs breaks; knows no solver."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.batteries.cost import TINY_KWH, group_kwh, is_full, step_kw
from optimiser.batteries.plan import Plan
from optimiser.batteries.problem import Problem

TINY_KW = 1e-6
"""Rounding."""


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every broken rule; none for a plan that can be carried out."""
    found = list(pack_moments(problem, plan))
    if not found:
        # Steps mean nothing for packs that come and go at moments that are none.
        found = [
            *packs_arrived(problem, plan),
            *slots_held(problem, plan),
            *slot_power(problem, plan),
            *site_power(problem, plan),
            *pack_energy(problem, plan),
        ]
    return tuple(found)


def pack_moments(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Packs go in when somebody is there, and stay until a change or the end; power is told of each step between."""
    for group in plan.groups:
        told = f"{group.packs} packs in slots from {group.from_s} to {group.until_s} s"
        may_begin, may_end = group.from_s in problem.moments, group.until_s in (*problem.changes, problem.end_s)
        steps = problem.step_at(group.until_s) - problem.step_at(group.from_s)
        is_told = group.first_step == problem.step_at(group.from_s) and len(group.kw) == steps > 0
        if group.packs < 1 or not (may_begin and may_end and is_told):
            text = f"depot {problem.depot_id}: {told}: nobody is there then, or its power is not told step by step"
            yield Violation(rule="pack_moments", ids=(problem.depot_id,), amount=max(1, group.packs), text=text)


def packs_arrived(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No pack is in a slot before it has come, and none twice."""
    for moment in problem.moments:
        used, there = sum(group.packs for group in plan.groups if group.from_s <= moment), problem.arrived(moment)
        if used > there:
            text = f"depot {problem.depot_id}: {used} packs have been put in by {moment} s, {there} have come"
            yield Violation(rule="packs_arrived", ids=(problem.depot_id,), amount=used - there, text=text)


def slots_held(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A slot holds one pack at a time."""
    for moment in problem.moments:
        held = sum(group.packs for group in plan.groups if group.from_s <= moment < group.until_s)
        if held > problem.slots:
            text = f"depot {problem.depot_id}: {held} packs in {problem.slots} slots after {moment} s"
            yield Violation(rule="slots_held", ids=(problem.depot_id,), amount=held - problem.slots, text=text)


def slot_power(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A slot draws from nothing to its full power."""
    for group in plan.groups:
        for step, kw in enumerate(group.kw, start=group.first_step):
            over = max(-kw, kw - group.packs * problem.slot_kw)
            if over > TINY_KW:
                most = group.packs * problem.slot_kw
                text = f"depot {problem.depot_id}: {group.packs} packs draw {kw:.3f} of 0..{most:.3f} kW in step {step}"
                yield Violation(rule="slot_power", ids=(problem.depot_id,), amount=over, text=text)


def site_power(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """The depot draws no more for packs than it may."""
    for step, kw in enumerate(step_kw(problem, plan)):
        if problem.site_kw is not None and kw > problem.site_kw + TINY_KW:
            text = f"depot {problem.depot_id} draws {kw:.3f} kW in step {step}, {problem.site_kw:.3f} kW are possible"
            yield Violation(rule="site_power", ids=(problem.depot_id,), amount=kw - problem.site_kw, text=text)


def pack_energy(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No pack takes more than makes it full, and who takes packs out before the end takes full ones."""
    for group in plan.groups:
        kwh, need = group_kwh(problem, group), group.packs * problem.need_kwh
        what = f"depot {problem.depot_id}: {group.packs} packs that came in at {group.from_s} s"
        if kwh > need + group.packs * TINY_KWH:
            text = f"{what} take {kwh:.3f} kWh, {need:.3f} kWh make them full"
            yield Violation(rule="pack_energy", ids=(problem.depot_id,), amount=kwh - need, text=text)
        if group.until_s < problem.end_s and not is_full(problem, group):
            text = f"{what} are taken out at {group.until_s} s with {kwh:.3f} of {need:.3f} kWh"
            yield Violation(rule="pack_energy", ids=(problem.depot_id,), amount=need - kwh, text=text)
