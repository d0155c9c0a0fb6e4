"""How one plan differs from another: stops kept, moved to another van, added, dropped, done otherwise."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from optimiser.rebalancing.plan import Plan, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A stop that another van makes."""

    station_id: str
    from_van_id: str
    to_van_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherQuantities:
    """A stop of the same van at which something else is lifted or swapped."""

    before: Stop
    after: Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChanges:
    """
    One van's route in both plans; ids are those of stations and depots.

    Visits of the same place are matched in their order. A stop that moves is told with both vans.
    """

    van_id: str
    kept: tuple[str, ...] = ()
    """Stops that this van makes in both plans, those with other quantities or in another order included."""
    moved_in: tuple[Moved, ...] = ()
    moved_out: tuple[Moved, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    other_quantities: tuple[OtherQuantities, ...] = ()
    reordered: tuple[str, ...] = ()
    """The fewest of the kept stops that change places among them."""

    @property
    def is_same(self) -> bool:
        """Whether nothing differs but, perhaps, start load and break."""
        return not (
            self.moved_in or self.moved_out or self.added or self.dropped or self.other_quantities or self.reordered
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All routes of both plans, in the order of the older plan."""

    routes: tuple[RouteChanges, ...] = ()

    @property
    def kept(self) -> int:
        """Stops that the same van makes in both plans."""
        return sum(len(route.kept) for route in self.routes)

    @property
    def churn(self) -> int:
        """Stops moved to another van, added or dropped; each counts once."""
        return sum(len(route.moved_in) + len(route.added) + len(route.dropped) for route in self.routes)

    @property
    def details(self) -> int:
        """Kept stops with other quantities, and kept stops in another order."""
        return sum(len(route.other_quantities) + len(route.reordered) for route in self.routes)


def compare(before: Plan, after: Plan) -> Changes:
    """What has to be told to drivers who know `before` so that they drive `after`."""
    old, new = _stops_by_van(before), _stops_by_van(after)
    van_ids = [*old, *(van_id for van_id in new if van_id not in old)]
    pairs = {van_id: _matched(old.get(van_id, []), new.get(van_id, [])) for van_id in van_ids}
    gone, come = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for van_id, matched in pairs.items():
        lefts, rights = {left for left, _ in matched}, {right for _, right in matched}
        for index, stop in enumerate(old.get(van_id, [])):
            if index not in lefts:
                gone[stop.station_id].append(van_id)
        for index, stop in enumerate(new.get(van_id, [])):
            if index not in rights:
                come[stop.station_id].append(van_id)
    moved = [
        Moved(station_id=id_, from_van_id=from_van, to_van_id=to_van)
        for id_, from_vans in gone.items()
        for from_van, to_van in zip(from_vans, come.get(id_, ()), strict=False)
    ]
    added = [(van_id, id_) for id_, vans in come.items() for van_id in vans[len(gone.get(id_, ())) :]]
    dropped = [(van_id, id_) for id_, vans in gone.items() for van_id in vans[len(come.get(id_, ())) :]]
    return Changes(
        routes=tuple(
            RouteChanges(
                van_id=van_id,
                kept=tuple(old[van_id][left].station_id for left, _ in pairs[van_id]),
                moved_in=tuple(item for item in moved if item.to_van_id == van_id),
                moved_out=tuple(item for item in moved if item.from_van_id == van_id),
                added=tuple(id_ for van, id_ in added if van == van_id),
                dropped=tuple(id_ for van, id_ in dropped if van == van_id),
                other_quantities=tuple(
                    OtherQuantities(before=old[van_id][left], after=new[van_id][right])
                    for left, right in pairs[van_id]
                    if old[van_id][left] != new[van_id][right]
                ),
                reordered=_out_of_order(old.get(van_id, []), pairs[van_id]),
            )
            for van_id in van_ids
        )
    )


def _stops_by_van(plan: Plan) -> dict[str, list[Stop]]:
    """All stops of each van; two routes of one van, which no valid plan has, one after the other."""
    stops: dict[str, list[Stop]] = {}
    for route in plan.routes:
        stops.setdefault(route.van_id, []).extend(route.stops)
    return stops


def _matched(old: list[Stop], new: list[Stop]) -> list[tuple[int, int]]:
    """Positions of the same stop in both routes: equal places, in the order of their visits."""
    places = defaultdict[str, list[int]](list)
    for right, stop in enumerate(new):
        places[stop.station_id].append(right)
    return [(left, places[stop.station_id].pop(0)) for left, stop in enumerate(old) if places[stop.station_id]]


def _out_of_order(old: list[Stop], pairs: list[tuple[int, int]]) -> tuple[str, ...]:
    """Kept stops outside the longest chain that is in order in both routes."""
    ends: list[int] = []
    lengths = []
    for _, right in pairs:
        length = bisect_left(ends, right)
        ends[length : length + 1] = [right]
        lengths.append(length)
    out, wanted, last = [], len(ends) - 1, -1
    for (left, right), length in zip(reversed(pairs), reversed(lengths), strict=True):
        if length == wanted and (last < 0 or right < last):
            wanted, last = wanted - 1, right
        else:
            out.append(old[left].station_id)
    return tuple(reversed(out))
