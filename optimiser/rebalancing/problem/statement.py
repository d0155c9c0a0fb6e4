"""States the problem of one night: the city's places, fleet, rules and wishes, and what stands where tonight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from optimiser.basics import city as cities
from optimiser.basics.city import City, Snapshot, StationRules, StationStatus
from optimiser.basics.findings import Findings
from optimiser.demand.rooms import tonight_room
from optimiser.demand.targets import MOST_FREED, Target, fit_to_room
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.problem.fleet import Depot, Van
from optimiser.rebalancing.problem.night import Problem
from optimiser.rebalancing.problem.shifts import (
    Span,
    next_break,
    next_shift,
    night_start,
    open_spans,
    seconds_after,
)
from optimiser.rebalancing.problem.station import Must, Station, Zone


def state_problem(
    city: City,
    snapshot: Snapshot,
    times: TravelTimes,
    *,
    targets: Iterable[Target],
    musts: Iterable[cities.Must] = (),
    left_out: Collection[str] = (),
    findings: Findings | None = None,
) -> Problem:
    """
    The rebalancing problem of the night that follows `snapshot.as_of`.

    Parameters
    ----------
    times
        Between all stations that take part and the depots that vans may call at.
    musts
        Work of tonight; of stations that take no part it cannot be part of the problem.
    left_out
        Ids of stations that take no part, beside those without a status.
    findings
        Told of opening hours and zones that hold only in part.
    """
    findings = Findings() if findings is None else findings
    start, end = night_span(city, snapshot.as_of)
    target_of = {target.station_id: target for target in targets}
    status_of = {status.station_id: status for status in snapshot.stations if status.station_id not in left_out}
    rules_of = {rules.station_id: rules for rules in city.rules}
    must_of = {must.station_id: must for must in musts}
    stations = []
    for place in city.stations:
        if (status := status_of.get(place.id)) is None:
            continue
        rules = rules_of.get(place.id, StationRules(station_id=place.id))
        opens_s, closes_s = _hours(rules, city.time_zone, (start, end), findings)
        stations.append(
            _station(
                place, status, target_of[place.id], rules, must_of.get(place.id), opens_s=opens_s, closes_s=closes_s
            )
        )
    reached = set(times.place_ids)
    return Problem(
        start=start,
        stations=tuple(stations),
        vans=tuple(_van(van, city.time_zone, snapshot.as_of, start) for van in city.vans),
        depots=tuple(
            Depot(id=depot.id, stock=depot.stock, room=depot.room) for depot in city.depots if depot.id in reached
        ),
        zones=_zones(city, {station.id: station for station in stations}, findings),
        handling=city.handling,
        prices=city.prices,
        travel=times,
    )


def night_span(city: City, as_of: datetime) -> Span:
    """From when the first van sets out until the last shift ends (UTC)."""
    start = night_start(city, as_of)
    return start, max((next_shift(van, city.time_zone, as_of)[1] for van in city.vans), default=start)


def _station(
    place: cities.Station,
    status: StationStatus,
    target: Target,
    rules: StationRules,
    must: cities.Must | None,
    *,
    opens_s: int | None,
    closes_s: int | None,
) -> Station:
    room = tonight_room(place, status)
    return Station(
        id=place.id,
        capacity=room,
        inventory=status.usable,
        target=fit_to_room(target, room),
        low_charge=status.low_charge,
        broken=status.disabled,
        lost_trips_freed=_freed_tables(place, target, room, blocked=status.low_charge + status.disabled),
        needs=rules.needs,
        opens_s=opens_s,
        closes_s=closes_s,
        may_pick_up=rules.may_pick_up,
        may_drop_off=rules.may_drop_off,
        is_forbidden=rules.is_forbidden,
        once=rules.once,
        must=None
        if must is None
        else Must(visit=must.visit, low=must.low, high=must.high, swaps=must.swaps, broken=must.broken),
    )


def _freed_tables(place: cities.Station, target: Target, room: int, *, blocked: int) -> tuple[tuple[float, ...], ...]:
    """
    Lost trips when 1, 2, … blocked docks are freed.

    From demand they come with the target. An interval of ready bikes counts the same however many docks there are; a
    free-floating zone has no docks to free.
    """
    if target.lost_trips_freed:
        return target.lost_trips_freed[:blocked]
    if place.is_zone or target.demand is not None:
        return ()
    return tuple(fit_to_room(target, room + freed).lost_trips for freed in range(1, min(blocked, MOST_FREED) + 1))


def _hours(rules: StationRules, time_zone: str, night: Span, findings: Findings) -> tuple[int | None, int | None]:
    """Opening hours in seconds after the night's start: the longest that fall into it."""
    if rules.open is None:
        return None, None
    spans = open_spans(rules.open, time_zone, night)
    longest = max(spans, key=lambda span: min(span[1], night[1]) - max(span[0], night[0]))
    where, source = f"station {rules.station_id}", "station_rules"
    hours = "–".join(f"{clock:%H:%M}" for clock in rules.open)
    if longest[0] >= night[1]:
        hint = "opening hours that fall into the shifts"
        findings.warning(
            "closed_tonight", f"is open {hours}, not in tonight's shifts", source=source, where=where, hint=hint
        )
    elif len(spans) > 1:
        findings.warning(
            "hours_split",
            f"is open {hours}, which tonight's shifts meet {len(spans)} times; only the longest time is planned for",
            source=source,
            where=where,
            value=len(spans),
        )
    opens_s, closes_s = (seconds_after(night[0], moment) for moment in longest)
    return (opens_s if opens_s > 0 else None), closes_s


def _van(van: cities.Van, time_zone: str, as_of: datetime, start: datetime) -> Van:
    begin, end = next_shift(van, time_zone, as_of)
    return Van(
        id=van.id,
        slots=van.slots,
        initial_load=van.initial_load,
        start_depot_id=van.start_depot_id,
        end_depot_id=van.end_depot_id,
        shift_start_s=seconds_after(start, begin),
        shift_end_s=seconds_after(start, end),
        speed_factor=van.speed_factor,
        batteries=van.batteries,
        range_m=van.range_m,
        skills=van.skills,
        break_=next_break(van, time_zone, as_of, start=start),
    )


def _zones(city: City, planned: Mapping[str, Station], findings: Findings) -> tuple[Zone, ...]:
    """Zones over the stations that take part; those that do not are told."""
    zones = []
    for zone in city.zones:
        inside = tuple(id_ for id_ in zone.station_ids if id_ in planned)
        if len(inside) < len(zone.station_ids):
            missing = [id_ for id_ in zone.station_ids if id_ not in planned]
            findings.warning(
                "zone_in_part",
                f"{len(missing)} of {len(zone.station_ids)} stations take no part tonight and do not count: "
                f"{', '.join(missing[:20])}{', …' if len(missing) > 20 else ''}",
                source="zones",
                where=f"zone {zone.id}",
                value=len(missing),
            )
        if inside:
            zones.append(Zone(id=zone.id, station_ids=inside, floor=zone.floor, cap=zone.cap))
    return tuple(zones)
