"""One siting study, whole: everything given, validated once, and as arrays for what computes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.findings import Findings
from optimiser.basics.hashing import content_hash
from optimiser.siting.problem.demand import DemandPoint, District, Segment
from optimiser.siting.problem.supply import ChargerKind, GridNode, Site
from optimiser.siting.problem.wishes import Measure, Phase, Scenario, Wishes

Floats = NDArray[np.float64]
DAYS_A_YEAR = 365.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Access:
    """Which sites each demand point can reach, and how far that is: pairs only, never all of them."""

    first: NDArray[np.int64]
    """Where the pairs of each point begin, shape (points + 1,)."""
    site: NDArray[np.int32]
    """Row of the site, rising within a point."""
    travel_s: NDArray[np.int32]
    length_m: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingProblem:
    """
    Where charging points go, of which kind, how many, and when.

    Raises
    ------
    InvalidProblem
        Everything that contradicts itself, at once.
    """

    segments: tuple[Segment, ...]
    demand: tuple[DemandPoint, ...]
    kinds: tuple[ChargerKind, ...]
    sites: tuple[Site, ...]
    access: Access
    wishes: Wishes
    grid: tuple[GridNode, ...] = ()
    districts: tuple[District, ...] = ()

    def __post_init__(self) -> None:
        findings = Findings()
        for what, ids in (
            ("segment", [item.id for item in self.segments]),
            ("demand point", [item.id for item in self.demand]),
            ("charger kind", [item.id for item in self.kinds]),
            ("site", [item.id for item in self.sites]),
            ("grid node", [item.id for item in self.grid]),
            ("district", [item.id for item in self.districts]),
            ("phase", [item.name for item in self.wishes.phases]),
            ("scenario", [item.name for item in self.wishes.scenarios]),
        ):
            for id_ in _twice(ids):
                findings.error("id_twice", f"{what} {id_} is there more than once", source="study", value=id_)
        self._check_names(findings)
        self._check_access(findings)
        if findings.errors:
            raise InvalidProblem("siting problem", findings=findings.errors)

    def _check_names(self, findings: Findings) -> None:
        """Whatever is named has to exist."""
        kinds, sites = {item.id for item in self.kinds}, {item.id for item in self.sites}
        segments, districts = {item.id for item in self.segments}, {item.id for item in self.districts}
        nodes = {item.id for item in self.grid}
        wishes = self.wishes
        named: list[tuple[str, str, Iterable[str], set[str]]] = [
            *((f"segment {item.id}", "charger kind", item.kinds, kinds) for item in self.segments),
            *((f"demand point {item.id}", "segment", [item.segment], segments) for item in self.demand),
            *((f"demand point {item.id}", "district", _given(item.district), districts) for item in self.demand),
            *((f"site {item.id}", "charger kind", item.kinds | item.plugs.keys(), kinds) for item in self.sites),
            *((f"site {item.id}", "grid node", _given(item.grid_node), nodes) for item in self.sites),
            *((f"site {item.id}", "district", _given(item.district), districts) for item in self.sites),
            *((f"phase {item.name}", "segment", item.growth, segments) for item in wishes.phases),
            *((f"scenario {item.name}", "segment", item.by_segment, segments) for item in wishes.scenarios),
            *((f"scenario {item.name}", "district", item.by_district, districts) for item in wishes.scenarios),
            ("floors", "district", wishes.floors, districts),
            ("force", "site", wishes.force, sites),
            ("ban", "site", wishes.ban, sites),
        ]
        for where, what, ids, known in named:
            for id_ in sorted(set(ids) - known):
                hint = f"there are {', '.join(sorted(known)[:10]) or 'none'}"
                findings.error("unknown_id", f"there is no {what} {id_}", source="study", where=where, hint=hint)

    def _check_access(self, findings: Findings) -> None:
        first, site = self.access.first, self.access.site
        is_whole = len(first) == len(self.demand) + 1 and first[0] == 0 and first[-1] == len(site)
        if not is_whole or (np.diff(first) < 0).any():
            findings.error("access_shape", "pairs need a beginning for each demand point, and an end", source="access")
        elif len(site) and (site.min() < 0 or site.max() >= len(self.sites)):
            findings.error("access_site", f"sites within reach are to be of 0..{len(self.sites) - 1}", source="access")
        elif not len(site) == len(self.access.travel_s) == len(self.access.length_m):
            findings.error("access_shape", "every pair needs a travel time and a length", source="access")

    @cached_property
    def segment_by_id(self) -> dict[str, Segment]:
        """Segments by id."""
        return {item.id: item for item in self.segments}

    @cached_property
    def kind_by_id(self) -> dict[str, ChargerKind]:
        """Kinds by id."""
        return {item.id: item for item in self.kinds}

    @cached_property
    def site_index(self) -> dict[str, int]:
        """Row of each site."""
        return {item.id: row for row, item in enumerate(self.sites)}

    @cached_property
    def demand_index(self) -> dict[str, int]:
        """Row of each demand point."""
        return {item.id: row for row, item in enumerate(self.demand)}

    @cached_property
    def unit_value(self) -> Floats:
        """What serving one unit of a point's weight brings, in the measure asked for, shape (points,)."""
        if self.wishes.measure is Measure.PEOPLE:
            return np.ones(len(self.demand))
        segments = (self.segment_by_id[point.segment] for point in self.demand)
        return np.array([item.sessions_per_day * item.kwh_per_session * DAYS_A_YEAR for item in segments])

    @cached_property
    def point(self) -> NDArray[np.int64]:
        """Demand point of every access pair."""
        return np.repeat(np.arange(len(self.demand)), np.diff(self.access.first))

    @cached_property
    def worth(self) -> Floats:
        """What a charger at the site of every access pair is worth to its point, within 0..1; 0 beyond its reach."""
        segment = [self.segment_by_id[point.segment] for point in self.demand]
        pairs = zip(self.point.tolist(), self.access.travel_s.tolist(), strict=True)
        return np.array([segment[point].worth(travel_s) for point, travel_s in pairs], dtype=np.float64)

    @cached_property
    def points_of(self) -> dict[str, NDArray[np.int64]]:
        """Rows of the demand points of each district, in the order of `districts`."""
        district = np.array([point.district or "" for point in self.demand], dtype=object)
        return {item.id: np.flatnonzero(district == item.id) for item in self.districts}

    def weights(self, phase: Phase, scenario: Scenario) -> Floats:
        """Weight of every demand point in a phase, as a scenario has it, shape (points,)."""
        return np.array(
            [
                point.weight
                * phase.growth.get(point.segment, 1.0)
                * scenario.by_segment.get(point.segment, 1.0)
                * (scenario.by_district.get(point.district, 1.0) if point.district is not None else 1.0)
                for point in self.demand
            ]
        )

    def floor_of(self, district: str) -> float:
        """Share of a district that is to be served in the last phase."""
        return self.wishes.floors.get(district, self.wishes.floor)

    def may_add(self, site: Site, kind: ChargerKind) -> int:
        """Plugs of a kind that may come to a site, whatever the grid says."""
        if site.id in self.wishes.ban or kind.id not in site.kinds:
            return 0
        free = site.max_plugs - sum(site.plugs.values())
        return max(0, min(free, kind.max_plugs - site.plugs.get(kind.id, 0)))

    @cached_property
    def input_hash(self) -> str:
        """Fingerprint of everything given."""
        return content_hash(
            [_plain(item) for item in (*self.segments, *self.sites)],
            self.demand,
            [(item.id, item.power_kw, item.plug_cost, item.session_minutes, item.max_plugs) for item in self.kinds],
            [(item.max_wait_minutes, item.wait_share, item.simultaneity) for item in self.kinds],
            self.grid,
            self.districts,
            (self.access.first, self.access.site, self.access.travel_s, self.access.length_m),
            _plain(self.wishes),
        )


def _plain(item: object) -> dict[str, object]:
    """Fields of a value, sets sorted and mappings as they are: a set has no order of its own."""
    values = {name: getattr(item, name) for name in item.__dataclass_fields__}  # type: ignore[attr-defined]
    return {name: _sorted(value) for name, value in values.items()}


def _sorted(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple) and value and hasattr(value[0], "__dataclass_fields__"):
        return [_plain(item) for item in value]
    return dict(value) if hasattr(value, "keys") else value  # type: ignore[call-overload]


def _given(id_: str | None) -> list[str]:
    return [] if id_ is None else [id_]


def _twice(ids: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for id_ in ids:
        (twice if id_ in seen else seen).add(id_)
    return sorted(twice)
