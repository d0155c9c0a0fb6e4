"""The one recipe that the command line and the solver child both follow: a city in, five files out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from optimiser.basics.city import City, Snapshot
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, ShouldStop
from optimiser.network.travel import TravelSource
from scenarios.loader import LoadedCity, load_city, load_inline, open_travel
from scenarios.schema import CityModel
from scenarios.schema_fields import Moment, Name

if TYPE_CHECKING:
    from optimiser.demand.city_demand import CityDemand
    from optimiser.rebalancing.problem import Problem
    from optimiser.reporting.night import Night
    from scenarios.past import Past

# What solves is imported where it is used: the API reads requests but never loads a solver.

BundledName = Annotated[str, Field(min_length=1, max_length=64)]


def form_of_city(city: Any) -> str:
    """Which of the two forms of a city is meant, so that errors speak of that one alone."""
    return "inline" if isinstance(city, (Mapping, BaseModel)) else "name"


class LimitsModel(BaseModel):
    """When to stop searching; whichever comes first."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    seconds: float | None = Field(default=30.0, gt=0, le=3600)
    rounds: int | None = Field(default=None, ge=1, le=10_000_000)
    """Search steps, the same on every machine; with `seconds: null` the plan is repeatable."""
    gap: float = Field(default=0.0, ge=0, lt=1)
    stalled_s: float | None = Field(default=None, gt=0, le=3600)
    seed: int = Field(default=1, ge=0, lt=2**31)

    def to_limits(self) -> SolveLimits:
        """As the optimiser takes them."""
        return SolveLimits(
            seconds=self.seconds, rounds=self.rounds, gap=self.gap, stalled_s=self.stalled_s, seed=self.seed
        )


class PlanRequest(BaseModel):
    """What to plan: a bundled city by name or a city given in full, and how long to search."""

    model_config = ConfigDict(extra="forbid")

    city: Annotated[
        Annotated[BundledName, Tag("name")] | Annotated[CityModel, Tag("inline")], Discriminator(form_of_city)
    ]
    as_of: Moment | None = None
    """Plan as if the snapshot had been taken then; default is when it was."""
    limits: LimitsModel = LimitsModel()
    name: Name | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedNight:
    """A night with the streets it was planned on."""

    night: Night
    travel: TravelSource

    def files(self) -> dict[str, bytes]:
        """plan.json, routes.geojson, route_sheet.csv, unserved.json, report.html."""
        from optimiser.network.streets import Streets
        from optimiser.reporting.files import night_files

        lines = self.travel.lines() if isinstance(self.travel, Streets) else ()
        return night_files(self.night, self.travel, lines)


