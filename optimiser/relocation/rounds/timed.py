"""A night in which the order of jobs of each driver is known, as a programme by slots; `clock` says what it is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optimiser.basics.programme import Programme
from optimiser.relocation.charging.visits import taper
from optimiser.relocation.cost import TINY_KWH
from optimiser.relocation.problem import Car, reserve_kwh
from optimiser.relocation.rounds.energy import TINY_KW
from optimiser.relocation.rounds.jobs import HOUR_S, START, CarJob, State
from optimiser.relocation.rounds.turns import Deed, Turn

if TYPE_CHECKING:
    from optimiser.relocation.rounds.model import RoundsModel

MOST_NODES = 1000
"""Of branch and bound over who is ready, which is broken off with what it has proven."""
Energy = tuple[int | None, float]
"""A column, if anything can have flowed by then, and what is to be added to it."""


class TimedNight:
    """All cars by slots, with drivers in one order each."""

    def __init__(self, model: RoundsModel, turns: Sequence[Turn]) -> None:
        self._model, self._problem, self._turns = model, model.problem, turns
        self._programme = Programme()
        prices = self._problem.prices
        self._deeds = [deed for turn in turns for deed in turn.ends_s]
        self._ends_s = {deed: end_s for turn in turns for deed, end_s in turn.ends_s.items()}
        self._begins_s = {deed: begin_s for turn in turns for deed, begin_s in turn.begins_s.items()}
        self._later: dict[Deed, int] = {}
        """Of each deed, the column of hours that its driver is paid for beyond what the order needs."""
        self._drawn: dict[tuple[str, int], list[int]] = defaultdict(list)
        """Columns of kWh by station and slot."""
        self._ready: dict[str, list[int]] = defaultdict(list)
        """Columns of cars that are ready, and by number those that surely are."""
        self._surely_ready: dict[str, int] = defaultdict(int)
        self._fixed = sum(job.wear for _, job in self._deeds)
        for turn in turns:
            driver = turn.crew.driver
            km = self._problem.mode_by_name[driver.mode].km
            self._fixed += prices.driver_use + prices.driver_hour * turn.seconds / HOUR_S + km * turn.ride_m / 1000
            more_s = max(0.0, driver.shift_end_s - driver.shift_start_s - turn.seconds)
            later = self._programme.column(cost=prices.driver_hour, upper=more_s / HOUR_S)
            self._later |= dict.fromkeys(turn.ends_s, later)

    def least_cost(self) -> float:
        """What it costs at least without tasks, in the city's currency; infinite where it is not possible."""
        for index in range(len(self._model.cars)):
            self._add_car(index)
        self._limit_sites()
        self._price_trips()
        self._price_zones()
        return self._fixed + self._programme.dual_bound(nodes=MOST_NODES)

    def _add_car(self, index: int) -> None:
        """Its stays and drives, and what it comes to at opening."""
        one, problem = self._model.cars[index], self._problem
        energy: Energy = None, one.car.energy_kwh
        course = course_of(index, self._deeds)
        for before, job in zip((None, *course), (*course, None), strict=True):
            state = one.states[START if before is None else before.after]
            if state.is_plugged:
                energy = self._stay(index, state, before, job, energy)
            if job is not None and one.states[job.after].place_id != state.place_id:
                energy = energy[0], energy[1] - job.kwh
                least_kwh = reserve_kwh(problem, one.car) - TINY_KWH - energy[1]
                if energy[0] is not None:
                    self._programme.row([(energy[0], 1.0)], lower=least_kwh)
                elif least_kwh > 0:
                    self._programme.row(lower=1.0)
        at = one.states[course[-1].after if course else START].station_id
        self._open(one.car, at, energy, used_kwh=sum(job.kwh for job in course), is_rentable=one.is_rentable)

    def _stay(self, index: int, state: State, before: CarJob | None, after: CarJob | None, energy: Energy) -> Energy:
        """Slots of a stay on a plug; energy after it."""
        problem, programme, grid, car = self._problem, self._programme, self._problem.grid, self._model.cars[index].car
        station = problem.station_by_id[state.station_id]
        fits = [plug for plug in station.plugs if plug.connector in car.connectors]
        full_kw = min(max(plug.kw for plug in fits), car.charge_kw)
        kw = TINY_KW + min(full_kw, math.inf if station.site_kw is None else station.site_kw)
        start, slope = taper(problem, car)
        from_s = 0.0 if before is None else max(self._ends_s[index, before], min(plug.free_from_s for plug in fits))
        until_s = float(problem.opening_s) if after is None else max(from_s, self._begins_s[index, after])
        later: list[tuple[int, float]] = []
        for slot in range(int(from_s // grid.slot_s), problem.slots):
            begin_s, end_s = slot * grid.slot_s, min((slot + 1) * grid.slot_s, problem.opening_s)
            hours = max(0.0, min(end_s, until_s) - max(begin_s, from_s)) / HOUR_S
            more = 0.0 if after is None else max(0.0, end_s - max(begin_s, until_s)) / HOUR_S
            price = grid.tariff[slot] + problem.prices.co2_kg * grid.co2_kg[slot]
            level = programme.column(lower=-math.inf, upper=car.battery_kwh + TINY_KWH)
            gained: list[tuple[int, float]] = []
            if hours > 0:
                flow = programme.column(cost=price, upper=hours * kw)
                programme.row(
                    [(flow, 1.0), (level, hours * full_kw * slope)], upper=hours * (full_kw * start + TINY_KW)
                )
                gained.append((flow, 1.0))
            if more > 0:
                flow = programme.column(cost=price, upper=more * kw)
                later.append((flow, 1.0 / kw))
                gained.append((flow, 1.0))
            self._drawn[station.id, slot] += [flow for flow, _ in gained]
            was = [] if energy[0] is None else [(energy[0], -1.0)]
            gain = [(flow, -problem.charging.efficiency) for flow, _ in gained]
            programme.row([(level, 1.0), *was, *gain], lower=energy[1], upper=energy[1])
            energy = level, 0.0
        if later and after is not None:
            programme.row([*later, (self._later[index, after], -1.0)], upper=0.0)
        return energy

    def _open(self, car: Car, station_id: str, energy: Energy, *, used_kwh: float, is_rentable: bool) -> None:
        """What a car lacks at opening, whether it stands where it must, and whether it is ready."""
        programme, prices = self._programme, self._problem.prices
        column, rest = energy
        musts = [must for must in self._problem.musts if must.car_id == car.id]
        wishes = [(car.goal_kwh, prices.missing_kwh), *((must.energy_kwh, prices.must) for must in musts)]
        for wanted, price in wishes:
            if column is None:
                self._fixed += price * max(0.0, wanted - rest)
            elif wanted > 0 and price > 0:
                missing = programme.column(cost=price)
                programme.row([(missing, 1.0), (column, 1.0)], lower=wanted - rest)
        self._fixed += prices.must * sum(bool(m.station_ids) and station_id not in m.station_ids for m in musts)
        if not is_rentable:
            return
        enough, idle = car.ready_kwh - TINY_KWH, car.energy_kwh - used_kwh
        if idle >= enough:
            self._surely_ready[station_id] += 1
        elif column is not None:
            ready = programme.column(upper=1.0, is_whole=True)
            self._ready[station_id].append(ready)
            programme.row([(column, 1.0), (ready, idle - enough)], lower=idle - rest)
            # What has enough counts, wanted or not.
            full = car.battery_kwh + TINY_KWH - car.ready_kwh
            programme.row([(column, 1.0), (ready, -full)], upper=car.ready_kwh - rest)

    def _limit_sites(self) -> None:
        """Cars at a station share what it may draw in a slot."""
        grid, problem = self._problem.grid, self._problem
        for (station_id, slot), flows in self._drawn.items():
            site_kw = problem.station_by_id[station_id].site_kw
            if site_kw is not None:
                hours = (min((slot + 1) * grid.slot_s, problem.opening_s) - slot * grid.slot_s) / HOUR_S
                self._programme.row([(flow, 1.0) for flow in flows], upper=(site_kw + TINY_KW) * hours)

    def _price_trips(self) -> None:
        """Trips lost by as many ready cars as there are."""
        programme, price = self._programme, self._problem.prices.lost_trip
        for station in self._problem.stations:
            ready, sure = self._ready[station.id], self._surely_ready[station.id]
            options = [
                programme.column(cost=price * station.lost(sure + count), upper=1.0, is_whole=True)
                for count in range(len(ready) + 1)
            ]
            programme.row([(option, 1.0) for option in options], lower=1.0, upper=1.0)
            counted = [(option, float(count)) for count, option in enumerate(options)]
            programme.row([*counted, *((one, -1.0) for one in ready)], lower=0.0, upper=0.0)

    def _price_zones(self) -> None:
        """Cars short of a zone's floor or over its cap."""
        for zone in self._problem.zones:
            ids = sorted(set(zone.station_ids))
            sure = sum(self._surely_ready[id_] for id_ in ids)
            ready = [column for id_ in ids for column in self._ready[id_]]
            miss = self._programme.column(cost=self._problem.prices.zone_car)
            if zone.floor is not None:
                self._programme.row([(miss, 1.0), *((one, 1.0) for one in ready)], lower=float(zone.floor - sure))
            if zone.cap is not None:
                self._programme.row([(miss, 1.0), *((one, -1.0) for one in ready)], lower=float(sure - zone.cap))


def course_of(index: int, deeds: Sequence[Deed]) -> list[CarJob]:
    """Jobs of a car in the order of its states, from the first one on."""
    leads = {job.before: job for car, job in deeds if car == index}
    course: list[CarJob] = []
    state = START
    while state in leads:
        course.append(leads.pop(state))
        state = course[-1].after
    return course
