"""Joins what a city's files say and who reaches which site into one siting problem, and tells what does not fit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.network.travel import FarPlace
from optimiser.reporting.siting_outlines import Outlines
from optimiser.siting.problem import Access, ChargerKind, DemandPoint, District, GridNode, Segment, Site, SitingProblem
from optimiser.siting.result import Conflict
from scenarios.feed import some
from scenarios.folder import CITY_FILE
from scenarios.schema_errors import nearest
from scenarios.siting.changes import ChangesModel
from scenarios.siting.conversion import Assumed, wishes_of
from scenarios.siting.reach import TravelOf, nearest_s, reach
from scenarios.siting.schema import SitingCityModel, SitingModel

WISHES = "wishes"
"""Where wishes come from that were given beside the file."""
NO_CHANGES = ChangesModel()
TINY = 1e-6
"""Of a kW: what floating-point numbers may be off."""
MOST_GUESSED = 100
"""Unknown names for which the nearest known one is looked for."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a city's files say."""

    city: SitingCityModel
    """With the changes."""
    segments: tuple[Segment, ...]
    kinds: tuple[ChargerKind, ...]
    demand: tuple[DemandPoint, ...]
    sites: tuple[Site, ...]
    grid: tuple[GridNode, ...] = ()
    districts: tuple[District, ...] | None = ()
    """None where nobody knows them, as their file cannot be read."""
    outlines: Outlines = field(default_factory=Outlines)
    """Where the files say that districts, excluded areas and grid nodes are."""
    changes: ChangesModel = NO_CHANGES
    """What was wished for beside the city's file."""


class Wished(NamedTuple):
    """A site or district that a wish names."""

    what: str
    wish: str
    id: str
    is_change: bool = False
    """Wished beside the city's file."""


@dataclass(frozen=True, kw_only=True)
class StatedStudy:
    """A problem, ready to be solved, and what is known of it beside."""

    problem: SitingProblem
    conflicts: tuple[Conflict, ...]
    """Wishes that no plan can keep because demand has no site within reach."""
    travel: str
    """How times were made, in words."""
    warnings: tuple[Finding, ...]
    off_streets: frozenset[str]
    """Demand points that are too far from the streets to reach any site."""
    wide: Access | None = None
    """Pairs if everybody went further than their reach; None where nobody asked."""


def state_study(inputs: Inputs, travel_of: TravelOf, assumed: Assumed, *, widen: float = 1.0) -> StatedStudy:
    """
    The problem of a study; one look along the streets for each profile, up to `widen` times the reach.

    Raises
    ------
    InvalidInput
        Every name that leads nowhere, floors for districts that leave demand out, and places off the streets where
        the city rejects them.
    """
    findings = Findings()
    city = inputs.city
    look_over(inputs, findings)
    segments = {segment.id: segment for segment in inputs.segments}
    reached = reach(inputs.demand, inputs.sites, segments, travel_of, max_snap_m=city.max_snap_m, widen=widen)
    for what, far, given in (
        ("demand points", reached.far_demand, len(inputs.demand)),
        ("sites", reached.far_sites, len(inputs.sites)),
    ):
        _tell_far(what, far, given, city, findings)
    findings.raise_errors(f"siting study of {city.id}")
    problem = SitingProblem(
        segments=inputs.segments,
        demand=inputs.demand,
        kinds=inputs.kinds,
        sites=inputs.sites,
        access=reached.access,
        wishes=wishes_of(city.siting, segments, assumed),
        grid=inputs.grid,
        districts=inputs.districts or (),
    )
    conflicts = tuple(_without_site(problem, travel_of, city, findings, far_demand=reached.far_demand))
    return StatedStudy(
        problem=problem,
        conflicts=conflicts,
        travel="; ".join(reached.labels),
        warnings=findings.warnings,
        off_streets=frozenset(far.place.id for far in reached.far_demand),
        wide=reached.wide,
    )


