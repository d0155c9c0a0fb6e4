"""What a driver does, in words: loading before the start, calls at depots, what is on board, what stays behind."""

from __future__ import annotations

from optimiser.rebalancing.plan import Stop
from optimiser.rebalancing.replay import TimedRoute, TimedStop
from optimiser.reporting.night import Night


def first_load(night: Night, route: TimedRoute) -> str:
    """What is done at the depot before the van leaves, with a full stop; nothing where it leaves as it stands."""
    more = route.start_load - night.problem.van_by_id[route.van_id].initial_load
    if more == 0:
        return ""
    return f"load {_bikes(more)} at the depot first. " if more > 0 else f"leave {_bikes(-more)} at the depot first. "


def carried(load: int, low_charge: int, broken: int) -> str:
    """`3 bikes, 1 low on charge, 2 broken`."""
    return _bikes(load) + standing(low_charge, broken)


def standing(low_charge: int, broken: int) -> str:
    """`, 1 low on charge, 2 broken`, to follow a number of bikes; nothing where there are none."""
    low = f", {low_charge} low on charge" if low_charge else ""
    return low + (f", {broken} broken" if broken else "")


def work(stop: Stop) -> str:
    """What is done at a station: `picks up 3 and swaps 2 batteries`."""
    parts = [
        text.format(number)
        for text, number in (
            ("picks up {}", stop.pickup),
            ("drops off {}", stop.dropoff),
            ("swaps {} " + ("battery" if stop.swaps == 1 else "batteries"), stop.swaps),
            ("takes {} low on charge", stop.low_pickup),
            ("takes {} broken", stop.broken_pickup),
        )
        if number
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "calls"


def depot_call(timed: TimedStop) -> str:
    """What is done at a depot in mid-shift."""
    stop = timed.stop
    left = timed.lifted - stop.bikes
    parts = [
        text
        for text, number in (
            (f"load {_bikes(stop.pickup)}", stop.pickup),
            (f"leave {_bikes(stop.dropoff)}", stop.dropoff),
            (f"leave {_bikes(left)} low on charge or broken", left),
            (f"take {timed.refilled} {'battery' if timed.refilled == 1 else 'batteries'}", timed.refilled),
        )
        if number
    ]
    return f"depot: {', '.join(parts) or 'nothing to do'}; {_bikes(timed.inventory_after)} in stock afterwards"


def _bikes(count: int) -> str:
    return f"{count} {'bike' if count == 1 else 'bikes'}"