def plan_city(
    loaded: LoadedCity,
    limits: SolveLimits,
    *,
    cache_dir: Path | None,
    as_of: datetime | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    on_message: Callable[[str], None] | None = None,
) -> PlannedNight:
    """
    Plan a loaded city's next night; `on_message` is told what was read of its streets, and what dropped.

    Raises
    ------
    InvalidInput
        Streets that cannot be read; places off the streets where the city's policy rejects them.
    """
    from optimiser.nightly import plan_night
    from optimiser.reporting import files, ready

    findings = Findings()
    given = read_city(loaded, cache_dir=cache_dir, as_of=as_of, findings=findings, on_message=on_message)
    ready.get_ready(files.PAGE, (given.travel,))
    night = plan_night(
        loaded.city,
        given.snapshot,
        given.travel,
        **given.terms,
        limits=limits,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return PlannedNight(night=given.with_warnings(night, findings), travel=given.travel)


@dataclass(frozen=True, kw_only=True)
class StatedCity:
    """A loaded city with what is read for planning one night of it."""

    loaded: LoadedCity
    travel: TravelSource
    past: Past | None
    snapshot: Snapshot
    demand: CityDemand | None

    @property
    def city(self) -> City:
        """As the optimiser takes it."""
        return self.loaded.city

    @property
    def terms(self) -> dict[str, Any]:
        """What the recipes of a night take beside the city, its state and its streets."""
        return {
            "targets": self.loaded.targets,
            "musts": self.loaded.musts,
            "demand": self.demand,
            "max_snap_m": self.loaded.max_snap_m,
            "on_far": self.loaded.on_far,
        }

    def problem(self, findings: Findings) -> Problem:
        """The problem of the whole night; raises as `plan_city`."""
        from optimiser.nightly import state_night

        return state_night(self.city, self.snapshot, self.travel, **self.terms, findings=findings)[0]

    def with_warnings(self, night: Night, findings: Findings) -> Night:
        """The night with what was odd before it was planned, and what was read of its history."""
        of_past = self.past.warnings if self.past is not None else ()
        warnings: tuple[Finding, ...] = (*self.loaded.warnings, *of_past, *findings.warnings, *night.warnings)
        history = None if self.past is None else self.past.report.as_document()
        return replace(night, warnings=warnings, history=history)


def read_city(
    loaded: LoadedCity,
    *,
    cache_dir: Path | None,
    as_of: datetime | None,
    findings: Findings,
    on_message: Callable[[str], None] | None = None,
) -> StatedCity:
    """Read a city's streets and history, and its state at the moment asked for; raises as `plan_city`."""
    from scenarios.past import demand_at, read_past

    travel = open_travel(loaded, cache_dir=cache_dir, on_message=on_message)
    past = read_past(loaded, cache_dir=cache_dir, on_message=on_message)
    snapshot = _snapshot(loaded, past, as_of, findings)
    demand = None if past is None else demand_at(past, snapshot.as_of, findings)
    return StatedCity(loaded=loaded, travel=travel, past=past, snapshot=snapshot, demand=demand)


def state_city(
    loaded: LoadedCity,
    *,
    cache_dir: Path | None,
    as_of: datetime | None = None,
    stock: Mapping[str, int] | None = None,
) -> Problem:
    """
    The problem that `plan_city` solves; `stock` says of some stations how many bikes stand there instead.

    Raises
    ------
    InvalidInput
        As `plan_city`; and stock of stations that the snapshot does not know.
    """
    findings = Findings()
    given = read_city(loaded, cache_dir=cache_dir, as_of=as_of, findings=findings)
    return replace(given, snapshot=_with_stock(given.snapshot, stock or {}, findings)).problem(findings)


def check_stock(stock: Collection[str], known: Collection[str], findings: Findings) -> None:
    """Raise InvalidInput with every station of `stock` that is not known."""
    for index, id_ in enumerate(stock):
        if id_ not in known:
            where, hint = f"/stock/{index}/station_id", "a station of the plan"
            findings.error("unknown_station", "no such station", source="request", where=where, value=id_, hint=hint)
    findings.raise_errors("evaluation")


def _with_stock(snapshot: Snapshot, stock: Mapping[str, int], findings: Findings) -> Snapshot:
    check_stock(stock, {status.station_id for status in snapshot.stations}, findings)
    changed = [
        # How many docks are free, and which bikes are charged, was said of the other number.
        replace(status, bikes=stock[status.station_id], docks=None, ebikes=None, low_charge=0)
        if status.station_id in stock
        else status
        for status in snapshot.stations
    ]
    return replace(snapshot, stations=tuple(changed))


def _snapshot(loaded: LoadedCity, past: Past | None, as_of: datetime | None, findings: Findings) -> Snapshot:
    """The city at the moment asked for: as its history saw it then, else its snapshot taken for that moment's."""
    from optimiser.demand.snapshots import snapshot_at

    snapshot = loaded.snapshot
    if as_of is None or as_of == snapshot.as_of:
        return snapshot
    if past is not None and (seen := snapshot_at(past.history, as_of)) is not None:
        return seen
    findings.warning(
        "snapshot_moved",
        f"the snapshot of {snapshot.as_of.isoformat()} is taken as the state at {as_of.isoformat()}",
        source="snapshot",
        where="as_of",
        value=as_of.isoformat(),
        hint="bring a snapshot or a history of that moment if you have one",
    )
    return replace(snapshot, as_of=as_of)


def load_asked(request: PlanRequest) -> LoadedCity:
    """The city that a request names or holds."""
    return load_inline(request.city) if isinstance(request.city, CityModel) else load_city(request.city)


def plan_files(
    request: PlanRequest,
    *,
    cache_dir: Path | None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> dict[str, bytes]:
    """Plan what a request asks for; names of files to their content."""
    planned = plan_city(
        load_asked(request),
        request.limits.to_limits(),
        cache_dir=cache_dir,
        as_of=request.as_of,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return planned.files()