def look_over(inputs: Inputs, findings: Findings) -> None:
    """What does not fit together, as far as it can be told without streets."""
    _check_names(inputs, findings)
    _check_districts(inputs, findings)
    _tell_empty_districts(inputs, findings)
    _check_grid(inputs, findings)


def _check_names(inputs: Inputs, findings: Findings) -> None:
    """Sites and districts that wishes name have to be in the files."""
    sites, districts = [site.id for site in inputs.sites], inputs.districts
    known = None if districts is None else [district.id for district in districts]
    tell_unknown(wishes_named(inputs.city.siting, inputs.changes), sites, known, findings)


def wishes_named(siting: SitingModel, changes: ChangesModel) -> list[Wished]:
    """Sites and districts that wishes name."""
    return [
        *(Wished("site", "force", id_, id_ in changes.force) for id_ in siting.force),
        *(Wished("site", "ban", id_, id_ in changes.ban) for id_ in siting.ban),
        *(Wished("district", "floors", id_) for id_ in siting.floors),
        *(
            Wished("district", f"scenarios[{row}].by_district", id_)
            for row, scenario in enumerate(siting.scenarios)
            for id_ in scenario.by_district
        ),
    ]


def tell_unknown(
    wishes: Iterable[Wished], sites: Iterable[str] | None, districts: Iterable[str] | None, findings: Findings
) -> None:
    """An error for each name that leads nowhere; None where nobody knows which sites or districts there are."""
    known = {what: dict.fromkeys(ids) for what, ids in (("site", sites), ("district", districts)) if ids is not None}
    for what, name, id_, is_change in wishes:
        if what not in known or id_ in known[what]:
            continue
        source, where = _place(name, is_change=is_change)
        # Comparing spellings takes time; what is wrong with so many names is not their spelling.
        guess = nearest(id_, known[what]) if len(findings.errors) < MOST_GUESSED else None
        hint = f"did you mean {guess}?" if guess else f"there are {some(list(known[what])) or 'none'}"
        findings.error(f"unknown_{what}", f"there is no {what} {id_}", source=source, where=where, value=id_, hint=hint)


def _check_districts(inputs: Inputs, findings: Findings) -> None:
    """A floor is about everybody, so districts that are promised one leave nobody out."""
    siting = inputs.city.siting
    if inputs.districts is None or (siting.floor == 0 and not siting.floors):
        return
    outside = [point for point in inputs.demand if point.district is None]
    if not outside:
        return
    people = math.fsum(point.weight for point in outside)
    tell, name = (findings.error, "floor") if siting.floor > 0 else (findings.warning, "floors")
    source, where = _place(name, is_change=name == "floor" and inputs.changes.floor is not None)
    tell(
        "outside_districts",
        f"{'1 demand point' if len(outside) == 1 else f'{len(outside)} demand points'} with {people:,.0f} people "
        f"{'is' if len(outside) == 1 else 'are'} in no district: "
        f"{some([point.id for point in outside])}",
        source=source,
        where=where,
        value=len(outside),
        hint="let the districts cover all demand, or promise none of them a floor",
    )


def _tell_empty_districts(inputs: Inputs, findings: Findings) -> None:
    """A floor for a district in which nobody starts asks for nothing; without any demand, that is told already."""
    lived_in = {point.district for point in inputs.demand}
    empty = [
        f"{district.id} ({floor:.0%})"
        for district in inputs.districts or ()
        if district.id not in lived_in and (floor := inputs.city.siting.floors.get(district.id, 0.0)) > 0
    ]
    if empty and inputs.demand:
        has = "1 district has a floor" if len(empty) == 1 else f"{len(empty)} districts have a floor"
        source, where = _place("floors", is_change=False)
        findings.warning(
            "district_empty",
            f"{has} and nobody in it, so that nothing is asked for there: {some(empty)}",
            source=source,
            where=where,
            value=len(empty),
            hint="demand in it, or no floor for it",
        )


