"""Tables of the page of a night of e-cars, as plain rows; the template only lays them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from optimiser.relocation.cost import is_ready, unserved_musts
from optimiser.relocation.problem import Car
from optimiser.relocation.replay import TimedRoute
from optimiser.reporting.page import COLOURS
from optimiser.reporting.relocation_figures import CarFigures
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_page import in_words
from optimiser.reporting.relocation_sheet import Step, driver_steps
from optimiser.reporting.relocation_unserved import UnservedWish
from optimiser.reporting.relocation_words import COSTS, KINDS, REASONS, clock
from optimiser.reporting.words import counted, number, signed

_FIGURES = (
    ("Expected lost trips over the next day", "lost_trips", 1, -1),
    ("Cars ready at opening", "ready_cars", 0, 1),
    ("Stations without a ready car", "stations_without_a_ready_car", 0, -1),
    ("Charged from the grid, kWh", "charged_kwh", 0, 0),
    ("Energy, {currency}", "energy_cost", 0, 0),
    ("CO₂ of charging, kg", "co2_kg", 1, 0),
    ("Drivers who set out", "drivers", 0, 0),
    ("Driver hours", "driver_hours", 1, 0),
    ("Cars moved", "cars_moved", 0, 0),
    ("Cars put on a plug", "plugged_in", 0, 0),
    ("Cars taken off a plug", "unplugged", 0, 0),
    ("Tasks done", "tasks_done", 0, 0),
    ("Driven by car, km", "car_km", 1, 0),
    ("Ways without a car, km", "ride_km", 1, 0),
)
"""Label, field, digits, and whether more is better (1), less (-1), or neither."""

_LARGE = 1000
"""Costs from so much on are told without hundredths."""


def figure_rows(before: CarFigures, after: CarFigures, *, currency: str) -> list[dict[str, Any]]:
    """Key figures before and after, with the change and what to make of it."""
    rows = []
    for label, name, digits, better in _FIGURES:
        was, now = getattr(before, name), getattr(after, name)
        verdict = better * (now - was)
        rows.append(
            {
                "label": label.format(currency=currency),
                "before": number(was, digits),
                "after": number(now, digits),
                "change": signed(now - was, digits),
                "verdict": "good" if verdict > 1e-9 else "bad" if verdict < -1e-9 else "",
            }
        )
    return rows


def cost_rows(night: RelocationNight) -> list[dict[str, str]]:
    """The cost term by term: nobody drives, the plan with cars that charge at once, the plan; terms that count."""
    parts = [asdict(cost) for cost in (night.cost_before, night.cost_plain, night.cost_after)]
    rows = [(label, [part[name] for part in parts]) for name, label in COSTS.items()]
    rows = [(label, amounts) for label, amounts in rows if any(amounts)]
    rows.append(("In all", [cost.total for cost in (night.cost_before, night.cost_plain, night.cost_after)]))
    columns = ("before", "plain", "after")
    digits = 2 if max(rows[-1][1]) < _LARGE else 0
    return [
        {"label": label, **{column: number(amount, digits) for column, amount in zip(columns, amounts, strict=True)}}
        for label, amounts in rows
    ]


def driver_tables(night: RelocationNight) -> list[dict[str, Any]]:
    """What each driver does, step by step."""
    return [
        {
            "id": route.driver_id,
            "colour": index % COLOURS,
            "begins": clock(night, route.start_s),
            "back": clock(night, route.end_s),
            "jobs": counted(len(route.jobs), "job"),
            "car_km": number(sum(timed.drive_m for timed in route.jobs) / 1000, 1),
            "ride_km": number(route.ride_m / 1000, 1),
            "steps": _steps(night, route),
        }
        for index, route in enumerate(night.timeline.routes)
    ]


def _steps(night: RelocationNight, route: TimedRoute) -> list[dict[str, Any]]:
    rows, job = [], 0
    zone_of = {car.place_id: car.station_id for car in night.problem.cars if car.place_id is not None}
    for step in driver_steps(night, route):
        # Each job has one hand-over.
        job += step.action == "open"
        is_way = step.action in ("ride", "drive")
        rows.append(
            {
                "job": job if step.action == "open" else None,
                "begin": clock(night, step.begin_s),
                "end": clock(night, step.end_s) if step.end_s > step.begin_s else "",
                "action": _action(step),
                "place": night.places[step.place_id].name,
                "station_id": zone_of.get(step.place_id, step.place_id),
                "in_street": step.place_id in zone_of,
                "car": step.car_id,
                "plug": step.plug_id,
                "charge": "" if step.charge is None else f"{number(100 * step.charge)} %",
                "km": number(step.length_m / 1000, 1) if is_way else "",
                "is_aside": step.action in ("begin", "end", "wait", "break"),
            }
        )
    return rows


def _action(step: Step) -> str:
    minutes = f"{number((step.end_s - step.begin_s) / 60)} min"
    return {
        "begin": "Shift begins",
        "end": "Back, shift ends",
        "ride": f"Goes there, {step.note}",
        "wait": f"Waits {minutes}",
        "break": f"Break of {minutes}",
        "open": "Takes over the car",
        "task": f"Task {step.note}",
        "unplug": "Takes it off its plug",
        "drive": "Drives it there",
        "park": "Parks it",
        "plug in": "Puts it on the plug",
    }[step.action]


def car_rows(night: RelocationNight) -> list[dict[str, Any]]:
    """Every car before and after, cars that somebody handles first."""
    types = {car.id: car.type for car in night.fleet.cars}
    handled = {
        car_id: ", ".join(dict.fromkeys(timed.driver_id for timed in jobs))
        for car_id, jobs in night.timeline.jobs_of.items()
    }
    cars = sorted(night.problem.cars, key=lambda car: (car.id not in handled, car.id))
    return [_car(night, car) | {"type": types.get(car.id, ""), "drivers": handled.get(car.id, "")} for car in cars]


def _car(night: RelocationNight, car: Car) -> dict[str, Any]:
    last = night.timeline.stays[car.id][-1]
    before, after = night.timeline_before, night.timeline

    def percent(kwh: float) -> str:
        return f"{number(100 * kwh / car.battery_kwh)} %"

    return {
        "id": car.id,
        "from": night.places[car.station_id].name,
        "to": night.places[last.station_id].name,
        "moved": last.station_id != car.station_id,
        "plug": last.plug_id or "",
        "battery": number(car.battery_kwh),
        "ready_from": percent(car.ready_kwh),
        "evening": percent(car.energy_kwh),
        "before": percent(before.energy_kwh[car.id]),
        "after": percent(after.energy_kwh[car.id]),
        "ready_before": is_ready(night.problem, car, before),
        "ready_after": is_ready(night.problem, car, after),
    }


def wish_rows(night: RelocationNight) -> list[dict[str, Any]]:
    """Must-do work and zones: what was asked for, and what becomes of it."""
    problem = night.problem
    left = {item.car_id: item for item in unserved_musts(problem, night.timeline)}
    rows = []
    for must in problem.musts:
        car, item = problem.car_by_id[must.car_id], left.get(must.car_id)
        names = ", ".join(sorted(night.places[id_].name for id_ in must.station_ids))
        asked = [f"stands at {names}"] if names else []
        asked += [f"charged to {number(100 * must.energy_kwh / car.battery_kwh)} % at least"] if must.energy_kwh else []
        told = f"at {night.places[night.timeline.stays[car.id][-1].station_id].name}, charged to "
        told += f"{number(100 * night.timeline.energy_kwh[car.id] / car.battery_kwh)} %"
        rows.append({"what": f"Car {car.id}", "asked": " and ".join(asked), "told": told, "is_open": item is not None})
    for zone in problem.zones:
        before, after = (
            sum(ready[id_] for id_ in zone.station_ids) for ready in (night.ready_before, night.ready_after)
        )
        low, high = zone.floor or 0, zone.cap
        rows.append(
            {
                "what": f"Zone {zone.id} ({counted(len(zone.station_ids), 'station')})",
                "asked": f"{in_words((low, high))} ready cars together",
                "told": f"{before} → {after}",
                "is_open": after < low or (high is not None and after > high),
            }
        )
    return rows


def unserved_groups(night: RelocationNight, entries: Sequence[UnservedWish]) -> list[dict[str, Any]]:
    """What is left undone, by kind."""
    groups = []
    for kind, title in KINDS.items():
        rows = [
            {
                "id": entry.id,
                "name": _name(night, entry),
                "reason": REASONS.get(entry.code, entry.code),
                "text": entry.text,
                "trips": number(entry.lost_trips, 2) if entry.lost_trips else "",
                "money": number(entry.money, 2) if entry.money else "",
            }
            for entry in entries
            if entry.kind == kind
        ]
        if rows:
            groups.append({"kind": kind, "title": title, "rows": rows})
    return groups


def _name(night: RelocationNight, entry: UnservedWish) -> str:
    """The name of a place; a car has none."""
    place = night.places.get(entry.id)
    return place.name if place is not None and entry.kind in ("station", "place") else ""
