"""plan.json: everything decided and everything needed to check it, for programs that share no code with us."""

from __future__ import annotations

import json
from typing import Any

from optimiser.basics.city import Depot
from optimiser.demand.targets import StationDemand
from optimiser.rebalancing.problem import Station, Van
from optimiser.rebalancing.replay import TimedRoute, TimedStop
from optimiser.reporting.battery_charging import battery_document
from optimiser.reporting.decisions import stop_words
from optimiser.reporting.key_figures import key_figures
from optimiser.reporting.night import LeftOut, Night
from optimiser.reporting.unserved import unserved
from optimiser.reporting.wishes import must_do, zone_outcomes

FORMAT = "evenfleet-rebalancing-plan/1"
"""Additions keep the number; anything that could break a reader raises it."""


def plan_document(night: Night) -> dict[str, Any]:
    """
    The plan as plain values: dicts, lists, strings, numbers, None.

    A reader finds here all that a replay needs: loads, inventories, batteries, handling times, drive times and metres
    of every leg, prices, rules, and for each station its lost trips by opening inventory, also with freed docks. Times
    are RFC 3339 in the city's own time, money is in its currency, distances in metres, durations in seconds.
    """
    city, problem, result = night.city, night.problem, night.result
    return {
        "format": FORMAT,
        "city": {
            "city_id": city.id,
            "name": city.name,
            "time_zone": city.time_zone,
            "currency": city.currency,
        },
        "labels": labels(night),
        "targets": {
            "stations": {source.value: count for source, count in night.target_sources.items()},
            "demand": None if night.demand is None else night.demand.as_document(),
        },
        "history": None if night.history is None else dict(night.history),
        "as_of": night.snapshot.as_of.astimezone(night.zone).isoformat(),
        "night_start": _time(night, 0),
        "objective": result.objective,
        "best_bound": result.best_bound,
        "gap": result.gap,
        "stop_reason": result.stop_reason.value,
        "seed": result.seed,
        "engine": result.engine,
        "input_hash": result.input_hash,
        "elapsed_s": result.elapsed_s,
        "kpis": key_figures(night).as_document(),
        "cost": {
            moment: {
                "lost_trips": cost.lost_trips,
                "van_hours": cost.van_hours,
                "van_km": cost.van_km,
                "van_use": cost.van_use,
                "swaps": cost.swaps,
                "broken_left": cost.broken_left,
                "must": cost.must,
                "zones": cost.zones,
                "fairness": cost.fairness,
                "total": cost.total,
            }
            for moment, cost in (("before", night.cost_before), ("after", night.cost_after))
        },
        "handling": {
            "stop_s": problem.handling.stop_s,
            "bike_s": problem.handling.bike_s,
            "swap_s": problem.handling.swap_s,
            "depot_s": problem.handling.depot_s,
        },
        "prices": {
            "lost_trip": problem.prices.lost_trip,
            "van_hour": problem.prices.van_hour,
            "van_km": problem.prices.van_km,
            "van_use": problem.prices.van_use,
            "swap": problem.prices.swap,
            "broken_left": problem.prices.broken_left,
            "must": problem.prices.must,
            "zone_bike": problem.prices.zone_bike,
            "fairness": problem.prices.fairness,
        },
        "depots": [_depot(night, depot) for depot in night.depots],
        "vans": [_van(night, van) for van in problem.vans],
        "stations": [_station(night, station) for station in night.stations],
        "routes": [_route(night, route) for route in night.timeline.routes],
        **battery_document(night),
        **({} if night.revision is None else {"revision": dict(night.revision)}),
        "must_do": [entry.as_document() for entry in must_do(night)],
        "zones": [zone.as_document() for zone in zone_outcomes(night)],
        "unserved": [entry.as_document() for entry in unserved(night)],
        "left_out": [_left_out(night, item) for item in night.left_out],
        "warnings": [
            {
                "code": warning.code,
                "source": warning.source,
                "where": warning.where,
                "message": warning.message,
                "hint": warning.hint,
            }
            for warning in night.warnings
        ],
        "progress": [
            {
                "elapsed_s": moment.elapsed_s,
                "objective": moment.objective,
                "best_bound": moment.best_bound,
                "gap": moment.gap,
            }
            for moment in result.progress
        ],
    }


def labels(night: Night) -> dict[str, Any]:
    """What is made up, whom to name and how travel times were made; part of everything that leaves the house."""
    return {
        "synthetic": list(night.city.synthetic),
        "attribution": list(night.city.attribution),
        "travel": night.problem.travel.label,
    }


