"""
The recipe of a night: network -> demand -> problem -> solve -> check -> report.

Pure: the same city, snapshot, streets, targets and deterministic limits give the same night.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from optimiser.basics import city as cities
from optimiser.basics.city import City, Snapshot
from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, ShouldStop
from optimiser.demand.city_demand import CityDemand, choose_targets
from optimiser.demand.rooms import tonight_room
from optimiser.demand.targets import Target, fit_to_room
from optimiser.network.travel import Place, TravelSource, TravelTimes
from optimiser.rebalancing.cost import cost, cost_of
from optimiser.rebalancing.plan import NOTHING
from optimiser.rebalancing.problem import Problem, Station, Van
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.solve import solve
from optimiser.reporting.night import LeftOut, Night

OnFar = Literal["reject", "drop", "warn"]


def plan_night(
    city: City,
    snapshot: Snapshot,
    travel: TravelSource,
    *,
    limits: SolveLimits,
    targets: Sequence[Target] = (),
    demand: CityDemand | None = None,
    max_snap_m: float = 250.0,
    on_far: OnFar = "warn",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Night:
    """
    Plan the next shift of every van after `snapshot.as_of`.

    Parameters
    ----------
    targets
        The operator's own; they come first.
    demand
        Sets the targets of all other stations that it knows; the rest is to be as full as the fleet allows.
    max_snap_m, on_far
        What to do with stations further from the streets, or out of reach on them: `reject` raises,
        `drop` leaves them out and lists them, `warn` also warns. A depot there always raises.

    Raises
    ------
    InvalidInput
        Every station or depot that is rejected, with its distance.
    """
    findings = Findings()
    left_out, times = reachable(city, snapshot, travel, max_snap_m=max_snap_m, on_far=on_far, findings=findings)
    start_ts = int(night_start(city, snapshot.as_of).timestamp())
    chosen = choose_targets(city, snapshot, start_ts=start_ts, demand=demand, given=targets)
    problem = state_problem(city, snapshot, times, targets=chosen, left_out=left_out)
    result = solve(problem, limits, on_progress=on_progress, should_stop=should_stop)
    for violation in result.refused:
        findings.warning(
            "plan_refused",
            f"the search offered a plan that breaks {violation.rule}: {violation.text}",
            source=result.engine,
            hint="the checker refused it and the plan at hand is valid; please report this",
        )
    timeline = replay(problem, result.plan)
    return Night(
        city=city,
        snapshot=snapshot,
        problem=problem,
        result=result,
        timeline=timeline,
        cost_before=cost(problem, NOTHING),
        cost_after=cost_of(problem, timeline),
        left_out=left_out,
        warnings=findings.warnings,
        demand=demand,
    )


def reachable(
    city: City,
    snapshot: Snapshot,
    travel: TravelSource,
    *,
    max_snap_m: float,
    on_far: OnFar,
    findings: Findings,
) -> tuple[tuple[LeftOut, ...], TravelTimes]:
    """Travel times between all places that can take part, and the stations that cannot."""
    with_status = {status.station_id for status in snapshot.stations}
    depot_ids = {van.start_depot_id for van in city.vans} | {van.end_depot_id for van in city.vans}
    depots = [_place(depot) for depot in city.depots if depot.id in depot_ids]
    stations = [_place(station) for station in city.stations if station.id in with_status]

    left_out = [
        LeftOut(
            station_id=far.place.id,
            code="FAR_FROM_STREET",
            text=f"{far.distance_m:.0f} m from the nearest street, {max_snap_m:.0f} m are allowed",
            distance_m=far.distance_m,
        )
        for far in travel.far_places([*depots, *stations], max_snap_m=max_snap_m)
    ]
    out = {item.station_id for item in left_out}
    times = travel.times([place for place in [*depots, *stations] if place.id not in out])
    left_out += [
        LeftOut(station_id=id_, code="UNREACHABLE", text="no way there and back on the streets for a van")
        for id_ in _cut_off(times, depot_ids)
    ]
    times = times.without({item.station_id for item in left_out})

    for item in left_out:
        is_depot = item.station_id in depot_ids
        where, code = f"{'depot' if is_depot else 'station'} {item.station_id}", item.code.lower()
        if is_depot or on_far == "reject":
            hint = "move it to a street, use a larger extract, raise max_snap_m, or leave such stations out"
            findings.error(code, item.text, source="streets", where=where, value=item.distance_m, hint=hint)
        elif on_far == "warn":
            findings.warning(code, f"left out: {item.text}", source="streets", where=where, value=item.distance_m)
    findings.raise_errors("places off the streets")
    return tuple(left_out), times


def state_problem(
    city: City,
    snapshot: Snapshot,
    times: TravelTimes,
    *,
    targets: Iterable[Target],
    left_out: Sequence[LeftOut] = (),
) -> Problem:
    """The rebalancing problem of the night that follows `snapshot.as_of`."""
    target_of = {target.station_id: target for target in targets}
    status_of = {status.station_id: status for status in snapshot.stations}
    out = {item.station_id for item in left_out}
    stations = []
    for station in city.stations:
        status = status_of.get(station.id)
        if status is None or station.id in out:
            continue
        room = tonight_room(station, status)
        stations.append(
            Station(
                id=station.id,
                capacity=room,
                inventory=status.usable,
                target=fit_to_room(target_of[station.id], room),
            )
        )
    shifts = [next_shift(van, city.time_zone, snapshot.as_of) for van in city.vans]
    start = night_start(city, snapshot.as_of)
    vans = tuple(
        Van(
            id=van.id,
            slots=van.slots,
            initial_load=van.initial_load,
            start_depot_id=van.start_depot_id,
            end_depot_id=van.end_depot_id,
            shift_start_s=round((begin - start).total_seconds()),
            shift_end_s=round((end - start).total_seconds()),
            speed_factor=van.speed_factor,
        )
        for van, (begin, end) in zip(city.vans, shifts, strict=True)
    )
    return Problem(
        start=start, stations=tuple(stations), vans=vans, handling=city.handling, prices=city.prices, travel=times
    )


def night_start(city: City, as_of: datetime) -> datetime:
    """When the first van of the night that follows `as_of` sets out (UTC)."""
    return min((next_shift(van, city.time_zone, as_of)[0] for van in city.vans), default=as_of.astimezone(UTC))


def next_shift(van: cities.Van, time_zone: str, as_of: datetime) -> tuple[datetime, datetime]:
    """Start and end (UTC, whole seconds) of the van's shift that runs at `as_of` or comes next, cut to begin then."""
    zone = ZoneInfo(time_zone)
    now = as_of.astimezone(UTC)
    today = as_of.astimezone(zone).date()
    for day in (today + timedelta(days=offset) for offset in (-1, 0, 1, 2)):
        begin, end = _shift_on(van, day, zone)
        if end > now:
            return max(begin, now.replace(microsecond=0)), end
    raise InvalidInput(f"van {van.id}: no shift ends within two days of {as_of.isoformat()}")


def _shift_on(van: cities.Van, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day if van.shift_end > van.shift_start else day + timedelta(days=1)
    begin = datetime.combine(day, van.shift_start, zone).astimezone(UTC)
    end = datetime.combine(last, van.shift_end, zone).astimezone(UTC)
    return begin, end


def _cut_off(times: TravelTimes, depot_ids: set[str]) -> list[str]:
    """Places to leave out so that every pair left is reachable; those with most broken pairs first."""
    broken = list(times.unreachable)
    out: list[str] = []
    while broken:
        count = Counter(id_ for pair in broken for id_ in pair)
        # A depot is given up last: it cannot be left out.
        worst = max(count, key=lambda id_: (id_ not in depot_ids, count[id_], id_))
        out.append(worst)
        broken = [pair for pair in broken if worst not in pair]
    return out


def _place(thing: cities.Station | cities.Depot) -> Place:
    return Place(id=thing.id, lon=thing.lon, lat=thing.lat)
