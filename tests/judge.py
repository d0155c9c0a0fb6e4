"""
A second opinion on rebalancing plans: the rules and prices of `docs/models/rebalancing.md`, written down again.

Shares no code with replay, check and cost: one loop over events, dictionaries, no sentences. Slow and plain.
"""

from __future__ import annotations

import math
from collections import Counter

from optimiser.rebalancing.plan import Plan, Route
from optimiser.rebalancing.problem import Problem


def judge(problem: Problem, plan: Plan) -> tuple[set[str], dict[str, float]]:  # noqa: C901  one plain story
    """Names of broken rules, and the terms of the cost (none where numbers or stations are impossible)."""
    broken_rules: set[str] = set()
    places = {id_: index for index, id_ in enumerate(problem.travel.place_ids)}
    stations = {station.id: station for station in problem.stations}
    ready = {station.id: station.inventory for station in problem.stations}
    low = {station.id: station.low_charge for station in problem.stations}
    bad = {station.id: station.broken for station in problem.stations}
    stock = {van.start_depot_id: 0 for van in problem.vans} | {van.end_depot_id: 0 for van in problem.vans}
    stock |= {depot.id: depot.stock for depot in problem.depots}
    room = {depot.id: depot.room for depot in problem.depots}
    calls: Counter[str] = Counter()
    swapped: Counter[str] = Counter()
    fetched: Counter[str] = Counter()
    hours, metres = [], 0
    events: list[tuple[int, int, int, str, tuple[int, int, int]]] = []

    for number, route in enumerate(plan.routes):
        if not route.stops:
            continue
        end_s, length, rules, made = _follow(problem, route, places, stock.keys())
        events += [(time_s, number, place, where, change) for time_s, place, where, change in made]
        broken_rules |= rules
        (van,) = (van for van in problem.vans if van.id == route.van_id)
        hours.append((end_s - van.shift_start_s) / 3600)
        metres += length
        for stop in route.stops:
            calls[stop.station_id] += 1
            if stop.station_id in stations:
                swapped[stop.station_id] += stop.swaps
                fetched[stop.station_id] += stop.broken_pickup
    if max(Counter(route.van_id for route in plan.routes).values(), default=0) > 1:
        broken_rules.add("one_route_per_van")
    if any(stations[id_].once and count > 1 for id_, count in calls.items() if id_ in stations):
        broken_rules.add("one_visit")

    for _, _, _, where, (d_ready, d_low, d_bad) in sorted(events):
        if where in stock:
            stock[where] += d_ready
            if d_ready and not 0 <= stock[where] <= (math.inf if room.get(where) is None else room[where]):
                broken_rules.add("depot_stock")
        else:
            ready[where] += d_ready
            low[where] += d_low
            bad[where] += d_bad
            station = stations[where]
            free = station.low_charge - low[where] + station.broken - bad[where]
            if not (0 <= ready[where] <= station.capacity + free and low[where] >= 0 and bad[where] >= 0):
                broken_rules.add("station_inventory")

    if broken_rules & {"whole_bikes", "station_inventory", "depot_stock"}:
        return broken_rules, {}
    prices = problem.prices
    lost = missing = 0.0
    for station in problem.stations:
        free = station.low_charge - low[station.id] + station.broken - bad[station.id]
        tables = [station.target.lost_trips, *station.lost_trips_freed]
        table = tables[min(free, len(tables) - 1)]
        lost += [*table, *[table[-1]] * free][ready[station.id]]
        if must := station.must:
            missing += must.visit and calls[station.id] == 0
            missing += max(0, (must.low or 0) - ready[station.id])
            missing += 0 if must.high is None else max(0, ready[station.id] - must.high)
            missing += max(0, must.swaps - swapped[station.id]) + max(0, must.broken - fetched[station.id])
    off = 0
    for zone in problem.zones:
        bikes = sum(ready[id_] for id_ in zone.station_ids)
        off += max(0, (zone.floor or 0) - bikes) + (0 if zone.cap is None else max(0, bikes - zone.cap))
    mean = sum(hours) / max(1, len(hours))
    return (
        broken_rules,
        {
            "lost_trips": prices.lost_trip * lost,
            "van_hours": prices.van_hour * sum(hours),
            "van_km": prices.van_km * metres / 1000,
            "van_use": prices.van_use * len(hours),
            "swaps": prices.swap * sum(swapped.values()),
            "broken_left": prices.broken_left * sum(bad.values()),
            "must": prices.must * missing,
            "zones": prices.zone_bike * off,
            "fairness": prices.fairness * sum(abs(value - mean) for value in hours),
        },
    )


