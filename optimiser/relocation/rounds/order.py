"""What little of the order of jobs is told without a clock: a plug is given up before it is taken again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimiser.relocation.rounds.model import RoundsModel


def add_order(model: RoundsModel) -> None:
    """
    Rows of each station with plugs: who puts the last car on a plug there leaves after that.

    Until then cars are put on plugs that are free at first, that were given up by jobs which end there, or by cars that
    were driven away; whoever drove one away has left the station, so these are fewer than the times somebody leaves, or
    comes: put on plugs + 1 if any is <= free at first + given up by jobs that end there + times somebody comes there.
    Jobs of cars that come back to a state bring somebody there and put as many cars on plugs as they take off.
    """
    problem, programme = model.problem, model.programme
    if problem.handling.handover_s + problem.handling.plug_in_s == 0:
        # Jobs that take no time have no order.
        return
    for station in problem.stations:
        put, given = _plugging(model, station.id)
        if not put:
            continue
        end_s = max(model.ends_s)
        free = sum(plug.free_from_s <= end_s for plug in station.plugs)
        free -= sum(car.plug_id is not None and car.station_id == station.id for car in problem.cars)
        if free >= len(put):
            continue
        any_put = programme.column(upper=1.0)
        for ways in put.values():
            programme.row([(any_put, -1.0), *((way, 1.0) for way in ways)], upper=0.0)
        place = model.place[station.id]
        every = [(way, 1.0) for ways in put.values() for way in ways]
        come = [(way, -1.0) for crew in model.crews for way, _, end in crew.moves if end == place]
        programme.row([(any_put, 1.0), *every, *((way, -1.0) for way in given), *come], upper=float(free))


def _plugging(model: RoundsModel, station_id: str) -> tuple[dict[int, list[int]], list[int]]:
    """Of each car, jobs that put it on a plug of a station; and jobs that take one off it without leaving there."""
    put: dict[int, list[int]] = defaultdict(list)
    given = []
    for crew in model.crews:
        for way, index, order in crew.jobs:
            one = model.cars[index]
            job = one.jobs[order]
            was, will = one.states[job.before], one.states[job.after]
            if job.is_idle:
                continue
            if will.is_plugged and will.station_id == station_id:
                put[index].append(way)
            leaves = was.place_id == station_id != will.place_id
            if was.is_plugged and was.station_id == station_id and not leaves:
                given.append(way)
    return put, given
