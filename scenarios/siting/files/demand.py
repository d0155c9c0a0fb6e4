"""Reads `demand`: who wants to charge, from where, in whatever column their number stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from optimiser.basics.findings import Findings
from optimiser.siting.problem import DemandPoint, District
from scenarios.feed import some
from scenarios.schema_errors import nearest
from scenarios.siting.conversion import Assumed
from scenarios.siting.files.areas import Districts, Member, districts_of
from scenarios.siting.files.feature import IDS, Feature, number_of, numbered, tell_spellings
from scenarios.siting.files.place_table import LAT, LON
from scenarios.siting.files.source import files_of, read_places, unread
from scenarios.siting.files.spread import Corners, spread
from scenarios.siting.presets import SEGMENT

NATIONAL = (
    *("ewz", "bevölkerung", "bevoelkerung", "antall_personer", "antal_personer", "pop_tot", "poptot"),
    *("aantal_inwoners", "inwoners", "vaesto", "poblacion", "población", "popolazione", "ludnosc", "habitants"),
)
"""Columns that count residents in grids and registers of single countries."""
WEIGHTS = {
    "weight": SEGMENT,
    "residents_without_driveway": "residents",
    "households_without_driveway": "residents",
    "population": "residents",
    "tot_p": "residents",
    "obs_value_t": "residents",
    "pop": "residents",
    "pop_total": "residents",
    "einwohner": "residents",
    "befolkning": "residents",
    "inhabitants": "residents",
    **dict.fromkeys(NATIONAL, "residents"),
    "people": "residents",
    "residents": "residents",
    "households": "residents",
    "votes": "residents",
    "jobs": "workers",
    "employees": "workers",
    "workers": "workers",
    "visitors": "visitors",
    "requests": SEGMENT,
    "demand": SEGMENT,
    "trips": "shared_fleet",
    "trip_ends": "shared_fleet",
    "kwh_per_day": SEGMENT,
}
"""Columns that say how many, the first that a file has counts; and who they are where no column says so."""
DISTRICT = ("district", "district_id")
"""Columns that may name the district of a place."""
MOST_PEOPLE = 1e9


@dataclass(frozen=True, kw_only=True)
class Demand:
    """The demand of a file, and the districts that it names."""

    points: tuple[DemandPoint, ...]
    districts: tuple[District, ...]
    """Those of the districts' file, or where there is none those that demand names."""
    rows: tuple[str, ...]
    """Where in the file each point is."""


class _Counted(NamedTuple):
    """A place as it is for one segment, what to call it where it has no id, and the column that counts its people."""

    feature: Feature
    otherwise: str
    column: str | None
    place: str | None = None
    """What the file calls it, where that is another id."""


class _Row(NamedTuple):
    id: str
    feature: Feature
    weight: float
    segment: str
    district: str | None
    points: tuple[tuple[float, float], ...]
    """One or more, each with the same share of the weight; none where its place is wrong, which is told."""


def read_demand(
    folder: Path,
    findings: Findings,
    assumed: Assumed,
    *,
    segments: Collection[str],
    columns: Mapping[str, str] | None = None,
    districts: Districts | None = None,
    corners: Corners | None = None,
) -> Demand | None:
    """
    Demand of `demand.geojson`, `.csv` or `.gpkg`, or None with every error in `findings`.

    A polygon stands for a point in it; a large one for several, at `corners` where streets are known. `segments` are
    the ids that rows may name; `columns` are those that count the people of a segment, where the study says so.
    """
    before = len(findings.errors)
    features = read_places(folder, "demand", findings)
    if not features:
        if len(findings.errors) == before:
            names = [path.name for path in files_of(folder, "demand")] or ["demand.geojson"]
            text = "holds nothing" if features is not None else "; ".join(["is missing", *unread(folder, "demand")])
            hint = "points or polygons with a number of people: id, lon, lat, weight; see docs/city-folder.md"
            findings.error("demand_missing", text, source=names[0], hint=hint)
        return None
    if columns:
        counted = list(_by_segment(features, columns, findings, assumed))
        _tell_spellings(features, (), findings, counts=[column.casefold() for column in columns.values()])
    else:
        column = _weight_column(features, findings, assumed)
        _tell_spellings(features, ("segment",), findings, counts=[column] if column else ())
        named_so = zip(features, numbered(features, "d"), strict=True)
        counted = [_Counted(feature, otherwise, column) for feature, otherwise in named_so]
    rows, without = _rows(counted, findings, segments=segments, corners=corners)
    points = _points(rows, findings, districts)
    if len(findings.errors) > before:
        return None
    wide = [row for row in rows if len(row.points) > 1]
    if wide:
        count = sum(len(row.points) for row in wide)
        assumed.note(f"demand: {len(wide)} wide areas start from {count} street corners in them, with equal shares")
    found = dict.fromkeys((*(point.district for point in points), *without))
    named_there = tuple(District(id=id_, name=id_) for id_ in found if id_ is not None)
    placed = tuple(row.feature.where for row in rows for _ in row.points)
    known = named_there if districts is None else districts.districts
    return Demand(points=points, districts=known, rows=placed)


