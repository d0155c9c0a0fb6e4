"""
Instances of maximal covering.

    city (Maximo et al. 2023)   DIMENSION n, NODE_COORD_SECTION with latitude and longitude, DEMAND_SECTION; every node
                                is a demand point and may be a site; ways are arcs on a sphere of 6,378,100 m
    bds                         nF nC, then lines `F id x y cost` for sites and `C id x y demand`; ways are straight

A point is covered by sites no further than the radius. `p` and `radius` are asked by a list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.files import finite_number, read_text, refuse

LAYOUT = "a city with NODE_COORD_SECTION and DEMAND_SECTION, or nF nC and lines F id x y cost, C id x y demand"
COORDINATES, DEMAND = "NODE_COORD_SECTION", "DEMAND_SECTION"
CITY, PLANAR = "city", "bds"
"""Names of the forms in a list's column `format`."""
WRONG = 0.0
"""Stands for a number that is none, once that is noted."""
EARTH_M = 6_378_100.0
BLOCK = 256
"""Points whose ways are measured at once."""

Floats = NDArray[np.float64]
Sites = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class MclpInstance:
    """Demand points, sites, and which reach which."""

    name: str
    p: int
    """Sites to choose."""
    radius: float
    weight: Floats
    """Of each demand point."""
    sites: int
    is_within: Callable[[slice, Sites], NDArray[np.bool_]]
    """Which of some sites reach a stretch of the points, shape (points, sites)."""

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Where the sites of each point begin, and these."""
        counts, sites, every = [], [], np.arange(self.sites)
        for start in range(0, len(self.weight), BLOCK):
            within = self.is_within(slice(start, start + BLOCK), every)
            counts.append(within.sum(axis=1))
            sites.append(np.nonzero(within)[1].astype(np.int32))
        return np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64), np.concatenate(sites)


def read_mclp(path: Path, asked: Asked | None = None) -> MclpInstance:
    """
    Read an instance of either form, told apart by content; its name is that of the file.

    Parameters
    ----------
    asked
        By a list's row for it, with `p` and `radius`.

    Raises
    ------
    InvalidInput
        Everything that is wrong with the file and the row, located, with what would be right.
    """
    findings, asked, read = Findings(), asked or Asked(), None
    with findings.noting():
        text = read_text(path, hint=LAYOUT)
        form = CITY if COORDINATES in text else PLANAR
        asked.check_form(findings, path, form, (CITY, PLANAR))
        before = len(findings.items)
        read = _city(path, text, findings) if form == CITY else _planar(path, text, findings)
        read = None if len(findings.items) > before else read
    p = asked.sites(findings, path, own=None, most=read[1] if read else None)
    hint = "name it in a cases.csv with a column radius"
    radius = asked.number(findings, path, asked.get("radius"), "radius", hint=hint)
    if radius is not None and radius < 0:
        told = f"the radius is {radius:g}"
        asked.wrong(findings, path, "radius_wrong", told, value=radius, hint="0 or more")
    findings.raise_errors(f"benchmark file {path}")
    assert read is not None, "or there were errors"
    assert radius is not None, "or there were errors"
    weight, sites, measure = read
    return MclpInstance(
        name=path.stem, p=p, radius=radius, weight=weight, sites=sites, is_within=partial(measure, radius)
    )


_Measure = Callable[[float, slice, Sites], NDArray[np.bool_]]
_Read = tuple[Floats, int, _Measure]
"""Weights, the number of sites, and what tells who is within a radius."""


def _city(path: Path, text: str, findings: Findings) -> _Read:
    lines, note, before = text.splitlines(), _Noting(path, findings), len(findings.items)
    size = next((number for number, line in enumerate(lines) if line.startswith("DIMENSION")), None)
    first = next(number for number, line in enumerate(lines) if COORDINATES in line) + 1
    middle = next((number for number, line in enumerate(lines) if DEMAND in line and number >= first), None)
    if middle is None:
        refuse(path, "demand_missing", "has no DEMAND_SECTION", hint=LAYOUT)
    places, demand = [], []
    for number in range(first, middle):
        if note.is_flooded(before, number):
            break
        places.append(note.numbers(lines[number], number + 1, 2, "latitude and longitude"))
        for what, degrees, most in zip(("latitude", "longitude"), places[-1], (90, 180), strict=True):
            if abs(degrees) > most:
                told, hint = f"a {what} is {degrees:g}", f"degrees within -{most}..{most}, the latitude first"
                note.wrong("place_wrong", told, number + 1, value=degrees, hint=hint)
    for number in range(middle + 1, len(lines)):
        if lines[number].strip() in ("", "EOF") or note.is_flooded(before, number):
            break
        demand.append(note.demand(note.numbers(lines[number], number + 1, 1, "a demand")[0], number + 1))
    if not places or len(places) != len(demand):
        told = f"has {len(places):,} points and {len(demand):,} demands"
        note.wrong("point_count", told, None, value=len(demand), hint="as many demands as points, one at least")
    if size is not None:
        (told_n,) = note.numbers(lines[size].partition(":")[2], size + 1, 1, "the number of points")
        if told_n not in (len(places), WRONG):
            told = f"has {len(places):,} points, DIMENSION is {told_n:g}"
            note.wrong("point_count", told, None, value=len(places), hint=f"{told_n:g} points, as it begins")
    return np.array(demand), len(places), partial(_on_the_sphere, np.radians(np.array(places)))


def _planar(path: Path, text: str, findings: Findings) -> _Read:
    note, before = _Noting(path, findings), len(findings.items)
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    number, head = lines[0]
    counts = note.numbers(" ".join(head), number, 2, "nF nC")
    places: dict[str, list[tuple[float, float]]] = {"F": [], "C": []}
    demand = []
    for number, tokens in lines[1:]:
        if note.is_flooded(before, number):
            break
        if tokens[0] not in places:
            note.wrong("line_wrong", "is no line F or C", number, value=tokens[0][:30], hint=LAYOUT)
            continue
        _, x, y, value = note.numbers(" ".join(tokens[1:]), number, 4, "id, x, y and a value")
        places[tokens[0]].append((x, y))
        if tokens[0] == "C":
            demand.append(note.demand(value, number))
    if len(findings.items) == before and ([len(places["F"]), len(places["C"])] != counts or not all(counts)):
        told = f"has {len(places['F']):,} sites and {len(places['C']):,} demand points"
        hint = f"{counts[0]:g} and {counts[1]:g}, as it begins, one at least of each"
        note.wrong("point_count", told, None, value=len(demand), hint=hint)
    measure = partial(_in_the_plane, np.array(places["C"]), np.array(places["F"]))
    return np.array(demand), len(places["F"]), measure


@dataclass(frozen=True, slots=True)
class _Noting:
    """Reads numbers of one file, and notes what is wrong with them."""

    path: Path
    findings: Findings

    def wrong(self, code: str, message: str, line: int | None, *, value: float | str, hint: str) -> None:
        where = "" if line is None else f"line {line}"
        self.findings.error(code, message, source=str(self.path), where=where, value=value, hint=hint)

    def is_flooded(self, before: int, number: int) -> bool:
        return self.findings.is_flooded(before, source=str(self.path), where=f"line {number + 1}")

    def numbers(self, line: str, number: int, count: int, what: str) -> list[float]:
        """So many numbers of a line; where they are none, as many that are no harm to what follows."""
        values = [finite_number(token) for token in line.split()]
        found = [value for value in values if value is not None]
        if len(values) == count == len(found):
            return found
        told = line.strip()[:60]
        self.wrong("line_wrong", f"{told!r} is not {what}", number, value=told, hint=LAYOUT)
        return [WRONG] * count

    def demand(self, value: float, number: int) -> float:
        """A demand, which is 0 or more."""
        if value < 0:
            self.wrong("demand_wrong", f"a demand is {value:g}", number, value=value, hint="0 or more")
        return value


def _on_the_sphere(place: Floats, radius: float, stretch: slice, sites: Sites) -> NDArray[np.bool_]:
    here, there = place[stretch, :, None], place[sites].T
    across = np.cos(here[:, 0]) * np.cos(there[0]) * np.cos(there[1] - here[:, 1])
    angle = np.arccos(np.clip(np.sin(here[:, 0]) * np.sin(there[0]) + across, -1.0, 1.0))
    angle[np.arange(len(place))[stretch, None] == sites] = 0.0
    # The instances were made with single precision; some ways end at the radius.
    within: NDArray[np.bool_] = (angle * EARTH_M).astype(np.float32) <= np.float32(radius)
    return within


def _in_the_plane(points: Floats, places: Floats, radius: float, stretch: slice, sites: Sites) -> NDArray[np.bool_]:
    apart = points[stretch, None] - places[sites]
    within: NDArray[np.bool_] = np.sqrt((apart**2).sum(axis=2)) <= radius
    return within
