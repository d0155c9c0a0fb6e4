"""The linear programme of the bound; `bound` says what it is and why it holds."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray

from optimiser.relocation.bound.fleet import Fleet, Kind, Standing
from optimiser.relocation.bound.hull import lower_hull
from optimiser.relocation.problem import Problem
from optimiser.relocation.programme import Programme

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOUR_S = 3600.0


class BoundModel:
    """Rows by place, spot and station, that drivers, moves and cars fill with columns."""

    def __init__(self, problem: Problem, fleet: Fleet) -> None:
        self.fixed = 0.0
        """What the night costs in any case."""
        self._problem, self._fleet, self._programme = problem, fleet, Programme()
        programme, spots, self._stations = self._programme, len(fleet.spots), len(problem.stations)
        at_station = {station.id: index for index, station in enumerate(problem.stations)}
        self._station = np.array([at_station[station_id] for _, station_id in fleet.spots])
        """Of each spot."""
        homes = {place_id for one in problem.drivers for place_id in (one.start_place_id, one.end_place_id)}
        self._places = sorted({place_id for place_id, _ in fleet.spots} | homes)
        number = {place_id: index for index, place_id in enumerate(self._places)}
        self._number = number
        self._place = np.array([number[place_id] for place_id, _ in fleet.spots])
        """Of each spot."""
        # How often somebody comes to a place, with a car or without: as often as they leave it.
        self._arrivals = programme.columns(np.zeros(len(number)))
        self._in, self._out = self._rows(len(number), 0.0, 0.0), self._rows(len(number), 0.0, 0.0)
        for rows in (self._in, self._out):
            programme.put_all(rows, self._arrivals, -1.0)
        # Hours of all drivers, and of their shifts.
        self._hours = programme.column(cost=problem.prices.driver_hour)
        self._time = programme.row([(self._hours, -1.0)], upper=0.0)
        self._shifts = programme.row([(self._hours, 1.0)], upper=0.0)
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

    def lower_bound(self) -> float:
        """The optimum of the programme."""
        solved = self._programme.solve()
        assert solved is not None  # to do nothing is possible
        return self.fixed + solved.cost

    def add_drivers(self) -> None:
        """Who sets out, and rides between all places, by the ways that are quickest and cheapest for anybody."""
        problem, programme, prices = self._problem, self._programme, self._problem.prices
        for driver in problem.drivers:
            used = programme.column(cost=prices.driver_use, upper=1.0)
            programme.put(int(self._in[self._number[driver.start_place_id]]), used, 1.0)
            programme.put(int(self._out[self._number[driver.end_place_id]]), used, 1.0)
            shift_s = driver.shift_end_s - driver.shift_start_s
            if (pause := driver.break_) is not None:
                shift_s = max(min(shift_s, pause.latest_s - driver.shift_start_s), shift_s - pause.duration_s)
            programme.put(self._shifts, used, -shift_s / HOUR_S)
        modes = [problem.mode_by_name[name] for name in sorted({driver.mode for driver in problem.drivers})]
        rows = np.array([problem.place_index[place_id] for place_id in self._places])
        square = np.ix_(rows, rows)
        seconds = np.array([mode.ride_s + mode.travel.travel_s[square] for mode in modes], dtype=np.float64)
        money = np.array([mode.km * mode.travel.length_m[square] / 1000 for mode in modes])
        quickest = seconds.min(axis=0)
        hour = prices.driver_hour / HOUR_S
        rest = np.maximum(0.0, (hour * seconds + money).min(axis=0) - hour * quickest)
        origin, end = np.nonzero(~np.eye(len(rows), dtype=np.bool_))
        rides = programme.columns(rest[origin, end])
        programme.put_all(self._out[origin], rides, 1.0)
        programme.put_all(self._in[end], rides, 1.0)
        self._take(rides, quickest[origin, end])

    def add_moves(self) -> None:
        """Drives of ready cars one by one, and the whole ways of others from where they are found."""
        problem, fleet, programme = self._problem, self._fleet, self._programme
        spots, stations = len(fleet.spots), self._stations
        is_station = np.arange(spots) < stations
        ready, others = is_station.copy(), np.zeros(spots, dtype=np.bool_)
        for one in fleet.cars:
            if one.is_movable:
                ready[one.spot] |= one.kind is not Kind.OTHER
                others[one.spot] |= one.kind is not Kind.READY
        is_home = self._station[:, None] == np.arange(stations)
        origin, end = np.nonzero(~is_home & ready[:, None])
        rows = np.array([problem.place_index[place_id] for place_id, _ in fleet.spots])
        square = np.ix_(rows, rows[:stations])
        moves = self._drive(origin, end, problem.drive.travel_s[square], problem.drive.length_m[square])
        programme.put_all(self._ready_out[origin], moves, 1.0)
        programme.put_all(self._ready_out[end], moves, -1.0)
        programme.put_all(self._ready[self._station[origin]], moves, 1.0)
        programme.put_all(self._ready[end], moves, -1.0)
        # Some arrive with too little, and are not ready.
        spoilt, limits = programme.columns(np.zeros(stations)), self._rows(stations, -np.inf, 0.0)
        programme.put_all(self._ready, spoilt, 1.0)
        programme.put_all(limits, spoilt, 1.0)
        programme.put_all(limits[end], moves, -1.0)
        # From a place of its own, by another station, a car can also come to its own station.
        origin, end = np.nonzero(~(is_home & is_station[:, None]) & others[:, None])
        ways = self._drive(origin, end, fleet.shortest_s, fleet.shortest_m)
        programme.put_all(self._other_out[origin], ways, 1.0)
        # Jobs that leave a car where it is.
        work = programme.columns(np.zeros(spots))
        programme.put_all(self._begins, work, 1.0)
        self._take(work, float(problem.handling.handover_s))
        # Charged cars come off the plug that they were brought to.
        off = programme.columns(np.zeros(stations))
        programme.put_all(self._charged_out, off, 1.0)
        programme.put_all(self._ready_out[:stations], off, -1.0)
        self._take(off, float(problem.handling.unplug_s))

    def add_cars(self) -> None:
        """Each car by itself: whether somebody handles it, where it is charged, what it lacks."""
        problem = self._problem
        tasks = defaultdict(list)
        for task in problem.tasks:
            tasks[task.car_id].append(task)
        must_at = {must.car_id: must.station_ids for must in problem.musts if must.station_ids}
        for one in self._fleet.cars:
            allowed = must_at.get(one.car.id)
            is_misplaced = allowed is not None and one.car.station_id not in allowed
            lacks = one.price.best < one.price.uncharged
            matters = one.is_plugged or one.kind is Kind.LOW or bool(tasks[one.car.id]) or is_misplaced or lacks
            handled = self._handle(one) if matters and one.is_handled else None
            self._charge(one, handled)
            for task in tasks[one.car.id]:
                self.fixed += task.price
                if handled is not None and any(one.car.needs | task.needs <= able.skills for able in problem.drivers):
                    done = self._wish(handled, task.price)
                    self._programme.put(self._time, done, task.duration_s / HOUR_S)
            if is_misplaced:
                self.fixed += problem.prices.must
                if handled is not None and one.is_movable:
                    placed = self._wish(handled, problem.prices.must)
                    self._programme.put(int(self._leaves[one.spot]), placed, -1.0)

    def _handle(self, one: Standing) -> int:
        """The column of whether anybody works at a car."""
        programme, spot = self._programme, one.spot
        handled = programme.column(upper=1.0)
        programme.put(int(self._begins[spot]), handled, -1.0)
        place = int(self._place[spot])
        visit = programme.row([(int(self._arrivals[place]), 1.0), (handled, -1.0)], lower=0.0)
        for index in np.flatnonzero(self._place[: self._stations] == place):
            programme.put(visit, int(self._passes[index]), 1.0)
        if one.is_plugged:
            programme.put(self._time, handled, self._problem.handling.unplug_s / HOUR_S)
            programme.put(int(self._plugs[self._station[spot]]), handled, -self._problem.opening_s / HOUR_S)
            if one.kind is Kind.READY and one.is_movable:
                programme.put(int(self._ready_out[spot]), handled, -1.0)
        return handled

    def _wish(self, handled: int, price: float) -> int:
        """The column of something that saves its price and that takes a job at the car."""
        wish = self._programme.column(cost=-price, upper=1.0)
        self._programme.row([(wish, 1.0), (handled, -1.0)], upper=0.0)
        return wish

    def _charge(self, one: Standing, handled: int | None) -> None:
        """What a car lacks, and what it takes to be ready or to lack less."""
        uncharged = one.price.best if one.is_plugged else one.price.uncharged
        self.fixed += uncharged
        chosen: list[int] = []
        if one.kind is Kind.LOW:
            if one.is_plugged and np.isfinite(one.home_kwh):
                chosen += self._ready_on_its_plug(one, handled, uncharged)
            if handled is not None:
                chosen += self._ready_by_driver(one, handled, uncharged)
        if handled is not None and one.price.best < uncharged:
            fuller = self._wish(handled, uncharged - one.price.best)
            self._programme.put(self._time, fuller, self._problem.handling.plug_in_s / HOUR_S)
            chosen.append(fuller)
        if chosen:
            self._programme.row([(column, 1.0) for column in chosen], upper=1.0)

    def _ready_on_its_plug(self, one: Standing, handled: int | None, uncharged: float) -> list[int]:
        """Charged where it is: with nobody coming, or taken off its plug afterwards."""
        programme, spot, own = self._programme, one.spot, int(self._station[one.spot])
        cost = float(one.price.least(np.array([one.home_kwh]))[0]) - uncharged
        alone = programme.column(cost=cost, upper=1.0)
        columns = [alone]
        if handled is not None:
            programme.row([(alone, 1.0), (handled, 1.0)], upper=1.0)
            taken = programme.column(cost=cost, upper=1.0)
            columns.append(taken)
            programme.row([(taken, 1.0), (handled, -1.0)], upper=0.0)
            programme.put(int(self._plugs[own]), taken, one.home_kwh / float(one.plug_kw[own]))
            if one.is_movable:
                programme.put(int(self._ready_out[spot]), taken, -1.0)
                programme.put(int(self._other_out[spot]), taken, 1.0)
        for column in columns:
            programme.put(int(self._ready[own]), column, -1.0)
            programme.put(int(self._sites[own]), column, one.home_kwh)
        return columns

    def _ready_by_driver(self, one: Standing, handled: int, uncharged: float) -> list[int]:
        """Put on a plug where it is or at any station, and charged there."""
        programme, spot, own = self._programme, one.spot, int(self._station[one.spot])
        plug_in_s = float(self._problem.handling.plug_in_s)
        is_away = np.isfinite(one.needed_kwh) & one.is_movable
        if spot < self._stations:
            is_away[own] = False
        away = np.flatnonzero(is_away)
        home = np.array([own] if np.isfinite(one.home_kwh) and not one.is_plugged else [], dtype=np.int64)
        where = np.concatenate((home, away))
        needs = np.concatenate((np.full(len(home), one.home_kwh), one.needed_kwh[away]))
        costs = one.price.least(needs) - uncharged
        here = programme.columns(costs[: len(home)], upper=1.0)
        ways = self._drive(
            np.full(len(away), spot), away, self._fleet.shortest_s, self._fleet.shortest_m, cost=costs[len(home) :]
        )
        every = np.concatenate((here, ways))
        self._take(every, plug_in_s)
        programme.put_all(self._ready[where], every, -1.0)
        programme.put_all(self._sites[where], every, needs)
        programme.put_all(self._plugs[where], every, needs / one.plug_kw[where])
        if spot < self._stations:
            programme.put_all(self._charged_out[where], every, -1.0)
        else:
            programme.put_all(self._ready_out[np.full(len(home), spot)], here, -1.0)
            programme.put_all(self._charged_out[away], ways, -1.0)
        if one.is_movable:
            programme.put_all(np.full(len(every), self._other_out[spot]), every, 1.0)
        programme.row([*((column, 1.0) for column in every.tolist()), (handled, -1.0)], upper=0.0)
        return list(every.tolist())

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
                programme.column(cost=prices.lost_trip * slope, upper=float(length))
                for length, slope in lower_hull([station.lost(count) for count in range(most + 1)])
            ]
            ready_at[station.id] = columns
            for column in columns:
                programme.put(int(self._ready[index]), column, 1.0)
        for zone in problem.zones:
            miss = programme.column(cost=prices.zone_car)
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
