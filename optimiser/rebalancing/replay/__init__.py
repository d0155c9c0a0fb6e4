"""
Drives a plan through the night on paper: clocks, van loads, stations and depots in time order.

Takes any plan whose ids exist, however wrong its numbers; judging is the checker's part.
"""

from __future__ import annotations

from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay.drive import Drive, drive
from optimiser.rebalancing.replay.places import Places
from optimiser.rebalancing.replay.timeline import (
    DepotChange,
    DepotHolding,
    TimedRoute,
    TimedStop,
    Timeline,
)

__all__ = ["DepotChange", "DepotHolding", "TimedRoute", "TimedStop", "Timeline", "replay"]


def replay(problem: Problem, plan: Plan) -> Timeline:
    """
    Follow every van through its stops.

    Bikes change place at the moment of departure; where vans leave at the same second, in the plan's order.
    """
    drives = [drive(problem, route) for route in plan.routes if route.stops]
    places = Places(problem)
    timed: dict[tuple[int, int], TimedStop] = {}
    for _, drive_index, event_index in _in_time_order(drives):
        at_work = drives[drive_index]
        if event_index == 0:
            places.leave(at_work)
        elif event_index <= len(at_work.legs):
            timed[drive_index, event_index] = places.depart(at_work, at_work.legs[event_index - 1])
        else:
            places.come_home(at_work)
    return Timeline(
        routes=tuple(
            _timed(at_work, [timed[drive_index, event_index + 1] for event_index in range(len(at_work.legs))])
            for drive_index, at_work in enumerate(drives)
        ),
        inventories={id_: held.ready for id_, held in places.stations.items()},
        low_charge={id_: held.low_charge for id_, held in places.stations.items()},
        broken={id_: held.broken for id_, held in places.stations.items()},
        freed={id_: places.freed(id_) for id_ in places.stations},
        depots=places.holdings(),
        depot_changes=tuple(places.changes),
    )


def _in_time_order(drives: list[Drive]) -> list[tuple[int, int, int]]:
    """Time, van and number of every event: 0 leaves the depot, 1, 2, ... departs from a stop, the last comes home."""
    return sorted(
        (time_s, drive_index, event_index)
        for drive_index, at_work in enumerate(drives)
        for event_index, time_s in enumerate(
            (at_work.leave_s, *(leg.departure_s for leg in at_work.legs), at_work.end_s)
        )
    )


def _timed(at_work: Drive, stops: list[TimedStop]) -> TimedRoute:
    break_ = at_work.van.break_
    return TimedRoute(
        route=at_work.route,
        van_id=at_work.van.id,
        stops=tuple(stops),
        start_s=at_work.van.shift_start_s,
        leave_s=at_work.leave_s,
        end_s=at_work.end_s,
        last_drive_s=at_work.last_drive_s,
        last_length_m=at_work.last_length_m,
        start_load=at_work.start_load,
        load_at_end=at_work.load,
        low_load_at_end=at_work.low_load,
        broken_load_at_end=at_work.broken_load,
        break_start_s=at_work.break_start_s,
        break_s=0 if break_ is None or at_work.break_start_s is None else break_.duration_s,
    )
