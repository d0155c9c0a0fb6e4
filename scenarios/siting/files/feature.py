"""One thing on the map, from whatever file: where it is, what is said of it, and where in the file that stands."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from optimiser.basics.finding import Finding, Severity
from optimiser.basics.findings import Findings
from scenarios.feed import TOLD_ONE_BY_ONE, some
from scenarios.schema_errors import MAX_VALUE_LENGTH, nearest
from scenarios.siting.files.ground import point_of

MAX_ID_LENGTH = 64
ALIKE = 0.8
"""So alike a column is told to be a misspelled one."""
MOST_STRANGE = 1000
"""Columns that are compared with known ones; a file of more is no table of places."""
IDS = ("id", "@id", "osm_id", "grd_id", "code", "fid")
"""Columns that may hold an id."""
NOWHERE = shapely.Point()
"""Geometry of a feature whose place is wrong, which is told where it is read; what else it says is looked at."""
UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
"""A text of which it is not known whether it is some thousands or has three decimals; 0,125 is clear."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A geometry in WGS84 with its properties."""

    values: Mapping[str, Any]
    """By name in lower case."""
    geometry: BaseGeometry
    source: str
    """File name."""
    where: str
    """`features/3 (id 17)`, or `row 12`."""
    unclear: str = ".,"
    """Signs that may divide thousands as well as decimals where a number is written as a text."""

    @property
    def is_placed(self) -> bool:
        """Whether its file says where it is."""
        return not self.geometry.is_empty

    def point(self, findings: Findings, *, hint: str) -> tuple[float, float] | None:
        """Longitude and latitude; None where its place is wrong, or it is a shape that is none of `hint`."""
        point = point_of(self.geometry)
        if point is None and self.is_placed:
            self.error(findings, "geometry_kind", "", f"is a {self.geometry.geom_type}", hint=hint)
        return point

    def has(self, name: str) -> bool:
        """Whether something is said under the name."""
        value = self.values.get(name)
        return value is not None and not (isinstance(value, str) and not value.strip())

    def spelled(self, names: Sequence[str]) -> str | None:
        """The first of some spellings under which something is said."""
        return next((name for name in names if self.has(name)), None)

    def error(self, findings: Findings, code: str, name: str, message: str, *, hint: str = "") -> None:
        """Note that a value is wrong; `name` is empty where the feature as a whole is."""
        where = f"{self.where}, {name}" if name else self.where
        findings.error(code, message, source=self.source, where=where, value=short(self.values.get(name)), hint=hint)

    def text(self, names: Sequence[str], findings: Findings, *, longest: int = MAX_VALUE_LENGTH) -> str | None:
        """What is said under one of the names as a line of text; None where nothing is, or it is wrong."""
        name = self.spelled(names)
        if name is None:
            return None
        value = self.values[name]
        # Editors turn ids into numbers: 17.0 is 17.
        value = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self.error(findings, "not_a_text", name, f"{name} is not a text", hint="a text or a number")
            return None
        line = str(value).strip()
        if len(line) > longest:
            self.error(findings, "too_long", name, f"{name} is {len(line)} characters long", hint=f"{longest} or fewer")
            return None
        if not line.isprintable():
            self.error(findings, "text_control", name, f"{name} holds a control character", hint="one line of text")
            return None
        return line

    def id(self, findings: Findings, *, otherwise: str) -> str:
        """The id, or what to call it where none is given or it is wrong."""
        return self.text(IDS, findings, longest=MAX_ID_LENGTH) or otherwise

    def number(
        self,
        names: Sequence[str],
        findings: Findings,
        *,
        most: float,
        above: float | None = None,
        is_whole: bool = False,
    ) -> float | None:
        """A number from 0, or above another, up to `most`; None where nothing is said, or it is wrong."""
        name = self.spelled(names)
        if name is None:
            return None
        if self._is_ambiguous(name, findings):
            return None
        value = number_of(self.values[name])
        kind = "a whole number" if is_whole else "a number"
        least = "0" if above is None else f"above {above:g}"
        hint = f"{kind} from {least} to {most:,.0f}" if above is None else f"{kind} {least}, up to {most:,.0f}"
        if value is None or (is_whole and not value.is_integer()):
            told = short(self.values[name])
            self.error(findings, "not_a_number", name, f"{name} is {told!r}, not {kind}", hint=hint)
            return None
        if not (0 <= value <= most) or (above is not None and value <= above):
            self.error(findings, "out_of_range", name, f"{name} is {value:g}", hint=hint)
            return None
        return value

    def _is_ambiguous(self, name: str, findings: Findings) -> bool:
        """Whether a text is one number to some and another to others, which is told."""
        value = self.values[name]
        found = UNCLEAR.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None or found[1] not in self.unclear:
            return False
        decimal, whole = (f"{float(found[0].replace(found[1], sign)):g}" for sign in (".", ""))
        text = f"{name} is {found[0]!r}, which may be {whole} or {decimal}"
        how = {".": "with a decimal comma if any", ",": "with a decimal point if any"}.get(self.unclear)
        decimal = decimal.replace(".", ",") if self.unclear == "." else decimal
        self.error(
            findings,
            "number_ambiguous",
            name,
            text,
            hint=f"write {whole} or {decimal}, {how or 'a number, not a text'}",
        )
        return True