def _tell_spellings(
    features: Sequence[Feature], known: Sequence[str], findings: Findings, *, counts: Collection[str]
) -> None:
    """Columns that are spelled nearly as one that is looked at; without one that counts, that is told already."""
    said = dict.fromkeys(name for feature in features for name in feature.values)
    weights = [name for name in said if _meant(name) in WEIGHTS]
    tell_spellings(features, (*known, *DISTRICT, *counts), findings, others={*IDS, *LON, *LAT, *weights})


def _points(rows: Sequence[_Row], findings: Findings, districts: Districts | None) -> tuple[DemandPoint, ...]:
    pieces = [(row, index, point) for row in rows for index, point in enumerate(row.points or (None,), start=1)]
    members = [
        Member(f"{row.id}/{index}" if len(row.points) > 1 else row.id, row.feature, row.district, point)
        for row, index, point in pieces
    ]
    found = districts_of(members, districts, findings, what="demand points")
    return tuple(
        DemandPoint(
            id=member.id,
            lon=member.point[0],
            lat=member.point[1],
            weight=row.weight / len(row.points),
            segment=row.segment,
            district=district,
        )
        for member, (row, _, _), district in zip(members, pieces, found, strict=True)
        if member.point is not None
    )


def _by_segment(
    features: Sequence[Feature], columns: Mapping[str, str], findings: Findings, assumed: Assumed
) -> Iterator[_Counted]:
    """Each place once for every segment that has a column of its own; a place may say nothing under some of them."""
    said = dict.fromkeys(name for feature in features for name in feature.values)
    for segment, column in columns.items():
        if column.casefold() not in said:
            guess = nearest(column.casefold(), said)
            hint = f"did you mean {guess}?" if guess else f"columns are {some(list(said))}"
            text = f"there is no column {column}, which is to count segment {segment}"
            findings.error("column_missing", text, source=features[0].source, value=column, hint=hint)
            continue
        blank = 0
        for feature, otherwise in zip(features, numbered(features, "d"), strict=True):
            place = feature.id(Findings(), otherwise=otherwise)
            id_ = f"{place}-{segment}"
            if feature.has(column.casefold()):
                values = {**feature.values, "id": id_, "segment": segment}
                yield _Counted(replace(feature, values=values), id_, column.casefold(), place)
            else:
                blank += 1
        if blank:
            assumed.note(
                f"demand: {blank:,} of {len(features):,} places say nothing under {column}: nobody of {segment}"
            )
    _tell_blank(features, columns, findings)


def _tell_blank(features: Sequence[Feature], columns: Mapping[str, str], findings: Findings) -> None:
    """Places that say nothing of anybody."""
    names = [column.casefold() for column in columns.values()]
    blank = [
        feature.id(Findings(), otherwise=otherwise)
        for feature, otherwise in zip(features, numbered(features, "d"), strict=True)
        if not any(feature.has(name) for name in names)
    ]
    if blank:
        places = "1 place says" if len(blank) == 1 else f"{len(blank)} places say"
        text = f"{places} nothing under {', '.join(columns.values())}, which is taken as nobody: {some(blank)}"
        findings.warning("weight_blank", text, source=features[0].source, value=len(blank))


