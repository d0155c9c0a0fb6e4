"""
The recipe of a revision: the night as it was stated -> all that was told of it since -> revise -> report.

Pure, as that of a night. Its document is that of the rest of the night, with all costs and what vans have done so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from optimiser.basics.city import City, Depot, Must, Snapshot, Station
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, Result, ShouldStop, tell_refused
from optimiser.demand.city_demand import CityDemand
from optimiser.demand.targets import Target
from optimiser.network.travel import TravelSource
from optimiser.nightly import OnFar, musts_out, state_night
from optimiser.rebalancing.cost import Cost
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.revise import Revision, Standing, Stranded, Told, Where, after, revise, sum_of, whole_night
from optimiser.reporting.decisions import changes_words, stop_words
from optimiser.reporting.night import Night


def revise_night(
    city: City,
    snapshot: Snapshot,
    travel: TravelSource,
    told: Sequence[Told],
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
    Plan the rest of a night anew, which `plan_night` has planned with the same input.

    Parameters
    ----------
    told
        What was told of each revision so far with the plan that held until then, and last of this one; not empty.

    Raises
    ------
    InvalidInput
        As `plan_night`, and with every error in what is told.
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
    before = whole_night(problem)
    for earlier in told[:-1]:
        before = after(before, earlier)
    now = told[-1]
    teller = _Teller(on_progress, gone=before.spent.total)
    found = revise(
        before.problem,
        now.plan,
        at_s=now.at_s,
        reports=now.reports,
        freeze=now.freeze,
        events=now.events,
        stability=now.stability,
        limits=limits,
        on_progress=teller.tell,
        should_stop=should_stop,
    )
    standing = after(before, now)
    result = _result(found, gone=before.spent)
    teller.tell_last(result)
    if city.batteries is not None:
        findings.warning(
            "packs_not_revised",
            "packs are charged at the depots as the plan of the whole night says",
            source="revision",
            hint="look there for when they are full",
        )
    tell_refused(found.refused, engine=found.engine, findings=findings)
    for text in found.widened:
        findings.warning("widened", text, source="revision", hint="even driving home at once would break it")
    return Night(
        city=_with_ways_so_far(city, standing.made_up),
        snapshot=snapshot,
        problem=found.problem,
        result=result,
        timeline=replay(found.problem, found.rest),
        cost_before=sum_of(found.going_on_cost, before.spent),
        cost_after=sum_of(found.cost, before.spent),
        left_out=left_out,
        musts_out=out,
        warnings=findings.warnings,
        demand=demand,
        made_up=frozenset(standing.made_up),
        revision={"at": _at(city, problem.start, now.at_s), **_document(now, found, before, standing)},
    )


class _Teller:
    """Passes progress on with what earlier parts of the night have cost; tells something in any case."""

    def __init__(self, on_progress: OnProgress | None, *, gone: float) -> None:
        self._on_progress, self._gone, self._has_told = on_progress, gone, False

    def tell(self, progress: Progress) -> None:
        if self._on_progress is not None:
            objective, bound = progress.objective + self._gone, progress.best_bound + self._gone
            self._on_progress(replace(progress, objective=objective, best_bound=bound))
            self._has_told = True

    def tell_last(self, result: Result[Any]) -> None:
        """What came of it, where nothing was searched."""
        if self._on_progress is not None and not self._has_told:
            self._on_progress(
                Progress(
                    elapsed_s=result.elapsed_s,
                    objective=result.objective,
                    best_bound=result.best_bound,
                    gap=result.gap,
                )
            )


def _result(found: Revision, *, gone: Cost) -> Result[Any]:
    return Result(
        plan=found.rest,
        objective=found.objective + gone.total,
        best_bound=found.best_bound + gone.total,
        stop_reason=found.stop_reason,
        seed=found.seed,
        engine=found.engine,
        input_hash=found.input_hash,
        elapsed_s=found.elapsed_s,
        progress=found.progress,
        refused=found.refused,
    )


def _with_ways_so_far(city: City, made_up: Mapping[str, str]) -> City:
    """The city with the places that stand for ways so far, each where its van is."""
    places: dict[str, Station | Depot] = {station.id: station for station in city.stations}
    places |= {depot.id: depot for depot in city.depots}
    stations, depots = [], []
    for id_, real in made_up.items():
        here = places[real]
        name = f"{id_}, at {here.name}"
        stations.append(Station(id=id_, name=name, lon=here.lon, lat=here.lat, capacity=0))
        depots.append(Depot(id=id_, name=name, lon=here.lon, lat=here.lat, room=0))
    return replace(city, stations=(*city.stations, *stations), depots=(*city.depots, *depots))


def _document(now: Told, found: Revision, before: Standing, standing: Standing) -> dict[str, Any]:
    """What was told and what it changed; money in the city's currency, over the whole night."""
    gone = before.spent
    return {
        "at_s": now.at_s,
        "problem_hash": standing.problem.input_hash,
        "cost": {
            "going_on": _terms(sum_of(found.going_on_cost, gone)),
            "revised": _terms(sum_of(found.cost, gone)),
            "spent": _terms(standing.spent),
        },
        "vans": [_van(van_id, where, found, standing) for van_id, where in standing.where.items()],
        "changes": changes_words(found.diff),
        "changes_from_going_on": changes_words(found.changed),
        "released": [asdict(one) for one in found.released],
        "stranded": [_stranded(one) for one in found.stranded],
        "widened": list(found.widened),
    }


def _van(van_id: str, where: Where, found: Revision, standing: Standing) -> dict[str, Any]:
    """What a van has done and where it is; where it drives on, the rest of its stops are in `routes`."""
    van = found.problem.van_by_id.get(van_id)
    start = None if van is None else van.start_depot_id
    return {
        "van_id": van_id,
        "state": where.value,
        "place_id": None if start is None else standing.made_up.get(start, start),
        "so_far": None if start is None else standing.starts.get(start),
        "frozen": standing.frozen.get(van_id, 0),
        "done": [stop_words(stop) for stop in standing.driven.get(van_id, ())],
    }


def _stranded(one: Stranded) -> dict[str, Any]:
    return {
        "van_id": one.van_id,
        "place_id": one.place_id,
        "load": one.load,
        "low_charge_load": one.low_load,
        "broken_load": one.broken_load,
    }


def _at(city: City, start: datetime, at_s: int) -> str:
    return (start.astimezone(UTC) + timedelta(seconds=at_s)).astimezone(ZoneInfo(city.time_zone)).isoformat()


def _terms(cost: Cost) -> dict[str, float]:
    return {**asdict(cost), "total": cost.total}
