"""
What a night of e-cars leaves undone, and why: cars that are not ready, stations that lack one, tasks and musts.

Reasons are counted on this plan, the first that holds: what no plan could do comes before what this one has no room
for, and only where nothing of that holds is it the search that may have missed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from optimiser.relocation.cost import is_ready, unserved_musts
from optimiser.relocation.problem import Car, Plug, Problem, Station
from optimiser.reporting.relocation_night import RelocationNight

LEAST_TRIPS = 0.05
"""Stations at which one more car would save less are not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnservedWish:
    """One thing left undone."""

    kind: Literal["car", "station", "task", "must", "place"]
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
    """Musts, tasks, stations by what one more car would save there, cars, and places that could not take part."""
    stations = sorted(_stations(night), key=lambda wish: (-wish.lost_trips, wish.id))
    left_out = (
        UnservedWish(kind="place", id=item.station_id, code=item.code, text=item.text) for item in night.left_out
    )
    return (*_musts(night), *_tasks(night), *stations, *_cars(night), *left_out)


def _musts(night: RelocationNight) -> Iterator[UnservedWish]:
    price = night.problem.prices.must
    for item in unserved_musts(night.problem, night.timeline):
        car = night.problem.car_by_id[item.car_id]
        code, reason = _why_not_handled(night, car)
        lacks = [
            *(["it is not at a station where it must be"] if item.misplaced else []),
            *([f"it lacks {item.missing_kwh:.1f} kWh"] if item.missing_kwh else []),
        ]
        money = price * (item.misplaced + item.missing_kwh)
        yield UnservedWish(kind="must", id=car.id, code=code, text=f"{' and '.join(lacks)}: {reason}", money=money)


def _tasks(night: RelocationNight) -> Iterator[UnservedWish]:
    done = {id_ for route in night.timeline.routes for timed in route.jobs for id_ in timed.job.task_ids}
    for task in night.problem.tasks:
        if task.id in done:
            continue
        car = night.problem.car_by_id[task.car_id]
        hour = night.problem.prices.driver_hour
        cost = hour * (night.problem.handling.handover_s + task.duration_s) / 3600
        code, text = _why_not_handled(night, car)
        if not any(car.needs | task.needs <= driver.skills for driver in night.problem.drivers):
            code, text = "NO_SKILL", f"no driver has {', '.join(sorted(car.needs | task.needs))}"
        elif code in ("SEARCH_LIMIT", "NO_DRIVER_TIME") and task.price <= cost:
            code, text = "NOT_WORTH_IT", f"leaving it costs {task.price:.2f}, a driver's time for it {cost:.2f}"
        yield UnservedWish(kind="task", id=task.id, code=code, text=f"car {car.id}: {text}", money=task.price)


def _stations(night: RelocationNight) -> Iterator[UnservedWish]:
    problem = night.problem
    for station in problem.stations:
        ready = night.ready_after[station.id]
        gain = station.lost(ready) - station.lost(ready + 1)
        if gain >= LEAST_TRIPS:
            code, text = _why_short(night, station, gain)
            money = gain * problem.prices.lost_trip
            yield UnservedWish(kind="station", id=station.id, code=code, text=text, lost_trips=gain, money=money)


def _why_short(night: RelocationNight, station: Station, gain: float) -> tuple[str, str]:
    problem = night.problem
    there = sum(stays[-1].station_id == station.id for stays in night.timeline.stays.values())
    if station.bays is not None and there >= station.bays:
        return "NO_BAY", f"{there} cars stand in its {station.bays} bays at opening"
    sources = []
    for other in problem.stations:
        ready = night.ready_after[other.id]
        if other.id != station.id and ready:
            trips = other.lost(ready - 1) - other.lost(ready)
            drive_s = problem.drive_s(other.id, station.id)
            handling_s = problem.handling.handover_s + problem.handling.park_s + drive_s
            money = problem.prices.driver_hour * handling_s / 3600
            money += problem.prices.car_km * problem.drive_m(other.id, station.id) / 1000
            sources.append((problem.prices.lost_trip * trips + money, trips, handling_s, other))
    spare = [source for source in sources if source[1] < gain]
    if not spare:
        return "NO_SPARE_CAR", "every ready car elsewhere is missed as much where it stands"
    cost, trips, needed_s, other = min(spare, key=lambda source: (source[0], source[3].id))
    worth = problem.prices.lost_trip * gain
    name = night.places[other.id].name
    if cost >= worth:
        return "NOT_WORTH_IT", f"a car from {name} would save {worth:.2f} and cost {cost:.2f}, {trips:.2f} trips there"
    if (text := _no_time(night, needed_s)) is not None:
        return "NO_DRIVER_TIME", text
    return "SEARCH_LIMIT", f"a car from {name} might be worth it, the search found no way to fit it in"


def _cars(night: RelocationNight) -> Iterator[UnservedWish]:
    for car in night.problem.cars:
        if not is_ready(night.problem, car, night.timeline):
            code, text = _why_not_ready(night, car)
            yield UnservedWish(kind="car", id=car.id, code=code, text=text)


