"""One plan as arrays, with what every way to do more asks of them: detours, delays, how many, what forbids it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimiser.rebalancing.plan import Plan, Stop
from optimiser.rebalancing.problem import Problem, Station
from optimiser.rebalancing.replay import Timeline
from optimiser.rebalancing.why_not.insertion import Insertion
from optimiser.rebalancing.why_not.tours import Bools, Floats, Ints, tours_of
from optimiser.rebalancing.why_not.wishes import Wish
from optimiser.rebalancing.why_not.worth import worth_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work for one wish: the station, what each number of units is worth there, which numbers to try."""

    wish: Wish
    station: Station
    worth: Floats
    """Money saved by 0, 1, 2, … units; -inf where they do not fit or are not there."""
    numbers: Ints
    """Shape (numbers, 1, 1)."""
    unskilled: Floats
    """1 for each van that has not the skills."""
    banned: tuple[str, ...]
    """What forbids a new stop, whichever van makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A stop more at one station, in every gap, before anything is done there; arrays (vans, gaps)."""

    arrival_s: Floats
    detour_s: Floats
    metres: Floats


class Gaps:
    """One plan of one night, ready for questions about what more could be put into it."""

    def __init__(self, problem: Problem, plan: Plan, timeline: Timeline) -> None:
        self.problem, self.timeline = problem, timeline
        self.tours = tours_of(problem, plan)
        self.worth = worth_of(problem, timeline)
        self.row_of = {station.id: row for row, station in enumerate(problem.stations)}
        self.rows = np.array([problem.place_index[station.id] for station in problem.stations], dtype=np.int64)
        stops = {route.van_id: route.stops for route in plan.routes}
        self.stops = [stops.get(van.id, ()) for van in problem.vans]
        self.visits: dict[str, list[tuple[int, int]]] = {}
        """Row of the van and position of every stop at a place."""
        for row, made in enumerate(self.stops):
            for index, stop in enumerate(made):
                self.visits.setdefault(stop.station_id, []).append((row, index))
        self.second = problem.prices.van_hour / 3600
        self.metre = problem.prices.van_km / 1000
        self._permitted: dict[tuple[str, bool], Bools] = {}

    def is_full(self, station: Station) -> bool:
        """Whether its one stop is made already."""
        return station.once and bool(self.visits.get(station.id))

    def permitted(self, permission: str, *, anew: bool) -> Bools:
        """Stations that give a permission, in the problem's order; `anew` = to a stop that is not in the plan yet."""
        key = permission, anew
        if key not in self._permitted:
            self._permitted[key] = np.array(
                [
                    bool(getattr(one, permission)) and not (anew and (one.is_forbidden or self.is_full(one)))
                    for one in self.problem.stations
                ],
                dtype=bool,
            )
        return self._permitted[key]

    def task(self, wish: Wish, station: Station, worth: Floats, *, unit_s: int, permission: str = "") -> Task:
        """What there is to do; `permission` is the field of the station that has to allow it."""
        is_allowed = not permission or getattr(station, permission)
        if wish.kind != "visit" and station.must is not None and station.must.visit and station.id not in self.visits:
            # Whatever a new stop is for, it is the visit that is asked for as well.
            worth = worth + self.problem.prices.must * (np.arange(len(worth)) > 0)
        reasons = (
            "forbidden" if station.is_forbidden else "",
            "once" if self.is_full(station) else "",
            "" if is_allowed else permission,
        )
        return Task(
            wish=wish,
            station=station,
            worth=worth,
            numbers=_numbers(worth, self.second * unit_s, wish.amount),
            unskilled=self.unskilled(station.id),
            banned=tuple(reason for reason in reasons if reason),
        )

    def call(self, station: Station) -> Call:
        """A stop more at a station."""
        tours, here = self.tours, self.problem.place_index[station.id]
        times, lengths = self.problem.travel.travel_s, self.problem.travel.length_m
        there_s = np.ceil(times[tours.origin, here] / tours.speed)
        return Call(
            arrival_s=tours.ready_s + there_s,
            detour_s=there_s + np.ceil(times[here, tours.end] / tours.speed) - tours.direct_s,
            metres=lengths[tours.origin, here] + lengths[here, tours.end] - tours.direct_m,
        )

    def timed(
        self, station: Station, arrival_s: Floats, detour_s: Floats, work_s: Floats | Ints
    ) -> tuple[Floats, dict[str, Floats]]:
        """Delay that a stop with its wait and its work makes, and by how much it is over after the station closes."""
        stop_s = self.problem.handling.stop_s
        wait_s = np.maximum(0, (station.opens_s or 0) - arrival_s)
        added_s = detour_s + wait_s + stop_s + work_s
        if station.closes_s is None:
            return added_s, {}
        return added_s, {"closing": arrival_s + wait_s + stop_s + work_s - station.closes_s}

    def within(self, numbers: Ints, fewest: Ints, detour_s: Floats, limit: Floats, *, unit_s: int) -> Ints:
        """
        So many as are wanted, but no more than the limit and the time left allow, and one at least.

        Third from last is the axis of numbers. It gets one entry more: `fewest`, whatever time and limit allow, as
        a longer shift or a larger van would be asked for so many.
        """
        left_s = self.tours.shift_s + self.tours.waits_s - detour_s - self.problem.handling.stop_s
        in_time = np.floor(left_s / unit_s) if unit_s else np.full_like(left_s, np.inf)
        clipped = np.minimum(numbers, np.maximum(1, np.minimum(limit, in_time)))
        both: Ints = np.concatenate([clipped, fewest[..., None, :, :]], axis=-3).astype(np.int64)
        return both

    def fewest_that_pay(self, table: Floats, detour_s: Floats, metres: Floats, *, unit_s: int) -> Ints:
        """The fewest units with which a stop in each gap earns its way, the best number where none does."""
        net = table - self.second * unit_s * np.arange(table.shape[-1])
        way = self.second * (detour_s + self.problem.handling.stop_s) + self.metre * metres + self.tours.use
        pays = net > way[..., None] + 1e-9
        best = 1 + np.argmax(net[..., 1:], axis=-1)
        fewest: Ints = np.where(pays.any(axis=-1), np.maximum(1, pays.argmax(axis=-1)), best).astype(np.int64)
        return fewest

    def numbers_at_both(self, table: Floats, wish: Wish) -> Ints:
        """Numbers of bikes worth trying by what they are worth at both ends: the best, what is missing, one."""
        each = 2 * self.second * self.problem.handling.bike_s * np.arange(table.shape[-1])
        best = 1 + np.argmax(table[..., 1:] - each[1:], axis=-1)
        most = np.maximum(1, np.isfinite(table).sum(axis=-1) - 1)
        return np.stack([best, np.minimum(wish.amount, most), np.ones_like(best)]).astype(np.int64)

    def stock_left(self) -> Floats:
        """Bikes that each van could still take from its start depot; shape (vans, 1)."""
        left = {id_: float(depot.stock) for id_, depot in self.problem.depot_by_id.items()}
        for change in self.timeline.depot_changes:
            left[change.depot_id] = min(left[change.depot_id], change.stock_after)
        return np.array([[max(0.0, left[van.start_depot_id])] for van in self.problem.vans]).reshape(-1, 1)

    def unskilled(self, place_id: str) -> Floats:
        """1 for each van that has not the skills that a place needs; shape (vans, 1)."""
        station = self.problem.station_by_id.get(place_id)
        needs = frozenset() if station is None else station.needs
        return np.array([[float(not needs <= van.skills)] for van in self.problem.vans]).reshape(-1, 1)

    def insertion(self, at: tuple[int, ...], *stops: tuple[int, Stop], **more: Any) -> Insertion:
        """New stops of the van of one place of the arrays."""
        return Insertion(van_id=self.problem.vans[at[-2]].id, new=stops, **more)


def _numbers(worth: Floats, each: float, amount: int) -> Ints:
    """Numbers worth trying: the best, what is missing, one; shape (numbers, 1, 1), empty where none is possible."""
    most = int(np.isfinite(worth).sum()) - 1
    if most < 1:
        return np.zeros((0, 1, 1), dtype=np.int64)
    net = worth[1 : most + 1] - each * np.arange(1, most + 1)
    found = dict.fromkeys([1 + int(net.argmax()), min(max(1, amount), most), 1])
    return np.array(list(found), dtype=np.int64)[:, None, None]


def looked_up(table: Floats, bikes: Ints) -> Floats:
    """Entries of tables (…, numbers) at these numbers (…)."""
    wide = np.broadcast_to(table, (*bikes.shape, table.shape[-1]))
    found: Floats = np.take_along_axis(wide, bikes[..., None], axis=-1)[..., 0]
    return found
