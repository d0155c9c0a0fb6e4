"""What the report's page shows, as plain rows and marks; the template only lays them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from optimiser.rebalancing.problem import Station
from optimiser.rebalancing.replay import TimedRoute, TimedStop
from optimiser.reporting import words
from optimiser.reporting.driving import carried, depot_call, first_load, work
from optimiser.reporting.key_figures import KeyFigures
from optimiser.reporting.map import Frame, arrows, line_path
from optimiser.reporting.night import Night
from optimiser.reporting.unserved import Unserved
from optimiser.reporting.wishes import must_do, zone_outcomes

COLOURS = 8
"""Van colours that the style sheet knows; more vans start again."""


def van_layers(night: Night, frame: Frame, geojson: dict[str, Any]) -> list[dict[str, Any]]:
    """For each van with a route: its colour, legs, arrows, and numbered stops in drawing units."""
    legs: dict[str, list[list[list[float]]]] = {}
    for feature in geojson["features"]:
        if feature["properties"]["kind"] == "leg":
            legs.setdefault(feature["properties"]["van_id"], []).append(feature["geometry"]["coordinates"])
    layers = []
    badges: dict[str, int] = {}
    for index, route in enumerate(night.timeline.routes):
        stops = []
        for stop_number, timed in enumerate(route.stops, start=1):
            place = night.place_by_id[timed.stop.station_id]
            x, y = frame.xy(place.lon, place.lat)
            # Badges of one station stand side by side.
            shift = badges[place.id] = badges.get(place.id, -1) + 1
            stops.append({"number": stop_number, "x": x, "y": y, "shift": 11 + 17 * shift, "name": place.name})
        lines = legs.get(route.van_id, [])
        layers.append(
            {
                "id": route.van_id,
                "index": index,
                "colour": index % COLOURS,
                "paths": [line_path(frame, line) for line in lines],
                "arrows": [arrow for line in lines for arrow in arrows(frame, line)],
                "stops": stops,
                "distance_m": route.distance_m,
                "duration_s": route.duration_s,
                "bikes": sum(timed.lifted for timed in route.stops),
                "leaves": night.local_time(route.leave_s),
                "back": night.local_time(route.end_s),
            }
        )
    return layers


def station_marks(night: Night, frame: Frame, entries: Sequence[Unserved]) -> list[dict[str, Any]]:
    """Every station with its place on the map, its numbers and its visits; the card reads the same values."""
    visits: dict[str, list[dict[str, Any]]] = {}
    for index, route in enumerate(night.timeline.routes):
        for stop_number, timed in enumerate(route.stops, start=1):
            visits.setdefault(timed.stop.station_id, []).append(
                {
                    "van": index,
                    "stop": stop_number,
                    "text": f"{route.van_id}, stop {stop_number}: {_span(night, timed)}, {work(timed.stop)}, "
                    f"{carried(timed.load_after, timed.low_load_after, timed.broken_load_after)} on board after",
                }
            )
    # Of several wishes of a station the card tells the first, which is worth most.
    left = {entry.station_id: entry for entry in reversed(entries)}
    marks = [
        _mark(night, frame, station, visits.get(station.id, []), left.get(station.id)) for station in night.stations
    ]
    for item in night.left_out:
        if place := night.place_of_station.get(item.station_id):
            x, y = frame.xy(place.lon, place.lat)
            marks.append(
                {"id": place.id, "name": place.name, "x": x, "y": y, "before": "out", "after": "out"}
                | {"size_before": 1.0, "size_after": 1.0, "visits": [], "why": item.text, "planned": False}
            )
    return marks


def _mark(
    night: Night, frame: Frame, station: Station, visits: list[dict[str, Any]], left: Unserved | None
) -> dict[str, Any]:
    place, after = night.place_of_station[station.id], night.timeline.inventories[station.id]
    freed = night.timeline.freed[station.id]
    # Minutes without a bike or a dock are known for tonight's docks alone.
    told = words.demand_in_words(station.target, after) if not freed else ""
    x, y = frame.xy(place.lon, place.lat)
    return {
        "id": station.id,
        "name": place.name,
        "x": x,
        "y": y,
        "planned": True,
        "before": _state(station, station.inventory),
        "after": _state(station, after),
        "size_before": _size(station, station.inventory),
        "size_after": _size(station, after),
        "bikes_before": station.inventory,
        "bikes_after": after,
        "low": station.target.low,
        "high": station.target.high,
        "room": station.capacity,
        "lost_before": words.number(station.lost_trips(station.inventory), 1),
        "blocked": _blocked(night, station),
        "lost_after": words.number(station.lost_trips(after, freed), 1),
        "target_why": "; ".join(filter(None, [station.target.reason, told])),
        "visits": visits,
        "why": " ".join(filter(None, [left.reason.detail, left.help])) if left else "",
    }


def _off_target(station: Station, bikes: int) -> int:
    return max(station.target.low - bikes, bikes - station.target.high, 0)


def _state(station: Station, bikes: int) -> str:
    return "deficit" if bikes < station.target.low else "surplus" if bikes > station.target.high else "fine"


def _size(station: Station, bikes: int) -> float:
    """Of the mark: its area grows with the bikes off target."""
    return round(min(1.9, 0.8 + 0.22 * _off_target(station, bikes) ** 0.5), 2) if _off_target(station, bikes) else 1.0


def _span(night: Night, timed: TimedStop) -> str:
    return "–".join(words.clock(night.local_time(seconds)) for seconds in (timed.arrival_s, timed.departure_s))


def _blocked(night: Night, station: Station) -> str:
    """Bikes that cannot be rented, before and after; nothing where there are none."""
    low, broken = night.timeline.low_charge[station.id], night.timeline.broken[station.id]
    parts = [f"low on charge: {station.low_charge} → {low}"] if station.low_charge else []
    return " · ".join(parts + ([f"broken: {station.broken} → {broken}"] if station.broken else []))


def route_tables(night: Night) -> list[dict[str, Any]]:
    """The route sheet of each van, for reading: the table twin of the map."""
    changes = len({night.local_time(s).utcoffset() for r in night.timeline.routes for s in (r.start_s, r.end_s)}) > 1

    def clock(seconds: int) -> str:
        return words.clock(night.local_time(seconds), with_offset=changes)

    station_rows = {station.id: row for row, station in enumerate(night.stations)}

    def cells(timed: TimedStop, number: int) -> dict[str, Any]:
        id_ = timed.stop.station_id
        is_depot, is_real = id_ in night.problem.depot_ids, id_ in station_rows
        call = depot_call(timed) if is_depot else None if is_real else "its way so far"
        return {
            "number": number,
            "arrive": clock(timed.arrival_s),
            "begin": clock(timed.begin_s) if timed.wait_s else None,
            "leave": clock(timed.departure_s),
            "name": night.place_by_id[id_].name,
            "row": station_rows.get(id_),
            "call": call,
            "pickup": timed.stop.pickup,
            "dropoff": timed.stop.dropoff,
            "swaps": timed.stop.swaps,
            "low_pickup": timed.stop.low_pickup,
            "broken_pickup": timed.stop.broken_pickup,
            "load": timed.load_after,
            "low_load": timed.low_load_after,
            "broken_load": timed.broken_load_after,
            "batteries": timed.batteries_after,
            "stands": timed.inventory_after,
            "target": night.problem.station_by_id[id_].target if is_real else None,
            "drive_s": timed.drive_s,
            "length_m": timed.length_m,
        }

    tables = []
    for index, route in enumerate(night.timeline.routes):
        van = night.problem.van_by_id[route.van_id]
        tables.append(
            {
                "id": route.van_id,
                "colour": index % COLOURS,
                "slots": van.slots,
                "leaves": clock(route.leave_s),
                "back": clock(route.end_s),
                "start": night.place_by_id[van.start_depot_id].name,
                "end": night.place_by_id[van.end_depot_id].name,
                "first_load": first_load(night, route),
                "start_load": route.start_load,
                "batteries": van.batteries,
                "load_at_end": route.load_at_end,
                "low_at_end": route.low_load_at_end,
                "broken_at_end": route.broken_load_at_end,
                "last_drive_s": route.last_drive_s,
                "last_length_m": route.last_length_m,
                "distance_m": route.distance_m,
                "rest": _rest(route, clock),
                "columns": _columns(route, van.batteries),
                "stops": [cells(timed, number) for number, timed in enumerate(route.stops, start=1)],
            }
        )
    return tables


def _rest(route: TimedRoute, clock: Callable[[int], str]) -> dict[str, Any] | None:
    """The break: before which stop, from when to when; None where there is none."""
    if route.break_start_s is None:
        return None
    begin, end = clock(route.break_start_s), clock(route.break_start_s + route.break_s)
    return {"before": route.route.break_before, "begin": begin, "end": end}


def _columns(route: TimedRoute, batteries: int) -> dict[str, bool]:
    """Which columns beyond the usual ones a route's table needs."""
    low = any(timed.stop.low_pickup for timed in route.stops)
    broken = any(timed.stop.broken_pickup for timed in route.stops)
    return {
        "swaps": any(timed.stop.swaps for timed in route.stops),
        "low": low,
        "broken": broken,
        "batteries": batteries > 0,
    }


