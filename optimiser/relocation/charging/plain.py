"""Plug and charge: what happens where nobody plans the power."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

from optimiser.relocation.charging.visits import car_nights, most_kw
from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Problem


def plug_and_charge(problem: Problem, plan: Plan) -> Plan:
    """
    The same routes; every car on a plug charges at full power until it is full or taken away.

    A site at its cap serves whoever was plugged in first. Routes that need more energy than that stay as they are,
    and break the rule `reserve`.
    """
    nights = car_nights(problem, plan)
    at: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for index, night in enumerate(nights):
        for order, visit in enumerate(night.visits):
            for slot in range(visit.first_slot, visit.first_slot + len(visit.seconds)):
                at[slot].append((visit.stay.plugged_from_s, index, order))
    energy = [night.car.energy_kwh for night in nights]
    power: dict[tuple[int, int], list[float]] = defaultdict(list)
    for slot in sorted(at):
        left = {station.id: math.inf if station.site_kw is None else station.site_kw for station in problem.stations}
        for _, index, order in sorted(at[slot]):
            night, visit = nights[index], nights[index].visits[order]
            if slot == visit.first_slot:
                energy[index] -= night.used_kwh[order]
            seconds = visit.seconds[slot - visit.first_slot]
            kw = most_kw(
                problem,
                night.car,
                energy_kwh=energy[index],
                limit_kw=left[visit.stay.station_id],
                full_kw=visit.full_kw,
                seconds=seconds,
            )
            left[visit.stay.station_id] -= kw
            energy[index] += kw * problem.charging.efficiency * seconds / 3600
            power[index, order].append(kw)
    charges = (nights[index].visits[order].charge(kw) for (index, order), kw in sorted(power.items()))
    return replace(plan, charges=tuple(charge for charge in charges if charge is not None))