def _follow(problem, route: Route, places, depots) -> tuple[int, int, set[str], list]:  # noqa: C901
    """One van alone: when it is back, its metres, the rules it breaks, and what it changes where and when."""
    rules: set[str] = set()
    events: list = []
    (van,) = (van for van in problem.vans if van.id == route.van_id)
    stations = {station.id: station for station in problem.stations}
    per_stop, per_bike = problem.handling.stop_s, problem.handling.bike_s
    load = van.initial_load if route.start_load is None else route.start_load
    low, bad, metres = van.initial_low_load, van.initial_broken_load, 0
    if load + low + bad > van.slots:
        rules.add("van_capacity")
    if load < 0:
        rules.add("whole_bikes")
    now = van.shift_start_s + per_bike * abs(load - van.initial_load)
    events.append((now, -1, van.start_depot_id, (van.initial_load - load, 0, 0)))
    packs = van.batteries if van.initial_batteries is None else van.initial_batteries
    at, rested = van.start_depot_id, None

    def rest(place: int) -> None:
        nonlocal now, rested
        if route.break_before == place and van.break_ is not None:
            rested = now
            now += van.break_.duration_s

    def go(there: str) -> None:
        nonlocal now, at, metres
        now += math.ceil(int(problem.travel.travel_s[places[at], places[there]]) / van.speed_factor)
        metres += int(problem.travel.length_m[places[at], places[there]])
        at = there

    for place, stop in enumerate(route.stops):
        rest(place)
        go(stop.station_id)
        counts = [stop.pickup, stop.dropoff, stop.swaps, stop.low_pickup, stop.broken_pickup]
        load += stop.pickup - stop.dropoff
        if at in depots:
            useful = low + bad > 0 or packs != van.batteries
            if stop.swaps or stop.low_pickup or stop.broken_pickup:
                rules.add("depot_stock")
            now += problem.handling.depot_s + per_bike * (stop.pickup + stop.dropoff + low + bad)
            events.append((now, place, at, (stop.dropoff - stop.pickup, low, bad)))
            low, bad, packs = 0, 0, van.batteries
        else:
            station = stations[at]
            useful = station.must is not None and station.must.visit
            low, bad, packs = low + stop.low_pickup, bad + stop.broken_pickup, packs - stop.swaps
            now = max(now, now if station.opens_s is None else station.opens_s)
            now += per_stop + per_bike * (sum(counts) - stop.swaps) + problem.handling.swap_s * stop.swaps
            change = (stop.dropoff - stop.pickup + stop.swaps, -stop.swaps - stop.low_pickup, -stop.broken_pickup)
            events.append((now, place, at, change))
            for rule, is_broken in (
                ("time_window", station.closes_s is not None and now > station.closes_s),
                ("skills", not station.needs <= van.skills),
                ("forbidden", station.is_forbidden),
                ("pickup_forbidden", stop.pickup > 0 and not station.may_pick_up),
                ("dropoff_forbidden", stop.dropoff > 0 and not station.may_drop_off),
            ):
                rules |= {rule} if is_broken else set()
        if min(counts) < 0 or not (any(counts) or useful):
            rules.add("whole_bikes")
        if min(load, low, bad) < 0 or load + low + bad > van.slots:
            rules.add("van_capacity")
        if packs < 0:
            rules.add("batteries")
    rest(len(route.stops))
    go(van.end_depot_id)
    events.append((now, len(route.stops), at, (max(0, load), low, bad)))
    if now > van.shift_end_s:
        rules.add("shift_end")
    if van.range_m is not None and metres > van.range_m:
        rules.add("range")
    if van.break_ is None or rested is None:
        due = van.break_ is not None and now > van.break_.latest_s
        rules |= {"break_time"} if due or route.break_before is not None else set()
    elif not van.break_.earliest_s <= rested <= van.break_.latest_s:
        rules.add("break_time")
    return now, metres, rules, events
