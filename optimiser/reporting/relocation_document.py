"""plan.json of a night of e-cars: everything decided, and all that a replay by other programs needs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimiser.relocation.problem import Driver, Problem
from optimiser.relocation.replay import Charged, TimedJob, TimedRoute
from optimiser.reporting.relocation_figures import car_figures, energy_saving
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_state import car_document, site_document, station_document
from optimiser.reporting.relocation_unserved import UnservedWish, unserved_wishes

FORMAT = "evenfleet-relocation-plan/1"
"""Additions keep the number; anything that could break a reader raises it."""


def relocation_document(night: RelocationNight) -> dict[str, Any]:
    """
    The plan as plain values: dicts, lists, strings, numbers, None.

    Times are RFC 3339 in the city's own time, money is in its currency, energies in kWh, powers in kW from the grid,
    distances in metres, durations in seconds. What is left undone comes with a reason.
    """
    fleet, problem, result = night.fleet, night.problem, night.result
    wishes = unserved_wishes(night)
    before, plain, after = (
        car_figures(problem, timeline) for timeline in (night.timeline_before, night.timeline_plain, night.timeline)
    )
    return {
        "format": FORMAT,
        "city": {"city_id": fleet.id, "name": fleet.name, "time_zone": fleet.time_zone, "currency": fleet.currency},
        "labels": relocation_labels(night),
        "wishes": {source.value: count for source, count in fleet.wish_sources.items()},
        "as_of": fleet.as_of.astimezone(night.zone).isoformat(),
        "night_start": night.time(0),
        "opening": night.time(problem.opening_s),
        "objective": result.objective,
        "best_bound": result.best_bound,
        "gap": result.gap,
        "stop_reason": result.stop_reason.value,
        "seed": result.seed,
        "engine": result.engine,
        "input_hash": result.input_hash,
        "elapsed_s": result.elapsed_s,
        "kpis": {
            "before": before.as_document(),
            "after": after.as_document(),
        },
        "trips_saved": before.lost_trips - after.lost_trips,
        "saved": night.cost_before.total - night.cost_after.total,
        "cost": {
            "before": {**asdict(night.cost_before), "total": night.cost_before.total},
            "after": {**asdict(night.cost_after), "total": night.cost_after.total},
        },
        "smart_charging": {
            "energy_at_once": night.cost_plain.energy,
            "co2_at_once": night.cost_plain.co2,
            "kwh_at_once": plain.charged_kwh,
            "saving": night.cost_plain.total - night.cost_after.total,
            "energy_saving": energy_saving(plain, after).as_document(),
        },
        "handling": asdict(problem.handling),
        "charging": asdict(problem.charging),
        "prices": asdict(problem.prices),
        "modes": [
            {"name": mode.name, "ride_s": mode.ride_s, "price_km": mode.km, "travel": mode.travel.label}
            for mode in problem.modes
        ],
        "grid": {
            "slot_s": problem.grid.slot_s,
            "tariff": list(problem.grid.tariff),
            "co2_kg": list(problem.grid.co2_kg),
        },
        "stations": [station_document(night, station) for station in problem.stations],
        "cars": [car_document(night, car) for car in problem.cars],
        "drivers": [_driver(night, driver) for driver in problem.drivers],
        **_wishes(problem),
        "routes": [_route(night, route) for route in night.timeline.routes],
        "sites": [site_document(night, station) for station in problem.stations if station.plugs],
        "charges": [_charge(night, charged) for charged in night.timeline.charged],
        "unserved": [wish.as_document() for wish in wishes],
        "left_out": [asdict(item) for item in night.left_out],
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
        "progress": [asdict(moment) for moment in result.progress],
    }


def unserved_document(night: RelocationNight) -> dict[str, Any]:
    """unserved.json: what is left undone, alone."""
    wishes: tuple[UnservedWish, ...] = unserved_wishes(night)
    return {
        "city_id": night.fleet.id,
        "night_start": night.time(0),
        "labels": relocation_labels(night),
        "unserved": [wish.as_document() for wish in wishes],
    }


def relocation_labels(night: RelocationNight) -> dict[str, Any]:
    """What is made up, whom to name, how travel times were made, and where the tariff is from."""
    return {
        "synthetic": list(night.fleet.synthetic),
        "attribution": list(night.fleet.attribution),
        "travel": night.problem.drive.label,
        "grid": night.fleet.grid.source,
    }


def _wishes(problem: Problem) -> dict[str, Any]:
    """Work at cars, what has to become of cars, and ready cars of stations together: what else the cost is made of."""
    return {
        "tasks": [
            {
                "task_id": task.id,
                "car_id": task.car_id,
                "duration_s": task.duration_s,
                "price": task.price,
                "needs": sorted(task.needs),
            }
            for task in problem.tasks
        ],
        "musts": [
            {"car_id": must.car_id, "station_ids": sorted(must.station_ids), "energy_kwh": must.energy_kwh}
            for must in problem.musts
        ],
        "zones": [
            {"zone_id": zone.id, "station_ids": list(zone.station_ids), "floor": zone.floor, "cap": zone.cap}
            for zone in problem.zones
        ],
    }


def _driver(night: RelocationNight, driver: Driver) -> dict[str, Any]:
    break_ = driver.break_
    return {
        "driver_id": driver.id,
        "start_place_id": driver.start_place_id,
        "end_place_id": driver.end_place_id,
        "shift_start": night.time(driver.shift_start_s),
        "shift_end": night.time(driver.shift_end_s),
        "mode": driver.mode,
        "skills": sorted(driver.skills),
        "break": None
        if break_ is None
        else {
            "duration_s": break_.duration_s,
            "earliest": night.time(break_.earliest_s),
            "latest": night.time(break_.latest_s),
        },
    }


def _route(night: RelocationNight, route: TimedRoute) -> dict[str, Any]:
    return {
        "driver_id": route.driver_id,
        "begins": night.time(route.start_s),
        "returns": night.time(route.end_s),
        "duration_s": route.duration_s,
        "break": None
        if route.break_start_s is None
        else {
            "before_job": route.route.break_before,
            "begin": night.time(route.break_start_s),
            "duration_s": route.break_s,
        },
        "jobs": [_job(night, timed) for timed in route.jobs],
        "last_ride": {"ride_s": route.last_ride_s, "ride_m": route.last_ride_m},
    }


def _job(night: RelocationNight, timed: TimedJob) -> dict[str, Any]:
    job = timed.job
    leaves_kwh, arrives_kwh = energy_at(night, timed)
    return {
        "car_id": job.car_id,
        "from": job.origin_id,
        "to": job.station_id if timed.drives else job.origin_id,
        "moves": timed.drives,
        "unplug": job.unplug,
        "plug_id": job.plug_id,
        "task_ids": list(job.task_ids),
        "ride_s": timed.ride_s,
        "ride_m": timed.ride_m,
        "arrival": night.time(timed.arrival_s),
        "wait_s": timed.start_s - timed.arrival_s,
        "start": night.time(timed.start_s),
        "leave": night.time(timed.leave_s),
        "drive_s": timed.reach_s - timed.leave_s,
        "drive_m": timed.drive_m,
        "reach": night.time(timed.reach_s),
        "end": night.time(timed.end_s),
        "energy_at_leave_kwh": leaves_kwh,
        "energy_at_reach_kwh": arrives_kwh,
    }


def energy_at(night: RelocationNight, timed: TimedJob) -> tuple[float, float]:
    """kWh in a job's car when it leaves and when it is there."""
    next_stay = next(stay for stay in night.timeline.stays[timed.job.car_id] if stay.from_s == timed.reach_s)
    used = night.problem.car_by_id[timed.job.car_id].kwh_per_km * timed.drive_m / 1000
    return next_stay.energy_kwh + used, next_stay.energy_kwh


def _charge(night: RelocationNight, charged: Charged) -> dict[str, Any]:
    charge, stay, grid = charged.charge, charged.stay, night.problem.grid
    slots = range(charge.first_slot, charge.first_slot + len(charge.kw))
    return {
        "car_id": charge.car_id,
        "station_id": charge.station_id,
        "plug_id": charge.plug_id,
        "plugged_from": None if stay is None else night.time(stay.plugged_from_s),
        "plugged_until": None if stay is None else night.time(stay.plugged_until_s),
        "first_slot": charge.first_slot,
        "first_slot_begins": night.time(charge.first_slot * grid.slot_s),
        "kw": list(charge.kw),
        "grid_kwh": list(charged.grid_kwh),
        "energy_before_kwh": charged.energy_kwh[0],
        "energy_after_kwh": charged.energy_kwh[-1],
        "cost": sum(kwh * grid.tariff[slot] for slot, kwh in zip(slots, charged.grid_kwh, strict=True)),
        "co2_kg": sum(kwh * grid.co2_kg[slot] for slot, kwh in zip(slots, charged.grid_kwh, strict=True)),
    }
