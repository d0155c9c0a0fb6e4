"""driver_sheet.csv: what each driver does, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from optimiser.basics.cells import Cell, sheet_csv
from optimiser.relocation.replay import TimedJob, TimedRoute
from optimiser.reporting.relocation_document import energy_at
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.words import sentences

COLUMNS = ("driver", "step", "from", "until", "action", "car", "station_id", "station", "plug", "charge", "km", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a driver does."""

    begin_s: int
    end_s: int
    action: str
    """`begin`, `ride`, `wait`, `open`, `task`, `unplug`, `drive`, `park`, `plug in`, `break`, `end`."""
    place_id: str
    car_id: str = ""
    plug_id: str = ""
    charge: float | None = None
    """State of charge, 0..1, at the end of it."""
    length_m: int = 0
    note: str = ""


class _At(TypedDict):
    place_id: str
    car_id: str


def driver_steps(night: RelocationNight, route: TimedRoute) -> Iterator[Step]:
    """Everything that a driver does, in order, from the start of the shift until home."""
    driver = night.problem.driver_by_id[route.driver_id]
    at = driver.start_place_id
    yield Step(begin_s=route.start_s, end_s=route.start_s, action="begin", place_id=at, note=_labels(night))
    for index, timed in enumerate(route.jobs):
        if route.route.break_before == index:
            yield _break(route, at)
        yield from _job_steps(night, timed, at, driver.mode)
        at = timed.job.station_id if timed.drives else timed.job.origin_id
    if route.route.break_before == len(route.jobs):
        yield _break(route, at)
    if route.last_ride_s:
        yield Step(
            begin_s=route.end_s - route.last_ride_s,
            end_s=route.end_s,
            action="ride",
            place_id=driver.end_place_id,
            length_m=route.last_ride_m,
            note=driver.mode,
        )
    yield Step(begin_s=route.end_s, end_s=route.end_s, action="end", place_id=driver.end_place_id)


def driver_sheet_csv(night: RelocationNight) -> str:
    """
    One row for each step of each driver, in order.

    Times are local with their offset, `charge` in percent after the step. Lines end in CRLF (RFC 4180). Text that a
    spreadsheet would take for a formula gets a ' in front; numbers stay numbers.
    """
    rows = (
        _row(night, route.driver_id, number, step)
        for route in night.timeline.routes
        for number, step in enumerate(driver_steps(night, route))
    )
    return sheet_csv(COLUMNS, rows)


def _row(night: RelocationNight, driver_id: str, number: int, step: Step) -> tuple[Cell, ...]:
    place = night.places[step.place_id]
    return (
        *(driver_id, number, _time(night, step.begin_s), _time(night, step.end_s), step.action),
        *(step.car_id, place.id, place.name, step.plug_id),
        None if step.charge is None else round(100 * step.charge, 1),
        round(step.length_m / 1000, 2) if step.action in ("ride", "drive") else None,
        step.note,
    )


def _job_steps(night: RelocationNight, timed: TimedJob, at: str, mode: str) -> Iterator[Step]:
    job, handling = timed.job, night.problem.handling
    car = night.problem.car_by_id[job.car_id]
    leaves, arrives = (kwh / car.battery_kwh for kwh in energy_at(night, timed))
    origin, clock_s = job.origin_id, timed.arrival_s
    if at != origin:
        begin_s = clock_s - timed.ride_s
        yield Step(begin_s=begin_s, end_s=clock_s, action="ride", place_id=origin, length_m=timed.ride_m, note=mode)
    if timed.start_s > clock_s:
        yield Step(begin_s=clock_s, end_s=timed.start_s, action="wait", place_id=origin, car_id=car.id)
    clock_s = timed.start_s + handling.handover_s
    yield Step(begin_s=timed.start_s, end_s=clock_s, action="open", place_id=origin, car_id=car.id, charge=leaves)
    for id_ in job.task_ids:
        end_s = clock_s + night.problem.task_by_id[id_].duration_s
        yield Step(begin_s=clock_s, end_s=end_s, action="task", place_id=origin, car_id=car.id, note=id_)
        clock_s = end_s
    if job.unplug:
        yield Step(begin_s=clock_s, end_s=timed.leave_s, action="unplug", place_id=origin, car_id=car.id)
    end: _At = {"place_id": job.station_id, "car_id": car.id}
    clock_s = timed.reach_s
    if timed.drives:
        yield Step(begin_s=timed.leave_s, end_s=clock_s, action="drive", charge=arrives, length_m=timed.drive_m, **end)
        yield Step(begin_s=clock_s, end_s=clock_s + handling.park_s, action="park", **end)
        clock_s += handling.park_s
    if job.plug_id is not None:
        yield Step(begin_s=clock_s, end_s=timed.end_s, action="plug in", plug_id=job.plug_id, charge=arrives, **end)


def _break(route: TimedRoute, at: str) -> Step:
    # The replay takes a break only where it says when.
    assert route.break_start_s is not None
    return Step(begin_s=route.break_start_s, end_s=route.break_start_s + route.break_s, action="break", place_id=at)


def _labels(night: RelocationNight) -> str:
    synthetic = f"Synthetic: {sentences(night.fleet.synthetic)} " if night.fleet.synthetic else ""
    return (synthetic + " ".join(night.fleet.attribution)).strip()


def _time(night: RelocationNight, seconds: int) -> str:
    return night.local_time(seconds).isoformat(sep=" ")
