"""
Why no driver works at a car, and why a car is not charged as wanted.

The first reason that holds is told. What no plan could do comes before what this plan has no room for, and only where
nothing of that holds is it the search that may have missed it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from optimiser.relocation.cost import TINY_KWH
from optimiser.relocation.problem import Car, Driver, Plug, Station, energy_for, reserve_kwh
from optimiser.relocation.replay import Stay, TimedRoute
from optimiser.reporting.relocation_night import RelocationNight

Reason = tuple[str, str]
"""A stable name, and a sentence with its figures."""
Site = tuple[Station, Plug]
Span = tuple[int, int]


def why_not_ready(night: RelocationNight, car: Car) -> Reason:
    """Why a car cannot be rented at opening."""
    if not car.in_service:
        return "OUT_OF_SERVICE", "it is out of service"
    if is_booked(night, car):
        return "BOOKED", f"it is booked from {_booked_clock(night, car)} on"
    if car.available_from_s > night.problem.opening_s:
        return "NOT_THERE_YET", "its rider brings it after opening"
    return why_not_charged(night, car, car.ready_kwh) or _why_not_plugged(night, car)


def why_not_handled(night: RelocationNight, car: Car, *, needs: Iterable[str] = (), work_s: int = 0) -> Reason:
    """Why no driver works at a car, where the work takes so long after taking it over."""
    least_s = night.problem.handling.handover_s + work_s
    reason = never_handled(night, car, needs=needs, least_s=least_s)
    reason = reason or no_time(night, least_s, begins=car.at, ends=car.at)
    return reason or ("SEARCH_LIMIT", "the search found no way to fit it in")


def never_handled(night: RelocationNight, car: Car, *, needs: Iterable[str] = (), least_s: int) -> Reason | None:
    """What keeps every driver from a car on any plan; None where nothing does."""
    return next(_obstacles(night, car, car.needs.union(needs), least_s), None)


def _obstacles(night: RelocationNight, car: Car, skills: frozenset[str], least_s: int) -> Iterator[Reason]:
    """Reasons in the order in which they are told; each is only asked for where those before do not hold."""
    problem, minutes = night.problem, f"{least_s / 60:.0f} minutes"
    if not problem.drivers:
        yield "NO_DRIVER_TIME", "no driver works tonight"
    shifts = [(driver.shift_start_s, driver.shift_end_s) for driver in able_drivers(night, skills)]
    if not shifts:
        yield "NO_SKILL", f"no driver has {', '.join(sorted(skills))}"
    if _longest(shifts) < least_s:
        yield "NO_DRIVER_TIME", f"no shift has the {minutes} that it takes"
    if is_booked(night, car) and _longest(shifts, until_s=car.available_until_s) < least_s:
        yield "BOOKED", f"it is booked from {_booked_clock(night, car)} on, no driver has {minutes} before"
    if _longest(shifts, from_s=car.available_from_s) < least_s:
        brought = f"{night.local_time(car.available_from_s):%H:%M}"
        yield "NOT_THERE_YET", f"its rider brings it by {brought}, no driver has {minutes} after that"
    station = problem.station_by_id[car.station_id]
    if _longest(shifts, from_s=station.opens_s, until_s=station.closes_s) < least_s:
        yield "CLOSED", f"its station is not open for {minutes} while drivers work"


def no_time(night: RelocationNight, needed_s: int, *, begins: str, ends: str) -> Reason | None:
    """A reason where no driver has time left to go from one place to another in so long, ways there and on included."""
    routes = {route.driver_id: route for route in night.timeline.routes}
    best: tuple[int, int, Driver] | None = None
    for driver in night.problem.drivers:
        route = routes.get(driver.id)
        left_s = driver.shift_end_s - (driver.shift_start_s if route is None else route.end_s)
        takes_s = needed_s + _detour_s(night, driver, route, begins=begins, ends=ends)
        if takes_s <= left_s:
            return None
        if best is None or takes_s - left_s < best[0] - best[1]:
            best = takes_s, left_s, driver
    if best is None:
        return None
    takes_s, left_s, driver = best
    text = f"with the way there it takes {math.ceil(takes_s / 60)} minutes, driver {driver.id} has {left_s // 60} left"
    return "NO_DRIVER_TIME", text


def _detour_s(night: RelocationNight, driver: Driver, route: TimedRoute | None, *, begins: str, ends: str) -> int:
    """What a route grows by rides where it goes by two places, one after the other, in the best of its gaps."""
    problem, at = night.problem, driver.start_place_id
    if route is None:
        return problem.ride_s(driver, at, begins) + problem.ride_s(driver, ends, driver.end_place_id)
    grows = []
    for timed in (*route.jobs, None):
        after = driver.end_place_id if timed is None else timed.job.origin_id
        way_s = problem.ride_s(driver, at, begins) + problem.ride_s(driver, ends, after)
        grows.append(way_s - problem.ride_s(driver, at, after))
        if timed is not None:
            at = timed.job.station_id if timed.drives else timed.job.origin_id
    return min(grows)


def why_not_charged(night: RelocationNight, car: Car, wanted_kwh: float) -> Reason | None:
    """What keeps a car from having so much at opening, as far as plugs and time go; None where neither does."""
    last = night.timeline.stays[car.id][-1]
    if last.plug_id is not None:
        return _why_not_full(night, car, last, wanted_kwh)
    fitting = [
        (station, plug)
        for station in night.problem.stations
        for plug in station.plugs
        if plug.connector in car.connectors
    ]
    if not fitting:
        return "NO_CONNECTOR", f"no plug fits: it has {', '.join(sorted(car.connectors)) or 'no connector'}"
    if not car.can_move:
        fitting = [site for site in fitting if site[0].id == car.at]
        if not fitting:
            return "CANNOT_MOVE", "it cannot be driven, and no plug that fits is where it stands"
    near = [site for site in fitting if _range_left(night, car, site[0]) >= -TINY_KWH]
    if not near:
        least = min(-_range_left(night, car, station) for station, _ in fitting)
        return "CANNOT_REACH_PLUG", f"it lacks {least:.1f} kWh to reach a plug that fits with its reserve"
    least_s = night.problem.handling.handover_s
    if (reason := never_handled(night, car, least_s=least_s)) is not None:
        return reason
    return _why_no_plug(night, car, near, wanted_kwh)


def able_drivers(night: RelocationNight, skills: frozenset[str]) -> list[Driver]:
    """Drivers who have these skills."""
    return [driver for driver in night.problem.drivers if skills <= driver.skills]


def is_booked(night: RelocationNight, car: Car) -> bool:
    """Whether a rider has booked a car from before opening on."""
    return car.available_until_s is not None and car.available_until_s < night.problem.opening_s


def is_open(night: RelocationNight, station: Station, least_s: int, skills: frozenset[str]) -> bool:
    """Whether a station is open for so long in the shift of anybody with these skills."""
    shifts = [(driver.shift_start_s, driver.shift_end_s) for driver in able_drivers(night, skills)]
    return _longest(shifts, from_s=station.opens_s, until_s=station.closes_s) >= least_s


def _why_not_full(night: RelocationNight, car: Car, stay: Stay, wanted_kwh: float) -> Reason:
    """Why a car that ends on a plug has less than is wanted."""
    problem = night.problem
    station = problem.station_by_id[stay.station_id]
    plug = next(plug for plug in station.plugs if plug.id == stay.plug_id)
    hours = (stay.plugged_until_s - stay.plugged_from_s) / 3600
    needed = (wanted_kwh - stay.energy_kwh) / problem.charging.efficiency
    most = min(plug.kw, car.charge_kw) * hours
    if most < needed:
        return (
            "TOO_LITTLE_TIME_TO_CHARGE",
            f"{hours:.1f} h on its plug give {most:.1f} kWh at most, it needs {needed:.1f} kWh",
        )
    if night.timeline_plain.energy_kwh[car.id] >= wanted_kwh - TINY_KWH:
        return "NOT_WORTH_IT", f"charging it at once would do, but its {needed:.1f} kWh cost more than they gain"
    if station.site_kw is not None and station.site_kw < sum(each.kw for each in station.plugs):
        return "NO_POWER", f"all plugs of its site together may draw {station.site_kw:.1f} kW"
    return "TOO_LITTLE_TIME_TO_CHARGE", f"its power falls as it fills: {hours:.1f} h do not give {needed:.1f} kWh"


def _why_no_plug(night: RelocationNight, car: Car, sites: list[Site], wanted_kwh: float) -> Reason | None:
    """Why no plug that a car could reach has time enough for it."""
    problem, handling = night.problem, night.problem.handling
    usable = [site for site in sites if is_open(night, site[0], handling.plug_in_s, car.needs)]
    if not usable:
        return "CLOSED", "no station with a plug that fits is open while drivers work"
    begin_s = min(driver.shift_start_s for driver in able_drivers(night, car.needs))
    begin_s = max(begin_s, car.available_from_s) + handling.handover_s + handling.plug_in_s
    # Whatever a plan does, charge that it had in the evening need not be charged.
    needed = (wanted_kwh - car.energy_kwh) / problem.charging.efficiency
    most = max(
        _kw(car, plug) * max(0, problem.there_until_s(car) - begin_s - problem.drive_s(car.at, station.id)) / 3600
        for station, plug in usable
    )
    if most < needed:
        return (
            "TOO_LITTLE_TIME_TO_CHARGE",
            f"it needs {needed:.1f} kWh, and no plug gives it more than {most:.1f} kWh until opening",
        )
    missing = (wanted_kwh - night.timeline.energy_kwh[car.id]) / problem.charging.efficiency
    if max(_kw(car, plug) * _free_s(night, station, plug) / 3600 for station, plug in usable) < missing:
        return "NO_FREE_PLUG", f"no plug that fits is free for long enough to give the {missing:.1f} kWh that it lacks"
    return None


def _why_not_plugged(night: RelocationNight, car: Car) -> Reason:
    """Why nobody puts a car on a plug that would have time for it."""
    problem = night.problem
    worth, cost = _most_worth(night, car), _least_cost(night, car)
    if worth <= cost:
        return "NOT_WORTH_IT", f"to have it ready saves {worth:.2f} at most, to charge it costs {cost:.2f} at least"
    return why_not_handled(night, car, work_s=problem.handling.plug_in_s)


def _most_worth(night: RelocationNight, car: Car) -> float:
    """What one more ready car saves at most, wherever it stands: lost trips, zones, and its own goal."""
    problem, prices, ready = night.problem, night.problem.prices, night.ready_after
    gain = max(station.lost(ready[station.id]) - station.lost(ready[station.id] + 1) for station in problem.stations)
    short = sum(sum(ready[id_] for id_ in zone.station_ids) < (zone.floor or 0) for zone in problem.zones)
    lacking = max(0.0, car.goal_kwh - night.timeline.energy_kwh[car.id])
    return prices.lost_trip * max(0.0, gain) + prices.zone_car * short + prices.missing_kwh * lacking


def _least_cost(night: RelocationNight, car: Car) -> float:
    """What it costs at least to bring a car to a plug and charge it, the driver's way to it not counted."""
    problem, grid, prices = night.problem, night.problem.grid, night.problem.prices
    cheapest = min(tariff + prices.co2_kg * co2_kg for tariff, co2_kg in zip(grid.tariff, grid.co2_kg, strict=True))
    missing = (car.ready_kwh - night.timeline.energy_kwh[car.id]) / problem.charging.efficiency
    drive_s = min(problem.drive_s(car.at, station.id) for station in problem.stations if station.plugs)
    handling_s = problem.handling.handover_s + problem.handling.plug_in_s + drive_s
    return prices.driver_hour * handling_s / 3600 + cheapest * missing


def _range_left(night: RelocationNight, car: Car, station: Station) -> float:
    """kWh above its reserve with which a car comes from where it is found to a station; 0 where it is there already."""
    if car.at == station.id:
        return 0.0
    used = energy_for(car, night.problem.drive_m(car.at, station.id))
    return car.energy_kwh - used - reserve_kwh(night.problem, car)


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


def _longest(spans: Iterable[Span], *, from_s: int = 0, until_s: int | None = None) -> int:
    """Seconds of the longest span, as far as it lies between two moments."""
    cut = [(max(begin, from_s), end if until_s is None else min(end, until_s)) for begin, end in spans]
    return max((end - begin for begin, end in cut), default=0)


def _kw(car: Car, plug: Plug) -> float:
    return min(plug.kw, car.charge_kw)


def _booked_clock(night: RelocationNight, car: Car) -> str:
    return f"{night.local_time(car.available_until_s or 0):%H:%M}"
