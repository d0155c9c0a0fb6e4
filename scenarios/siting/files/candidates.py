"""Places where chargers may be built: a file's, the extract's beside it or instead, and corners where these are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from optimiser.basics.findings import Findings
from scenarios.siting.conversion import Assumed
from scenarios.siting.files import kerbside
from scenarios.siting.files.chargers import EXISTING
from scenarios.siting.files.draft import COLUMNS, UPLOAD, Draft, Surroundings, draft_of
from scenarios.siting.files.feature import Feature, numbered, tell_spellings
from scenarios.siting.files.gaps import FEWEST, gaps
from scenarios.siting.files.ground import Nearby, point_of, spaced
from scenarios.siting.files.osm_sites import OsmSites
from scenarios.siting.files.source import files_of, read_places

KERBSIDE = "kerbside"
BESIDE_M = 30.0
"""So near to a charger a place is the same place, and that site can be extended."""
LAMP_SPACING_M = 50.0
"""A city has tens of thousands of lamps; one in so many metres is offered."""


def read_candidates(
    folder: Path,
    osm: OsmSites,
    around: Surroundings,
    findings: Findings,
    *,
    existing: Sequence[Draft],
    assumed: Assumed,
) -> tuple[Draft, ...]:
    """Candidate sites, each with its source and a sentence why; every error in `findings`."""
    if not files_of(folder, "candidates"):
        found = _of_extract(osm, around, existing, findings, assumed)
        if found:
            return (*found, *_in_gaps(found, around, existing, findings, assumed))
        return _along_streets(around, existing, assumed)
    features = read_places(folder, "candidates", findings)
    if features:
        tell_spellings(features, COLUMNS, findings)
    drafts = [
        draft_of(
            feature,
            findings,
            kinds=around.kinds,
            otherwise=otherwise,
            source=UPLOAD,
            why=f"named in {feature.source}",
            plugs={},
        )
        for feature, otherwise in zip(features or (), numbered(features or (), "c"), strict=True)
    ]
    if features is not None and not features:
        name = files_of(folder, "candidates")[0].name
        findings.error("candidates_empty", "holds nothing", source=name, hint="sites, or no such file")
    if not around.with_extract:
        return tuple(drafts)
    if all(feature.values["source"] == EXISTING for feature in osm.found):
        text = "know no car parks, lamps and the like that osm_candidates could offer beside the sites of a file"
        hint = "an extract with all of OpenStreetMap, not streets alone; or leave osm_candidates out"
        findings.warning("no_osm_candidates", text, source="streets", hint=hint)
    listed = {draft.id for draft in drafts}
    more = _of_extract(osm, around, [*existing, *drafts], findings, assumed)
    return (*drafts, *(draft for draft in more if draft.id not in listed))


def _of_extract(
    osm: OsmSites, around: Surroundings, known: Sequence[Draft], findings: Findings, assumed: Assumed
) -> tuple[Draft, ...]:
    """Car parks, fuel stations, lamps and the like, as far as a kind of the study may come there and none is known."""
    features = [feature for feature in osm.found if feature.values["source"] != EXISTING]
    sources = {str(feature.values["source"]) for feature in features}
    usable = {source for source in sources if around.rule_of(source).kinds}
    fitting = _with_few_lamps([feature for feature in features if feature.values["source"] in usable])
    drafts = []
    for feature in fitting:
        point = point_of(feature.geometry)
        if point is not None:
            drafts.append(_found(feature, point))
    apart = _apart(drafts, known)
    told = Counter(draft.source for draft in apart)
    if apart:
        counts = ", ".join(f"{count} {source}" for source, count in sorted(told.items()))
        assumed.note(f"candidate sites: {len(apart)} from the street extract: {counts}")
    if len(apart) < len(drafts):
        beside = "sites of the file or chargers" if around.with_extract else "chargers"
        assumed.note(f"candidate sites: {len(drafts) - len(apart)} beside {beside} that stand already are left out")
    for source in sorted(sources - usable):
        count = sum(feature.values["source"] == source for feature in features)
        assumed.note(f"candidate sites: {count} of {source} are left out, no kind of the study may come there")
    if osm.private:
        text = f"{osm.private} car parks and the like are not open to everybody and are left out"
        findings.warning("private_places", text, source="streets", value=osm.private, hint="list them in candidates")
    return apart


def _found(feature: Feature, point: tuple[float, float]) -> Draft:
    values = feature.values
    return Draft(
        id=str(values["id"]),
        name=str(values["name"]),
        point=point,
        source=str(values["source"]),
        why=str(values["why"]),
        feature=feature,
        plugs={},
    )


def _with_few_lamps(features: list[Feature]) -> list[Feature]:
    lamps = [feature for feature in features if feature.values["source"] == "street_lamp"]
    kept = spaced([point_of(lamp.geometry) or (0.0, 0.0) for lamp in lamps], LAMP_SPACING_M)
    return [
        *(feature for feature in features if feature.values["source"] != "street_lamp"),
        *(lamps[index] for index in kept),
    ]


def _in_gaps(
    found: Sequence[Draft],
    around: Surroundings,
    existing: Sequence[Draft],
    findings: Findings,
    assumed: Assumed,
) -> tuple[Draft, ...]:
    """Street corners for whoever has too few of the extract's places within reach."""
    offers = [
        (draft.point, around.rule_of(draft.source).kinds if draft.kinds is None else draft.kinds)
        for draft in (*found, *existing)
    ]
    filled = gaps(around, offers, lambda: around.rule_of(KERBSIDE).kinds)
    if filled is None:
        return ()
    drafts = _kerbs(filled.corners, kerbside.IN_GAP)
    told = f"{filled.points:,} of {len(around.demand):,} demand points ({filled.people:,.0f} people)"
    assumed.note(
        f"candidate sites: {len(drafts)} street corners beside them, {filled.spacing_m:.0f} m apart or more "
        f"(kerbside), where fewer than {FEWEST} sites are within reach"
    )
    findings.warning(
        "few_candidates",
        f"the extract knows few places for chargers: {told} have fewer than {FEWEST} within reach, and "
        f"{len(drafts)} street corners are offered there (kerb-1 and so on)",
        source="streets",
        value=filled.points,
        hint="nobody has looked at these corners yet; list places that you know in candidates",
    )
    return drafts


