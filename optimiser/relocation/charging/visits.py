"""What fixed routes leave to charging: when each car is at which plug, and what its drives take in between."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from optimiser.relocation.plan import Charge, Plan
from optimiser.relocation.problem import Car, Problem, energy_for, reserve_kwh
from optimiser.relocation.replay import Stay, Timeline, plugged_s, replay

NOTHING_KW = 1e-9
"""Rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A stay at a plug that lasts for part of a slot at least."""

    stay: Stay
    full_kw: float
    """What plug and car allow, from the grid."""
    first_slot: int
    seconds: tuple[int, ...]
    """In which the car is on its plug, of each slot from the first on."""

    def charge(self, kw: list[float]) -> Charge | None:
        """The same as a decision, without slots of nothing before and after; None where nothing is charged."""
        used = [offset for offset, power in enumerate(kw) if power > NOTHING_KW]
        if not used:
            return None
        assert self.stay.plug_id is not None
        return Charge(
            car_id=self.stay.car_id,
            station_id=self.stay.station_id,
            plug_id=self.stay.plug_id,
            first_slot=self.first_slot + used[0],
            kw=tuple(kw[used[0] : used[-1] + 1]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CarNight:
    """A car's visits in time order, and the legs around them: leg k comes before visit k, the last one after all."""

    car: Car
    station_id: str
    """Where it stands at opening."""
    visits: tuple[Visit, ...]
    used_kwh: tuple[float, ...]
    """Of each leg; 0 where the car is not driven."""
    needed_kwh: tuple[float, ...]
    """In the battery when a leg begins, so that each of its drives ends with the reserve; minus infinity = no drive."""

    @property
    def idle_kwh(self) -> float:
        """In the battery at opening if it is never charged: less is impossible."""
        return self.car.energy_kwh - sum(self.used_kwh)


def car_nights(problem: Problem, plan: Plan) -> tuple[CarNight, ...]:
    """All cars in the problem's order, whatever is charged in the plan."""
    timeline = replay(problem, replace(plan, charges=()))
    return tuple(_car_night(problem, timeline, car) for car in problem.cars)


def _car_night(problem: Problem, timeline: Timeline, car: Car) -> CarNight:
    stays, jobs = timeline.stays[car.id], timeline.jobs_of.get(car.id, ())
    visits: list[Visit] = []
    used, needed = [0.0], [-math.inf]
    for index, stay in enumerate(stays):
        visit = _visit(problem, car, stay, stays[:index])
        if visit is not None:
            visits.append(visit)
            used.append(0.0)
            needed.append(-math.inf)
        if index < len(jobs) and jobs[index].drives:
            used[-1] += energy_for(car, jobs[index].drive_m)
            needed[-1] = max(needed[-1], reserve_kwh(problem, car) + used[-1])
    return CarNight(
        car=car,
        station_id=stays[-1].station_id,
        visits=tuple(visits),
        used_kwh=tuple(used),
        needed_kwh=tuple(needed),
    )


def _visit(problem: Problem, car: Car, stay: Stay, before: tuple[Stay, ...]) -> Visit | None:
    """
    A stay as a visit; None where nothing can flow.

    A slot that the car shares with an earlier stay of its own at the same plug belongs to the earlier one.
    """
    plug = None if stay.plug_id is None else problem.plug(stay.station_id, stay.plug_id)
    if plug is None or stay.plugged_until_s <= stay.plugged_from_s:
        return None
    slot_s = problem.grid.slot_s
    first = stay.plugged_from_s // slot_s
    for other in before:
        if (other.station_id, other.plug_id) == (stay.station_id, stay.plug_id):
            first = max(first, -(-other.plugged_until_s // slot_s))
    seconds = tuple(plugged_s(problem, stay, slot) for slot in range(first, -(-stay.plugged_until_s // slot_s)))
    if not seconds:
        return None
    return Visit(stay=stay, full_kw=min(plug.kw, car.charge_kw), first_slot=first, seconds=seconds)


def most_kw(problem: Problem, car: Car, *, energy_kwh: float, limit_kw: float, full_kw: float, seconds: int) -> float:
    """
    The most that a car takes in so many seconds of a slot, kW from the grid.

    Its taper is that of the state of charge at the end of the slot, which the power itself decides: with a gain of
    c kWh for each kW and a share of power a - b e at energy e, it is p = full (a - b (e + c p)).
    """
    gain = problem.charging.efficiency * seconds / 3600
    kw = max(0.0, min(full_kw, limit_kw, (car.battery_kwh - energy_kwh) / gain))
    if energy_kwh + gain * kw <= problem.charging.taper_from * car.battery_kwh:
        return kw
    start, slope = taper(problem, car)
    tapered = full_kw * (start - slope * energy_kwh) / (1 + full_kw * slope * gain)
    return max(0.0, min(kw, tapered))


def taper(problem: Problem, car: Car) -> tuple[float, float]:
    """The falling line of power: share of full power at energy e is at most start - slope e."""
    charging = problem.charging
    fall = (1 - charging.taper_end) / (1 - charging.taper_from)
    return charging.taper_end + fall, fall / car.battery_kwh


def full_course(problem: Problem, night: CarNight) -> list[list[float]]:
    """Energy in the battery before each slot of each visit, and after the last, if the car alone has all the power."""
    energy, course = night.car.energy_kwh, []
    for used, visit in zip(night.used_kwh, night.visits, strict=False):
        energy -= used
        energies = [energy]
        for seconds in visit.seconds:
            kw = most_kw(
                problem,
                night.car,
                energy_kwh=energy,
                limit_kw=_site_kw(problem, visit),
                full_kw=visit.full_kw,
                seconds=seconds,
            )
            energy += kw * problem.charging.efficiency * seconds / 3600
            energies.append(energy)
        course.append(energies)
    return course


def _site_kw(problem: Problem, visit: Visit) -> float:
    site_kw = problem.station_by_id[visit.stay.station_id].site_kw
    return math.inf if site_kw is None else site_kw
