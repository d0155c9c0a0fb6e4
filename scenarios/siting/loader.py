"""Loads everything that a study is made of: a bundled city by name or a folder, its files, its streets by profile."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.network.profiles import PROFILES
from optimiser.network.straight_line import StraightLine
from optimiser.network.streets import Streets, open_streets
from optimiser.network.travel import TravelSource
from optimiser.reporting.siting_outlines import Outlines
from optimiser.siting.problem import ChargerKind, District, Site
from scenarios.credits import whom_to_name
from scenarios.feed import some
from scenarios.folder import CITY_FILE
from scenarios.raw_rows import id_of, rows, table
from scenarios.schema_errors import nearest
from scenarios.siting.changes import ChangesModel, changed
from scenarios.siting.city import SitingCity, raw_city, read_siting_city
from scenarios.siting.contradictions import is_in_another_currency
from scenarios.siting.conversion import (
    Assumed,
    SourceRule,
    has_assumed_prices_in_euros,
    kinds_of,
    segments_of,
    source_rule,
)
from scenarios.siting.files.areas import Districts, read_districts, read_excluded
from scenarios.siting.files.demand import Demand, read_demand
from scenarios.siting.files.draft import MOST_PLUGS, Surroundings
from scenarios.siting.files.feature import ALIKE
from scenarios.siting.files.grid import Grid, read_grid
from scenarios.siting.files.ground import Areas
from scenarios.siting.files.sites import Read, read_sites
from scenarios.siting.files.source import files_of
from scenarios.siting.files.spread import Corners
from scenarios.siting.presets import KINDS, SEGMENTS, SOURCES
from scenarios.siting.raw_wishes import raw_wishes
from scenarios.siting.reach import ON_FOOT
from scenarios.siting.schema import SitingModel
from scenarios.siting.study import NO_CHANGES, Inputs, look_over, tell_unknown, wishes_named
from scenarios.siting.walking import WALK_KMH

OnMessage = Callable[[str], None]

SPEEDS_KMH = {ON_FOOT: WALK_KMH, "bike": 15.0}
"""Along a straight line, where the city's own speed is that of cars."""
OSM_ID = re.compile(r"(node|way|relation)/[0-9]+")
"""As sites are called that come from OpenStreetMap, also by way of a file of sites."""
HANG_ON_STUDY = frozenset(
    {
        *("weight_choice", "weight_assumed", "unknown_segment"),
        *("unknown_kind", "source_unknown", "site_without_kind", "no_candidate", "charger_without_kind"),
        "plugs_assumed",
    }
)
"""Codes of what is wrong with files, or odd, only as long as `[siting]` says nothing else."""
ANY_KIND = {"name": "", "power_kw": 11.0, "plug_cost": 0.0, "session_minutes": 60.0}
"""Stands for a kind that is no preset where only the names of kinds matter."""


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """A city's streets as each way of going uses them, by day; each is opened once."""

    streets: Path | StraightLine
    cache_dir: Path | None = None
    on_message: OnMessage | None = None
    _open: dict[str, TravelSource] = field(default_factory=dict)

    def __call__(self, profile: str) -> TravelSource:
        """The streets of a profile; raises InvalidInput where they cannot be read."""
        if profile not in self._open:
            self._open[profile] = self._opened(profile)
        return self._open[profile]

    def _opened(self, profile: str) -> TravelSource:
        if isinstance(self.streets, StraightLine):
            return replace(self.streets, speed_kmh=SPEEDS_KMH.get(profile, self.streets.speed_kmh))
        return open_streets(
            self.streets,
            profile=PROFILES[profile],
            night=False,
            cache_dir=self.cache_dir,
            on_message=self.on_message,
        )


@dataclass(frozen=True, kw_only=True)
class LoadedStudy:
    """A study, ready to be stated and solved."""

    city: SitingCity
    inputs: Inputs
    travel_of: Profiles
    warnings: tuple[Finding, ...]

    @property
    def attribution(self) -> tuple[str, ...]:
        """Whom to name: whom the city names, and OpenStreetMap where its data is used and the city does not say so."""
        is_used = isinstance(self.city.streets, Path) or any(OSM_ID.fullmatch(site.id) for site in self.inputs.sites)
        return whom_to_name(self.city.model.attribution, is_osm=is_used)


def load_study(
    name_or_folder: str | Path,
    changes: ChangesModel | None = None,
    *,
    cache_dir: Path | None = None,
    on_message: OnMessage | None = None,
) -> LoadedStudy:
    """
    Load a bundled city by its name, or a folder, with wishes that take the place of its own.

    Raises
    ------
    InvalidInput
        Every error of all files at once, each with file, place and what would be right.
    """
    findings = Findings()
    city = read_siting_city(name_or_folder, findings)
    if city is None:
        if (folder := Path(name_or_folder)).is_dir():
            look_at_files(folder, raw_city(folder), findings)
        findings.raise_errors(f"siting study of {name_or_folder}")
        raise AssertionError("a city that cannot be read has errors")
    return load_read(city, changes, findings, cache_dir=cache_dir, on_message=on_message)


