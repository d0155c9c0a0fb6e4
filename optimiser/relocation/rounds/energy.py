"""Energy in the rounds: kWh of each car at each station by what they cost, and what comes of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.cost import TINY_KWH
from optimiser.relocation.problem import Problem
from optimiser.relocation.rounds.jobs import CarChoices
from optimiser.relocation.rounds.stays import (
    LateHome,
    begun_s,
    first_s,
    late_homes,
    limit_stay,
    limit_stays,
    stay_of,
    surely_home_s,
)

if TYPE_CHECKING:
    from optimiser.relocation.rounds.model import RoundsModel

Floats = NDArray[np.float64]

TINY_KW = 1e-6
"""What the checker takes for rounding."""


class Tariff:
    """Slots of the night that cost the same, as one."""

    def __init__(self, problem: Problem) -> None:
        grid, slots = problem.grid, problem.slots
        price = np.array(grid.tariff[:slots]) + problem.prices.co2_kg * np.array(grid.co2_kg[:slots])
        self.prices, self._kind = np.unique(price, return_inverse=True)
        self._begins = np.arange(slots) * grid.slot_s
        self._ends = np.minimum(self._begins + grid.slot_s, problem.opening_s)
        self.changes_s = tuple((self._begins[1:][np.diff(self._kind) != 0]).tolist())
        """When the price changes."""

    def hours(self, from_s: float, until_s: float = np.inf) -> Floats:
        """Hours at each price from a moment until another, or opening."""
        left = np.maximum(0, np.minimum(self._ends, until_s) - np.maximum(self._begins, from_s)) / 3600
        hours: Floats = np.bincount(self._kind, weights=left, minlength=len(self.prices)).astype(np.float64)
        return hours


def add_energy(model: RoundsModel) -> None:
    """Power of every car at every station, what it lacks, and whether it is ready."""
    problem, programme = model.problem, model.programme
    tariff = Tariff(problem)
    night, late = tariff.hours(0), late_homes(model, tariff.changes_s)
    drawn_at: dict[tuple[str, int], list[tuple[int, float]]] = defaultdict(list)
    for index in range(len(model.cars)):
        kwh: list[int] = []
        most_kwh = _most_kwh(problem, model.cars[index])
        hours: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for state_number, state in enumerate(model.cars[index].states):
            ways = model.into[index][state_number]
            first = state_number == 0
            if not state.is_plugged or (not first and not ways):
                continue
            here = _draw(model, tariff, late, index, state_number)
            came = [*(way for way, _ in ways), model.plugged_on_return[index][state.station_id]]
            limits = [(way, -most_kwh) for way in came] if not first else []
            used = [(column, -kwh_used) for column, kwh_used in model.driven[index]]
            gained = [(column, problem.charging.efficiency) for _, column, _ in here]
            programme.row([*gained, *used, *limits], upper=most_kwh * first)
            for kind, column, kw in here:
                kwh.append(column)
                hours[kind].append((column, 1 / kw))
                drawn_at[state.station_id, kind].append((column, kw))
        for kind, entries in hours.items():
            if len(entries) > 1:
                programme.row(entries, upper=float(night[kind]))
        limit_stays(model, index, [entry for entries in hours.values() for entry in entries])
        _add_battery(model, index, kwh)
    for (station_id, kind), entries in drawn_at.items():
        station = problem.station_by_id[station_id]
        if station.site_kw is not None:
            most_kwh = (station.site_kw + TINY_KW) * float(night[kind])
            programme.row([(column, 1.0) for column, _ in entries], upper=most_kwh)
        plugs = sum(float(tariff.hours(plug.free_from_s)[kind]) for plug in station.plugs)
        programme.row([(column, 1 / kw) for column, kw in entries], upper=plugs)


def _most_kwh(problem: Problem, one: CarChoices) -> float:
    """Into the battery beside what drives use; more of it is worth nothing."""
    must_kwh = sum(must.energy_kwh for must in problem.musts if must.car_id == one.car.id)
    wanted_kwh = max(one.car.goal_kwh, must_kwh, one.car.ready_kwh if one.is_rentable else 0.0)
    return max(0.0, wanted_kwh - one.car.energy_kwh)


def _draw(
    model: RoundsModel, tariff: Tariff, late: list[LateHome], index: int, state_number: int
) -> list[tuple[int, int, float]]:
    """kWh from the grid at each price while a car is in a state on a plug: kind of price, column, kW at most."""
    problem, programme, one = model.problem, model.programme, model.cars[index]
    state = one.states[state_number]
    station = problem.station_by_id[state.station_id]
    kw = TINY_KW + min(
        max(plug.kw for plug in station.plugs if plug.connector in one.car.connectors),
        one.car.charge_kw,
        np.inf if station.site_kw is None else station.site_kw,
    )
    stay = stay_of(model, index, state_number)
    earliest_s = 0.0 if stay.is_first else min((begun_s(model, one.car, way) for way in stay.came), default=0.0)
    least_s, home_s = min(earliest_s, first_s(model, one.car)), surely_home_s(model, late)
    longest_s = max((way.seconds for way in stay.left), default=0)
    drawn = []
    for kind, price in enumerate(tariff.prices):
        column = programme.column(cost=float(price))

        def most(from_s: float, until_s: float = np.inf, *, kind: int = kind) -> float:
            return float(kw * tariff.hours(from_s, until_s)[kind])

        came = [(way.column, -most(begun_s(model, one.car, way))) for way in stay.came]
        came.append((stay.returns, -most(first_s(model, one.car), max(model.ends_s))))
        programme.row([(column, 1.0), *came], upper=most(0) if stay.is_first else 0.0)
        # It stays until opening, or until somebody takes it away.
        left = [(way.column, -most(earliest_s, home_s[way.number] - way.seconds)) for way in stay.left]
        left += [(home.column, -most(max(least_s, home.from_s - longest_s), home.until_s)) for home in late]
        left.append((stay.returns, -most(first_s(model, one.car), max(home_s))))
        programme.row([(column, 1.0), *left, (stay.final, -most(earliest_s))], upper=0.0)
        drawn.append((kind, column, kw))
    limit_stay(model, one.car, stay, [(column, 1 / kw) for _, column, _ in drawn])
    return drawn


def _add_battery(model: RoundsModel, index: int, kwh: list[int]) -> None:
    """What a car lacks of goal and must at opening, and whether it is ready, by its energy."""
    problem, programme, one = model.problem, model.programme, model.cars[index]
    car, efficiency = one.car, problem.charging.efficiency
    # Less what was in it at first.
    gained = [(column, efficiency) for column in kwh]
    energy = gained + [(column, -used) for column, used in model.driven[index]]
    if not one.states[0].is_plugged:
        most_kwh = _most_kwh(problem, one)
        programme.row([*energy, (model.final[index][0], most_kwh)], upper=most_kwh)
    must_kwh = sum(must.energy_kwh for must in problem.musts if must.car_id == car.id)
    for wanted, price in ((car.goal_kwh, problem.prices.missing_kwh), (must_kwh, problem.prices.must)):
        if wanted > 0 and price > 0:
            missing = programme.column(cost=price)
            programme.row([(missing, 1.0), *energy], lower=wanted - car.energy_kwh)
    if not one.is_rentable:
        return
    enough, ready = car.ready_kwh - TINY_KWH, list(model.ready[index].values())
    programme.row([*energy, *((column, -enough) for column in ready)], lower=-car.energy_kwh)
    if car.energy_kwh < enough:
        programme.row([*gained, *((column, car.energy_kwh - enough) for column in ready)], lower=0.0)
        plugs = [
            (column, -1.0)
            for state, ways in model.into[index].items()
            if one.states[state].is_plugged
            for column, _ in ways
        ]
        if not one.states[0].is_plugged:
            plugs += [(column, -1.0) for column in model.plugged_on_return[index].values()]
            programme.row([*((column, 1.0) for column in ready), *plugs], upper=0.0)
            programme.row([*((column, 1.0) for column in ready), (model.final[index][0], 1.0)], upper=1.0)
    else:
        used = [(column, kwh_used) for column, kwh_used in model.driven[index]]
        less = car.energy_kwh - enough
        programme.row([*used, *((column, less) for column in ready)], lower=less)
    # What has enough counts, wanted or not.
    full = car.battery_kwh + TINY_KWH - car.ready_kwh
    programme.row([*energy, *((column, -max(0.0, full)) for column in ready)], upper=car.ready_kwh - car.energy_kwh)
