"""What stands where on a night of e-cars, and what charging sites draw: stations, cars and sites of plan.json."""

from __future__ import annotations

from typing import Any

from optimiser.relocation.cost import is_ready
from optimiser.relocation.problem import Car, Station
from optimiser.relocation.replay import TimedJob, Timeline
from optimiser.reporting.relocation_night import RelocationNight


def station_document(night: RelocationNight, station: Station) -> dict[str, Any]:
    """A station, and how it stands in the evening and at opening."""
    place, before, after = night.places[station.id], night.ready_before[station.id], night.ready_after[station.id]

    def standing(moment: str) -> int:
        timeline = night.timeline if moment == "after" else night.timeline_before
        return sum(stays[-1].station_id == station.id for stays in timeline.stays.values())

    return {
        "station_id": station.id,
        "name": place.name,
        "lon": place.lon,
        "lat": place.lat,
        "bays": station.bays,
        "site_kw": station.site_kw,
        "opens": night.time(station.opens_s),
        "closes": None if station.closes_s is None else night.time(station.closes_s),
        "plugs": [
            {"plug_id": plug.id, "kw": plug.kw, "connector": plug.connector, "free_from": night.time(plug.free_from_s)}
            for plug in station.plugs
        ],
        "plugs_used_before": _plugs_used(night.timeline_before, station),
        "plugs_used_after": _plugs_used(night.timeline, station),
        "cars_before": standing("before"),
        "cars_after": standing("after"),
        "ready_before": before,
        "ready_after": after,
        "expected_lost_before": station.lost(before),
        "expected_lost_after": station.lost(after),
        "lost_trips_by_ready_cars": list(station.lost_trips),
    }


def car_document(night: RelocationNight, car: Car) -> dict[str, Any]:
    """A car, where it stands and what is in its battery, in the evening and at opening, and who works at it."""
    problem, timeline, before = night.problem, night.timeline, night.timeline_before
    last = timeline.stays[car.id][-1]
    return {
        "car_id": car.id,
        "station_before": car.station_id,
        "place_before": car.at,
        "station_after": last.station_id,
        "plug_before": car.plug_id,
        "plug_after": last.plug_id,
        "battery_kwh": car.battery_kwh,
        "ready_kwh": car.ready_kwh,
        "goal_kwh": car.goal_kwh,
        "kwh_per_km": car.kwh_per_km,
        "charge_kw": car.charge_kw,
        "connectors": sorted(car.connectors),
        "needs": sorted(car.needs),
        "in_service": car.in_service,
        "can_move": car.can_move,
        "available_from": night.time(car.available_from_s),
        "available_until": None if car.available_until_s is None else night.time(car.available_until_s),
        "energy_before_kwh": car.energy_kwh,
        "energy_after_kwh": timeline.energy_kwh[car.id],
        "charge_before": car.energy_kwh / car.battery_kwh,
        "charge_after": timeline.energy_kwh[car.id] / car.battery_kwh,
        "ready_before": is_ready(problem, car, before),
        "ready_after": is_ready(problem, car, timeline),
        "jobs": [_job_of(timeline, timed) for timed in timeline.jobs_of.get(car.id, ())],
    }


def site_document(night: RelocationNight, station: Station) -> dict[str, Any]:
    """What a station with plugs draws in each slot: as planned, and if each car charged at once."""
    return {
        "station_id": station.id,
        "site_kw": station.site_kw,
        "planned": _profile(night, night.timeline, station),
        "at_once": _profile(night, night.timeline_plain, station),
    }


def _profile(night: RelocationNight, timeline: Timeline, station: Station) -> dict[str, Any]:
    """Powers are those set for a slot, which the cap of the site bounds; energy flows while a car is on its plug."""
    problem, grid = night.problem, night.problem.grid
    kw, kwh = [0.0] * problem.slots, [0.0] * problem.slots
    for charged in timeline.charged:
        if charged.charge.station_id != station.id:
            continue
        pairs = zip(charged.charge.kw, charged.grid_kwh, strict=True)
        for slot, (power, energy) in enumerate(pairs, start=charged.charge.first_slot):
            if power:
                kw[slot] += power
                kwh[slot] += energy
    return {
        "kw": kw,
        "grid_kwh": kwh,
        "peak_kw": max(kw, default=0.0),
        "kwh": sum(kwh),
        "cost": sum(energy * price for energy, price in zip(kwh, grid.tariff, strict=False)),
        "co2_kg": sum(energy * kg for energy, kg in zip(kwh, grid.co2_kg, strict=False)),
    }


def _plugs_used(timeline: Timeline, station: Station) -> int:
    """Plugs that hold a car of the fleet at some time of the night."""
    stays = [stay for stays in timeline.stays.values() for stay in stays]
    return len({stay.plug_id for stay in stays if stay.station_id == station.id and stay.plug_id is not None})


def _job_of(timeline: Timeline, timed: TimedJob) -> dict[str, Any]:
    """Where to find a car's job: the driver, and its place in the driver's jobs from 1 on."""
    jobs = next(route.jobs for route in timeline.routes if route.driver_id == timed.driver_id)
    return {"driver_id": timed.driver_id, "job": jobs.index(timed) + 1}