def load_read(
    city: SitingCity,
    changes: ChangesModel | None,
    findings: Findings,
    *,
    cache_dir: Path | None = None,
    on_message: OnMessage | None = None,
) -> LoadedStudy:
    """
    The study of a city that has been read, with what was found so far.

    Raises
    ------
    InvalidInput
        Every error of all files at once.
    """
    if changes is not None:
        city = replace(city, model=city.model.model_copy(update={"siting": changed(city.model.siting, changes)}))
    travel_of = Profiles(streets=city.streets, cache_dir=cache_dir, on_message=on_message)
    inputs = _read_files(city, changes or NO_CHANGES, travel_of, findings)
    findings.raise_errors(f"siting study of {city.model.id}")
    assert inputs is not None, "files that cannot be read have errors"
    return LoadedStudy(city=city, inputs=inputs, travel_of=travel_of, warnings=findings.warnings)


def look_at_files(folder: Path, document: Mapping[str, Any] | None, findings: Findings) -> None:
    """
    What is wrong with a folder's files whatever else is wrong with its city, so that it is told at once.

    `document` is what the city says, unchecked; where nobody can read it, what would hang on it is not told.
    """
    found = Findings()
    _look_at_files(folder, document or {}, found)
    findings.extend(item for item in found.items if document is not None or item.code not in HANG_ON_STUDY)


def _look_at_files(folder: Path, document: Mapping[str, Any], findings: Findings) -> None:
    study = document.get("siting")
    listed = known_segments(id_ for _, row in rows(study, "segments") if (id_ := id_of(row)))
    districts = read_districts(folder, findings)
    said = {id_: row.get("column") for _, row in rows(study, "segments") if (id_ := id_of(row))}
    columns = {id_: column for id_, column in said.items() if isinstance(column, str)}
    demand = read_demand(folder, findings, Assumed.nothing(), segments=listed, columns=columns, districts=districts)
    kinds = [id_ for _, row in rows(study, "kinds") if (id_ := id_of(row))] or [*KINDS]
    rule = SourceRule(open_cost=0.0, max_plugs=MOST_PLUGS, max_kw=None, kinds=frozenset(kinds))
    around = Surroundings(
        kinds=tuple(ChargerKind(**{"id": id_, **ANY_KIND, **KINDS.get(id_, {})}) for id_ in dict.fromkeys(kinds)),
        rule_of=lambda _: rule,
        districts=districts,
        excluded=read_excluded(folder, findings),
        grid=read_grid(folder, findings),
        demand=() if demand is None else demand.points,
        demand_rows=() if demand is None else demand.rows,
        sources=tuple({**SOURCES, **table(study, "sources")}),
    )
    wishes = [*raw_wishes(study)]
    wished = {wish.id for wish in wishes if wish.what == "site"}
    places = read_sites(folder, None, around, findings, Assumed.nothing(), wished=wished)
    # Without these files there may be sites that only the streets tell.
    asks_extract = table(document, "siting").get("osm_candidates") or not all(
        files_of(folder, stem) for stem in ("candidates", "chargers")
    )
    given = {name for name, row in table(study, "sources").items() if table({"": row}, "").get("open_cost") is not None}
    if is_in_another_currency(document):
        _tell_assumed_prices(str(document["currency"]), places.sites or (), given, findings)
    known = _ids(_districts(folder, demand, districts, places, findings))
    tell_unknown(wishes, None if asks_extract else places.ids, known, findings)


def known_segments(listed: Iterable[str]) -> tuple[str, ...]:
    """Ids that demand may name: those that are listed, and presets."""
    return tuple(dict.fromkeys((*listed, *SEGMENTS)))


def _districts(
    folder: Path, demand: Demand | None, districts: Districts | None, places: Read, findings: Findings
) -> tuple[District, ...] | None:
    """Those of their file, or those that demand and sites name; None where nobody knows all of these."""
    if districts is not None:
        return districts.districts
    files = {path.name for path in files_of(folder, "districts")}
    if demand is None or places.ids is None or any(error.source in files for error in findings.errors):
        return None
    named = (id_ for id_ in places.districts if all(id_ != district.id for district in demand.districts))
    return (*demand.districts, *(District(id=id_, name=id_) for id_ in named))


def _ids(districts: Iterable[District] | None) -> list[str] | None:
    return None if districts is None else [district.id for district in districts]


