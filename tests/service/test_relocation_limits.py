"""What a fleet given in full may hold, counted just above every limit and at it; and bodies that are odd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.relocation.schema import CarFleetModel
from service.errors import InvalidRequest
from service.relocations.requests import HOURS, read_request
from service.settings import Settings
from service.system import health
from tests.service.test_relocations_over_http import town

LIMITS = {"max_stations": 4, "max_cars": 6, "max_drivers": 3, "max_pairs": 5, "max_grid_steps": 30}
MOST = {
    "stations": 4,
    "plugs": 16,
    "demand": 4 * HOURS,
    "bases": 4,
    "zones": 4,
    "cars": 6,
    "types": 6,
    "tasks": 6,
    "musts": 6,
    "drivers": 3,
    "modes": 3,
    "pairs": 5,
    "grid_series": 30,
}


def refused(city: Any, as_of: str | None = None, **limits: int) -> dict[str, str]:
    body = {"city": city, "as_of": as_of, "limits": {"seconds": None, "rounds": 1}}
    with pytest.raises(InvalidRequest) as caught:
        read_request(json.dumps(body).encode(), Settings(**limits))
    return {finding.where: finding.code for finding in caught.value.findings}


@pytest.mark.parametrize("name", MOST)
def test_every_list_is_counted_and_nothing_else_is_said_of_what_is_over(tmp_path: Path, name: str):
    city = town(tmp_path)
    assert refused(city | {name: [{}] * (MOST[name] + 1)}, **LIMITS) == {f"/city/{name}": "limit_exceeded"}
    assert "limit_exceeded" not in refused(city | {name: [{}] * MOST[name]}, **LIMITS).values()


def test_no_list_of_a_fleet_is_left_uncounted():
    sentences = {"synthetic", "attribution"}
    lists = {name for name, field in CarFleetModel.model_fields.items() if str(field.annotation).startswith("tuple[")}
    # Those with a validator of their own hide their tuple.
    assert lists | {"stations", "cars"} == MOST.keys() | sentences
    assert LIMITS.keys() <= health.Limits.model_fields.keys()


@pytest.mark.parametrize("row", [{}, {"tariff": 0.2, "co2_g_per_kwh": 30}, {"time": "0001-01-01T00:00:00+14:00"}])
def test_a_grid_that_says_no_time_is_told_row_by_row(tmp_path: Path, row: dict[str, Any]):
    found = refused(town(tmp_path, grid_series=[row, row]))
    assert {where.split("/")[3] for where in found} == {"0", "1"}


def test_a_plug_that_does_not_fit_is_pointed_at_beside_other_errors(tmp_path: Path):
    city = town(tmp_path, streets="nowhere")
    index = next(index for index, car in enumerate(city["cars"]) if car.get("plug_id"))
    city["cars"][index]["connectors"] = ["chademo"]
    assert refused(city) == {"/city/streets": "unknown_streets", f"/city/cars/{index}": "plug_does_not_fit"}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-10:00", "2026-03-10T21:00:00"])
def test_a_moment_that_no_night_is_at_is_refused(tmp_path: Path, moment: str):
    assert refused(town(tmp_path), as_of=moment).keys() == {"/as_of"}