def _check_grid(inputs: Inputs, findings: Findings) -> None:
    """What a node can hold counts for the chargers that stand already, too; more of them than that is told."""
    grid_kw = {kind.id: kind.grid_kw for kind in inputs.kinds}
    held: Counter[str | None] = Counter()
    for site in inputs.sites:
        held[site.grid_node] += sum(count * grid_kw.get(kind, 0.0) for kind, count in site.plugs.items())  # type: ignore[assignment]
    full = [
        f"{node.id} ({held[node.id]:,.1f} of {node.hosting_kw:,.1f} kW)"
        for node in inputs.grid
        if held[node.id] > node.hosting_kw + TINY
    ]
    if full:
        findings.warning(
            "grid_full",
            f"grid nodes hold more already than they host: {some(full)}",
            source="grid",
            value=len(full),
            hint="hosting_kw is for all chargers of a node, those that stand included; "
            "nothing more comes there until it is upgraded",
        )


def _place(name: str, *, is_change: bool) -> tuple[str, str]:
    """Where a wish was uttered: in `city.toml`, or beside it."""
    return (WISHES, name) if is_change else (CITY_FILE, f"siting.{name}")


def _tell_far(what: str, far: Sequence[FarPlace], given: int, city: SitingCityModel, findings: Findings) -> None:
    """Places off the streets: refused, left out, or left out with a warning, as the city wants it."""
    if not far or (city.on_far == "drop" and len(far) < given):
        return
    is_refused = city.on_far == "reject" or len(far) == given
    (findings.error if is_refused else findings.warning)(
        "far_from_street",
        f"{len(far)} of {given} {what} are further than {city.max_snap_m:g} m from the streets"
        f"{'' if is_refused else ' and reach nothing'}: "
        f"{some([f'{item.place.id} ({item.distance_m:.0f} m)' for item in far])}",
        source=city.streets.source or "streets",
        value=len(far),
        hint="use a larger extract, or raise max_snap_m; check that lat and lon are not swapped",
    )


def _without_site(
    problem: SitingProblem,
    travel_of: TravelOf,
    city: SitingCityModel,
    findings: Findings,
    *,
    far_demand: Sequence[FarPlace],
) -> Iterator[Conflict]:
    """Warn of demand without a site within reach; where that is a whole segment, it is a conflict."""
    is_without = np.diff(problem.access.first) == 0
    reaching = {problem.demand[row].segment for row in np.flatnonzero(~is_without)}
    is_without[[problem.demand_index[far.place.id] for far in far_demand]] = False  # Told already.
    points = [problem.demand[row] for row in np.flatnonzero(is_without)]
    by_segment = sorted(points, key=lambda point: point.segment)
    for id_, group in groupby(by_segment, key=lambda point: point.segment):
        segment, without = problem.segment_by_id[id_], list(group)
        whole = [point for point in problem.demand if point.segment == id_]
        near = nearest_s(
            without,
            problem.sites,
            travel_of(segment.profile),
            segment.profile,
            beyond_s=segment.reach_s,
            max_snap_m=city.max_snap_m,
        )
        people, of = (math.fsum(point.weight for point in points) for points in (without, whole))
        words = f"the nearest is {min(near.values()):,} s away" if near else "none was found any further either"
        if id_ not in reaching:
            yield Conflict(
                rule="reach",
                ids=(id_,),
                asked=segment.reach_s,
                possible=min(near.values(), default=math.inf),
                is_proven=True,
                is_impossible=True,
                text=f"nobody of segment {id_} ({of:,.0f}) has a site within {segment.reach_s:,} s; {words}",
            )
        findings.warning(
            "no_site_in_reach",
            f"{len(without)} of {len(whole)} demand points of segment {id_} ({people:,.0f} of {of:,.0f} people) have "
            f"no site within {segment.reach_s:,} s; {words}: {some([point.id for point in without])}",
            source="demand",
            where=f"segment {id_}",
            value=len(without),
            hint="offer candidate sites there, or let them go further (reach_s)",
        )
