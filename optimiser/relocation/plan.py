"""What is decided: for each driver the jobs in order, and for each plugged car how much power when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """
    One handling of one car: find it, do its tasks, take it off its plug, drive it, park it, put it on a plug.

    A job whose station is where the car stands drives nowhere: it only does tasks, plugs in or unplugs.
    """

    car_id: str
    origin_id: str
    """The place where the car is found: its own place at first, later a station."""
    station_id: str
    """Where it stands afterwards."""
    plug_id: str | None = None
    """The plug of that station that it is put on; None = it stays off the plug, or is taken off."""
    unplug: bool = False
    """Whether it is on a plug when it is found."""
    not_before_s: int = 0
    """The driver waits at the car until then, seconds after the night's start."""
    task_ids: tuple[str, ...] = ()
    """Done before anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The jobs of one driver in order, each begun as soon as possible, from the start of the shift on."""

    driver_id: str
    jobs: tuple[Job, ...]
    break_before: int | None = None
    """The break is taken before the way to this job; the number of jobs = before the way home; None = no break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Power from the grid for a car in one stay at a plug."""

    car_id: str
    station_id: str
    plug_id: str
    first_slot: int
    """Slot of the grid that `kw` begins with."""
    kw: tuple[float, ...]
    """In each slot; given only while the car is on the plug, so that a slot may count in part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All decisions of one night. A driver without a route, or with one without jobs, stays at home."""

    routes: tuple[Route, ...] = ()
    charges: tuple[Charge, ...] = ()


NOTHING = Plan()
"""Nobody works and nothing is charged: always possible."""