def _weight_column(features: Sequence[Feature], findings: Findings, assumed: Assumed) -> str | None:
    """The column that says how many, also where it ends with a year, the latest first; None where none does."""
    said = dict.fromkeys(name for feature in features for name in feature.values if feature.has(name))
    order = list(WEIGHTS)
    present = sorted(
        (name for name in said if _meant(name) in WEIGHTS),
        key=lambda name: (order.index(_meant(name)), -int(name[-4:] if name != _meant(name) else "9999")),
    )
    source = features[0].source
    if not present:
        numbers = [
            name
            for name in said
            if name not in {*IDS, *LON, *LAT}
            and all(number_of(feature.values.get(name) or 0) is not None for feature in features)
        ]
        hint = f"a column {', '.join(order[:6])}, ..."
        if numbers:
            hint = f"call the one that counts weight, of the columns with numbers: {some(numbers)}"
        text = "says nowhere how many people start from a place; each counts as 1"
        findings.warning("weight_assumed", text, source=source, value=numbers or None, hint=hint)
        return None
    if len(present) > 1:
        text = f"the number of people is taken from {present[0]}; {', '.join(present[1:])} is not looked at"
        hint = "call the one that counts weight, or name the column of each segment in [[siting.segments]]"
        findings.warning("weight_choice", text, source=source, value=present, hint=hint)
    if present[0] != "weight":
        assumed.note(f"demand: its weight is the {present[0]} of {source}")
    return present[0]


def _meant(column: str) -> str:
    """The name without a year behind it: `tot_p_2021` is `tot_p`."""
    return re.sub(r"[_ -]?(19|20)\d\d$", "", column)


def _rows(
    counted: Sequence[_Counted],
    findings: Findings,
    *,
    segments: Collection[str],
    corners: Corners | None,
) -> tuple[list[_Row], list[str | None]]:
    """Where somebody is; and the districts that rows name where nobody is."""
    rows, seen = list[_Row](), dict[str, str]()
    empty, lived_in, without = dict[str, str](), set[str](), list[str | None]()
    for feature, otherwise, column, place in counted:
        id_ = feature.id(findings, otherwise=otherwise)
        if id_ in seen:
            hint = f"each once, also for several segments; the first is {seen[id_]}"
            feature.error(findings, "duplicate_id", "id", f"demand {id_} is there twice", hint=hint)
        seen.setdefault(id_, feature.where)
        weight = 1.0 if column is None else feature.number((column,), findings, most=MOST_PEOPLE)
        if column is not None and not feature.has(column):
            feature.error(findings, "missing", column, f"{column} is missing", hint="how many they are; 0 if nobody")
        segment = feature.text(("segment",), findings) or (WEIGHTS[_meant(column)] if column else SEGMENT)
        if segment not in segments and feature.has("segment"):
            guess = nearest(segment, segments)
            hint = f"did you mean {guess}?" if guess else f"segments are {some(sorted(segments))}"
            feature.error(findings, "unknown_segment", "segment", f"there is no segment {segment}", hint=hint)
        district = feature.text(DISTRICT, findings)
        point = feature.point(findings, hint="a Point or a Polygon for each row of demand")
        if weight == 0:
            empty[feature.where] = place or id_
            without.append(district)
            continue
        lived_in.add(feature.where)
        points = () if point is None else spread(feature.geometry, point, corners)
        rows.append(_Row(id_, feature, weight or 0.0, segment, district, points))
    # A place is there once for each segment that is counted, and is told where it has nobody of any.
    alone = [place for where, place in empty.items() if where not in lived_in]
    if alone:
        have = "1 place has nobody and is" if len(alone) == 1 else f"{len(alone)} places have nobody and are"
        text = f"{have} left out: {some(alone)}"
        findings.warning("demand_empty", text, source=counted[0].feature.source, value=len(alone))
    if not rows and empty:
        findings.error(
            "demand_missing", "has nobody anywhere", source=counted[0].feature.source, hint="weights above 0"
        )
    return rows, without
