"""Plug and charge: what happens to packs where nobody plans the power."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimiser.batteries.cost import TINY_KWH
from optimiser.batteries.plan import Group, Plan
from optimiser.batteries.problem import Problem


@dataclass(slots=True)
class _Pack:
    """One pack in its slot; changes as time goes on."""

    from_s: int
    first_step: int
    kwh: float = 0.0
    kw: list[float] = field(default_factory=list)


def plug_and_charge(problem: Problem, *, arrived_by_s: int | None = None) -> Plan:
    """
    Every pack goes into a free slot at once and charges at full power until it is full.

    Where there are too few slots, packs go in by the order in which they came; at its cap the site serves whoever went
    in first. With `arrived_by_s`, only packs that have come by then.
    """
    moments, changes = set(problem.moments), set(problem.changes)
    inside: list[_Pack] = []
    done: list[tuple[_Pack, int]] = []
    put_in = 0
    for index, step in enumerate(problem.steps):
        if step.begin_s in changes:
            full = [pack for pack in inside if pack.kwh >= problem.need_kwh - TINY_KWH / 2]
            done += [(pack, step.begin_s) for pack in full]
            inside = [pack for pack in inside if pack.kwh < problem.need_kwh - TINY_KWH / 2]
        if step.begin_s in moments:
            by_s = step.begin_s if arrived_by_s is None else min(step.begin_s, arrived_by_s)
            fresh = min(problem.arrived(by_s) - put_in, problem.slots - len(inside))
            inside += [_Pack(from_s=step.begin_s, first_step=index) for _ in range(fresh)]
            put_in += fresh
        left = float("inf") if problem.site_kw is None else problem.site_kw
        for pack in inside:
            kw = max(0.0, min(problem.slot_kw, left, (problem.need_kwh - pack.kwh) / step.hours))
            left -= kw
            pack.kwh += kw * step.hours
            pack.kw.append(kw)
    return Plan(groups=_groups([*done, *((pack, problem.end_s) for pack in inside)]))


def _groups(packs: list[tuple[_Pack, int]]) -> tuple[Group, ...]:
    """Packs with the same night are one group."""
    alike: dict[tuple[int, int, int, tuple[float, ...]], int] = {}
    for pack, until_s in packs:
        key = (pack.from_s, until_s, pack.first_step, tuple(pack.kw))
        alike[key] = alike.get(key, 0) + 1
    return tuple(
        Group(
            packs=count,
            from_s=from_s,
            until_s=until_s,
            first_step=first_step,
            kw=tuple(count * power for power in kw),
        )
        for (from_s, until_s, first_step, kw), count in sorted(alike.items(), key=lambda item: item[0][:2])
    )
