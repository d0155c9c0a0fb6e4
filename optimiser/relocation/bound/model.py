"""The linear programme of the bound; `bound` says what it is and why it holds."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from optimiser.relocation.bound.fleet import Kind, Standing
from optimiser.relocation.bound.rows import HOUR_S, BoundRows, Ints
from optimiser.relocation.problem import Driver, Mode

MOST_WHOLE = 300
"""Columns that are whole in nights that are small enough to have them so: about fifty cars."""
NODES = 200
"""Of branch and bound at most; what is proven until then holds."""


class BoundModel(BoundRows):
    """Rows that drivers, moves and cars fill with columns."""

    def lower_bound(self) -> float:
        """The optimum of the programme with a whole number of drivers; in small nights with all else that is whole."""
        bound = self._programme.least_cost(whole=self._used)
        if np.isfinite(bound) and len(self._programme.whole) <= MOST_WHOLE:
            bound = max(bound, self._programme.dual_bound(nodes=NODES))
        return self.fixed + bound

    def add_drivers(self) -> None:
        """Who sets out for a first job and comes home from a last one, and rides between."""
        problem, programme = self._problem, self._programme
        modes = tuple(problem.mode_by_name[name] for name in sorted({driver.mode for driver in problem.drivers}))
        rows = np.array([problem.place_index[place_id] for place_id in self._places])
        origin, end = np.nonzero(~np.eye(len(rows), dtype=np.bool_))
        rides = self._ride(modes, rows[origin], rows[end])
        programme.put_all(self._out[origin], rides, 1.0)
        programme.put_all(self._in[end], rides, 1.0)
        teams: dict[tuple[str, str, str, int], int] = Counter(
            (driver.mode, driver.start_place_id, driver.end_place_id, _work_s(driver)) for driver in problem.drivers
        )
        every = np.arange(len(rows))
        for (mode, start_id, end_id, work_s), count in sorted(teams.items()):
            used = programme.column(cost=problem.prices.driver_use, upper=float(count))
            programme.put(self._all_used, used, 1.0)
            programme.put(self._shifts, used, -work_s / HOUR_S)
            own = (problem.mode_by_name[mode],)
            outs = self._ride(own, np.full(len(rows), problem.place_index[start_id]), rows)
            homes = self._ride(own, rows, np.full(len(rows), problem.place_index[end_id]))
            programme.put_all(self._in[every], outs, 1.0)
            programme.put_all(self._out[every], homes, 1.0)
            for columns in (outs, homes):
                programme.row([(used, -1.0), *((column, 1.0) for column in columns.tolist())], lower=0.0, upper=0.0)

    def _ride(self, modes: tuple[Mode, ...], origin: Ints, end: Ints) -> Ints:
        """Columns of rides from rows to rows of the travel times, by what is quickest and what is cheapest of modes."""
        hour = self._problem.prices.driver_hour / HOUR_S
        moved = origin != end
        seconds = np.array([(mode.ride_s + mode.travel.travel_s[origin, end]) * moved for mode in modes], dtype=float)
        money = np.array([mode.km * mode.travel.length_m[origin, end] / 1000 for mode in modes])
        quickest = seconds.min(axis=0)
        rides = self._programme.columns(np.maximum(0.0, (hour * seconds + money).min(axis=0) - hour * quickest))
        self._take(rides, quickest)
        return rides

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
        handled = programme.column(upper=1.0, is_whole=True)
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
        wish = self._programme.column(cost=-price, upper=1.0, is_whole=True)
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


def _work_s(driver: Driver) -> int:
    """What a shift leaves for work at most: all that is before the latest break, or all but the break."""
    shift_s = driver.shift_end_s - driver.shift_start_s
    if (pause := driver.break_) is None:
        return shift_s
    return max(min(shift_s, pause.latest_s - driver.shift_start_s), shift_s - pause.duration_s)
