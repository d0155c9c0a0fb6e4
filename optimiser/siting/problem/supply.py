"""What may be built, where, at what price, and what the grid carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimiser.siting.problem.amounts import require
from optimiser.siting.waiting import busiest_rate

CAR_KW = 1.0
"""Kinds of less power than this are not for cars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerKind:
    """A charger that can be bought: its power, its price, and how long a session holds a plug."""

    id: str
    name: str
    power_kw: float
    plug_cost: float
    """Hardware and installation of one plug."""
    session_minutes: float
    """Mean time that a session holds a plug."""
    max_plugs: int = 8
    """At one site."""
    max_wait_minutes: float = 10.0
    wait_share: float = 0.1
    """Of the drivers in the busiest hour, so many may wait longer than that."""
    simultaneity: float = 1.0
    """Power that the grid has to hold ready, of what all plugs could draw."""

    def __post_init__(self) -> None:
        name = f"charger kind {self.id}"
        require(name, power_kw=self.power_kw, plug_cost=self.plug_cost, max_wait_minutes=self.max_wait_minutes)
        require(name, most=1.0, wait_share=self.wait_share, simultaneity=self.simultaneity)
        require(name, most=1000, max_plugs=self.max_plugs)
        require(name, most=7 * 24 * 60.0, session_minutes=self.session_minutes)

    @property
    def is_for_bikes(self) -> bool:
        """Whether bikes charge there; no car does with so little power."""
        return self.power_kw < CAR_KW

    @property
    def grid_kw(self) -> float:
        """Power that the grid holds ready for one plug."""
        return self.power_kw * self.simultaneity

    def sessions_per_hour(self, plugs: int) -> float:
        """Sessions that may begin in the busiest hour at a site with so many plugs while waiting stays in its limit."""
        return busiest_rate(
            plugs,
            session_minutes=self.session_minutes,
            max_wait_minutes=self.max_wait_minutes,
            wait_share=self.wait_share,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place where chargers may be built, or stand already (a required site)."""

    id: str
    name: str
    lon: float
    lat: float
    kinds: frozenset[str]
    """Kinds that may be built here."""
    open_cost: float
    """Once, with the first plug that is built here: groundworks, connection, permits."""
    max_plugs: int
    """Of all kinds together, those that stand already included."""
    plugs: Mapping[str, int] = field(default_factory=dict)
    """Plugs that stand here already, by kind; they stay."""
    max_kw: float | None = None
    """Power that all plugs together may draw; None = what the grid node carries."""
    grid_node: str | None = None
    district: str | None = None
    source: str = ""
    """Where it was taken from: parking, street_lamp, upload."""
    why: str = ""
    """Why it may be a site, in a sentence."""
    excluded: str | None = None
    """The area that it lies in and where nothing may be built."""

    def __post_init__(self) -> None:
        name = f"site {self.id}"
        require(name, open_cost=self.open_cost, max_plugs=self.max_plugs)
        require(name, **{f"plugs of {kind}": count for kind, count in self.plugs.items()})
        if self.max_kw is not None:
            require(name, max_kw=self.max_kw)

    @property
    def is_required(self) -> bool:
        """Whether chargers stand here already."""
        return any(self.plugs.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class GridNode:
    """A transformer: how much power its sites may hold, and what more of it costs."""

    id: str
    hosting_kw: float
    upgrade_kw: float = 0.0
    """What one upgrade adds; 0 = it cannot be upgraded."""
    upgrade_cost: float = 0.0

    def __post_init__(self) -> None:
        require(
            f"grid node {self.id}",
            hosting_kw=self.hosting_kw,
            upgrade_kw=self.upgrade_kw,
            upgrade_cost=self.upgrade_cost,
        )
