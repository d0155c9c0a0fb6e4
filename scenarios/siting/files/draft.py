"""A site as its file has it, before the rules of its source, its district and its grid node are added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from optimiser.basics.findings import Findings
from optimiser.network.graph import StreetGraph
from optimiser.siting.problem import ChargerKind, DemandPoint, Segment
from scenarios.feed import some
from scenarios.schema_errors import nearest
from scenarios.siting.conversion import SourceRule
from scenarios.siting.files.areas import Districts
from scenarios.siting.files.feature import ALIKE, IDS, Feature
from scenarios.siting.files.grid import MOST_COST, Grid
from scenarios.siting.files.ground import Areas
from scenarios.siting.files.whereabouts import Whereabouts
from scenarios.siting.presets import SOURCES

UPLOAD = "upload"
"""Source whose rules hold for sites of a source that nobody knows."""
MOST_SOURCES = 10
"""Unknown sources of a file that are told one by one."""
MOST_PLUGS = 200
MOST_KW = 100_000.0
NAMES = ("name", "nom_station", "anzeigename (karte)", "betreiber")
"""Columns that may hold the name of a site: the usual one, and those of the French and German registers of chargers."""
NODES = ("grid_node", "node", "transformer")
"""Columns that may name the grid node of a site."""
COLUMNS = (
    *IDS,
    *(*NAMES, "source", "why", "reason", "kinds", "open_cost", "fixed_cost", "cost", "max_plugs", "max_kw", "site_kw"),
    *(*NODES, "district", "district_id"),
)
"""That are looked at."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Surroundings:
    """What sites are read with."""

    kinds: tuple[ChargerKind, ...]
    """Of the study."""
    rule_of: Callable[[str], SourceRule]
    """What holds for sites of a source."""
    districts: Districts | None = None
    excluded: Areas | None = None
    """Where nothing may be built."""
    grid: Grid | None = None
    graph: StreetGraph | None = None
    """Streets that cars use, where they are known: sites along them are the last resort."""
    demand: tuple[DemandPoint, ...] = ()
    """Where streets are not known either, these places are."""
    demand_rows: tuple[str, ...] = ()
    """Where in its file each of them is."""
    segments: tuple[Segment, ...] = ()
    """Whose reach tells where sites are too few."""
    streets: Whereabouts | None = None
    """Where streets are known."""
    with_extract: bool = False
    """Whether candidates of the street extract come beside those of a file."""
    sources: tuple[str, ...] = tuple(SOURCES)
    """Of which it is known what holds for their sites."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a file says of a site."""

    id: str
    name: str
    point: tuple[float, float]
    source: str
    why: str
    feature: Feature | None
    """None where no file names it."""
    is_placed: bool = True
    """Whether the point is where it is; of a place that is wrong, which is told, nobody knows."""
    plugs: Mapping[str, int]
    kinds: frozenset[str] | None = None
    open_cost: float | None = None
    max_plugs: int | None = None
    max_kw: float | None = None
    grid_node: str | None = None
    district: str | None = None


def draft_of(
    feature: Feature,
    findings: Findings,
    *,
    kinds: Sequence[ChargerKind],
    otherwise: str,
    source: str,
    why: str,
    plugs: Mapping[str, int],
) -> Draft:
    """The draft of a feature; whatever is wrong is in `findings`, and taken as not said."""
    id_ = feature.id(findings, otherwise=otherwise)
    point = feature.point(findings, hint="a Point, a LineString or a Polygon for each site")
    most = feature.number(("max_plugs",), findings, most=MOST_PLUGS, above=0, is_whole=True)
    return Draft(
        id=id_,
        name=feature.text(NAMES, findings) or id_,
        point=point or (0.0, 0.0),
        source=feature.text(("source",), findings) or source,
        why=feature.text(("why", "reason"), findings) or why,
        feature=feature,
        is_placed=point is not None,
        plugs=plugs,
        kinds=_kinds(feature, kinds, findings),
        open_cost=feature.number(("open_cost", "fixed_cost", "cost"), findings, most=MOST_COST),
        max_plugs=None if most is None else int(most),
        max_kw=feature.number(("max_kw", "site_kw"), findings, most=MOST_KW, above=0),
        grid_node=feature.text(NODES, findings),
        district=feature.text(("district", "district_id"), findings),
    )


def _kinds(feature: Feature, kinds: Sequence[ChargerKind], findings: Findings) -> frozenset[str] | None:
    """Kinds that may be built: a list, or a text with commas, semicolons or spaces between them."""
    if not feature.has("kinds"):
        return None
    value = feature.values["kinds"]
    words = re.split(r"[,;\s]+", value.strip("[] ").replace('"', "")) if isinstance(value, str) else value
    known = [kind.id for kind in kinds]
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        feature.error(findings, "not_kinds", "kinds", "kinds is no list of kinds", hint=f"of {some(known)}")
        return None
    for word in words:
        if word not in known:
            guess = nearest(word, known)
            hint = f"did you mean {guess}?" if guess else f"kinds of the study are {some(known)}"
            feature.error(findings, "unknown_kind", "kinds", f"there is no kind {word}", hint=hint)
    return frozenset(words)


def each_once(drafts: Sequence[Draft], findings: Findings) -> None:
    """An id names one site."""
    seen: dict[str, Draft] = {}
    for draft in drafts:
        first = seen.setdefault(draft.id, draft)
        if first is draft or first.feature is None:
            continue
        hint = f"each once; the first is {first.feature.source}: {first.feature.where}"
        if draft.feature is None:
            hint = "another id: a street corner that is offered as a candidate is called so"
        told = draft.feature or first.feature
        told.error(findings, "duplicate_id", "id", f"site {draft.id} is there twice", hint=hint)


def tell_sources(drafts: Sequence[Draft], known: Sequence[str], findings: Findings, *, what: str) -> None:
    """Sources are free words, but what holds for one that nobody knows is what holds for uploads."""
    unknown = Counter(draft.source for draft in drafts if draft.source not in known)
    file = next((draft.feature.source for draft in drafts if draft.feature is not None), what)
    for name, number in unknown.most_common(MOST_SOURCES):
        guess = nearest(name, known, alike=ALIKE)
        hint = f"did you mean {guess}?" if guess else f"one of {', '.join(known)}; or say what holds in siting.sources"
        text = f"there is no source {name}; {number:,} {what} of it are taken as {UPLOAD}"
        findings.warning("source_unknown", text, source=file, value=name, hint=hint)
    if (more := len(unknown) - MOST_SOURCES) > 0:
        text = f"there are {more:,} more sources that nobody knows; {what} of them are taken as {UPLOAD}"
        findings.warning(
            "source_unknown", text, source=file, value=more, hint="leave source out where it does not matter"
        )
