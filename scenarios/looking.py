"""Looks a city over for everything that it is made for: bikes, e-cars, charging sites."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path

from optimiser.basics.finding import Finding
from scenarios.inspection import inspect_city
from scenarios.relocation.inspection import inspect_fleet, is_for_cars
from scenarios.siting.inspection import inspect_siting, is_for_bikes, is_for_siting


def look_over(
    name_or_folder: str | Path, *, cache_dir: Path | None = None, on_message: Callable[[str], None] | None = None
) -> tuple[Finding, ...]:
    """Every error and warning of a city, its streets included; `on_message` is told what was read."""
    looks = [inspect_siting] if is_for_siting(name_or_folder) else []
    if is_for_cars(name_or_folder):
        looks.insert(0, inspect_fleet)
    if is_for_bikes(name_or_folder) or not looks:
        looks.insert(0, inspect_city)
    found = (look(name_or_folder, cache_dir=cache_dir, on_message=on_message) for look in looks)
    return tuple(chain.from_iterable(found))
