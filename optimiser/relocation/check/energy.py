"""Rules about energy: nobody runs empty, and no battery, plug or site is asked for more than it gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.relocation.problem import Problem, reserve_kwh
from optimiser.relocation.replay import Charged, Timeline, plugged_s

TINY_KW = 1e-6
"""Rounding."""
TINY_KWH = 1e-6


def reserve(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A car that is driven arrives with its reserve."""
    for car_id, least in timeline.least_kwh.items():
        kept = reserve_kwh(problem, problem.car_by_id[car_id])
        for energy_kwh in least:
            if (short := kept - energy_kwh) > TINY_KWH:
                text = f"car {car_id} arrives with {energy_kwh:.2f} kWh, its reserve is {kept:.2f} kWh"
                yield Violation(rule="reserve", ids=(car_id,), amount=short, text=text)


def charging_window(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """Power is given in slots of one stay in which the car is on that plug, and one charge is given for a stay."""
    seen: set[tuple[str, int]] = set()
    for charged in timeline.charged:
        charge, stay = charged.charge, charged.stay
        outside = [
            kw
            for offset, kw in enumerate(charge.kw)
            if kw and (stay is None or not plugged_s(problem, stay, charge.first_slot + offset))
        ]
        if outside:
            text = f"car {charge.car_id} is given power in {len(outside)} slots off plug {charge.plug_id}"
            yield Violation(rule="charging_window", ids=(charge.car_id,), amount=len(outside), text=text)
        if stay is not None and (charge.car_id, stay.from_s) in seen:
            text = f"car {charge.car_id} is given power twice in one stay at plug {charge.plug_id}"
            yield Violation(rule="charging_window", ids=(charge.car_id,), amount=1, text=text)
        if stay is not None:
            seen.add((charge.car_id, stay.from_s))


def charging_power(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """
    Power is within 0, plug, car, and what its battery takes.

    The battery is judged by its state of charge at the end of each slot, the least that it takes in that slot.
    """
    for charged in timeline.charged:
        charge = charged.charge
        for offset, kw in enumerate(charge.kw):
            over = max(-kw, kw - most_kw(problem, charged, offset))
            if over > TINY_KW:
                text = (
                    f"car {charge.car_id} is given {kw:.3f} kW in slot {charge.first_slot + offset}, "
                    f"0..{most_kw(problem, charged, offset):.3f} kW are possible"
                )
                yield Violation(rule="charging_power", ids=(charge.car_id, charge.station_id), amount=over, text=text)


def site_power(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """The plugs of a station together draw no more than the station may, in no slot."""
    drawn: dict[tuple[str, int], float] = defaultdict(float)
    for charged in timeline.charged:
        for offset, kw in enumerate(charged.charge.kw):
            drawn[charged.charge.station_id, charged.charge.first_slot + offset] += kw
    for (station_id, slot), kw in drawn.items():
        site_kw = problem.station_by_id[station_id].site_kw
        if site_kw is not None and kw > site_kw + TINY_KW:
            text = f"station {station_id} draws {kw:.3f} kW in slot {slot}, {site_kw:.3f} kW are possible"
            yield Violation(rule="site_power", ids=(station_id,), amount=kw - site_kw, text=text)


def battery(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A battery holds no more than it can."""
    for charged in timeline.charged:
        car = problem.car_by_id[charged.charge.car_id]
        over = max(charged.energy_kwh) - car.battery_kwh
        if over > TINY_KWH:
            text = (
                f"car {car.id} is charged to {over + car.battery_kwh:.3f} kWh, its battery holds {car.battery_kwh} kWh"
            )
            yield Violation(rule="battery", ids=(car.id,), amount=over, text=text)


def most_kw(problem: Problem, charged: Charged, offset: int) -> float:
    """What plug, car and battery allow in a slot of a charge, kW from the grid."""
    charge = charged.charge
    car, plug = problem.car_by_id[charge.car_id], problem.plug(charge.station_id, charge.plug_id)
    assert plug is not None  # known_ids
    share = problem.charging.power_share(charged.energy_kwh[offset + 1] / car.battery_kwh)
    return min(plug.kw, car.charge_kw) * share
