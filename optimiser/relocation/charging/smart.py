"""Smart charging: the power of all plugged cars through the night, as cheap as fixed routes allow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from optimiser.basics.errors import EvenfleetError
from optimiser.relocation.charging.model import Model
from optimiser.relocation.charging.visits import car_nights, most_kw
from optimiser.relocation.charging.wishes import Counts, Wish, wishes_of
from optimiser.relocation.plan import Charge, Plan
from optimiser.relocation.problem import Problem


class DrivenTooFar(EvenfleetError):
    """Routes that need more energy than any charges give; `car_ids` names cars among which somebody runs short."""

    def __init__(self, car_ids: tuple[str, ...]) -> None:
        self.car_ids = car_ids
        super().__init__(f"no charges are enough for the drives of {', '.join(car_ids)}")


def charge_smartly(problem: Problem, plan: Plan, *, seconds: float = 10.0) -> Plan:
    """
    The same routes with the charges of least cost: tariff, CO2, missing kWh, musts, trips lost, zones.

    Cars that share nothing are planned apart: what ties them is a site whose cap can bind, and a station or zone whose
    price depends on which of them are ready. Exact, see `model`; the choice of cars that are ready is broken off after
    so many seconds for each group of cars, with the best found.

    Raises
    ------
    DrivenTooFar
        When no charges give the drives their energy with the reserve kept.
    """
    everybody, counts = wishes_of(problem, car_nights(problem, plan))
    if short := tuple(wish.night.car.id for wish in everybody if wish.is_driven_too_far):
        raise DrivenTooFar(short)
    wishes = [wish for wish in everybody if wish.wants_power(problem)]
    tight = _tight_slots(problem, wishes)
    charges: list[Charge] = []
    for group in _groups(problem, wishes, counts, tight):
        power = _model(problem, group, counts, tight).solve(seconds=seconds)
        if power is None:
            raise DrivenTooFar(tuple(wish.night.car.id for wish in group))
        for wish in group:
            charges.extend(_charges(problem, wish, power))
    order = {car.id: index for index, car in enumerate(problem.cars)}
    charges.sort(key=lambda charge: (order[charge.car_id], charge.first_slot))
    return replace(plan, charges=tuple(charges))


def _tight_slots(problem: Problem, wishes: list[Wish]) -> dict[str, list[int]]:
    """Slots of each station in which cars could draw more than its cap."""
    asked: dict[tuple[str, int], float] = defaultdict(float)
    for wish in wishes:
        for visit in wish.night.visits:
            for slot in range(visit.first_slot, visit.first_slot + len(visit.seconds)):
                asked[visit.stay.station_id, slot] += visit.full_kw
    tight: dict[str, list[int]] = defaultdict(list)
    for (station_id, slot), kw in sorted(asked.items()):
        site_kw = problem.station_by_id[station_id].site_kw
        if site_kw is not None and kw > site_kw:
            tight[station_id].append(slot)
    return tight


def _groups(problem: Problem, wishes: list[Wish], counts: Counts, tight: dict[str, list[int]]) -> list[list[Wish]]:
    """Cars that have to be planned together, in the order of the first of each."""
    zones_at: dict[str, list[str]] = defaultdict(list)
    for zone in counts.zones(problem):
        for id_ in set(zone.station_ids):
            zones_at[id_].append(zone.id)
    head: dict[tuple[str, str], int] = {}
    leader = list(range(len(wishes)))

    def lead(index: int) -> int:
        while leader[index] != index:
            index = leader[index] = leader[leader[index]]
        return index

    for index, wish in enumerate(wishes):
        ties = {("site", visit.stay.station_id) for visit in wish.night.visits if visit.stay.station_id in tight}
        if wish.is_open:
            ties.add(("station", wish.night.station_id))
            ties.update(("zone", zone_id) for zone_id in zones_at[wish.night.station_id])
        for tie in ties:
            leader[lead(index)] = lead(head.setdefault(tie, index))
    groups: dict[int, list[Wish]] = defaultdict(list)
    for index, wish in enumerate(wishes):
        groups[lead(index)].append(wish)
    return list(groups.values())


def _model(problem: Problem, group: list[Wish], counts: Counts, tight: dict[str, list[int]]) -> Model:
    model = Model(problem)
    for wish in group:
        model.add_car(wish)
    for station_id in sorted({visit.stay.station_id for wish in group for visit in wish.night.visits}):
        site_kw = problem.station_by_id[station_id].site_kw
        for slot in tight.get(station_id, ()):
            assert site_kw is not None
            model.limit_site(station_id, slot, site_kw)
    open_at = {wish.night.station_id for wish in group if wish.is_open}
    for station_id in sorted(open_at & counts.stations(problem)):
        model.price_station(station_id, counts.lost(problem, station_id))
    for zone in counts.zones(problem):
        if open_at.intersection(zone.station_ids):
            model.price_zone(zone, counts)
    return model


def _charges(problem: Problem, wish: Wish, power: dict[tuple[str, int], list[float]]) -> list[Charge]:
    """A car's charges, without what the rounding of the solver has too much."""
    night, energy, charges = wish.night, wish.night.car.energy_kwh, []
    for order, visit in enumerate(night.visits):
        energy -= night.used_kwh[order]
        kw = []
        for offset, seconds in enumerate(visit.seconds):
            wanted = power[night.car.id, order][offset]
            kw.append(
                most_kw(
                    problem,
                    night.car,
                    energy_kwh=energy,
                    limit_kw=wanted,
                    full_kw=visit.full_kw,
                    seconds=seconds,
                )
            )
            energy += kw[-1] * problem.charging.efficiency * seconds / 3600
        if (charge := visit.charge(kw)) is not None:
            charges.append(charge)
    return charges
