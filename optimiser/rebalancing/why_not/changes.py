"""One number or permission of a night, changed: what would have to be otherwise for something to fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from optimiser.basics.result import Violation
from optimiser.demand.targets import fit_to_room
from optimiser.rebalancing.problem import Depot, Problem, Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of one field of one thing; `by` adds to a number, `to` sets a permission or adds skills."""

    of: Literal["stations", "vans", "depots", "prices"]
    id: str = ""
    """Empty for prices."""
    field: str
    """Of the problem's class; with a dot inside a part of it, as in `break_.latest_s`."""
    by: float | None = None
    to: bool | frozenset[str] | None = None
    """True or False for a permission; skills that come on top of those there are."""

    @property
    def path(self) -> str:
        """`/vans/van-2/shift_end_s`: where it is, in the manner of a JSON Pointer with ids."""
        parts = [self.of, *([self.id] if self.id else []), *self.field.split(".")]
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def applied(problem: Problem, change: Change) -> Problem:
    """The night with that change made."""
    match change.of:
        case "prices":
            return replace(problem, prices=_with(problem.prices, change, change.field))
        case "vans":
            return replace(problem, vans=_each_with(problem.vans, change))
        case "depots":
            named = {depot.id for depot in problem.depots}
            depots = problem.depots if change.id in named else (*problem.depots, Depot(id=change.id))
            return replace(problem, depots=_each_with(depots, change))
        case "stations":
            return replace(problem, stations=_each_with(problem.stations, change))


def remedies(problem: Problem, violation: Violation) -> tuple[Change, ...]:
    """Changes by which one violation may be gone, each on its own; which of them does is for the check to say."""
    amount, ids, rule = violation.amount, violation.ids, violation.rule
    if rule == "skills":
        needed = problem.station_by_id[ids[-1]].needs - problem.van_by_id[ids[0]].skills
        return (Change(of="vans", id=ids[0], field="skills", to=needed),)
    if rule == "forbidden" and ids[-1] in problem.depot_ids:
        return (Change(of="depots", id=ids[-1], field="may_call", to=True),)
    if rule in _PERMISSIONS:
        field, to = _PERMISSIONS[rule]
        return (Change(of="stations", id=ids[-1], field=field, to=to),)
    return tuple(
        Change(of=of, id=ids[place], field=field, by=sign * amount)
        for of, field, place, sign in _NUMBERS.get(rule, ())
        if field != "room" or problem.depot_by_id[ids[place]].room is not None
    )


_PERMISSIONS = {
    "forbidden": ("is_forbidden", False),
    "pickup_forbidden": ("may_pick_up", True),
    "dropoff_forbidden": ("may_drop_off", True),
    "one_visit": ("once", False),
}
"""By rule the permission of the station that it is about, told last in the violation, and what it would have to be."""

_NUMBERS: dict[str, tuple[tuple[Literal["stations", "vans", "depots"], str, int, int], ...]] = {
    "van_capacity": (("vans", "slots", 0, 1),),
    "station_inventory": (("stations", "capacity", 0, 1),),
    "depot_stock": (("depots", "stock", 0, 1), ("depots", "room", 0, 1)),
    "batteries": (("vans", "batteries", 0, 1),),
    "shift_end": (("vans", "shift_end_s", 0, 1),),
    "range": (("vans", "range_m", 0, 1),),
    "break_time": (("vans", "break_.latest_s", 0, 1), ("vans", "break_.earliest_s", 0, -1)),
    "time_window": (("stations", "closes_s", -1, 1),),
}
"""By rule the numbers that may be changed: of what, which field, where its id stands in the violation, up or down."""


def _each_with(things: tuple[Any, ...], change: Change) -> tuple[Any, ...]:
    return tuple(_changed(thing, change) if thing.id == change.id else thing for thing in things)


def _changed(thing: Any, change: Change) -> Any:
    if change.field == "capacity":
        return _with_room(thing, round(change.by or 0))
    return _with(thing, change, change.field)


def _with(thing: Any, change: Change, field: str) -> Any:
    outer, _, inner = field.partition(".")
    before = getattr(thing, outer)
    if inner:
        return replace(thing, **{outer: _with(before, change, inner)})
    if change.by is not None:
        return replace(thing, **{outer: before + (round(change.by) if isinstance(before, int) else change.by)})
    return replace(thing, **{outer: before | change.to if isinstance(change.to, frozenset) else change.to})


def _with_room(station: Station, docks: int) -> Station:
    """The station with more docks; for more bikes than were told of, losses go on rising as they last did."""
    rows = []
    for row in station.lost_trips_freed:
        rise = max(0.0, row[-1] - row[-2]) if len(row) > 1 else 0.0
        rows.append((*row, *(row[-1] + rise * step for step in range(1, docks + 1))))
    capacity = station.capacity + docks
    target = fit_to_room(station.target, capacity)
    return replace(station, capacity=capacity, target=target, lost_trips_freed=tuple(rows))