def numbered(features: Sequence[Feature], prefix: str = "", *, names: Sequence[str] = IDS) -> list[str]:
    """What to call each where it has no id: its number, or a further one where another place has that as its id."""
    given = {feature.text(names, Findings(), longest=MAX_ID_LENGTH) for feature in features}
    spare = (id_ for number in count(len(features) + 1) if (id_ := f"{prefix}{number}") not in given)
    own = (f"{prefix}{number}" for number in range(1, len(features) + 1))
    return [next(spare) if id_ in given else id_ for id_ in own]


def tell_spellings(
    features: Sequence[Feature],
    known: Sequence[str],
    findings: Findings,
    *,
    others: Collection[str] = (),
    needed: Collection[str] = (),
) -> frozenset[str]:
    """
    Columns that nobody looks at, but are spelled nearly as a known one that a place which has them lacks.

    `others` and ids of other programs, as the `fid` of each GeoPackage, are meant as they are, although nobody looks at
    them. Where a column is `needed` and only a misspelt one is there, that is an error; which columns are meant so is
    answered, as what is missing without them only follows.
    """
    meant = set[str]()
    said = dict.fromkeys(name for feature in features for name in feature.values)
    strange = [name for name in said if name not in known and name not in others and name not in IDS]
    for name in strange[:MOST_STRANGE]:
        guess = nearest(name, known, alike=ALIKE)
        if guess and any(feature.has(name) and not feature.has(guess) for feature in features):
            text, hint = f"column {name} is not looked at", f"did you mean {guess}?"
            is_error = guess in needed and not any(guess in feature.values for feature in features)
            tell = findings.error if is_error else findings.warning
            tell("column_unknown", text, source=features[0].source, value=name, hint=hint)
            meant |= {guess} if is_error else set()
    return frozenset(meant)


def number_of(value: Any) -> float | None:
    """A finite number, also from a text, also with a decimal comma; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def short(value: Any) -> Any:
    """A value as given, cut where it would flood a report."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # Half a character, as broken JSON may hold, could not be printed.
    return str(value)[:MAX_VALUE_LENGTH].encode("utf-8", "replace").decode("utf-8")


@dataclass(slots=True)
class Notes:
    """Warnings about single features; a kind of which there are many becomes one warning with all ids."""

    items: dict[str, list[tuple[str, Finding]]] = field(default_factory=dict)

    def warn(self, code: str, id_: str, feature: Feature, message: str, *, value: Any = None, hint: str = "") -> None:
        """Note something odd, or settled, about a feature."""
        finding = Finding(
            code=code,
            severity=Severity.WARNING,
            source=feature.source,
            where=feature.where,
            value=value,
            message=f"{id_} {message}",
            hint=hint,
        )
        self.items.setdefault(code, []).append((id_, finding))

    def told(self) -> Iterator[Finding]:
        """The warnings, gathered where there are many of a kind."""
        for notes in self.items.values():
            if len(notes) <= TOLD_ONE_BY_ONE:
                yield from (finding for _, finding in notes)
                continue
            first = notes[0][1]
            others = some([id_ for id_, _ in notes[1:]])
            yield Finding(
                code=first.code,
                severity=first.severity,
                source=first.source,
                where="",
                value=len(notes),
                message=f"{first.message}; likewise {len(notes) - 1} others: {others}",
                hint=first.hint,
            )
