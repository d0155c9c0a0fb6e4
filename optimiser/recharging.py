"""What a bikes' night leaves to the depots: empty packs, when they come, and by when they are to be full."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from optimiser.basics.city import City
from optimiser.basics.findings import Findings
from optimiser.basics.night_grid import NightGrid, night_grid
from optimiser.basics.shifts import next_moment, next_shift, night_start, seconds_after
from optimiser.batteries.outcome import BatteryNight
from optimiser.batteries.problem import Arrival
from optimiser.batteries.solve import charge_batteries
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Recharging:
    """What is known of charging before the vans are planned."""

    city: City
    start: datetime
    end_s: int
    """When all packs are to be full, after the start."""
    grid: NightGrid

    def charge(self, problem: Problem, timeline: Timeline, findings: Findings) -> BatteryNight:
        """The packs of all depots, after a plan has been replayed."""
        batteries = self.city.batteries
        assert batteries is not None
        changes = {
            cabinet.depot_id: self._seconds_of(cabinet.changes) for cabinet in batteries.cabinets if cabinet.changes
        }
        brought = packs_brought(problem, timeline)
        return charge_batteries(batteries, self.grid, self.end_s, brought, changes=changes, findings=findings)

    def _seconds_of(self, clocks: tuple[time, ...]) -> list[int]:
        """Each time that the local clock shows one of these within the night and the day after."""
        end, found = self.start + timedelta(seconds=self.end_s), set()
        for clock in clocks:
            moment = next_moment(clock, self.city.time_zone, self.start)
            while moment < end:
                found.add(seconds_after(self.start, moment))
                moment = next_moment(clock, self.city.time_zone, moment)
        return sorted(found)


def state_recharging(city: City, as_of: datetime, findings: Findings) -> Recharging | None:
    """
    When packs are to be full and what power costs until then; None for a city that says nothing of batteries.

    Where the grid's series does not cover that time is an error in `findings`.
    """
    if city.batteries is None:
        return None
    start = night_start(city.vans, city.time_zone, as_of)
    end = ready_by(city, as_of, start)
    end_s = seconds_after(start, end)
    return Recharging(
        city=city,
        start=start,
        end_s=end_s,
        grid=night_grid(city.batteries.grid, city.time_zone, start, end_s, findings),
    )


def ready_by(city: City, as_of: datetime, start: datetime) -> datetime:
    """
    By when all packs are to be full (UTC).

    The time that is given, next after the night's start; else when the first van with packs sets out again after all
    shifts of this night are over.
    """
    batteries = city.batteries
    assert batteries is not None
    if batteries.ready_by is not None:
        return next_moment(batteries.ready_by, city.time_zone, start)
    over = max((next_shift(van, city.time_zone, as_of)[1] for van in city.vans), default=start)
    vans = [van for van in city.vans if van.batteries] or list(city.vans)
    return min(
        (next_moment(van.shift_start, city.time_zone, over) for van in vans),
        default=start.astimezone(UTC) + timedelta(days=1),
    )


def packs_brought(problem: Problem, timeline: Timeline) -> dict[str, list[Arrival]]:
    """
    Empty packs that vans bring to each depot, in time order.

    A van has an empty pack on board for each charged one that is gone. It leaves them at every call at a depot, when it
    departs again with charged ones, and at the end of its shift at its end depot.
    """
    brought: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for route in timeline.routes:
        van = problem.van_by_id[route.van_id]
        charged = van.first_batteries
        for timed in route.stops:
            if timed.refilled:
                brought[timed.stop.station_id][timed.departure_s] += timed.refilled
            charged = timed.batteries_after
        if empty := van.batteries - charged:
            brought[van.end_depot_id][route.end_s] += empty
    return {
        depot_id: [Arrival(time_s=time_s, packs=packs) for time_s, packs in sorted(by_time.items())]
        for depot_id, by_time in sorted(brought.items())
    }