def _why_not_ready(night: RelocationNight, car: Car) -> tuple[str, str]:
    problem = night.problem
    if (parked := _not_rentable(night, car)) is not None:
        return parked
    fitting = [
        (station, plug) for station, plug in _plugs(problem, car) if car.can_move or station.id == car.station_id
    ]
    if not fitting:
        where = "" if car.can_move else " at its station, and it cannot be driven"
        return "NO_CONNECTOR", f"no plug fits{where}: it has {', '.join(sorted(car.connectors)) or 'no connector'}"
    missing = (car.ready_kwh - night.timeline.energy_kwh[car.id]) / problem.charging.efficiency
    kw = max(min(plug.kw, car.charge_kw) for _, plug in fitting)
    if kw * problem.opening_s / 3600 < missing:
        return "TOO_LITTLE_TIME_TO_CHARGE", f"it lacks {missing:.1f} kWh, and no plug gives it more than {kw:.1f} kW"
    if night.timeline.stays[car.id][-1].plug_id is not None:
        return "NOT_WORTH_IT", f"it is on a plug and lacks {missing:.1f} kWh: power for it is short or not worth it"
    return _why_not_charged(night, car, fitting, kw=kw, missing=missing)


def _not_rentable(night: RelocationNight, car: Car) -> tuple[str, str] | None:
    """Why nobody could rent it however full it is; None if they could."""
    if not car.in_service:
        return "OUT_OF_SERVICE", "it is out of service"
    if car.available_until_s is not None and car.available_until_s < night.problem.opening_s:
        return "BOOKED", f"it is booked from {night.local_time(car.available_until_s):%H:%M} on"
    if car.available_from_s > night.problem.opening_s:
        return "NOT_THERE_YET", "its rider brings it after opening"
    return None


def _why_not_charged(
    night: RelocationNight, car: Car, plugs: list[tuple[Station, Plug]], *, kw: float, missing: float
) -> tuple[str, str]:
    """Why nobody puts it on one of the plugs that fit, which give `kw` at most."""
    problem = night.problem
    code, text = _why_not_handled(night, car)
    if code == "NO_SKILL":
        return code, text
    if max(_free_s(night, station, plug) for station, plug in plugs) < missing / kw * 3600:
        return "NO_FREE_PLUG", f"no plug that fits is free for the {missing / kw:.1f} h that it needs at least"
    gain = max(
        station.lost(night.ready_after[station.id]) - station.lost(night.ready_after[station.id] + 1)
        for station in problem.stations
    )
    worth, cost = problem.prices.lost_trip * max(0.0, gain), _least_cost(problem, car, plugs, missing)
    if worth <= cost:
        return "NOT_WORTH_IT", f"one more ready car saves {worth:.2f} at most, to charge it costs {cost:.2f} at least"
    return code, text


def _why_not_handled(night: RelocationNight, car: Car) -> tuple[str, str]:
    """Why no driver works at a car."""
    problem = night.problem
    if not any(car.needs <= driver.skills for driver in problem.drivers):
        return "NO_SKILL", f"no driver has {', '.join(sorted(car.needs))}"
    if (text := _no_time(night, problem.handling.handover_s + problem.handling.plug_in_s)) is not None:
        return "NO_DRIVER_TIME", text
    return "SEARCH_LIMIT", "the search found no way to fit it in"


def _no_time(night: RelocationNight, needed_s: int) -> str | None:
    """A sentence where no driver has so much time left at the end, the way there not counted."""
    ends = {route.driver_id: route.end_s for route in night.timeline.routes}
    left = [driver.shift_end_s - ends.get(driver.id, driver.shift_start_s) for driver in night.problem.drivers]
    most_s = max(left, default=0)
    if most_s >= needed_s:
        return None
    return f"no driver has {needed_s / 60:.0f} minutes left, the most are {most_s / 60:.0f}"


def _plugs(problem: Problem, car: Car) -> Iterator[tuple[Station, Plug]]:
    for station in problem.stations:
        for plug in station.plugs:
            if plug.connector in car.connectors:
                yield station, plug


def _free_s(night: RelocationNight, station: Station, plug: Plug) -> int:
    """The longest time in which a plug is free in the plan."""
    opening_s = night.problem.opening_s
    taken = sorted(
        (stay.from_s, opening_s if stay.until_s is None else stay.until_s)
        for stays in night.timeline.stays.values()
        for stay in stays
        if stay.station_id == station.id and stay.plug_id == plug.id
    )
    longest, free_from_s = 0, plug.free_from_s
    for begin_s, end_s in [*taken, (opening_s, opening_s)]:
        longest, free_from_s = max(longest, begin_s - free_from_s), max(free_from_s, end_s)
    return longest


def _least_cost(problem: Problem, car: Car, plugs: list[tuple[Station, Plug]], missing_kwh: float) -> float:
    """What it costs at least to bring a car to a plug and charge it, the driver's way to it not counted."""
    grid = problem.grid
    cheapest = min(
        tariff + problem.prices.co2_kg * co2_kg for tariff, co2_kg in zip(grid.tariff, grid.co2_kg, strict=True)
    )
    drive_s = min(problem.drive_s(car.at, station.id) for station, _ in plugs)
    handling_s = problem.handling.handover_s + problem.handling.plug_in_s + drive_s
    return problem.prices.driver_hour * handling_s / 3600 + cheapest * missing_kwh
