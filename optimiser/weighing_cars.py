"""
Weighs a siting study by the night of the city's shared e-cars: planned as it is, and again with the study's plugs.

Pure. Whatever drivers can do without the new plugs they can do with them, so the best night never gets dearer: the
plan without is put in where a search with more to choose from finds none as good, and the bound with plugs holds
without them as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, fsum

import numpy as np

from optimiser.basics.car_fleet import CarFleet, Plug, Station, Wish, WishSource
from optimiser.network.geodesy import great_circle_m
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.siting_car_night import CarNightWork, car_night_work
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import Site, SitingProblem

AC_KW = 43.0
"""What a plug of type 2 gives at most (IEC 62196-2: 63 A, three phases, 400 V); what gives more is taken for CCS."""
HUB = "site:"
"""Before a site's id where it becomes a charging hub of the fleet."""

PlanFleet = Callable[[CarFleet, Plan], RelocationNight]
"""Plan the night of a fleet, beginning with a plan at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlugs:
    """Plugs for cars that a study builds, and where the fleet has them."""

    at_stations: Mapping[str, int]
    """At stations and zones of the fleet, by id."""
    hubs: Mapping[str, int]
    """Where neither is near, or no bay is left for them there: charging hubs at which nobody rents, by site."""
    held_by_others: int
    """Not free for the fleet at night."""
    cost: float
    """Of all of them, with the opening of their sites."""


def with_new_plugs(
    fleet: CarFleet, problem: SitingProblem, plan: SitingPlan, *, station_m: float, zone_m: float, free_share: float
) -> tuple[CarFleet, NewPlugs]:
    """
    The fleet with the plugs for cars that a plan builds in all phases.

    They belong to the nearest station within `station_m`, else to the nearest zone whose middle is within `zone_m`, as
    cars do; else, and where a station has no bay left for them, their site is a charging hub with bays of its own. A
    share of them stands free for the fleet, spread evenly over all sites.
    """
    built = _built(problem, plan)
    free = _free(problem, built, free_share)
    stations = {station.id: station for station in fleet.stations}
    at_stations, hubs = Counter[str](), dict[str, int]()
    for site_id, plugs in free.items():
        site = problem.sites[problem.site_index[site_id]]
        room_kw = _room_kw(problem, site, plugs)
        host = _nearest(fleet.stations, site, station_m=station_m, zone_m=zone_m)
        fitting = 0 if host is None else _bays_left(stations[host], len(plugs))
        if host is not None and fitting:
            stations[host] = _with(stations[host], plugs[:fitting], room_kw)
            at_stations[host] += fitting
            room_kw = None if room_kw is None else max(0.0, room_kw - fsum(plug.kw for plug in plugs[:fitting]))
        if beside := plugs[fitting:]:
            stations[HUB + site_id] = _hub(site, beside, room_kw)
            hubs[site_id] = len(beside)
    return replace(fleet, stations=tuple(stations.values())), NewPlugs(
        at_stations=dict(at_stations),
        hubs=hubs,
        held_by_others=sum(built.values()) - sum(map(len, free.values())),
        cost=fsum(count * problem.kind_by_id[kind].plug_cost for (_, kind), count in built.items())
        + fsum(problem.sites[problem.site_index[id_]].open_cost for id_ in sorted({id_ for id_, _ in built})),
    )


def weigh_car_night(
    fleet: CarFleet, more: CarFleet, plan: PlanFleet
) -> tuple[CarNightWork, CarNightWork, frozenset[str]]:
    """
    The work of the night of a fleet, that of the same fleet with more plugs, and sites out of the drivers' reach.

    Hubs because of which another place could not take part are left out, all of them.
    """
    without = plan(fleet, NOTHING)
    if more == fleet:
        return car_night_work(without), car_night_work(without), frozenset()
    having = plan(more, NOTHING)
    out = {item.station_id for item in having.left_out} - {item.station_id for item in without.left_out}
    hubs = {station.id for station in more.stations} - {station.id for station in fleet.stations}
    if not out <= hubs:
        kept = replace(more, stations=tuple(station for station in more.stations if station.id not in hubs))
        told, had, _ = weigh_car_night(fleet, kept, plan)
        return told, had, frozenset(id_.removeprefix(HUB) for id_ in hubs)
    if having.result.objective > without.result.objective:
        having = plan(more, without.result.plan)
    told, had = car_night_work(without), car_night_work(having)
    told = replace(told, best_bound=max(told.best_bound, had.best_bound))
    return told, had, frozenset(id_.removeprefix(HUB) for id_ in out)


def _built(problem: SitingProblem, plan: SitingPlan) -> Counter[tuple[str, str]]:
    """Plugs for cars that a plan builds, by site and kind."""
    new = standing(problem, plan)[-1].new
    return Counter({key: new[key] for key in sorted(new) if new[key] and not problem.kind_by_id[key[1]].is_for_bikes})


def _free(problem: SitingProblem, built: Mapping[tuple[str, str], int], share: float) -> dict[str, list[Plug]]:
    """Of all plugs in a row, the share that is free: one more whenever a whole one has come together."""
    free: dict[str, list[Plug]] = {}
    passed = 0
    for (site_id, kind_id), count in built.items():
        kw = problem.kind_by_id[kind_id].power_kw
        for number in range(count):
            passed += 1
            if floor(passed * share + 1e-9) > floor((passed - 1) * share + 1e-9):
                plug = Plug(id=f"{site_id} {kind_id} {number + 1}", kw=kw, connector="type2" if kw <= AC_KW else "ccs")
                free.setdefault(site_id, []).append(plug)
    return free


def _room_kw(problem: SitingProblem, site: Site, plugs: Sequence[Plug]) -> float | None:
    """What new plugs of a site may draw together, where that is less than all of them at full power; else None."""
    if site.max_kw is None:
        return None
    held = fsum(count * problem.kind_by_id[kind].grid_kw for kind, count in site.plugs.items())
    left = max(0.0, site.max_kw - held)
    return left if left < fsum(plug.kw for plug in plugs) else None


def _nearest(stations: Sequence[Station], site: Site, *, station_m: float, zone_m: float) -> str | None:
    """The station that a site belongs to, or else the zone."""
    for is_zone, reach_m in ((False, station_m), (True, zone_m)):
        near = [station for station in stations if station.is_zone is is_zone]
        if near:
            lon, lat = np.array([item.lon for item in near]), np.array([item.lat for item in near])
            away = great_circle_m(lon, lat, site.lon, site.lat)
            if away.min() <= reach_m:
                return near[int(away.argmin())].id
    return None


def _bays_left(station: Station, most: int) -> int:
    """For how many of so many plugs a station has bays."""
    return most if station.bays is None else min(most, max(0, station.bays - len(station.plugs)))


def _hub(site: Site, plugs: Sequence[Plug], room_kw: float | None) -> Station:
    return Station(
        id=HUB + site.id,
        name=site.name,
        lon=site.lon,
        lat=site.lat,
        wish=Wish(source=WishSource.HUB),
        bays=len(plugs),
        plugs=tuple(plugs),
        site_kw=room_kw,
    )


def _with(station: Station, plugs: Sequence[Plug], room_kw: float | None) -> Station:
    """A station with more plugs, and as much more power as these may draw."""
    full = fsum(plug.kw for plug in plugs)
    site_kw = station.site_kw
    if site_kw is not None or (room_kw is not None and room_kw < full):
        before = fsum(plug.kw for plug in station.plugs) if site_kw is None else site_kw
        site_kw = before + (full if room_kw is None else min(room_kw, full))
    return replace(station, plugs=(*station.plugs, *plugs), site_kw=site_kw)
