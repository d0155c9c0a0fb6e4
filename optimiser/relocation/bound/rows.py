"""What the programme of the bound keeps count of: rows by place, spot and station, and how a drive enters them."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.programme import Programme
from optimiser.relocation.bound.fleet import Fleet, Kind
from optimiser.relocation.bound.hull import lower_hull
from optimiser.relocation.problem import Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOUR_S = 3600.0


class BoundRows:
    """The rows, still without drivers, moves and cars."""

    def __init__(self, problem: Problem, fleet: Fleet) -> None:
        self.fixed = 0.0
        """What the night costs in any case."""
        self._problem, self._fleet, self._programme = problem, fleet, Programme()
        programme, spots, self._stations = self._programme, len(fleet.spots), len(problem.stations)
        at_station = {station.id: index for index, station in enumerate(problem.stations)}
        self._station = np.array([at_station[station_id] for _, station_id in fleet.spots])
        """Of each spot."""
        self._places = sorted({place_id for place_id, _ in fleet.spots})
        number = {place_id: index for index, place_id in enumerate(self._places)}
        self._place = np.array([number[place_id] for place_id, _ in fleet.spots])
        """Of each spot."""
        # How often somebody comes to a place, with a car or without: as often as they leave it.
        self._arrivals = programme.columns(np.zeros(len(number)))
        self._in, self._out = self._rows(len(number), 0.0, 0.0), self._rows(len(number), 0.0, 0.0)
        for rows in (self._in, self._out):
            programme.put_all(rows, self._arrivals, -1.0)
        # Hours of all drivers, and of their shifts; how many set out.
        self._hours = programme.column(cost=problem.prices.driver_hour)
        self._time = programme.row([(self._hours, -1.0)], upper=0.0)
        self._shifts = programme.row([(self._hours, 1.0)], upper=0.0)
        self._used = programme.column(is_whole=True)
        self._all_used = programme.row([(self._used, -1.0)], lower=0.0, upper=0.0)
        # Jobs that begin at a spot, at least as many as cars that are handled; drives from it, as cars that must away.
        self._begins, self._leaves = self._rows(spots, 0.0, np.inf), self._rows(spots, 0.0, np.inf)
        # Ready cars that leave a spot, at most as many as are there off their plugs or come; and others.
        loose = Counter(
            one.spot for one in fleet.cars if one.kind is Kind.READY and one.is_movable and not one.is_plugged
        )
        others = Counter(one.spot for one in fleet.cars if one.kind is not Kind.READY and one.is_movable)
        self._ready_out = self._rows(spots, -np.inf, [loose[spot] for spot in range(spots)])
        self._other_out = self._rows(spots, -np.inf, [others[spot] for spot in range(spots)])
        # Charged cars that leave the plug that they were brought to.
        self._charged_out = self._rows(self._stations, -np.inf, 0.0)
        # What stands at a station at opening: all cars, and ready ones.
        present = Counter(int(self._station[one.spot]) for one in fleet.cars)
        ready = Counter(int(self._station[one.spot]) for one in fleet.cars if one.kind is Kind.READY)
        room = [self._room(index, present[index]) for index in range(self._stations)]
        self._bays = self._rows(self._stations, -np.inf, [most - present[index] for index, most in enumerate(room)])
        sure = [ready[index] for index in range(self._stations)]
        self._ready = self._rows(self._stations, sure, sure)
        self._price_ready_cars(room)
        # Hours of plugs and kWh of sites until opening.
        plugged = Counter(int(self._station[one.spot]) for one in fleet.cars if one.is_plugged)
        hours = problem.opening_s / HOUR_S
        self._plugs = self._rows(
            self._stations,
            -np.inf,
            [
                sum(max(0.0, hours - plug.free_from_s / HOUR_S) for plug in one.plugs) - hours * plugged[index]
                for index, one in enumerate(problem.stations)
            ],
        )
        self._sites = self._rows(
            self._stations,
            -np.inf,
            [np.inf if one.site_kw is None else one.site_kw * hours for one in problem.stations],
        )
        # A way of several drives that is counted as one: it comes by a place all the same, for a drive's handling.
        self._passes = programme.columns(np.zeros(self._stations))
        self._take(self._passes, self._handling_s)

    @property
    def _handling_s(self) -> float:
        """Of each drive."""
        return float(self._problem.handling.handover_s + self._problem.handling.park_s)

    def _drive(self, origin: Ints, end: Ints, seconds: Floats, metres: Floats, *, cost: Floats | None = None) -> Ints:
        """Columns of drives from spots to stations: their handling, time, wear, bays and drivers."""
        programme = self._programme
        wear = self._problem.prices.car_km * metres[origin, end] / 1000
        drives = programme.columns(wear if cost is None else wear + cost)
        self._take(drives, self._handling_s + seconds[origin, end])
        programme.put_all(self._out[self._place[origin]], drives, 1.0)
        programme.put_all(self._in[self._place[end]], drives, 1.0)
        programme.put_all(self._bays[self._station[origin]], drives, -1.0)
        programme.put_all(self._bays[end], drives, 1.0)
        programme.put_all(self._begins[origin], drives, 1.0)
        programme.put_all(self._leaves[origin], drives, 1.0)
        return drives

    def _price_ready_cars(self, room: list[float]) -> None:
        """Trips lost by ready cars at each station, below its table, and zones."""
        problem, programme, prices = self._problem, self._programme, self._problem.prices
        rentable = sum(one.kind is not Kind.OTHER for one in self._fleet.cars)
        ready_at: dict[str, list[int]] = {}
        for index, station in enumerate(problem.stations):
            most = int(min(room[index], rentable))
            self.fixed += prices.lost_trip * station.lost(0)
            columns = [
                programme.column(cost=prices.lost_trip * slope, upper=float(length), is_whole=True)
                for length, slope in lower_hull([station.lost(count) for count in range(most + 1)])
            ]
            ready_at[station.id] = columns
            for column in columns:
                programme.put(int(self._ready[index]), column, 1.0)
        for zone in problem.zones:
            miss = programme.column(cost=prices.zone_car, is_whole=True)
            cars = [column for id_ in sorted(set(zone.station_ids)) for column in ready_at[id_]]
            if zone.floor is not None:
                programme.row([(miss, 1.0), *((column, 1.0) for column in cars)], lower=zone.floor)
            if zone.cap is not None:
                programme.row([(miss, 1.0), *((column, -1.0) for column in cars)], lower=-zone.cap)

    def _room(self, index: int, present: int) -> float:
        """
        Cars that a station has at opening at most.

        Nobody is brought to a full one; but in the night's first second nobody looks, where a handover takes no time.
        """
        bays = self._problem.stations[index].bays
        return np.inf if bays is None or self._problem.handling.handover_s == 0 else float(max(bays, present))

    def _rows(self, count: int, lower: float | list[int], upper: float | list[float] | list[int]) -> Ints:
        low, high = np.broadcast_to(lower, count).tolist(), np.broadcast_to(upper, count).tolist()
        return np.array([self._programme.row(lower=a, upper=b) for a, b in zip(low, high, strict=True)], dtype=np.int64)

    def _take(self, columns: Ints, seconds: Floats | float) -> None:
        """Working time of drivers."""
        hours = np.asarray(seconds, dtype=np.float64) / HOUR_S
        self._programme.put_all(np.full(len(columns), self._time), columns, hours)
