"""
The recipe of a night: network -> demand -> problem -> solve -> check -> report.

Pure: the same city, snapshot, streets, targets and deterministic limits give the same night.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from optimiser.basics import city as cities
from optimiser.basics.city import City, Must, Snapshot
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, ShouldStop, tell_refused
from optimiser.demand.city_demand import CityDemand, choose_targets
from optimiser.demand.targets import Target
from optimiser.network.cut_off import cut_off
from optimiser.network.travel import Place, TravelSource, TravelTimes
from optimiser.rebalancing.cost import cost, cost_of
from optimiser.rebalancing.plan import NOTHING
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.problem.shifts import next_shift, night_start
from optimiser.rebalancing.problem.statement import state_problem
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.solve import solve
from optimiser.recharging import state_recharging
from optimiser.reporting.night import LeftOut, Night

__all__ = ["OnFar", "musts_out", "next_shift", "night_start", "plan_night", "reachable", "state_night", "state_problem"]

OnFar = Literal["reject", "drop", "warn"]


def plan_night(
    city: City,
    snapshot: Snapshot,
    travel: TravelSource,
    *,
    limits: SolveLimits,
    targets: Sequence[Target] = (),
    musts: Sequence[Must] = (),
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
    musts
        Work to be done tonight, whatever else is worth it.
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
    problem, left_out = state_night(
        city,
        snapshot,
        travel,
        targets=targets,
        musts=musts,
        demand=demand,
        max_snap_m=max_snap_m,
        on_far=on_far,
        findings=findings,
    )
    out = musts_out(musts, problem, findings)
    recharging = state_recharging(city, snapshot.as_of, findings)
    findings.raise_errors("grid")
    result = solve(problem, limits, on_progress=on_progress, should_stop=should_stop)
    tell_refused(result.refused, engine=result.engine, findings=findings)
    timeline = replay(problem, result.plan)
    batteries = None if recharging is None else recharging.charge(problem, timeline, findings)
    return Night(
        city=city,
        snapshot=snapshot,
        problem=problem,
        result=result,
        timeline=timeline,
        cost_before=cost(problem, NOTHING),
        cost_after=cost_of(problem, timeline),
        left_out=left_out,
        musts_out=out,
        warnings=findings.warnings,
        demand=demand,
        batteries=batteries,
    )


def state_night(
    city: City,
    snapshot: Snapshot,
    travel: TravelSource,
    *,
    targets: Sequence[Target] = (),
    musts: Sequence[Must] = (),
    demand: CityDemand | None = None,
    max_snap_m: float = 250.0,
    on_far: OnFar = "warn",
    findings: Findings,
) -> tuple[Problem, tuple[LeftOut, ...]]:
    """The problem that `plan_night` solves, and the stations that take no part in it; raises as that."""
    left_out, times = reachable(city, snapshot, travel, max_snap_m=max_snap_m, on_far=on_far, findings=findings)
    start_ts = int(night_start(city, snapshot.as_of).timestamp())
    chosen = choose_targets(city, snapshot, start_ts=start_ts, demand=demand, given=targets)
    out = {item.station_id for item in left_out}
    problem = state_problem(city, snapshot, times, targets=chosen, musts=musts, left_out=out, findings=findings)
    return problem, left_out


def reachable(
    city: City,
    snapshot: Snapshot,
    travel: TravelSource,
    *,
    max_snap_m: float,
    on_far: OnFar,
    findings: Findings,
) -> tuple[tuple[LeftOut, ...], TravelTimes]:
    """
    Travel times between all places that can take part, and the stations that cannot.

    Vans may call at any depot of the city, so each takes part.
    """
    with_status = {status.station_id for status in snapshot.stations}
    depot_ids = {depot.id for depot in city.depots}
    depots = [_place(depot) for depot in city.depots]
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
        for id_ in cut_off(times, depot_ids)
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


def musts_out(musts: Sequence[Must], problem: Problem, findings: Findings) -> tuple[Must, ...]:
    """Must-do work at stations that take no part, of which a warning tells: nobody can do it tonight."""
    out = tuple(must for must in musts if must.station_id not in problem.station_by_id)
    for must in out:
        findings.warning(
            "must_left_out",
            "takes no part tonight, so its must-do work stays undone",
            source="musts",
            where=f"station {must.station_id}",
            value=must.station_id,
        )
    return out


def _place(thing: cities.Station | cities.Depot) -> Place:
    return Place(id=thing.id, lon=thing.lon, lat=thing.lat)