def _along_streets(around: Surroundings, existing: Sequence[Draft], assumed: Assumed) -> tuple[Draft, ...]:
    """Street corners, or where streets are not known the places that demand starts from."""
    if around.graph is not None:
        found, why, what = kerbside.corners(around.graph), kerbside.CORNER, "street corners"
    else:
        places = [(point.lon, point.lat) for point in around.demand]
        found, why, what = kerbside.thinned(places), kerbside.PLACE, "places of demand"
    apart = _apart(_kerbs(found.points, why), existing)
    assumed.note(f"candidate sites: {len(apart)} {what}, {found.spacing_m:.0f} m apart or more (kerbside)")
    return apart


def _kerbs(points: Sequence[tuple[float, float]], why: str) -> tuple[Draft, ...]:
    return tuple(
        Draft(
            id=f"kerb-{number}",
            name=f"Kerbside {number}",
            point=point,
            source=KERBSIDE,
            why=why,
            feature=None,
            plugs={},
        )
        for number, point in enumerate(points, start=1)
    )


def _apart(drafts: Sequence[Draft], existing: Sequence[Draft]) -> tuple[Draft, ...]:
    """Those that are not where there is a site already."""
    if not drafts or not existing:
        return tuple(drafts)
    _, metres = Nearby.of([site.point for site in existing]).nearest([draft.point for draft in drafts])
    return tuple(draft for draft, away in zip(drafts, metres.tolist(), strict=True) if away > BESIDE_M)
