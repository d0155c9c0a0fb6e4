"""Describes a city for who has not its files at hand: who it is, what can be planned for it, and what is in it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.folder import read_city_file
from scenarios.history.files import FOLDER as HISTORY
from scenarios.loader import find_folder, load_city
from scenarios.relocation.inspection import is_for_cars
from scenarios.relocation.loader import load_fleet
from scenarios.siting.inspection import is_for_bikes

LISTS = ("stations", "snapshot", "vans", "depots", "car_stations", "cars", "drivers")


def describe(name_or_folder: str | Path) -> dict[str, Any]:
    """
    What a city without errors is, as JSON values: a few figures, and `lists` of all that is in it.

    Raises
    ------
    InvalidInput
        The city has errors.
    """
    folder = find_folder(name_or_folder)
    document = read_city_file(folder, Findings()) or {}
    told: dict[str, Any] = {
        "name": str(document.get("name", folder.name)),
        "time_zone": document.get("time_zone"),
        "currency": document.get("currency"),
        "as_of": None,
        "has_history": (folder / HISTORY).is_dir(),
        "plans": ["siting"],
        "lists": {name: [] for name in LISTS},
    }
    if is_for_bikes(name_or_folder):
        _add_bikes(name_or_folder, told)
    if is_for_cars(name_or_folder):
        _add_cars(name_or_folder, told)
    told["counts"] = {name: len(items) for name, items in told["lists"].items() if name != "snapshot"}
    told["counts"]["bikes"] = sum(row["bikes"] for row in told["lists"]["snapshot"])
    return told


def _add_bikes(name_or_folder: str | Path, told: dict[str, Any]) -> None:
    loaded = load_city(name_or_folder)
    told["plans"].insert(0, "rebalancing")
    told["as_of"] = loaded.snapshot.as_of.isoformat()
    told["lists"] |= {
        "stations": _plain(loaded.city.stations),
        "snapshot": _plain(loaded.snapshot.stations),
        "vans": _plain(loaded.city.vans),
        "depots": _plain(loaded.city.depots),
    }


def _add_cars(name_or_folder: str | Path, told: dict[str, Any]) -> None:
    fleet = load_fleet(name_or_folder).fleet
    told["plans"].insert(-1, "relocation")
    told["as_of"] = told["as_of"] or fleet.as_of.isoformat()
    told["lists"] |= {
        "car_stations": _plain(fleet.stations),
        "cars": _plain(fleet.cars),
        "drivers": _plain(fleet.drivers),
    }


def _plain(items: Iterable[Any]) -> list[dict[str, Any]]:
    """As JSON carries them: times as text, sets as sorted lists, `break_` as `break`."""
    plain: list[dict[str, Any]] = json.loads(json.dumps([dataclasses.asdict(item) for item in items], default=_text))
    return [{name.removesuffix("_"): value for name, value in row.items()} for row in plain]


def _text(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value.isoformat()