def wish_rows(night: Night) -> list[dict[str, Any]]:
    """Must-do work and zones as rows: place, what was asked for, what becomes of it."""
    rows = [
        {
            "name": entry.name,
            "id": entry.station_id,
            "wish": entry.wish,
            "outcome": entry.outcome,
            "is_open": entry.is_open,
        }
        for entry in must_do(night)
    ]
    rows += [
        {
            "name": f"zone {zone.zone_id}",
            "id": words.counted(len(zone.station_ids), "station"),
            "wish": f"{zone.wish} together",
            "outcome": f"{zone.bikes_before} → {zone.bikes_after} bikes, {zone.outcome}",
            "is_open": zone.is_missed,
        }
        for zone in zone_outcomes(night)
    ]
    return rows


def cost_parts(night: Night) -> list[tuple[str, float]]:
    """What the plan costs term by term; terms that a city has no use for only where they are not 0."""
    cost = night.cost_after
    always = [
        ("lost trips", cost.lost_trips),
        ("hours", cost.van_hours),
        ("km", cost.van_km),
        ("vans", cost.van_use),
    ]
    more = [
        ("swaps", cost.swaps),
        ("broken bikes left", cost.broken_left),
        ("must-do work left", cost.must),
        ("zones missed", cost.zones),
        ("uneven hours", cost.fairness),
    ]
    return always + [(label, amount) for label, amount in more if amount]