def to_json(document: object) -> bytes:
    """UTF-8 JSON, indented; raises ValueError for a number that is not finite."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _time(night: Night, seconds: int) -> str:
    return night.local_time(seconds).isoformat()


def _time_or_none(night: Night, seconds: int | None) -> str | None:
    return None if seconds is None else _time(night, seconds)


def _depot(night: Night, depot: Depot) -> dict[str, Any]:
    given, after = night.problem.depot_by_id[depot.id], night.timeline.depots[depot.id]
    return {
        "depot_id": depot.id,
        "name": depot.name,
        "lon": depot.lon,
        "lat": depot.lat,
        "stock": given.stock,
        "room": given.room,
        "stock_after": after.ready,
        "low_charge_brought": after.low_charge,
        "broken_brought": after.broken,
    }


def _van(night: Night, van: Van) -> dict[str, Any]:
    return {
        "van_id": van.id,
        "slots": van.slots,
        "initial_load": van.initial_load,
        "initial_low_charge_load": van.initial_low_load,
        "initial_broken_load": van.initial_broken_load,
        "initial_batteries": van.first_batteries,
        "start_depot_id": van.start_depot_id,
        "end_depot_id": van.end_depot_id,
        "shift_start": _time(night, van.shift_start_s),
        "shift_end": _time(night, van.shift_end_s),
        "speed_factor": van.speed_factor,
        "batteries": van.batteries,
        "range_m": van.range_m,
        "skills": sorted(van.skills),
        "break": None
        if van.break_ is None
        else {
            "duration_s": van.break_.duration_s,
            "earliest": _time(night, van.break_.earliest_s),
            "latest": _time(night, van.break_.latest_s),
        },
    }


def _station(night: Night, station: Station) -> dict[str, Any]:
    place, after = night.place_of_station[station.id], night.timeline.inventories[station.id]
    freed = night.timeline.freed[station.id]
    return {
        "station_id": station.id,
        "name": place.name,
        "lon": place.lon,
        "lat": place.lat,
        "capacity": station.capacity,
        "bikes_before": station.inventory,
        "bikes_after": after,
        "low_charge_before": station.low_charge,
        "low_charge_after": night.timeline.low_charge[station.id],
        "broken_before": station.broken,
        "broken_after": night.timeline.broken[station.id],
        "docks_freed": freed,
        "target": [station.target.low, station.target.high],
        "target_reason": station.target.reason,
        "target_source": station.target.source.value,
        "expected_lost_before": station.lost_trips(station.inventory),
        "expected_lost_after": station.lost_trips(after, freed),
        "lost_trips_by_inventory": list(station.target.lost_trips),
        "lost_trips_by_freed_docks": [list(table) for table in station.lost_trips_freed],
        "worth_of_next_bike_in": station.worth_of_next_in(after, freed),
        "worth_of_next_bike_out": station.worth_of_next_out(after, freed),
        "rules": _rules(night, station),
        "demand": None
        if station.target.demand is None
        else _demand(station.target.demand, station.inventory, after, freed=freed),
    }


def _rules(night: Night, station: Station) -> dict[str, Any]:
    return {
        "needs": sorted(station.needs),
        "opens": _time_or_none(night, station.opens_s),
        "closes": _time_or_none(night, station.closes_s),
        "pick_up": station.may_pick_up,
        "drop_off": station.may_drop_off,
        "forbidden": station.is_forbidden,
        "once": station.once,
    }


def _demand(demand: StationDemand, before: int, after: int, *, freed: int) -> dict[str, Any]:
    """What the tables tell; they are made for tonight's docks, so with freed ones what holds afterwards is unknown."""
    is_told = freed == 0
    return {
        "rentals_wanted": demand.rentals,
        "returns_wanted": demand.returns,
        "sigma": demand.sigma,
        "fleet_split": demand.fleet_split,
        "worth_of_swap": demand.worth_of_swap[after] if is_told and demand.worth_of_swap is not None else None,
        "lost_rentals_before": demand.lost_rentals[before],
        "lost_rentals_after": demand.lost_rentals[after] if is_told else None,
        "empty_minutes_before": demand.empty_s[before] / 60,
        "empty_minutes_after": demand.empty_s[after] / 60 if is_told else None,
        "full_minutes_before": demand.full_s[before] / 60,
        "full_minutes_after": demand.full_s[after] / 60 if is_told else None,
    }


def _route(night: Night, route: TimedRoute) -> dict[str, Any]:
    van = night.problem.van_by_id[route.van_id]
    return {
        "van_id": route.van_id,
        "begins": _time(night, route.start_s),
        "departs": _time(night, route.leave_s),
        "returns": _time(night, route.end_s),
        "initial_load": van.initial_load,
        "start_load": route.start_load,
        "load_at_end": route.load_at_end,
        "low_charge_at_end": route.low_load_at_end,
        "broken_at_end": route.broken_load_at_end,
        "break": None
        if route.break_start_s is None
        else {
            "before_stop": route.route.break_before,
            "begin": _time(night, route.break_start_s),
            "end": _time(night, route.break_start_s + route.break_s),
            "duration_s": route.break_s,
        },
        "stops": [_stop(night, timed) for timed in route.stops],
        "last_leg": {"drive_s": route.last_drive_s, "distance_m": route.last_length_m},
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
    }


def _stop(night: Night, timed: TimedStop) -> dict[str, Any]:
    """At a depot in mid-shift `station_id` is the depot's, and the inventory is its stock."""
    return {
        **stop_words(timed.stop),
        "is_depot": timed.stop.station_id in night.problem.depot_ids,
        "arrival": _time(night, timed.arrival_s),
        "wait_s": timed.wait_s,
        "departure": _time(night, timed.departure_s),
        "lifted": timed.lifted,
        "batteries_taken": timed.refilled,
        "load_after": timed.load_after,
        "low_charge_load_after": timed.low_load_after,
        "broken_load_after": timed.broken_load_after,
        "batteries_after": timed.batteries_after,
        "inventory_after": timed.inventory_after,
        "low_charge_after": timed.low_charge_after,
        "broken_after": timed.broken_after,
        "docks_freed": timed.freed_after,
        "drive_s": timed.drive_s,
        "distance_m": timed.length_m,
    }


def _left_out(night: Night, item: LeftOut) -> dict[str, Any]:
    place = night.place_of_station.get(item.station_id)
    return {
        "station_id": item.station_id,
        "name": place.name if place else item.station_id,
        "lon": place.lon if place else None,
        "lat": place.lat if place else None,
        "code": item.code,
        "text": item.text,
        "distance_m": item.distance_m,
    }
