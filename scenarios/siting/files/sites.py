"""All sites of a study: chargers that stand already, and candidates, with all that holds for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import shapely

from optimiser.basics.findings import Findings
from optimiser.siting.problem import ChargerKind, Site
from scenarios.feed import some
from scenarios.siting.conversion import Assumed
from scenarios.siting.files.areas import Member, districts_of, strangers
from scenarios.siting.files.candidates import read_candidates
from scenarios.siting.files.chargers import read_chargers
from scenarios.siting.files.draft import Draft, Surroundings, each_once, tell_sources
from scenarios.siting.files.feature import Notes
from scenarios.siting.files.grid import grid_nodes_of
from scenarios.siting.files.osm_sites import NOTHING, read_osm_sites
from scenarios.siting.files.outside import Outside, tell_outside
from scenarios.siting.files.source import files_of, tell_their_ids, unread
from scenarios.siting.files.whereabouts import Single, Whereabouts, tell_far

FILES = ("demand", "candidates", "chargers", "districts", "excluded", "grid")


class Read(NamedTuple):
    """What the files say of sites."""

    sites: tuple[Site, ...] | None
    """None where something is wrong."""
    ids: tuple[str, ...] | None
    """Of all places, also of those with which something is wrong; None where nobody knows them all."""
    districts: tuple[str, ...]
    """That these places name."""


def read_sites(
    folder: Path,
    streets: Path | None,
    around: Surroundings,
    findings: Findings,
    assumed: Assumed,
    *,
    wished: Collection[str] = (),
) -> Read:
    """
    Required sites, then candidates, with every error in `findings`.

    Parameters
    ----------
    streets
        The street extract, which is asked for chargers and candidates where the folder has no file of them.
    around
        What sites are judged and completed with.
    wished
        Ids that wishes name; such a site is kept also where nothing may be built, so that this can be told of it.
    """
    before = len(findings.errors)
    for stem in FILES[1:]:  # Without demand there is no study, which is told.
        for text in unread(folder, stem):
            name, _, what = text.partition(" ")
            findings.warning("file_unread", what, source=name, hint=f"it is taken that there is no {stem}")
    is_asked = around.with_extract or not all(files_of(folder, stem) for stem in ("chargers", "candidates"))
    osm = read_osm_sites(streets, findings) if is_asked and streets is not None else NOTHING
    chargers = read_chargers(folder, osm, around, findings, wished=wished)
    existing = chargers.drafts
    candidates = read_candidates(folder, osm, around, findings, existing=existing, assumed=assumed)
    drafts = [*existing, *candidates]
    ids = tuple(draft.id for draft in drafts) if tell_their_ids(findings.errors[before:]) else None
    named = tuple(dict.fromkeys(draft.district for draft in drafts if draft.district is not None))
    each_once(drafts, findings)
    tell_sources(existing, around.sources, findings, what="chargers")
    tell_sources(candidates, around.sources, findings, what="candidates")
    members = [_member(draft, draft.district) for draft in drafts]
    districts = districts_of(members, around.districts, findings, what="sites")
    if around.demand and not files_of(folder, "districts"):
        _tell_empty_districts(members, [point.district for point in around.demand], findings)
    nodes = grid_nodes_of([_member(draft, draft.grid_node) for draft in drafts], around.grid, findings)
    tell_far(_whereabouts(folder, around, drafts, chargers.left_out, findings), around.streets, findings)
    tell_outside(chargers.left_out, findings, of=chargers.rows)
    if len(findings.errors) > before:
        return Read(None, ids, named)
    excluded, points = around.excluded, [draft.point for draft in drafts]
    within = [None] * len(drafts) if excluded is None else excluded.holding(points)[0]
    sites = [
        _site(draft, around, district=district, node=node, excluded=area)
        for draft, district, node, area in zip(drafts, districts, nodes, within, strict=True)
    ]
    kept = [site for site in sites if site.excluded is None or site.is_required or site.id in wished]
    _tell_excluded(sites, findings)
    _tell_useless(kept, findings)
    _tell_weak(kept, around.kinds, findings)
    # Without any place at all demand could not be read, which is told.
    if drafts and not any(site.kinds for site in kept):
        text = "no site is left where a kind of the study may be built"
        findings.error("no_candidate", text, source="candidates", hint="look at excluded, kinds and siting.sources")
        return Read(None, ids, named)
    return Read(tuple(kept), ids, named)


def _whereabouts(
    folder: Path, around: Surroundings, drafts: Sequence[Draft], left_out: Sequence[Outside], findings: Findings
) -> list[Whereabouts]:
    """Where the places of each file are that has any, and no error."""
    wrong = {error.source for error in findings.errors}
    names = {stem: paths[0].name for stem in FILES if (paths := files_of(folder, stem)) and paths[0].name not in wrong}
    places = {
        "demand": [
            Single(point.id, row, (point.lon, point.lat))
            for point, row in zip(around.demand, around.demand_rows, strict=True)
        ],
        **{
            stem: [
                Single(draft.id, draft.feature.where, draft.point)
                for draft in drafts
                if draft.feature is not None and draft.feature.source == name
            ]
            for stem, name in names.items()
            if stem in {"candidates", "chargers"}
        },
        "grid": [] if around.grid is None else around.grid.singles,
    }
    places["chargers"] = [*places.get("chargers", ()), *(place.single for place in left_out)]
    districts = None if around.districts is None else around.districts.areas
    areas = {"districts": districts, "excluded": around.excluded}
    return [
        Whereabouts(name, shapely.bounds(area.tree.geometries))
        if (area := areas.get(stem)) is not None
        else Whereabouts.of_singles(name, places[stem])
        for stem, name in names.items()
        if areas.get(stem) is not None or places.get(stem)
    ]


def _member(draft: Draft, given: str | None) -> Member:
    return Member(draft.id, draft.feature, given, draft.point if draft.is_placed else None)


def _tell_empty_districts(members: Sequence[Member], lived_in: Iterable[str | None], findings: Findings) -> None:
    """Districts that sites alone name: there they are, and nobody is in them."""
    known, notes = dict.fromkeys(id_ for id_ in lived_in if id_ is not None), Notes()
    for stranger in strangers(members, known):
        hint = f"demand is in {some(list(known))}" if known else "demand names no district"
        hint = f"did you mean {stranger.guess}?" if stranger.guess else hint
        text = "is named by sites alone and has nobody in it"
        notes.warn("district_empty", f"district {stranger.name}", stranger.feature, text, hint=hint)
    findings.extend(notes.told())


def _site(draft: Draft, around: Surroundings, *, district: str | None, node: str | None, excluded: str | None) -> Site:
    rule = around.rule_of(draft.source)
    standing = sum(draft.plugs.values())
    most = rule.max_plugs if draft.max_plugs is None else draft.max_plugs
    kinds = rule.kinds if draft.kinds is None else draft.kinds
    return Site(
        id=draft.id,
        name=draft.name,
        lon=draft.point[0],
        lat=draft.point[1],
        kinds=frozenset() if excluded is not None else kinds,
        open_cost=rule.open_cost if draft.open_cost is None else draft.open_cost,
        max_plugs=max(most, standing),
        plugs=draft.plugs,
        max_kw=rule.max_kw if draft.max_kw is None else draft.max_kw,
        grid_node=node,
        district=district,
        source=draft.source,
        why=draft.why,
        excluded=excluded,
    )


def _tell_excluded(sites: Sequence[Site], findings: Findings) -> None:
    told = [f"{site.id} ({site.excluded})" for site in sites if site.excluded is not None]
    if told:
        lie = "1 site lies" if len(told) == 1 else f"{len(told)} sites lie"
        text = f"{lie} where nothing may be built: {some(told)}"
        hint = "candidates are left out; chargers that stand there stay, and get no plugs"
        findings.warning("site_excluded", text, source="excluded", value=len(told), hint=hint)


def _tell_useless(sites: Sequence[Site], findings: Findings) -> None:
    without = [site.id for site in sites if not site.kinds and not site.is_required and site.excluded is None]
    if without:
        at = "1 site" if len(without) == 1 else f"{len(without)} sites"
        text = f"at {at} no kind of the study may be built: {some(without)}"
        findings.warning("site_without_kind", text, source="candidates", value=len(without), hint="see their kinds")


def _tell_weak(sites: Sequence[Site], kinds: Sequence[ChargerKind], findings: Findings) -> None:
    """Of what may draw less than one plug of any kind that may come there."""
    power = {kind.id: kind.power_kw for kind in kinds}
    weak = [
        f"{site.id} ({site.max_kw:,.10g} of {least:,.10g} kW)"
        for site in sites
        if site.max_kw is not None
        and not site.is_required
        and (least := min((power[id_] for id_ in site.kinds), default=0.0)) > site.max_kw
    ]
    if weak:
        they = "1 site" if len(weak) == 1 else f"{len(weak)} sites"
        text = f"{they} may draw less than a plug of any kind there takes, so that nothing can be built: {some(weak)}"
        hint = "give them more max_kw, or kinds of less power"
        findings.warning("site_without_power", text, source="candidates", value=len(weak), hint=hint)
