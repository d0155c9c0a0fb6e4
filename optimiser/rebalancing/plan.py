"""What is decided: for each van its stops in order, and bikes up or down at each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One visit of a station."""

    station_id: str
    pickup: int = 0
    dropoff: int = 0

    @property
    def bikes(self) -> int:
        """Bikes handled."""
        return self.pickup + self.dropoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The ordered stops of one van; it drives straight from stop to stop from the start of its shift."""

    van_id: str
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All decisions of one night. A van without a route stays in its depot."""

    routes: tuple[Route, ...] = ()


NOTHING = Plan()
"""Every van stays in its depot: always possible."""