def unserved_groups(entries: Sequence[Unserved]) -> list[dict[str, Any]]:
    """What is left undone by kind and reason; where one sentence holds for a whole group it is told once."""
    groups = []
    for kind, (heading, explanation) in words.KINDS.items():
        of_kind = [entry for entry in entries if entry.kind == kind]
        for code in dict.fromkeys([*words.REASONS, *(entry.reason.code for entry in of_kind)]):
            members = [entry for entry in of_kind if entry.reason.code == code]
            if members:
                title, action = words.REASONS.get(code, (code, ""))
                details = {entry.reason.detail for entry in members}
                shared = details.pop() if len(details) == 1 and len(members) > 1 else None
                told = explanation + (f" Possible action: {action}." if action else "")
                groups.append(
                    {"title": f"{heading}: {title}", "explanation": told, "shared": shared, "entries": members}
                )
    return groups


def balances(figures: KeyFigures) -> list[dict[str, Any]]:
    """Before and after as bars of 1,000 units: stations below, within and above target."""
    bars = []
    for label, moment in (("Before", figures.before), ("After", figures.after)):
        counts = {
            "deficit": moment.stations_below_target,
            "fine": moment.stations_within_target,
            "surplus": moment.stations_above_target,
        }
        total = max(1, sum(counts.values()))
        bars.append({"label": label, "parts": list(_parts(counts, total))})
    return bars


def _parts(counts: dict[str, int], total: int) -> Iterator[dict[str, Any]]:
    x = 0.0
    for state, count in counts.items():
        width = 1000 * count / total
        yield {"state": state, "count": count, "x": round(x, 1), "width": round(width, 1)}
        x += width


def search_trace(night: Night) -> dict[str, Any] | None:
    """Objective and proven bound over the search as two step lines in a box of 1,000 by 200; None for one moment."""
    moments, end_s = night.result.progress, night.result.elapsed_s
    if len(moments) < 2 or end_s <= 0:
        return None
    top = max(moment.objective for moment in moments)

    def steps(values: list[float]) -> str:
        path: list[str] = []
        level = 0.0
        for moment, value in zip(moments, values, strict=True):
            x, level = 1000 * min(1.0, moment.elapsed_s / end_s), 200 - 190 * value / top if top > 0 else 200
            path.append(f"{'M' if not path else 'H'}{x:.1f}{'' if path else f' {level:.1f}'}V{level:.1f}")
        return "".join(path) + "H1000"

    return {
        "objective": steps([moment.objective for moment in moments]),
        "bound": steps([moment.best_bound for moment in moments]),
        "seconds": end_s,
    }
