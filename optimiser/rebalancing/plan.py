"""What is decided: for each van its stops in order, what is lifted and swapped at each, its first load, its break."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    One visit of a station, or of a depot in mid-shift.

    At a depot ready bikes are loaded from its stock (`pickup`) and unloaded to it (`dropoff`); the low-charge and
    broken bikes on board all stay there, and the van gets its full number of charged batteries.
    """

    station_id: str
    """A depot's id in mid-shift."""
    pickup: int = 0
    """Ready bikes taken on board."""
    dropoff: int = 0
    """Ready bikes left here."""
    swaps: int = 0
    """Low-charge bikes made ready by a battery from on board."""
    low_pickup: int = 0
    """Low-charge bikes taken on board."""
    broken_pickup: int = 0
    """Broken bikes taken on board."""

    @property
    def bikes(self) -> int:
        """Ready bikes lifted."""
        return self.pickup + self.dropoff

    @property
    def lifted(self) -> int:
        """All bikes lifted; at a depot without those that stay there anyway, see `TimedStop.lifted`."""
        return self.pickup + self.dropoff + self.low_pickup + self.broken_pickup


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The ordered stops of one van; it drives straight from stop to stop from the start of its shift."""

    van_id: str
    stops: tuple[Stop, ...]
    start_load: int | None = None
    """
    Ready bikes on board when it leaves; None = the van's initial load.

    More are taken out of the start depot's stock, those that are too many are put there.
    """
    break_before: int | None = None
    """The break is taken before the drive to this stop; the number of stops = before the way back; None = no break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All decisions of one night. A van without a route, or with one without stops, stays in its depot."""

    routes: tuple[Route, ...] = ()


NOTHING = Plan()
"""Every van stays in its depot: always possible."""
