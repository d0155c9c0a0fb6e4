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
from scenarios.siting.files.feature import Feature, numbered
from scenarios.siting.files.ground import Areas, polygons_in
from scenarios.siting.files.source import read_filled


@dataclass(frozen=True, kw_only=True, eq=False)
class Districts:
    """The districts of a file, and where they are."""

    districts: tuple[District, ...]
    areas: Areas
    source: str


def read_districts(folder: Path, findings: Findings) -> Districts | None:
    """The districts of `districts.geojson` or `.gpkg`; None where there is no such file, or an error."""
    read = _read_polygons(folder, "districts", findings)
    if read is None:
        return None
    features, polygons = read
    ids, seen = [], dict[str, str]()
    for feature, number in zip(features, numbered(features), strict=True):
        id_ = feature.id(findings, otherwise=number)
        if id_ in seen:
            feature.error(findings, "duplicate_id", "id", f"district {id_} is there twice", hint=f"first: {seen[id_]}")
        seen.setdefault(id_, feature.where)
        ids.append(id_)
    names = [feature.text(("name",), findings) or id_ for feature, id_ in zip(features, ids, strict=True)]
    districts = tuple(District(id=id_, name=name) for id_, name in zip(ids, names, strict=True))
    return Districts(districts=districts, areas=Areas.of(ids, polygons), source=features[0].source)


def read_excluded(folder: Path, findings: Findings) -> Areas | None:
    """The areas of `excluded.geojson` or `.gpkg`, called by their names; None where there is none, or an error."""
    read = _read_polygons(folder, "excluded", findings)
    if read is None:
        return None
    features, polygons = read
    ids = [
        feature.text(("name", "id", "reason"), findings) or f"excluded area {number}"
        for number, feature in enumerate(features, start=1)
    ]
    return Areas.of(ids, polygons)


def _read_polygons(folder: Path, stem: str, findings: Findings) -> tuple[list[Feature], list[BaseGeometry]] | None:
    features = read_filled(folder, stem, findings)
    if features is None:
        return None
    kept, polygons = list[Feature](), list[BaseGeometry]()
    for feature in features:
        polygon = polygons_in(feature.geometry)
        if polygon is None:
            kind = feature.geometry.geom_type
            feature.error(findings, "not_a_polygon", "", f"is a {kind} without an area", hint="a Polygon")
            continue
        kept.append(feature)
        polygons.append(polygon)
    return (kept, polygons) if kept else None


class Member(NamedTuple):
    """Something that may lie in a district."""

    id: str
    feature: Feature | None
    """Where it was read; None where it was not."""
    given: str | None
    """The district that its file names."""
    point: tuple[float, float]


class Stranger(NamedTuple):
    """A name that leads nowhere."""

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
        yield Stranger(f"{name}{others}", features[0], nearest(name, known))


def districts_of(
    members: Sequence[Member], districts: Districts | None, findings: Findings, *, what: str
) -> list[str | None]:
    """The district of each member: the one that its file names, else the first that it lies in; None outside all."""
    if districts is None:
        return [member.given for member in members]
    found, several = districts.areas.holding([member.point for member in members])
    known = districts.areas.ids
    for stranger in strangers(members, known):
        hint = f"did you mean {stranger.guess}?" if stranger.guess else f"{districts.source} has {some(known)}"
        text = f"there is no district {stranger.told}"
        stranger.feature.error(findings, "unknown_district", "district", text, hint=hint)
    outside = [member.id for member, id_ in zip(members, found, strict=True) if member.given is None and id_ is None]
    shared = [members[index].id for index in several if members[index].given is None]
    if outside:
        text = f"{_lie(len(outside), what)} in no district: {some(outside)}"
        hint = "they count, but for no district; a floor asks for districts that cover all"
        findings.warning("outside_districts", text, source=districts.source, value=len(outside), hint=hint)
    if shared:
        count = "counts" if len(shared) == 1 else "count"
        text = f"{_lie(len(shared), what)} in more than one district and {count} for the first: {some(shared)}"
        findings.warning("districts_overlap", text, source=districts.source, value=len(shared), hint="cut them apart")
    return [id_ if member.given is None else member.given for member, id_ in zip(members, found, strict=True)]


def _lie(count: int, what: str) -> str:
    """`1 site lies`, `2 sites lie`."""
    return f"1 {what.removesuffix('s')} lies" if count == 1 else f"{count} {what} lie"
