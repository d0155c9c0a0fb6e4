"""
Follows an answer to a night of e-cars through its file: clocks of drivers, stays and batteries of cars.

Works on the JSON documents of a night and of a plan alone, and imports nothing of the optimiser. All ids must exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Handled:
    """A job with its times, in seconds after the night's start."""

    driver: str
    job: Document
    start_s: int
    leave_s: int
    reach_s: int
    end_s: int
    is_driven: bool
    drive_m: int


@dataclass(slots=True, kw_only=True)
class Shift:
    """A driver's night."""

    driver: Document
    handled: list[Handled]
    end_s: int
    ride_m: int
    break_s: int | None
    """Begin of the break."""


@dataclass(slots=True, kw_only=True)
class Stood:
    """A car at one station between two jobs."""

    station: str
    plug: str | None
    from_s: int
    until_s: int | None
    power_from_s: int
    power_until_s: int


@dataclass(slots=True, kw_only=True)
class Course:
    """A car's night."""

    car: Document
    handled: list[Handled]
    stood: list[Stood] = field(default_factory=list)
    kwh: float = 0.0
    arrives_kwh: list[float] = field(default_factory=list)
    drawn: list[tuple[int, float, float, Document]] = field(default_factory=list)
    """Slot, kWh from the grid, kWh in the battery after it, and the charge that says so."""
    lost_kw: int = 0
    """Slots with power in which the car is on no such plug."""


class Follower:
    """What a night's document says, by id."""

    def __init__(self, night: Document) -> None:
        self.night = night
        self.at = {id_: index for index, id_ in enumerate(night["places"])}
        by_id = {name: {one["id"]: one for one in night[name]} for name in ("stations", "cars", "drivers", "tasks")}
        self.stations, self.cars, self.drivers, self.tasks = by_id.values()
        self.station_of = {self.spot(car): car["station_id"] for car in night["cars"]}
        self.modes = {mode["name"]: mode for mode in night["modes"]}

    def spot(self, car: Document) -> str:
        """The place where a car is found first."""
        return str(car["station_id"] if car["place_id"] is None else car["place_id"])

    def shift(self, route: Document) -> Shift:
        """A driver, job by job, each begun as soon as may be."""
        night, driver = self.night, self.drivers[route["driver_id"]]
        mode, handling = self.modes[driver["mode"]], night["handling"]
        clock_s, here, ride_m, break_s = driver["shift_start_s"], driver["start_place_id"], 0, None
        handled = []
        for number, job in enumerate([*route["jobs"], None]):
            if route["break_before"] == number:
                break_s = clock_s
                clock_s += driver["break"]["duration_s"] if driver["break"] else 0
            there = driver["end_place_id"] if job is None else job["origin_id"]
            if there != here:
                clock_s += mode["ride_s"] + mode["travel_s"][self.at[here]][self.at[there]]
            ride_m += mode["length_m"][self.at[here]][self.at[there]]
            if job is None:
                break
            start_s = max(clock_s, job["not_before_s"])
            leave_s = start_s + handling["handover_s"] + (handling["unplug_s"] if job["unplug"] else 0)
            leave_s += sum(self.tasks[id_]["duration_s"] for id_ in job["task_ids"])
            car = self.cars[job["car_id"]]
            in_place = there == self.spot(car) and job["station_id"] == car["station_id"] and job["plug_id"] is None
            is_driven = there != job["station_id"] and not in_place
            here, seconds, metres = there, 0, 0
            if is_driven:
                here = job["station_id"]
                seconds, metres = (night["drive"][what][self.at[there]][self.at[here]] for what in _BOTH)
            reach_s = leave_s + seconds
            clock_s = reach_s + (handling["park_s"] if is_driven else 0)
            clock_s += 0 if job["plug_id"] is None else handling["plug_in_s"]
            handled.append(
                Handled(
                    driver=driver["id"],
                    job=job,
                    start_s=start_s,
                    leave_s=leave_s,
                    reach_s=reach_s,
                    end_s=clock_s,
                    is_driven=is_driven,
                    drive_m=metres,
                )
            )
        return Shift(driver=driver, handled=handled, end_s=clock_s, ride_m=ride_m, break_s=break_s)

    def course(self, car: Document, handled: list[Handled], charges: list[Document]) -> Course:
        """A car through its jobs, and what it is charged in each stay."""
        booked_s, opening_s = car["available_until_s"], self.night["opening_s"]
        end_s = opening_s if booked_s is None else min(booked_s, opening_s)
        course = Course(car=car, handled=handled, kwh=car["energy_kwh"])
        station, plug, from_s, power_s = car["station_id"], car["plug_id"], 0, 0
        left = list(charges)
        for one in [*handled, None]:
            until_s = end_s if one is None else min(one.start_s, end_s)
            stood = Stood(
                station=station,
                plug=plug,
                from_s=from_s,
                until_s=None if one is None else one.leave_s,
                power_from_s=power_s,
                power_until_s=max(power_s, until_s),
            )
            course.stood.append(stood)
            for charge in [charge for charge in left if self._is_here(charge, stood)]:
                left.remove(charge)
                self._charge(course, charge, stood)
            if one is None:
                break
            if one.is_driven:
                course.kwh -= car["kwh_per_km"] * one.drive_m / 1000
                course.arrives_kwh.append(course.kwh)
            station, plug, from_s, power_s = one.job["station_id"], one.job["plug_id"], one.reach_s, one.end_s
        course.lost_kw += sum(kw != 0 for charge in left for kw in charge["kw"])
        return course

    def _is_here(self, charge: Document, stood: Stood) -> bool:
        slot_s = self.night["grid"]["slot_s"]
        begin_s, end_s = charge["first_slot"] * slot_s, (charge["first_slot"] + len(charge["kw"])) * slot_s
        is_same = charge["station_id"] == stood.station and charge["plug_id"] == stood.plug
        return bool(is_same and begin_s < stood.power_until_s and end_s > stood.power_from_s)

    def _charge(self, course: Course, charge: Document, stood: Stood) -> None:
        slot_s, efficiency = self.night["grid"]["slot_s"], self.night["charging"]["efficiency"]
        for slot, kw in enumerate(charge["kw"], start=charge["first_slot"]):
            seconds = min(stood.power_until_s, (slot + 1) * slot_s) - max(stood.power_from_s, slot * slot_s)
            if seconds <= 0 and kw != 0:
                course.lost_kw += 1
            drawn = kw * max(0, seconds) / 3600
            course.kwh += drawn * efficiency
            course.drawn.append((slot, drawn, course.kwh, charge | {"now_kw": kw}))


_BOTH = ("travel_s", "length_m")