def _read_files(city: SitingCity, changes: ChangesModel, travel_of: Profiles, findings: Findings) -> Inputs | None:
    """Everything that the files say; where demand cannot be read, what is wrong elsewhere is told beside it."""
    on_foot = travel_of("walk")
    # Where cars stop is asked for only where nobody says where chargers may be.
    by_car = None if files_of(city.folder, "candidates") else travel_of("drive")
    corners = Corners.of(on_foot.graph) if isinstance(on_foot, Streets) else None
    districts, excluded = read_districts(city.folder, findings), read_excluded(city.folder, findings)
    grid = read_grid(city.folder, findings)
    named = known_segments(part.id for part in city.model.siting.segments)
    demand = read_demand(
        city.folder,
        findings,
        city.assumed,
        segments=named,
        columns={part.id: part.column for part in city.model.siting.segments if part.column is not None},
        districts=districts,
        corners=corners,
    )
    points = () if demand is None else demand.points
    used = set(named) if demand is None else {point.segment for point in points}
    kinds = kinds_of(city.model, used, city.assumed)
    ids = [kind.id for kind in kinds]
    segments = segments_of(city.model, used, ids, city.assumed)
    _tell_idle_factors(city.model.siting, used, findings)
    around = Surroundings(
        kinds=kinds,
        rule_of=cache(partial(source_rule, city.model, kinds=tuple(ids), assumed=city.assumed)),
        districts=districts,
        excluded=excluded,
        grid=grid,
        graph=by_car.graph if isinstance(by_car, Streets) else None,
        demand=points,
        demand_rows=() if demand is None else demand.rows,
        segments=segments,
        with_extract=city.model.siting.osm_candidates,
        sources=tuple({**SOURCES, **city.model.siting.sources}),
        streets=None if corners is None or not len(corners.lon_lat) else corners.whereabouts,
    )
    streets = None if isinstance(city.streets, StraightLine) else city.streets
    wished = {*city.model.siting.force, *city.model.siting.ban}
    places = read_sites(city.folder, streets, around, findings, city.assumed, wished=wished)
    there = _districts(city.folder, demand, districts, places, findings)
    if places.sites is None:
        # Where no file lists candidates, they may be where demand is.
        is_sure = demand is not None or files_of(city.folder, "candidates")
        wishes = wishes_named(city.model.siting, changes)
        tell_unknown(wishes, places.ids if is_sure else None, _ids(there), findings)
        return None
    _check_prices(city, places.sites, findings)
    _tell_idle_sources(city, places.sites, findings)
    inputs = Inputs(
        city=city.model,
        segments=tuple(segment for segment in segments if segment.id in used),
        kinds=kinds,
        demand=points,
        sites=places.sites,
        grid=grid.nodes if grid else (),
        districts=there,
        outlines=_outlines(districts, excluded, grid),
        changes=changes,
    )
    if demand is None and districts is not None:
        look_over(inputs, findings)
    return inputs


def _outlines(districts: Districts | None, excluded: Areas | None, grid: Grid | None) -> Outlines:
    """Where the files say that things are, for the maps."""
    return Outlines(
        districts={} if districts is None else dict(districts.areas.outlines),
        excluded=() if excluded is None else excluded.outlines,
        grid_nodes={} if grid is None else dict(zip(grid.ids, grid.points, strict=True)),
    )


def _check_prices(city: SitingCity, sites: tuple[Site, ...], findings: Findings) -> None:
    """What opening a site costs is not assumed in one currency and counted in another."""
    if has_assumed_prices_in_euros(city.model):
        given = {name for name, rule in city.model.siting.sources.items() if rule.open_cost is not None}
        _tell_assumed_prices(city.model.currency, sites, given, findings)


def _tell_assumed_prices(currency: str, sites: Iterable[Site], given: Collection[str], findings: Findings) -> None:
    """Of the sources of these sites, those that are not among the given ones would be opened at a price in euros."""
    assumed = sorted({site.source for site in sites}.difference(given))
    if assumed:
        findings.error(
            "prices_in_euros",
            f"open_cost of sites from {', '.join(assumed)} would be assumed, in euros, and the city counts in "
            f"{currency}",
            source=CITY_FILE,
            where="siting.sources",
            value=currency,
            hint="give currency_per_euro, or each open_cost",
        )


def _tell_idle_sources(city: SitingCity, sites: tuple[Site, ...], findings: Findings) -> None:
    """What is said of a source that no site has holds nowhere; presets may be there for when there are some."""
    there = dict.fromkeys(site.source for site in sites)
    for name in [name for name in city.model.siting.sources if name not in SOURCES and name not in there]:
        guess = nearest(name, (*SOURCES, *there), alike=ALIKE)
        hint = f"did you mean {guess}?" if guess else f"sources of this study are {some(list(there))}"
        text = f"no site is taken from {name}, so that what is said of it holds nowhere"
        findings.warning(
            "source_unknown", text, source=CITY_FILE, where=f"siting.sources.{name}", value=name, hint=hint
        )


def _tell_idle_factors(siting: SitingModel, used: Collection[str], findings: Findings) -> None:
    """What is said of demand of segments that nobody belongs to holds nowhere."""
    places = [
        *((f"phases[{row}].growth", phase.growth) for row, phase in enumerate(siting.phases)),
        *((f"scenarios[{row}].by_segment", scenario.by_segment) for row, scenario in enumerate(siting.scenarios)),
    ]
    for place, factors in places:
        if idle := [id_ for id_ in factors if id_ not in used]:
            text = f"there is no demand of {some(idle)}, so that what is said of it holds nowhere"
            hint = (
                f"demand is of {some(sorted(used))}; give theirs, or in [[siting.segments]] the column that counts them"
            )
            findings.warning(
                "segment_without_demand", text, source=CITY_FILE, where=f"siting.{place}", value=idle, hint=hint
            )
