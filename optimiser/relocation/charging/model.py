"""
The power of some cars as a programme.

For each visit v of a car and each slot s in which the car is on its plug for h hours: power p (kW from the grid) and
energy e (kWh in the battery after it). For each car whose readiness is open: r = 1 if it is ready at opening. For each
station and zone whose price is open: what it costs. Minimise

    sum (tariff + CO2 kg x its price) h p  +  missing kWh of goals and musts x their prices  +  lost trips  +  zones

subject to, named as in `check`:

- energy: e = e before - driven in between + efficiency h p
- charging_power: 0 <= p <= full, and p <= full (start - slope e), the taper at the end of the slot
- battery: e <= battery
- reserve: e at the end of a visit is enough for the drives until the next
- site_power: the sum of p at a station in a slot, where it could be more, is at most its cap
- ready: e at opening >= ready_kwh if r = 1; and below it if r = 0, where a ready car may cost something
- lost trips: the lines through the table where it is convex in what can be ready, else one choice of an entry
- zones: cars short of the floor, or above the cap

The power of a slot is constant and a slot counts in part, as in `replay`; nothing is left out, so that the optimum of
the programme is that of the charges. Without r it is linear.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

from optimiser.basics.programme import Programme, Solved
from optimiser.relocation.charging.visits import taper
from optimiser.relocation.charging.wishes import Counts, Wish
from optimiser.relocation.cost import TINY_KWH
from optimiser.relocation.problem import Problem, Zone

CONVEX = 1e-12
"""Of a trip: rounding."""


class Model:
    """The programme of cars that have to be charged together."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._programme = Programme()
        self._kw: dict[tuple[str, int], list[int]] = {}
        """Columns of power by car and visit."""
        self._at: dict[tuple[str, int], list[int]] = defaultdict(list)
        """Columns of power by station and slot."""
        self._ready: dict[str, list[int]] = defaultdict(list)
        """Columns of readiness by station."""

    def add_car(self, wish: Wish) -> None:
        """Its visits and wishes."""
        night, energy = wish.night, (-1, wish.night.car.energy_kwh)
        for order in range(len(night.visits)):
            energy = self._add_visit(wish, order, energy)
        column, rest = energy[0], energy[1] - night.used_kwh[-1]
        prices = self._problem.prices
        for wanted, price in ((wish.goal_kwh, prices.missing_kwh), (wish.must_kwh, prices.must)):
            if price > 0 and wanted > night.idle_kwh:
                missing = self._programme.column(cost=price)
                self._programme.row([(missing, 1.0), (column, 1.0)], lower=wanted - rest)
        if wish.is_open:
            ready = self._programme.column(upper=1.0, is_whole=True)
            self._ready[night.station_id].append(ready)
            enough, idle = min(night.car.ready_kwh, wish.most_kwh), night.idle_kwh
            self._programme.row([(column, 1.0), (ready, idle - enough)], lower=idle - rest)
            if wish.may_hurt:
                short = night.car.ready_kwh - 2 * TINY_KWH
                self._programme.row([(column, 1.0), (ready, short - night.car.battery_kwh)], upper=short - rest)

    def limit_site(self, station_id: str, slot: int, site_kw: float) -> None:
        """The cars that are at a station in a slot share what it may draw."""
        self._programme.row([(column, 1.0) for column in self._at[station_id, slot]], upper=site_kw)

    def price_station(self, station_id: str, lost: list[float]) -> None:
        """Trips lost with 0, 1, .. of the open cars ready."""
        steps = [after - before for before, after in pairwise(lost)]
        ready = [(column, 1.0) for column in self._ready[station_id]]
        price = self._problem.prices.lost_trip
        if all(later >= step - CONVEX for step, later in pairwise(steps)):
            trips = self._programme.column(cost=price)
            for count, step in enumerate(steps):
                line = [(column, -step) for column, _ in ready]
                self._programme.row([(trips, 1.0), *line], lower=lost[count] - count * step)
            return
        entries = [self._programme.column(cost=price * trips, upper=1.0, is_whole=True) for trips in lost]
        self._programme.row([(column, 1.0) for column in entries], lower=1.0, upper=1.0)
        counted = [(column, -float(count)) for count, column in enumerate(entries) if count]
        self._programme.row([*ready, *counted], lower=0.0, upper=0.0)

    def price_zone(self, zone: Zone, counts: Counts) -> None:
        """Cars by which a zone misses its floor or its cap."""
        sure, _ = counts.of_zone(zone)
        miss = self._programme.column(cost=self._problem.prices.zone_car)
        ready = [column for id_ in sorted(set(zone.station_ids)) for column in self._ready[id_]]
        if zone.floor is not None:
            self._programme.row([(miss, 1.0), *((column, 1.0) for column in ready)], lower=zone.floor - sure)
        if zone.cap is not None:
            self._programme.row([(miss, 1.0), *((column, -1.0) for column in ready)], lower=sure - zone.cap)

    def solve(self, *, seconds: float) -> dict[tuple[str, int], list[float]] | None:
        """Power by car and visit; None where the drives are not possible."""
        solved = self._programme.solve(seconds=seconds)
        if solved is not None and self._programme.whole:
            # Once more with the choices made: what is nearly whole is not quite enough energy.
            self._programme.fix({column: float(round(solved.values[column])) for column in self._programme.whole})
            solved = self._programme.solve() or solved
        return None if solved is None else self._power(solved)

    def _power(self, solved: Solved) -> dict[tuple[str, int], list[float]]:
        return {key: [round(float(solved.values[column]), 9) for column in kw] for key, kw in self._kw.items()}

    def _add_visit(self, wish: Wish, order: int, energy: tuple[int, float]) -> tuple[int, float]:
        """Slots of one visit; energy is a column, or -1 at the start of the night, and what is to be added to it."""
        night, programme = wish.night, self._programme
        car, visit, grid = night.car, night.visits[order], self._problem.grid
        charging, prices = self._problem.charging, self._problem.prices
        start, slope = taper(self._problem, car)
        before, more = energy[0], energy[1] - night.used_kwh[order]
        columns = self._kw[car.id, order] = []
        for offset, seconds in enumerate(visit.seconds):
            slot = visit.first_slot + offset
            price = grid.tariff[slot] + prices.co2_kg * grid.co2_kg[slot]
            kw = programme.column(cost=price * seconds / 3600, upper=visit.full_kw)
            least = -math.inf
            if offset == len(visit.seconds) - 1:
                least = min(night.needed_kwh[order + 1], wish.before_leg(order + 1))
            after = programme.column(lower=least, upper=car.battery_kwh)
            gain = charging.efficiency * seconds / 3600
            entries = [(after, 1.0), (kw, -gain)]
            programme.row(entries if before < 0 else [*entries, (before, -1.0)], lower=more, upper=more)
            if wish.course[order][offset + 1] > charging.taper_from * car.battery_kwh:
                programme.row([(kw, 1.0), (after, visit.full_kw * slope)], upper=visit.full_kw * start)
            columns.append(kw)
            self._at[visit.stay.station_id, slot].append(kw)
            before, more = after, 0.0
        return before, more
