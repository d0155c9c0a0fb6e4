"""Who wants to charge, where they come from, and how far they go for it."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.siting.problem.amounts import require


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """People of one kind: residents without a driveway, workers, riders of the shared fleet."""

    id: str
    name: str
    kinds: frozenset[str]
    """Kinds of chargers that serve them."""
    reach_s: int
    """As far as they go to a charger."""
    full_s: int | None = None
    """Up to here a charger is worth its full value to them; None = as far as they go (plain coverage)."""
    least: float = 1.0
    """What is left of that value at `reach_s`; in between it falls in a straight line (access decay)."""
    profile: str = "walk"
    """How they go there: a profile of the street graph."""
    sessions_per_day: float = 0.0
    """Charging sessions per unit of weight; 0 = they are counted as covered, whatever the plugs can take."""
    kwh_per_session: float = 0.0
    peak_share: float = 0.1
    """Of a day's sessions, how many begin in the busiest hour."""

    def __post_init__(self) -> None:
        name = f"segment {self.id}"
        require(
            name, reach_s=self.reach_s, sessions_per_day=self.sessions_per_day, kwh_per_session=self.kwh_per_session
        )
        require(name, most=1.0, least=self.least, peak_share=self.peak_share)
        if self.full_s is not None:
            require(name, most=self.reach_s, full_s=self.full_s)

    @property
    def sessions_per_hour(self) -> float:
        """Sessions that begin in the busiest hour, per unit of weight."""
        return self.sessions_per_day * self.peak_share

    def worth(self, travel_s: float) -> float:
        """What a charger so far away is worth, within 0..1."""
        full_s = self.reach_s if self.full_s is None else self.full_s
        if travel_s > self.reach_s:
            return 0.0
        if travel_s <= full_s:
            return 1.0
        return 1.0 - (1.0 - self.least) * (travel_s - full_s) / (self.reach_s - full_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPoint:
    """People of one segment who start from the same place."""

    id: str
    lon: float
    lat: float
    weight: float
    """How many they are."""
    segment: str
    district: str | None = None

    def __post_init__(self) -> None:
        require(f"demand point {self.id}", weight=self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A part of the city that is looked at, and may be promised a share, for itself."""

    id: str
    name: str
