"""docs/study-file.md names every field of a study.json that holds all that there can be, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.reporting.siting_nights import bike_nights_document
from scenarios.siting.changes import ChangesModel
from scenarios.siting.earlier import earlier_of
from scenarios.siting.loader import load_study
from service.siter import solve_study
from tests.car_folders import CARS, FILES
from tests.siting_folders import HEAD, collection, write_folder
from tests.unit.reporting.bike_nights import BIKE_NIGHTS

PAGE = (Path(__file__).parents[2] / "docs" / "study-file.md").read_text(encoding="utf-8")
FILE = ""
"""Stands for the file itself, as a part."""
BY_ID = {"plugs", "plugs_before", "new_plugs", "new_plugs_by_phase", "floors", "growth", "by_segment", "by_district"}
BY_ID |= {"plugs_at_stations", "plugs_at_hubs", "night", "saved_a_year", "docks", "mean_night"}
BY_ID |= {"grid_kw", "times_asked", "times_chosen", "comparison.districts", "sensitivity.runs.missed"}
"""Whose names are ids; a part of the file where it is a list."""
SITING = """
[siting]
max_new_sites = 2
floors = {west = 0.9}
kinds = [{id = "ac11", plug_cost = 10}]
segments = [{id = "residents", reach_s = 100}]
sources = {upload = {open_cost = 90}}
nights = {seconds = 0.5}
phases = [{name = "2027", budget = 100}, {name = "2028", budget = 150, growth = {residents = 1.3}}]
"""
# Nobody reaches a site from c, so that the floor of the west gives way.
DEMAND = [
    {"id": "a", "at": 0, "weight": 3000, "district": "west"},
    {"id": "b", "at": 3, "weight": 2000, "district": "east"},
    {"id": "c", "at": 9, "weight": 2000, "district": "west"},
]
SITES = [{"id": "x", "at": 1}, {"id": "y", "at": 4}]
GRID = [{"id": "T", "at": 2, "hosting_kw": 15, "upgrade_kw": 500, "upgrade_cost": 5}]


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """With an earlier study of one site less beside it, a night of cars, and one of bikes from elsewhere."""
    head = HEAD + 'time_zone = "Europe/Berlin"\n'
    folder = write_folder(tmp_path / "town", SITING, head=head, demand=DEMAND, candidates=SITES)
    (folder / "cars").mkdir()
    for name, text in {**FILES, "cars.toml": CARS}.items():
        if name.startswith("cars"):
            (folder / name).write_text(text)
    (folder / "grid.geojson").write_text(json.dumps(collection(GRID)))
    (folder / "chargers.geojson").write_text(json.dumps(collection([{"id": "old", "at": 2, "ac11": 1}])))
    less = solve_study(load_study(folder, ChangesModel(max_new_sites=1)), SolveLimits(seconds=0.5))
    solved = solve_study(
        load_study(folder, ChangesModel(budget=500)),
        SolveLimits(seconds=1),
        with_front=True,
        with_sensitivity=True,
        weigh_nights=True,
        earlier=earlier_of(json.loads(less.files()["study.json"]), Findings(), source=""),
    )
    made: dict[str, Any] = json.loads(solved.files()["study.json"])
    return {**made, "bike_nights": json.loads(json.dumps(bike_nights_document(BIKE_NIGHTS, "EUR")))}


def fields(part: Any, at: str = FILE) -> Iterator[tuple[str, str]]:
    """Each field with the part of the file that it belongs to."""
    for row in part if isinstance(part, list) else [part]:
        for name, value in row.items():
            yield at, name
            place = f"{at}.{name}".lstrip(".")
            is_by_id = isinstance(value, dict) and not {name, place}.isdisjoint(BY_ID)
            has_parts = isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
            if has_parts and not is_by_id:
                yield from fields(value, place)


def fields_on_page() -> set[tuple[str, str]]:
    """The same by the headings of the page and the first column of its tables."""
    found = set()
    for section in PAGE.split("\n### ")[1:]:
        heading, _, text = section.partition("\n")
        rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        found |= {(part, name) for part in re.findall(r"`([\w.]+)`", heading) or [FILE] for name in rows}
    return found


def test_the_page_names_every_field_and_no_other(document: dict[str, Any]):
    assert document["conflicts"]
    assert document["comparison"]["plugs"]
    assert document["warnings"]
    assert document["car_night"]
    assert fields_on_page() == set(fields(document))
