"""What a night of e-cars leaves undone, and why: musts, tasks, stations that lack a ready car, zones and cars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from optimiser.relocation.cost import UnservedMust, is_ready, unserved_musts
from optimiser.relocation.problem import Car, Must, Task
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_reasons import (
    Reason,
    is_booked,
    why_not_charged,
    why_not_handled,
    why_not_ready,
)
from optimiser.reporting.relocation_spare import why_no_car_comes
from optimiser.reporting.words import counted

LEAST_TRIPS = 0.05
"""Stations at which one more car would save less are not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnservedWish:
    """One thing left undone."""

    kind: Literal["car", "station", "zone", "task", "must", "place"]
    id: str
    code: str
    """Stable name of the reason."""
    text: str
    """The reason in words, with its figures."""
    lost_trips: float = 0.0
    """What one more ready car would save, where that is known."""
    money: float = 0.0
    """The price of what is undone."""

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def unserved_wishes(night: RelocationNight) -> tuple[UnservedWish, ...]:
    """Musts, tasks, stations by what one more car saves there, zones, cars, and places that could not take part."""
    stations = sorted(_stations(night), key=lambda wish: (-wish.lost_trips, wish.id))
    left_out = (
        UnservedWish(kind="place", id=item.station_id, code=item.code, text=item.text) for item in night.left_out
    )
    return (*_musts(night), *_tasks(night), *stations, *_zones(night), *_cars(night), *left_out)


def _musts(night: RelocationNight) -> Iterator[UnservedWish]:
    price, musts = night.problem.prices.must, {must.car_id: must for must in night.problem.musts}
    for item in unserved_musts(night.problem, night.timeline):
        code, reason = _why_must(night, night.problem.car_by_id[item.car_id], musts[item.car_id], item)
        lacks = [
            *(["it is not at a station where it must be"] if item.misplaced else []),
            *([f"it lacks {item.missing_kwh:.1f} kWh"] if item.missing_kwh else []),
        ]
        money = price * (item.misplaced + item.missing_kwh)
        text = f"{' and '.join(lacks)}: {reason}"
        yield UnservedWish(kind="must", id=item.car_id, code=code, text=text, money=money)


def _why_must(night: RelocationNight, car: Car, must: Must, item: UnservedMust) -> Reason:
    """What is in the way of being there comes before what is in the way of the charge."""
    if item.misplaced and not car.can_move:
        return "CANNOT_MOVE", "it cannot be driven"
    if item.misplaced and is_booked(night, car) and car.station_id not in must.station_ids:
        return "BOOKED", "a rider has booked it where it stands"
    if item.missing_kwh and (reason := why_not_charged(night, car, must.energy_kwh)) is not None:
        return reason
    return why_not_handled(night, car)


def _tasks(night: RelocationNight) -> Iterator[UnservedWish]:
    done = {id_ for route in night.timeline.routes for timed in route.jobs for id_ in timed.job.task_ids}
    for task in night.problem.tasks:
        if task.id not in done:
            code, text = _why_task(night, task)
            text = f"car {task.car_id}: {text}"
            yield UnservedWish(kind="task", id=task.id, code=code, text=text, money=task.price)


def _why_task(night: RelocationNight, task: Task) -> Reason:
    problem = night.problem
    code, text = why_not_handled(night, problem.car_by_id[task.car_id], needs=task.needs, work_s=task.duration_s)
    cost = problem.prices.driver_hour * (problem.handling.handover_s + task.duration_s) / 3600
    if code == "SEARCH_LIMIT" and task.price <= cost:
        return "NOT_WORTH_IT", f"leaving it costs {task.price:.2f}, a driver's time for it {cost:.2f}"
    return code, text


def _stations(night: RelocationNight) -> Iterator[UnservedWish]:
    stations, price = night.problem.stations, night.problem.prices.lost_trip
    for station in stations:
        ready = night.ready_after[station.id]
        gain = station.lost(ready) - station.lost(ready + 1)
        if gain >= LEAST_TRIPS:
            code, text = why_no_car_comes(night, stations, [station])
            money = gain * price
            yield UnservedWish(kind="station", id=station.id, code=code, text=text, lost_trips=gain, money=money)


def _zones(night: RelocationNight) -> Iterator[UnservedWish]:
    """Zones with fewer ready cars than their floor, or more than their cap."""
    stations, price = night.problem.stations, night.problem.prices.zone_car
    for zone in night.problem.zones:
        ready = sum(night.ready_after[id_] for id_ in zone.station_ids)
        inside = [station for station in stations if station.id in zone.station_ids]
        outside = [station for station in stations if station.id not in zone.station_ids]
        if zone.floor is not None and ready < zone.floor:
            missed, told = zone.floor - ready, f"{counted(ready, 'ready car')}, {zone.floor} wanted"
            code, text = why_no_car_comes(night, outside, inside)
        elif zone.cap is not None and ready > zone.cap:
            missed, told = ready - zone.cap, f"{counted(ready, 'ready car')}, {zone.cap} at most"
            code, text = why_no_car_comes(night, inside, outside)
        else:
            continue
        yield UnservedWish(kind="zone", id=zone.id, code=code, text=f"{told}: {text}", money=price * missed)


def _cars(night: RelocationNight) -> Iterator[UnservedWish]:
    for car in night.problem.cars:
        if not is_ready(night.problem, car, night.timeline):
            code, text = why_not_ready(night, car)
            yield UnservedWish(kind="car", id=car.id, code=code, text=text)
