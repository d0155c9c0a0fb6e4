"""Tells a file whose places are all far from those of the others, and single places that are far from the city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from optimiser.basics.findings import Findings
from optimiser.network.geodesy import FloatArray, great_circle_m
from scenarios.cross_checks import FAR_FROM_THE_REST_M
from scenarios.feed import some


class Single(NamedTuple):
    """A place of a file that is told by itself."""

    id: str
    row: str
    """Where in the file it is."""
    point: tuple[float, float]


class Slip(NamedTuple):
    """How degrees may have gone wrong."""

    code: str
    sides: tuple[int, ...]
    """Which side of a box each of its sides is meant to be."""
    signs: tuple[int, ...]
    words: str
    """With which a place would lie elsewhere."""
    hint: str


SLIPS = (
    Slip(
        "coordinates_swapped",
        (1, 0, 3, 2),
        (1, 1, 1, 1),
        "longitude for latitude",
        "longitude and latitude look swapped",
    ),
    Slip(
        "coordinates_sign",
        (0, 3, 2, 1),
        (1, -1, 1, -1),
        "the other sign of latitude",
        "a minus looks lost, or is one too many",
    ),
    Slip(
        "coordinates_sign",
        (2, 1, 0, 3),
        (-1, 1, -1, 1),
        "the other sign of longitude",
        "a minus looks lost, or is one too many",
    ),
    Slip(
        "coordinates_sign",
        (2, 3, 0, 1),
        (-1, -1, -1, -1),
        "the other sign of both degrees",
        "two minuses look lost, or are too many",
    ),
)
"""What is looked for, the first that mends it is told."""


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Where the places of a file are."""

    source: str
    boxes: FloatArray
    """West, south, east and north of each place; shape (n, 4), at least one."""
    singles: tuple[Single, ...] = ()
    """The places; none where they are not told one by one."""

    @classmethod
    def of_points(cls, source: str, points: Iterable[tuple[float, float]]) -> Whereabouts:
        """Places without an extent."""
        return cls(source, np.array([(*point, *point) for point in points]).reshape(-1, 4))

    @classmethod
    def of_singles(cls, source: str, singles: Sequence[Single]) -> Whereabouts:
        """Places without an extent that are told one by one."""
        return replace(cls.of_points(source, (single.point for single in singles)), singles=tuple(singles))

    @property
    def middles(self) -> FloatArray:
        """Longitude and latitude of each place; shape (n, 2)."""
        middles: FloatArray = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        return middles

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude in the midst of most places."""
        lon, lat = np.median(self.middles, axis=0).tolist()
        return lon, lat

    def away_m(self, point: tuple[float, float]) -> float:
        """Metres from a point to the nearest place."""
        nearest = np.clip(np.array(point), self.boxes[:, :2], self.boxes[:, 2:])
        return float(great_circle_m(nearest[:, 0], nearest[:, 1], *point).min())

    def is_near(self, other: Whereabouts) -> bool:
        """Whether a place of one is near the middle of the other; a register of a whole country is near its cities."""
        return min(self.away_m(other.middle), other.away_m(self.middle)) <= FAR_FROM_THE_REST_M

    def after(self, slip: Slip) -> Whereabouts:
        """The places as they would be without it."""
        return replace(self, boxes=self.boxes[:, slip.sides] * slip.signs)

    def slip_from(self, other: Whereabouts) -> Slip | None:
        """What would bring the places near those of the other; None where nothing does."""
        for slip in SLIPS:
            meant = self.after(slip)
            if np.abs(meant.boxes[:, 1::2]).max() <= 90.0 and meant.is_near(other):
                return slip
        return None

    def metres_to(self, other: Whereabouts) -> FloatArray:
        """How far the middle of each place is from that of the other; endless where there is no such latitude."""
        lon, lat = self.middles.T
        metres: FloatArray = np.where(np.abs(lat) <= 90.0, great_circle_m(lon, lat, *other.middle), np.inf)
        return metres


def tell_far(files: Sequence[Whereabouts], streets: Whereabouts | None, findings: Findings) -> None:
    """
    An error for each file far from the streets; where these are not known, from what most files are near.

    Of files that are near single places that are far are warned of: where swapped degrees or another sign would bring
    them there, and where they are fewer than half, as files may hold whole countries.
    """
    if not files:
        return
    near = [sum(file.is_near(other) for other in files) for file in files]
    home = files[int(np.argmax(near))] if streets is None else streets
    is_sure = streets is not None or 2 * max(near) > len(files)
    for file in files:
        if file.is_near(home):
            _tell_singles(file, home, findings)
            continue
        count, away_km = len(file.boxes), file.away_m(home.middle) / 1000
        places = f"the {count:,} places lie" if count > 1 else "the place lies"
        slip = file.slip_from(home)
        hint = "degrees of longitude and latitude, in one city" if slip is None else slip.hint
        findings.error(
            "coordinates_far" if slip is None else slip.code,
            f"{places} {away_km:,.0f} km from {home.source}{' or further' * (count > 1)}",
            source=file.source,
            value=list(file.middle),
            hint=hint if is_sure else f"{hint}; here or in {home.source}",
        )


def _tell_singles(file: Whereabouts, home: Whereabouts, findings: Findings) -> None:
    """Places that are far, by what would bring them to the city."""
    if not file.singles:
        return
    away_m = file.metres_to(home)
    left = away_m > FAR_FROM_THE_REST_M
    is_country = 2 * int(left.sum()) >= len(left)
    for slip in SLIPS:
        mended = left & (file.after(slip).metres_to(home) <= FAR_FROM_THE_REST_M)
        words = f"far from the city, in which {{it}} would lie with {slip.words}"
        _tell(_named(file, mended, away_m), findings, code=slip.code, words=words, file=file, hint=slip.hint)
        left &= ~mended
    if not is_country:
        words, hint = "far from the city", "degrees of longitude and latitude, in one city"
        _tell(_named(file, left, away_m), findings, code="coordinates_far", words=words, file=file, hint=hint)


def _named(file: Whereabouts, which: npt.NDArray[np.bool_], away_m: FloatArray) -> dict[str, str]:
    """Some places of a file in words by row; what is in a row several times, for several segments, once."""
    return {
        single.row: f"{single.id} ({single.row.partition(' (')[0]}, {metres / 1000:,.0f} km)"
        for single, metres, is_named in zip(file.singles, away_m.tolist(), which.tolist(), strict=True)
        if is_named
    }


def _tell(
    places: Mapping[str, str], findings: Findings, *, code: str, words: str, file: Whereabouts, hint: str
) -> None:
    """One warning of all of them, at the row where there is one alone."""
    if not places:
        return
    count, it = ("1 place lies", "it") if len(places) == 1 else (f"{len(places):,} places lie", "they")
    findings.warning(
        code,
        f"{count} {words.format(it=it)}: {some([*places.values()])}",
        source=file.source,
        where=next(iter(places)) if len(places) == 1 else "",
        value=len(places),
        hint=hint,
    )
