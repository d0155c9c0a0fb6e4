"""What the map of a night of e-cars shows, as plain marks; the template only lays them out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from optimiser.basics.car_fleet import Station as FleetStation
from optimiser.basics.car_fleet import WishSource
from optimiser.relocation.cost import is_ready
from optimiser.relocation.problem import Station
from optimiser.relocation.replay import TimedJob, Timeline
from optimiser.reporting import words
from optimiser.reporting.map import Frame, arrows, line_path
from optimiser.reporting.page import COLOURS
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_unserved import LEAST_TRIPS, UnservedWish
from optimiser.reporting.relocation_words import clock

Interval = tuple[int, int | None]
"""Ready cars that are wanted, from and to; None = any number."""


def framed(night: RelocationNight, geojson: dict[str, Any]) -> list[tuple[float, float]]:
    """What the map must show: stations that take part, cars at places of their own, and all ways."""
    places = [night.places[id_] for id_ in night.problem.place_index]
    points = [(place.lon, place.lat) for place in places]
    for feature in geojson["features"]:
        if feature["properties"]["kind"] in ("ride", "drive"):
            points += [(lon, lat) for lon, lat in feature["geometry"]["coordinates"]]
    return points or [(station.lon, station.lat) for station in night.fleet.stations] or [(0.0, 0.0)]


def driver_layers(night: RelocationNight, frame: Frame, geojson: dict[str, Any]) -> list[dict[str, Any]]:
    """For each driver who sets out: colour, drives and rides as paths, and jobs numbered where the car is found."""
    lines: dict[tuple[str, str], list[list[list[float]]]] = {}
    for feature in geojson["features"]:
        its = feature["properties"]
        if its["kind"] in ("ride", "drive"):
            lines.setdefault((its["driver_id"], its["kind"]), []).append(feature["geometry"]["coordinates"])
    badges: dict[str, int] = {}
    layers = []
    for index, route in enumerate(night.timeline.routes):
        jobs = []
        for number, timed in enumerate(route.jobs, start=1):
            place = night.places[timed.job.origin_id]
            x, y = frame.xy(place.lon, place.lat)
            # Badges of one place stand side by side.
            shift = badges[place.id] = badges.get(place.id, -1) + 1
            jobs.append({"number": number, "x": x, "y": y, "shift": 12 + 17 * shift})
        drives, rides = (lines.get((route.driver_id, kind), []) for kind in ("drive", "ride"))
        layers.append(
            {
                "id": route.driver_id,
                "index": index,
                "colour": index % COLOURS,
                "drives": [path for line in drives if (path := line_path(frame, line))],
                "rides": [path for line in rides if (path := line_path(frame, line))],
                "arrows": [arrow for line in drives for arrow in arrows(frame, line)],
                "jobs": jobs,
                "begins": clock(night, route.start_s),
                "back": clock(night, route.end_s),
                "drive_m": sum(timed.drive_m for timed in route.jobs),
                "ride_m": route.ride_m,
                "mode": night.problem.driver_by_id[route.driver_id].mode,
            }
        )
    return layers


def station_marks(night: RelocationNight, frame: Frame, entries: Sequence[UnservedWish]) -> list[dict[str, Any]]:
    """Every station with its place on the map, its numbers and its jobs; the card reads the same values."""
    by_id = {station.id: station for station in night.fleet.stations}
    visits = _visits(night)
    left = {entry.id: entry for entry in entries if entry.kind == "station"}
    marks = [
        _mark(night, frame, by_id[station.id], station, left.get(station.id)) | {"visits": visits.get(station.id, [])}
        for station in night.problem.stations
    ]
    for item in night.left_out:
        if place := by_id.get(item.station_id):
            x, y = frame.xy(place.lon, place.lat)
            marks.append(
                {"id": place.id, "name": place.name, "x": x, "y": y, "before": "out", "after": "out"}
                | {"planned": False, "plugs": len(place.plugs), "why": item.text, "visits": []}
            )
    return marks


def car_dots(night: RelocationNight, frame: Frame) -> list[dict[str, Any]]:
    """Cars in the street, at places of their own in a zone: before, and after where they still stand there."""
    moved = {id_ for id_, jobs in night.timeline.jobs_of.items() if any(timed.drives for timed in jobs)}
    dots = []
    for car in night.problem.cars:
        if car.place_id is not None:
            place = night.places[car.place_id]
            x, y = frame.xy(place.lon, place.lat)
            dots.append(
                {
                    "id": car.id,
                    "x": x,
                    "y": y,
                    "before": is_ready(night.problem, car, night.timeline_before),
                    "after": None if car.id in moved else is_ready(night.problem, car, night.timeline),
                }
            )
    return dots


def wanted(place: FleetStation, station: Station) -> Interval:
    """
    How many ready cars a station is to open with.

    The interval that was given; for a station with rates, counts from which one car more or less would save nothing.
    """
    if place.wish.source is not WishSource.RATES:
        return place.wish.low, place.wish.high
    table = station.lost_trips
    low = next((cars for cars in range(len(table)) if station.lost(cars) - station.lost(cars + 1) < LEAST_TRIPS), 0)
    high = next(
        (cars for cars in range(low, len(table)) if station.lost(cars + 1) - station.lost(cars) >= LEAST_TRIPS), None
    )
    return low, high


def in_words(interval: Interval) -> str:
    """`2–4`, `2`, `2 or more`."""
    low, high = interval
    if high is None:
        return f"{low} or more" if low else "any number"
    return f"{low}–{high}" if high != low else f"{low}"


def standing(timeline: Timeline, station_id: str) -> int:
    """Cars at a station at opening, ready or not."""
    return sum(stays[-1].station_id == station_id for stays in timeline.stays.values())


def _mark(
    night: RelocationNight,
    frame: Frame,
    place: FleetStation,
    station: Station,
    left: UnservedWish | None,
) -> dict[str, Any]:
    before, after = night.ready_before[station.id], night.ready_after[station.id]
    is_hub = place.wish.source is WishSource.HUB
    interval = wanted(place, station)
    x, y = frame.xy(place.lon, place.lat)
    return {
        "id": station.id,
        "name": place.name,
        "x": x,
        "y": y,
        "planned": True,
        "before": "hub" if is_hub else _state(interval, before),
        "after": "hub" if is_hub else _state(interval, after),
        "ready_before": before,
        "ready_after": after,
        "wanted": "–" if is_hub else in_words(interval),
        "room": "any number" if station.bays is None else str(station.bays),
        "cars_before": standing(night.timeline_before, station.id),
        "cars_after": standing(night.timeline, station.id),
        "plugs": len(station.plugs),
        "plugs_in_words": plugs_in_words(station),
        "lost_before": words.number(station.lost(before), 1),
        "lost_after": words.number(station.lost(after), 1),
        "why": f"One more ready car would save {words.number(left.lost_trips, 1)} trips: {left.text}." if left else "",
    }


def _state(interval: Interval, ready: int) -> str:
    low, high = interval
    return "deficit" if ready < low else "surplus" if high is not None and ready > high else "fine"


def plugs_in_words(station: Station) -> str:
    """`2 × 11 kW type2, 1 × 50 kW ccs, 44 kW in all at most`."""
    kinds = dict.fromkeys((plug.kw, plug.connector) for plug in station.plugs)
    parts = [
        f"{sum((plug.kw, plug.connector) == kind for plug in station.plugs)} × {kilowatts(kind[0])} {kind[1]}"
        for kind in kinds
    ]
    if station.plugs and station.site_kw is not None:
        parts.append(f"{kilowatts(station.site_kw)} in all at most")
    return ", ".join(parts)


def kilowatts(power: float) -> str:
    """`11 kW`, `3.7 kW`."""
    return f"{words.number(power, 0 if power == round(power) else 1)} kW"


def _visits(night: RelocationNight) -> dict[str, list[dict[str, Any]]]:
    """What drivers do at each station: jobs that begin there, and drives that end there."""
    visits: dict[str, list[dict[str, Any]]] = {}
    for index, route in enumerate(night.timeline.routes):
        for number, timed in enumerate(route.jobs, start=1):
            for station_id, text in _told(night, timed):
                told = {"driver": index, "job": number, "text": f"{route.driver_id}, job {number}: {text}"}
                visits.setdefault(station_id, []).append(told)
    return visits


def _told(night: RelocationNight, timed: TimedJob) -> Iterator[tuple[str, str]]:
    """Station and sentence, once or twice for a job."""
    job = timed.job
    plug = "" if job.plug_id is None else f", on plug {job.plug_id}"
    if not timed.drives:
        what = plug.removeprefix(", ") or ("off its plug" if job.unplug else "tasks")
        yield job.station_id, f"{clock(night, timed.start_s)}, {job.car_id}: {what}"
        return
    if job.origin_id in night.problem.station_by_id:
        to = night.places[job.station_id].name
        yield job.origin_id, f"{clock(night, timed.leave_s)}, takes {job.car_id} to {to}"
    yield job.station_id, f"{clock(night, timed.reach_s)}, brings {job.car_id}{plug}"
