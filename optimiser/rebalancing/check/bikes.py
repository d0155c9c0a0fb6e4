"""Rules about what is where: on board, at stations, in depots."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.rebalancing.problem import Problem, Station, Van
from optimiser.rebalancing.replay import TimedStop, Timeline


def van_capacity(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A van carries at most `slots` bikes of all kinds, and of none less than 0, from its start load on."""
    for route in timeline.routes:
        van = problem.van_by_id[route.van_id]
        on_board = route.start_load + van.initial_low_load + van.initial_broken_load
        if on_board > van.slots:
            yield Violation(
                rule="van_capacity",
                ids=(van.id, van.start_depot_id),
                amount=on_board - van.slots,
                text=(
                    f"van {van.id} leaves {van.start_depot_id} with {on_board} bikes, "
                    f"between 0 and {van.slots} are possible"
                ),
            )
        for timed in route.stops:
            if (found := _overload(van, timed)) is not None:
                excess, carried = found
                yield Violation(
                    rule="van_capacity",
                    ids=(van.id, timed.stop.station_id),
                    amount=excess,
                    text=(
                        f"van {van.id} carries {carried} after {timed.stop.station_id}, "
                        f"between 0 and {van.slots} are possible"
                    ),
                )


def _overload(van: Van, timed: TimedStop) -> tuple[int, str] | None:
    """By how much what is on board is impossible, and what that is."""
    found = max(
        (timed.on_board_after - van.slots, f"{timed.on_board_after} bikes"),
        (-timed.load_after, f"{timed.load_after} bikes"),
        (-timed.low_load_after, f"{timed.low_load_after} low-charge bikes"),
        (-timed.broken_load_after, f"{timed.broken_load_after} broken bikes"),
    )
    return found if found[0] > 0 else None


def station_inventory(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """
    A station holds 0 bikes or more of each kind after every stop, in time order over all vans.

    Of ready bikes at most `capacity` and one for each dock that was blocked and is no more.
    """
    for route in timeline.routes:
        for timed in route.stops:
            station = problem.station_by_id.get(timed.stop.station_id)
            if station is not None and (found := _misfit(station, timed)) is not None:
                excess, held = found
                yield Violation(
                    rule="station_inventory",
                    ids=(station.id, route.van_id),
                    amount=excess,
                    text=f"station {station.id} holds {held} after van {route.van_id}",
                )


def _misfit(station: Station, timed: TimedStop) -> tuple[int, str] | None:
    """By how much what a station holds is impossible, and what that is."""
    most = station.capacity + timed.freed_after
    ready = f"{timed.inventory_after} bikes, between 0 and {most} are possible,"
    low = f"{timed.low_charge_after} low-charge bikes, of {station.low_charge} at the start,"
    broken = f"{timed.broken_after} broken bikes, of {station.broken} at the start,"
    found = max(
        (max(timed.inventory_after - most, -timed.inventory_after), ready),
        (-timed.low_charge_after, low),
        (-timed.broken_after, broken),
    )
    return found if found[0] > 0 else None


def depot_stock(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A depot holds 0..`room` ready bikes, in time order over all vans, and gives ready bikes only."""
    for change in timeline.depot_changes:
        depot = problem.depot_by_id[change.depot_id]
        over = 0 if depot.room is None else change.stock_after - depot.room
        excess = max(over, -change.stock_after)
        if excess > 0:
            possible = "0 or more" if depot.room is None else f"between 0 and {depot.room}"
            yield Violation(
                rule="depot_stock",
                ids=(depot.id, change.van_id),
                amount=excess,
                text=(
                    f"depot {depot.id} holds {change.stock_after} bikes after van {change.van_id}, "
                    f"{possible} are possible"
                ),
            )
    for route in timeline.routes:
        for stop in (timed.stop for timed in route.stops if timed.stop.station_id in problem.depot_ids):
            if asked := abs(stop.swaps) + abs(stop.low_pickup) + abs(stop.broken_pickup):
                yield Violation(
                    rule="depot_stock",
                    ids=(stop.station_id, route.van_id),
                    amount=asked,
                    text=(
                        f"van {route.van_id} swaps {stop.swaps} batteries and takes {stop.low_pickup} low-charge and "
                        f"{stop.broken_pickup} broken bikes at depot {stop.station_id}, which gives ready bikes only"
                    ),
                )


def batteries(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A van swaps no more batteries than it has on board; every visit of a depot brings it back to its number."""
    for route in timeline.routes:
        van = problem.van_by_id[route.van_id]
        for timed in route.stops:
            if timed.batteries_after < 0:
                yield Violation(
                    rule="batteries",
                    ids=(van.id, timed.stop.station_id),
                    amount=-timed.batteries_after,
                    text=(
                        f"van {van.id} is {-timed.batteries_after} batteries short at {timed.stop.station_id}, "
                        f"it has {van.batteries} after each visit of a depot"
                    ),
                )
