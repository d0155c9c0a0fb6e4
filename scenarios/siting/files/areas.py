"""Reads `districts` (parts of the city that may be promised a share) and `excluded` (where nothing may be built)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from optimiser.basics.findings import Findings
from optimiser.siting.problem import District
from scenarios.feed import some
from scenarios.schema_errors import nearest
from scenarios.siting.files.feature import IDS, Feature, numbered, tell_spellings
from scenarios.siting.files.ground import Areas, polygons_in
from scenarios.siting.files.source import read_filled

AREA_NAMES = ("name", "id", "reason")
"""Properties that may say what an excluded area is called."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Districts:
    """The districts of a file, and where they are."""

    districts: tuple[District, ...]
    areas: Areas
    """Of those whose shape is right."""
    source: str


def read_districts(folder: Path, findings: Findings) -> Districts | None:
    """The districts of `districts.geojson` or `.gpkg`; None where there is no such file, or an error."""
    features = read_filled(folder, "districts", findings)
    if not features:
        return None
    tell_spellings(features, (*IDS, "name"), findings)
    ids, seen = [], dict[str, str]()
    for feature, number in zip(features, numbered(features), strict=True):
        id_ = feature.id(findings, otherwise=number)
        if id_ in seen:
            feature.error(findings, "duplicate_id", "id", f"district {id_} is there twice", hint=f"first: {seen[id_]}")
        seen.setdefault(id_, feature.where)
        ids.append(id_)
    names = [feature.text(("name",), findings) or id_ for feature, id_ in zip(features, ids, strict=True)]
    districts = tuple(District(id=id_, name=name) for id_, name in zip(ids, names, strict=True))
    return Districts(districts=districts, areas=_areas(features, ids, findings), source=features[0].source)


def read_excluded(folder: Path, findings: Findings) -> Areas | None:
    """The areas of `excluded.geojson` or `.gpkg`, called by their names; None where there is none, or an error."""
    features = read_filled(folder, "excluded", findings)
    if not features:
        return None
    tell_spellings(features, AREA_NAMES, findings)
    ids = [
        feature.text(AREA_NAMES, findings) or f"excluded area {number}"
        for number, feature in enumerate(features, start=1)
    ]
    return _areas(features, ids, findings)


def _areas(features: Sequence[Feature], ids: Sequence[str], findings: Findings) -> Areas:
    """The polygons of features by their ids; one that is none is an error, and left out."""
    polygons = list[tuple[str, BaseGeometry]]()
    for feature, id_ in zip(features, ids, strict=True):
        polygon = polygons_in(feature.geometry)
        if polygon is not None:
            polygons.append((id_, polygon))
        elif feature.is_placed:
            text = f"is a {feature.geometry.geom_type} without an area"
            feature.error(findings, "not_a_polygon", "", text, hint="a Polygon")
    return Areas.of([id_ for id_, _ in polygons], [polygon for _, polygon in polygons])


class Member(NamedTuple):
    """Something that may lie in a district."""

    id: str
    feature: Feature | None
    """Where it was read; None where it was not."""
    given: str | None
    """The district that its file names."""
    point: tuple[float, float] | None
    """None where its place is wrong, which is told."""


class Stranger(NamedTuple):
    """A name that leads nowhere."""

    name: str
    told: str
    """The name, and who gives it where several do."""
    feature: Feature
    """The first that gives it."""
    guess: str | None
    """What is probably meant."""


def strangers(members: Iterable[Member], known: Collection[str]) -> Iterator[Stranger]:
    """Each name of a file that is not known, once, however many places give it."""
    ids = set(known)
    given: dict[tuple[str, str], dict[str, tuple[str, Feature]]] = {}
    for member in members:
        if member.given is not None and member.feature is not None and member.given not in ids:
            rows = given.setdefault((member.feature.source, member.given), {})
            rows.setdefault(member.feature.where, (member.id, member.feature))
    for (_, name), rows in given.items():
        places, features = zip(*rows.values(), strict=True)
        others = f", which {len(places):,} places name: {some(places)}" if len(places) > 1 else ""
        yield Stranger(name, f"{name}{others}", features[0], nearest(name, known))


def districts_of(
    members: Sequence[Member], districts: Districts | None, findings: Findings, *, what: str
) -> list[str | None]:
    """
    The district of each member: the one that its file names, else the first that it lies in; None outside all.

    Where the shape of a district is wrong, which is told, nobody knows who lies in it.
    """
    if districts is None:
        return [member.given for member in members]
    known = [district.id for district in districts.districts]
    for stranger in strangers(members, known):
        hint = f"did you mean {stranger.guess}?" if stranger.guess else f"{districts.source} has {some(known)}"
        text = f"there is no district {stranger.told}"
        stranger.feature.error(findings, "unknown_district", "district", text, hint=hint)
    if len(districts.areas.ids) < len(known):
        return [member.given for member in members]
    points = {row: member.point for row, member in enumerate(members) if member.point is not None}
    inside, several = districts.areas.holding(list(points.values()))
    found, rows = dict(zip(points, inside, strict=True)), list(points)
    outside = [members[row].id for row, id_ in found.items() if members[row].given is None and id_ is None]
    shared = [members[rows[index]].id for index in several if members[rows[index]].given is None]
    if outside:
        text = f"{_lie(len(outside), what)} in no district: {some(outside)}"
        hint = "they count, but for no district; a floor asks for districts that cover all"
        findings.warning("outside_districts", text, source=districts.source, value=len(outside), hint=hint)
    if shared:
        count = "counts" if len(shared) == 1 else "count"
        text = f"{_lie(len(shared), what)} in more than one district and {count} for the first: {some(shared)}"
        findings.warning("districts_overlap", text, source=districts.source, value=len(shared), hint="cut them apart")
    return [found.get(row) if member.given is None else member.given for row, member in enumerate(members)]


def _lie(count: int, what: str) -> str:
    """`1 site lies`, `2 sites lie`."""
    return f"1 {what.removesuffix('s')} lies" if count == 1 else f"{count} {what} lie"
